"""A release's tables for a paper, in LaTeX: booktabs, and longtable where there are many languages.

Every table fits the text width of LaTeX's own article class (345 pt), whatever languages it lists, and pdfLaTeX
sets it: nothing that is printed is outside of Latin script.

A table copied by hand drifts from the data. Each line of these ends in a comment that names the file, with its
digest, or the place in the manifest that its numbers come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from data.release.description.number_sources import NumberSource, of_campaign, of_file, of_items
from data.release.description.release_description import ReleaseDescription
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.evidence_file import LEVELS

FOLDER = "tables"

ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}
"""The signs that mean something to LaTeX, and what stands for them."""

Row = tuple[Sequence[str], NumberSource]


def latex_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the tables by their paths in the release; a table that would be empty is left out."""
    tables = {
        "languages": _languages(release),
        "lengths": _lengths(release),
        "splits": _splits(release),
        "people": _people(release),
        "agreement": _agreement(release),
        "key_evidence": _evidence(release),
        "drafts": _drafts(release),
    }
    return {f"{FOLDER}/{name}.tex": text.encode() for name, text in tables.items() if text}


def escaped(text: str) -> str:
    r"""Return a text that LaTeX sets as it stands.

    >>> print(escaped("100 % of a_b & {c} \\ ~^$#"))
    100 \% of a\_b \& \{c\} \textbackslash{} \textasciitilde{}\textasciicircum{}\$\#
    """
    return "".join(ESCAPED.get(sign, sign) for sign in " ".join(text.split()))


def _table(release: ReleaseDescription, columns: str, head: Sequence[str], rows: Iterable[Row]) -> str:
    return "\n".join([
        _needs(release, "booktabs"),
        *_begun("tabular", columns, head),
        *_lines(rows),
        "\\bottomrule",
        "\\end{tabular}",
        "",
    ])  # fmt: skip


def _long_table(release: ReleaseDescription, columns: str, head: Sequence[str], rows: Iterable[Row]) -> str:
    """Return a table over many pages, in small type. LaTeX has none for two columns, so its head says the cure."""
    return "\n".join([
        _needs(release, "booktabs", "longtable"),
        "% It takes as many pages as it needs; in a paper of two columns, only after \\onecolumn.",
        "\\begingroup\\footnotesize\\setlength{\\tabcolsep}{4pt}",
        *_begun("longtable", columns, head),
        *("\\endhead", "\\bottomrule", "\\endfoot"),
        *_lines(rows),
        "\\end{longtable}",
        "\\endgroup",
        "",
    ])  # fmt: skip


def _needs(release: ReleaseDescription, *packages: str) -> str:
    used = " and ".join(f"\\usepackage{{{name}}}" for name in packages)
    return f"% {' '.join(release.title.split())}, version {release.version}. Needs {used}."


def _begun(environment: str, columns: str, head: Sequence[str]) -> list[str]:
    titles = " & ".join(escaped(one) for one in head) + " \\\\"
    return [f"\\begin{{{environment}}}{{@{{}}{columns}@{{}}}}", "\\toprule", titles, "\\midrule"]


def _lines(rows: Iterable[Row]) -> list[str]:
    return [" & ".join(cells) + f" \\\\ % {source.path} {source.told}" for cells, source in rows]


def _languages(release: ReleaseDescription) -> str:
    head = ("Code", "Language", "Family", "Script", "Glottocode")
    rows: list[Row] = []
    for one in release.languages:
        name = f"\\raggedright {escaped(one.name)}"
        others = [escaped(text) for text in (one.family, one.script, one.glottocode or "--")]
        rows.append(([escaped(one.code), name, *others], of_items(release, "test", one.code)))
    return _long_table(release, "lp{30mm}lll", head, rows)


def _lengths(release: ReleaseDescription) -> str:
    head = ("Code", "Items", "Passages", "Passage", "Question", "Answer")
    rows: list[Row] = []
    for one in release.languages:
        test = one.splits["test"]
        lengths = [f"{n:.1f}" for n in (test.passage_length, test.question_length, test.answer_length)]
        cells = [escaped(one.code), f"{test.items:,}", f"{test.passages:,}", *lengths]
        rows.append((cells, of_items(release, "test", one.code)))
    return _long_table(release, "lrrrrr", head, rows)


def _splits(release: ReleaseDescription) -> str:
    first = release.languages[0].code
    rows = [
        (
            [one.name, f"{one.items:,}", f"{one.passages:,}", *(f"{one.correct_answers[n]:,}" for n in "1234")],
            of_items(release, one.name, first),
        )
        for one in release.splits
    ]
    return _table(release, "lrrrrrr", ("Split", "Items", "Passages", *"1234"), rows)


def _people(release: ReleaseDescription) -> str:
    rows = [
        ([escaped(stage), f"{number:,}"], of_campaign(f"people.{stage}"))
        for stage, number in sorted(release.people.items())
    ]
    return _table(release, "lr", ("Stage", "People"), rows) if rows else ""


def _agreement(release: ReleaseDescription) -> str:
    rows = []
    for place, one in enumerate(release.agreement):
        reach = "--" if one.low is None or one.high is None else f"{one.low:.2f}--{one.high:.2f}"
        measure = f"\\raggedright {escaped(one.measure)}"
        cells = [escaped(one.stage), measure, f"{one.value:.2f}", reach]
        rows.append((cells, of_campaign(f"agreement[{place}]")))
    return _table(release, "lp{50mm}rr", ("Stage", "Measure", "Value", "95 %"), rows) if rows else ""


def _evidence(release: ReleaseDescription) -> str:
    rows = [
        (
            [escaped(one.language), *(f"{one.levels.get(level, 0):,}" for level in LEVELS)],
            of_file(release, EVIDENCE_FILE) if EVIDENCE_FILE in release.files else of_campaign("key_evidence"),
        )
        for one in release.key_evidence
    ]
    return _long_table(release, "lrrrr", ("Language", *LEVELS), rows) if rows else ""


def _drafts(release: ReleaseDescription) -> str:
    rows = []
    for place, one in enumerate(release.quality):
        figures = [one.as_is, one.chrf, one.ter, one.error_score[0]]
        cells = [
            "--" if n is None else f"{n:.2f}" if where == 0 else f"{n:.1f}" for where, n in enumerate(figures)
        ]
        rows.append(([escaped(one.language), f"{one.drafts:,}", *cells], of_campaign(f"quality[{place}]")))
    head = ("Language", "Drafts", "As they were", "chrF", "TER", "Error score")
    return _long_table(release, "lrrrrr", head, rows) if rows else ""
