"""A release's tables for a paper, in LaTeX: booktabs, and longtable where there are many languages.

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

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}

Row = tuple[Sequence[str], NumberSource]


def latex_files(release: ReleaseDescription) -> dict[str, bytes]:
    """Return the tables by their paths in the release; a table that would be empty is left out."""
    tables = {
        "languages": _languages(release),
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
    return "".join(_ESCAPED.get(sign, sign) for sign in " ".join(text.split()))


def _table(release: ReleaseDescription, columns: str, head: Sequence[str], rows: Iterable[Row], long: bool) -> str:
    lines = [
        f"% {' '.join(release.title.split())}, version {release.version}. Needs \\usepackage{{booktabs}}"
        + (" and \\usepackage{longtable}." if long else "."),
        f"\\begin{{{'longtable' if long else 'tabular'}}}{{{columns}}}",
        "\\toprule",
        " & ".join(escaped(one) for one in head) + " \\\\",
        "\\midrule",
        *(["\\endhead", "\\bottomrule", "\\endfoot"] if long else []),
    ]
    for cells, source in rows:
        lines.append(" & ".join(cells) + f" \\\\ % {source.path} {source.told}")
    lines += [] if long else ["\\bottomrule"]
    return "\n".join([*lines, f"\\end{{{'longtable' if long else 'tabular'}}}", ""])


def _languages(release: ReleaseDescription) -> str:
    head = ("Code", "Language", "Family", "Script", "Glottocode", "Passage", "Question", "Answer")
    rows: list[Row] = []
    for one in release.languages:
        test = one.splits["test"]
        names = [escaped(text) for text in (one.code, one.name, one.family, one.script, one.glottocode or "--")]
        lengths = [f"{n:.1f}" for n in (test.passage_length, test.question_length, test.answer_length)]
        rows.append(([*names, *lengths], of_items(release, "test", one.code)))
    return _table(release, "lllllrrr", head, rows, long=True)


def _splits(release: ReleaseDescription) -> str:
    first = release.languages[0].code
    rows = [
        (
            [one.name, f"{one.items:,}", f"{one.passages:,}", *(f"{one.correct_answers[n]:,}" for n in "1234")],
            of_items(release, one.name, first),
        )
        for one in release.splits
    ]
    return _table(release, "lrrrrrr", ("Split", "Items", "Passages", *"1234"), rows, long=False)


def _people(release: ReleaseDescription) -> str:
    rows = [
        ([escaped(stage), f"{number:,}"], of_campaign(f"people.{stage}"))
        for stage, number in sorted(release.people.items())
    ]
    return _table(release, "lr", ("Stage", "People"), rows, long=False) if rows else ""


def _agreement(release: ReleaseDescription) -> str:
    rows = []
    for place, one in enumerate(release.agreement):
        reach = "--" if one.low is None or one.high is None else f"{one.low:.2f}--{one.high:.2f}"
        cells = [escaped(one.stage), escaped(one.measure), f"{one.value:.2f}", reach]
        rows.append((cells, of_campaign(f"agreement[{place}]")))
    return _table(release, "llrr", ("Stage", "Measure", "Value", "95 %"), rows, long=False) if rows else ""


def _evidence(release: ReleaseDescription) -> str:
    rows = [
        (
            [escaped(one.language), *(f"{one.levels.get(level, 0):,}" for level in LEVELS)],
            of_file(release, EVIDENCE_FILE) if EVIDENCE_FILE in release.files else of_campaign("key_evidence"),
        )
        for one in release.key_evidence
    ]
    return _table(release, "lrrrr", ("Language", *LEVELS), rows, long=True) if rows else ""


def _drafts(release: ReleaseDescription) -> str:
    rows = []
    for place, one in enumerate(release.quality):
        figures = [one.as_is, one.chrf, one.ter, one.error_score[0]]
        cells = [
            "--" if n is None else f"{n:.2f}" if where == 0 else f"{n:.1f}" for where, n in enumerate(figures)
        ]
        rows.append(([escaped(one.language), f"{one.drafts:,}", *cells], of_campaign(f"quality[{place}]")))
    head = ("Language", "Drafts", "As they were", "chrF", "TER", "Error score")
    return _table(release, "lrrrrr", head, rows, long=True) if rows else ""
