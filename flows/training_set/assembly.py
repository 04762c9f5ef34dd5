"""The work of `belebele assemble`: read sets, make one training set of them without what overlaps a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from shlex import quote
from typing import Any

from data.errors import ItemSetError, UsageError
from data.itemsets import Columns, files_of, read_set
from data.itemsets.set_name import SetName, set_name
from data.output_files import Outputs
from flows.contamination.protected_texts import release_named, released_items, texts_of_items, texts_of_sources
from flows.training_set.training_files import json_lines, left_out, parquet, report, rows
from flows.training_set.training_items import Rules, SourceSet, training_items
from qc.reports.assembly_report import assembly_page
from qc.text.text_overlap import NGRAM, ProtectedText, TextOverlap

FILES = ("train.parquet", "train.jsonl", "left_out.jsonl", "report.json", "report.html")
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Assembled:
    """A finished training set: the report as data, its lines for a terminal, and 1 as code if nothing was left."""

    facts: dict[str, Any]
    lines: tuple[str, ...]
    code: int


@dataclass(frozen=True)
class AssemblyRequest:
    """The user's request.

    Attributes:
        rules: how items are made and chosen.
        release: a release, or any set, that must not be in it; "" for none.
        sources: files of passages that must not be in it.
        ngram: the words of a run that counts as a copy.
        names: `PATH=NAME` of sets, by path as the user named it.
        licences: `NAME=LICENCE` of sets, by name or by path as the user named it.
        date: ISO date of every item; "" for that of the release, if there is one.
    """

    rules: Rules = field(default_factory=Rules)
    release: str = ""
    sources: tuple[str, ...] = ()
    ngram: int = NGRAM
    names: tuple[str, ...] = ()
    licences: tuple[str, ...] = ()
    date: str = ""


def assemble(
    paths: Sequence[str],
    out: str,
    asked: AssemblyRequest,
    *,
    columns: Columns | None = None,
    tell: Callable[[str, int, int], None] = lambda _words, _done, _of: None,
) -> Assembled:
    """Assemble a training set and write `FILES`.

    Args:
        paths: the sets; each file or folder is one.
        out: the folder to write to.
        asked: the user's request.
        columns: the names of the sets' columns, where they are not the usual ones.
        tell: is told of progress.

    Raises:
        ItemSetError: a set cannot be read.
        UsageError: the request cannot be fulfilled, or `out` holds other files.
        OutputFailed: the disk refuses.
    """
    beside = [*filter(None, [asked.release]), *asked.sources]
    outputs = Outputs.of_folder(out, "assemble", [*files_of(paths), *beside])
    outputs.check(FILES)
    licences = _by_set(asked.licences, "--licence takes SET=LICENCE, as RACE='non-commercial research only'")
    names = _by_set(asked.names, "--name takes PATH=NAME, as quizzes/eng.jsonl='Quizzes of 2025'")
    if strange := sorted({*names} - {*paths}):
        raise UsageError(f"--name {strange[0]}=…: there is no such set; the sets are {', '.join(sorted(paths))}")
    if asked.date:
        _refuse_no_date(asked.date)
    released = release_named(asked.release) if asked.release else {}
    tell("reading", 0, 1)
    wanted = sorted(dict.fromkeys(paths))
    called = {path: _name(path, wanted, names.get(path, "")) for path in wanted}
    sets = [_source_set(path, columns, licences, called[path], path in names) for path in wanted]
    requests = [
        called[one.path].request(f"--name {quote(one.path)}=NAME")
        for one in sets
        if one.name == called[one.path].text
    ]
    if unused := [name for name in licences if name not in {x for one in sets for x in (one.name, one.path)}]:
        named = ", ".join(sorted({one.name for one in sets}))
        raise UsageError(f"--licence {unused[0]}=…: there is no such set; the sets are {named}")
    protected = _protected(asked)
    overlap = TextOverlap(protected, ngram=asked.ngram) if protected else None
    items, left = training_items(sets, asked.rules, overlap, tell)
    lines = rows(items, asked.date or str(released.get("date") or ""))
    facts = report(
        sets,
        items,
        left,
        {
            **asdict(asked.rules),
            "ngram": asked.ngram,
            "release": dict(released) or (asked.release or None),
            "sources": list(asked.sources),
            "protected_texts": len(protected),
        },
    )
    outputs.write(
        {
            "train.parquet": parquet(lines),
            "train.jsonl": json_lines(lines),
            "left_out.jsonl": left_out(left),
            "report.json": assembly_page.written(facts),
            "report.html": assembly_page.page(facts).encode("utf-8", "surrogatepass"),
        }
    )
    return Assembled(
        facts, (*assembly_page.lines(facts), *filter(None, requests), f"Report: {out}"), 0 if items else 1
    )


def _protected(asked: AssemblyRequest) -> list[ProtectedText]:
    made = [text for text, _ in texts_of_items(released_items(asked.release))] if asked.release else []
    return [*made, *texts_of_sources(asked.sources)]


def _name(path: str, paths: Sequence[str], name: str) -> SetName:
    """Return what a set is called if it is in no known layout; the folder tells files of one name apart."""
    if name:
        return SetName(name)

    def of(one: str) -> SetName:
        made = set_name([one])
        return replace(made, text=made.text.removesuffix(Path(one).suffix)) if Path(one).is_file() else made

    if [of(one).text for one in paths].count(of(path).text) > 1:
        above = Path(path).resolve().parent.name
        return replace(of(path), text=f"{above}/{of(path).text}")
    return of(path)


def _source_set(
    path: str, columns: Columns | None, licences: Mapping[str, str], called: SetName, said: bool
) -> SourceSet:
    read = read_set([path], columns, lenient=True)
    if len(read.layouts) > 1:
        names = ", ".join(layout.name for layout in read.layouts)
        raise ItemSetError(
            "the items cannot be read",
            [f"{path} holds several sets ({names}); name each of their folders by itself"],
        )
    layout = read.layouts[0] if read.layouts else None
    name = layout.name.removesuffix(" of the Hub") if layout and not said else called.text
    licence = licences.get(path) or licences.get(name) or (layout.licence if layout else "") or UNKNOWN
    home = layout.source.split(" ")[0] if layout else ""
    return SourceSet(name, path, home, licence, layout.language if layout else "", read)


def _by_set(given: Sequence[str], takes: str) -> dict[str, str]:
    """Return what was said of each set, by its name or path.

    Raises:
        UsageError: something is not `SET=VALUE`; it says what the option takes.
    """
    made = {}
    for one in given:
        name, mark, value = one.partition("=")
        if not (mark and name.strip() and value.strip()):
            raise UsageError(f"{takes}; not {one!r}")
        made[name.strip()] = value.strip()
    return made


def _refuse_no_date(given: str) -> None:
    try:
        date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"--date takes YYYY-MM-DD, as 2026-11-30; not {given!r}") from None
