"""The work of `belebele assemble`: read sets, make one training set of them without what overlaps a release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from data.errors import ItemSetError, UsageError
from data.itemsets import Columns, files_of, read_set
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
        licences: `NAME=LICENCE` of sets, by name or by path as the user named it.
        date: ISO date of every item; "" for that of the release, if there is one.
    """

    rules: Rules = field(default_factory=Rules)
    release: str = ""
    sources: tuple[str, ...] = ()
    ngram: int = NGRAM
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
    licences = _licences(asked.licences)
    if asked.date:
        _refuse_no_date(asked.date)
    released = release_named(asked.release) if asked.release else {}
    tell("reading", 0, 1)
    sets = [_source_set(path, columns, licences) for path in sorted(dict.fromkeys(paths))]
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
    return Assembled(facts, (*assembly_page.lines(facts), f"Report: {out}"), 0 if items else 1)


def _protected(asked: AssemblyRequest) -> list[ProtectedText]:
    made = [text for text, _ in texts_of_items(released_items(asked.release))] if asked.release else []
    return [*made, *texts_of_sources(asked.sources)]


def _source_set(path: str, columns: Columns | None, licences: Mapping[str, str]) -> SourceSet:
    read = read_set([path], columns, lenient=True)
    if len(read.layouts) > 1:
        names = ", ".join(layout.name for layout in read.layouts)
        raise ItemSetError(
            "the items cannot be read",
            [f"{path} holds several sets ({names}); name each of their folders by itself"],
        )
    layout = read.layouts[0] if read.layouts else None
    name = layout.name.removesuffix(" of the Hub") if layout else Path(path).resolve().stem
    licence = licences.get(path) or licences.get(name) or (layout.licence if layout else "") or UNKNOWN
    home = layout.source.split(" ")[0] if layout else ""
    return SourceSet(name, path, home, licence, layout.language if layout else "", read)


def _licences(given: Sequence[str]) -> dict[str, str]:
    """Return licences by the name of a set.

    Raises:
        UsageError: one is not `NAME=LICENCE`.
    """
    made = {}
    for one in given:
        name, mark, licence = one.partition("=")
        if not (mark and name.strip() and licence.strip()):
            raise UsageError(f"--licence takes SET=LICENCE, as RACE='non-commercial research only'; not {one!r}")
        made[name.strip()] = licence.strip()
    return made


def _refuse_no_date(given: str) -> None:
    try:
        date.fromisoformat(given)
    except ValueError:
        raise UsageError(f"--date takes YYYY-MM-DD, as 2026-11-30; not {given!r}") from None
