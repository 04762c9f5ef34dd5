"""The work of `belebele render`: read a set, draw its pages, and go on after an interruption.

`data.images` draws; this module is the input and output. Pages are drawn in pieces, by as many processes as the
machine has processors. A finished piece is kept under `.work` until its language is complete and has become one
file, so that the pictures of a language are never all in memory. A piece or a file from before is taken only if it
is what would be drawn now.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from data.errors import UsageError
from data.images.installed_fonts import check_wanted
from data.images.page_files import PageNotes, join_pieces, joined, notes_of
from data.images.page_settings import PageSettings
from data.images.pango_libraries import versions
from data.itemsets import Columns, files_of, read_set
from data.output_files import Outputs, alone, failing
from data.release.canary import canary
from data.release.release_folder import manifest_of
from flows.audit import Shelf, campaigns_among, items_of
from flows.rendering.autonym_items import NAME, autonym_items
from flows.rendering.page_orders import PageOrder, drawn, page_orders, still_valid
from flows.set_titles import set_title
from flows.worker_processes import in_each_language
from qc.reports.phrases import plural

FILES = ("README.md", "contact_sheet.html", "rendering.json", "problems.jsonl")
"""The files that a rendering writes, beside `pages`."""

PAGES = "pages"
WORK = ".work"

_PROCESS_WORTH = 4  # a page takes as long as the judging of so many items

ProgressListener = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Rendered:
    """A finished rendering.

    Attributes:
        facts: what rendering.json says.
        lines: the same for a terminal.
        code: 0 if every item has a page, 1 if not.
    """

    facts: dict[str, Any]
    lines: tuple[str, ...]
    code: int


def render(
    paths: Sequence[str],
    out: str,
    settings: PageSettings,
    *,
    languages: Sequence[str] = (),
    columns: Columns | None = None,
    name: str = "",
    tell: ProgressListener = lambda _words, _done, _of: None,
) -> Rendered:
    """Draw the pages of files or of a campaign, and write them with a card and a contact sheet.

    Args:
        paths: files and folders of one set, or one campaign or release; none for the names of languages.
        out: the folder to write to.
        settings: how pages are drawn.
        languages: of which; all by default.
        columns: the names of the files' columns.
        name: the set's name; see `set_titles` for the default.
        tell: is told of progress.

    Raises:
        ItemSetError: the files cannot be read.
        UsageError: the request cannot be fulfilled, or `out` holds files that no rendering wrote.
        OutputFailed: the disk refuses; finished work is kept there, and the next run continues from it.
    """
    read_from = [] if campaigns_among(paths) else files_of(paths)
    outputs = Outputs.of_folder(out, "render", read_from)
    outputs.check(FILES)
    check_wanted(settings.fonts)
    tell("reading", 0, 1)
    items = _wanted(_items(paths, columns), languages, settings)
    orders = list(page_orders(items, settings))
    work = Path(out) / WORK
    with failing(work):
        work.mkdir(parents=True, exist_ok=True)
    with alone(work):
        notes = dict(_written(Path(out), orders, tell))
        shelf = Shelf(work)
        called = set_title(paths, name) if paths or name else NAME
        facts = _facts(called.text, _canary(paths), settings, notes)
        outputs.write(_files(Path(out), facts, notes))
        shelf.clear()
    lines = tuple(_lines(facts, notes, out))
    return Rendered(facts, lines, 1 if any(one.problems for _, one in notes.values()) else 0)


def _items(paths: Sequence[str], columns: Columns | None) -> pd.DataFrame:
    if not paths:
        return autonym_items()
    return items_of(paths, columns) if campaigns_among(paths) else read_set(paths, columns).items


def _wanted(items: pd.DataFrame, languages: Sequence[str], settings: PageSettings) -> pd.DataFrame:
    """Return the items in the wanted languages.

    Raises:
        UsageError: the set does not have one of them, or has no passages although these are to be drawn.
    """
    from data.languages import canonical

    there = {canonical(one): one for one in items["language"].unique()}
    if strange := [one for one in languages if canonical(one) not in there]:
        named = ", ".join(sorted(filter(None, there))) or "none"
        raise UsageError(f"the set has no items in {', '.join(strange)}; its languages are {named}")
    if languages:
        items = items[items["language"].isin([there[canonical(one)] for one in languages])]
    if settings.part == "passage" and not items["passage"].map(bool).any():
        raise UsageError("the set has no passages to draw; --part page draws questions and options")
    return items


def _written(
    out: Path, orders: Sequence[PageOrder], tell: ProgressListener
) -> Iterator[tuple[str, tuple[str, PageNotes]]]:
    """Draw what is not there yet, and yield each language with its file's name and its notes."""
    shelf, pages = Shelf(out / WORK), Outputs.of_folder(out / PAGES, "render")
    by_language: dict[str, list[PageOrder]] = {}
    for order in orders:
        by_language.setdefault(order.language, []).append(order)
    names = file_names(list(by_language))
    pages.check(list(names.values()))
    _refuse_others(pages, names)
    ready = {one: _ready(pages, names[one], _digest(mine)) for one, mine in by_language.items()}
    wanted = {
        _key(order): order
        for order in orders
        if ready[order.language] is None and not still_valid(_shelved(shelf, order), order.digest)
    }
    amount = sum(len(order.items) for order in wanted.values())
    done = sum(len(order.items) for order in orders) - amount
    drawing = in_each_language(drawn, wanted, amount * _PROCESS_WORTH)
    for language, mine in by_language.items():
        if (notes := ready[language]) is None:
            for order in mine:
                tell(f"drawing {language}", done, done + amount)
                if _key(order) in wanted:
                    shelf.put(*next(drawing))
                    done, amount = done + len(order.items), amount - len(order.items)
            notes = _joined(shelf, mine, pages, names[language])
        yield language, (names[language], notes)


def _refuse_others(pages: Outputs, names: Mapping[str, str]) -> None:
    """Refuse a folder that has pages of further languages, which neither card nor contact sheet would show.

    Raises:
        UsageError: it has.
    """
    others = sorted(one.name for one in pages.folder.glob("*.parquet") if one.name not in names.values())
    if others:
        named = ", ".join(others[:5]) + (" and more" if others[5:] else "")
        raise UsageError(
            f"{pages.folder} has {named}, which this run does not draw: draw these languages together, or name "
            "another --out"
        )


def _joined(shelf: Shelf, orders: Sequence[PageOrder], pages: Outputs, name: str) -> PageNotes:
    """Make a language's file of its pieces, and return its notes."""
    found = [_shelved(shelf, order) for order in orders]
    notes = joined([one for one in found if one is not None], _digest(orders))
    pieces = (shelf.get(_key(order)) or b"" for order in orders)
    pages.take(name, lambda target: join_pieces(pieces, notes, target))
    for order in orders:
        shelf.remove(_key(order))
    return notes


def _ready(pages: Outputs, name: str, order: str) -> PageNotes | None:
    """Return the notes of a language's file if it is there as it would be written now."""
    if not pages.holds(name):
        return None
    notes = notes_of(pages.folder / name)
    return notes if still_valid(notes, order) else None


def _shelved(shelf: Shelf, order: PageOrder) -> PageNotes | None:
    kept = shelf.get(_key(order))
    return notes_of(pa.BufferReader(kept)) if kept else None


def _key(order: PageOrder) -> str:
    return f"{_plain(order.language)[:40]}.{order.digest}"


def _digest(orders: Sequence[PageOrder]) -> str:
    return hashlib.sha256("".join(order.digest for order in orders).encode()).hexdigest()[:32]


def file_names(languages: Sequence[str]) -> dict[str, str]:
    """Return the name of each language's file: its code, as far as a file may be called so.

    >>> file_names(["eng_Latn", ""])
    {'eng_Latn': 'eng_Latn.parquet', '': 'und.parquet'}
    """
    names: dict[str, str] = {}
    for one in languages:
        plain = _plain(one)
        while f"{plain}.parquet" in names.values():
            plain += "_"
        names[one] = f"{plain}.parquet"
    return names


def _plain(language: str) -> str:
    return re.sub(r"[^\w-]", "_", language) or "und"


def _canary(paths: Sequence[str]) -> str:
    """Return the line by which copies of a release are known; "" for what is no release."""
    manifest = (manifest_of(Path(paths[0])) if len(paths) == 1 else None) or {}
    known_by = manifest.get("hub") or manifest.get("title")
    return canary(str(known_by)) if known_by else ""


def _facts(
    name: str, known_by: str, settings: PageSettings, notes: dict[str, tuple[str, PageNotes]]
) -> dict[str, Any]:
    fonts: dict[str, str] = {}
    for _, one in notes.values():
        fonts |= one.fonts
    return {
        "format": "belebele-rendering/1",
        "name": name,
        "canary": known_by,
        "settings": asdict(settings),
        "versions": versions(),
        "fonts": dict(sorted(fonts.items())),
        "languages": {
            language: {
                "file": f"{PAGES}/{file}",
                "pages": one.pages,
                "without_page": len(one.problems),
                "dotted_circles": one.dotted_circles,
                "fonts": list(one.fonts),
            }
            for language, (file, one) in notes.items()
        },
    }


def _files(out: Path, facts: dict[str, Any], notes: dict[str, tuple[str, PageNotes]]) -> dict[str, bytes]:
    from flows.rendering.contact_sheet import contact_sheet
    from flows.rendering.image_card import image_card

    problems = [asdict(problem) for _, one in notes.values() for problem in one.problems]
    told = {
        "README.md": image_card(facts),
        "contact_sheet.html": contact_sheet(out, facts),
        "rendering.json": json.dumps(facts, ensure_ascii=False, indent=1) + "\n",
        "problems.jsonl": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in problems),
    }
    return {name: text.encode("utf-8", "surrogatepass") for name, text in told.items()}


def _lines(facts: dict[str, Any], notes: dict[str, tuple[str, PageNotes]], out: str) -> Iterator[str]:
    for language, (_, one) in notes.items():
        told: dict[str, list[str]] = {}
        for problem in one.problems:
            told.setdefault(problem.what, []).append(problem.item_id)
        for what, items in told.items():
            more = f" and {len(items) - 1:,} more" if len(items) > 1 else ""
            yield f"{language} {items[0]}{more}: {what}"
        if one.dotted_circles:
            first = next(iter(one.dotted_circles))
            yield (
                f"{language} {first}: a sign stands on no letter and is shown on a dotted circle; such are on "
                f"{len(one.dotted_circles):,} of {one.pages:,} pages"
            )
    pages = sum(one.pages for _, one in notes.values())
    without = sum(len(one.problems) for _, one in notes.values())
    drawn_in = f"{plural(pages, 'page')} in {plural(len(facts['languages']), 'language')}"
    yield f"Drawn: {drawn_in}; " + (
        f"{plural(without, 'item')} without one." if without else "every item has its page."
    )
    yield f"Pages: {out}/{PAGES}; look at {out}/contact_sheet.html"
