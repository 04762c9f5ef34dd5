"""The pages of a set dealt out in orders of some items each, which any process can draw, and drawn.

An order's digest says all that its pages follow from but the fonts' files, and those are told by the pieces: a
piece that was drawn before an interruption is taken if both are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from data.images.installed_fonts import digest, installed, script_of
from data.images.page_drawing import DrawnPage, drawn_page, page_text_of
from data.images.page_files import PageNotes, piece
from data.images.page_problem import PageImpossible, PageProblem
from data.images.page_settings import PageSettings
from data.images.pango_libraries import versions

SIZE = 50
"""The items of an order: few seconds of work, and few pictures in memory."""


@dataclass(frozen=True)
class PageItem:
    """An item whose page is drawn.

    Attributes:
        item_id: its id.
        text: what is drawn of it.
        question: what is asked.
        options: as the set orders them.
        answers: the places of the right ones, from 1.
    """

    item_id: str
    text: str
    question: str
    options: tuple[str, ...]
    answers: tuple[int, ...]


@dataclass(frozen=True)
class PageOrder:
    """Some items of one language to be drawn.

    Attributes:
        language: the set's name for it.
        script: its ISO 15924 code.
        items: the items.
        settings: how.
    """

    language: str
    script: str
    items: tuple[PageItem, ...]
    settings: PageSettings

    @property
    def digest(self) -> str:
        """The digest of what is asked for, and of the versions of what draws it."""
        content = json.dumps([asdict(self), versions()], sort_keys=True)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def page_orders(items: pd.DataFrame, settings: PageSettings) -> Iterator[PageOrder]:
    """Yield a set's orders, a language after the other, items in the order of their ids.

    Args:
        items: columns item_id, language, passage, question, options, and keys or key (places from 0).
        settings: how they are to be drawn.
    """
    for language, lines in items.sort_values("item_id", kind="stable").groupby("language"):
        named = [_item(line, settings.part) for line in lines.to_dict("records")]
        script = script_of(str(language), [item.text for item in named[:SIZE]])
        for at in range(0, len(named), SIZE):
            yield PageOrder(str(language), script, tuple(named[at : at + SIZE]), settings)


def _item(line: Mapping[Hashable, Any], part: str) -> PageItem:
    keys = line["keys"] if "keys" in line else [line["key"]]
    question, options = str(line["question"] or ""), tuple(map(str, line["options"]))
    text = page_text_of(part, line["passage"] or "", question, options)
    return PageItem(str(line["item_id"]), text, question, options, tuple(int(key) + 1 for key in keys))


def drawn(order: PageOrder) -> bytes:
    """Draw an order's pages and return them as a piece; items of one text get one picture, drawn once."""
    pages, problems, circles = [], [], {}
    fonts: dict[str, None] = {}
    known: dict[str, DrawnPage | PageImpossible] = {}
    for item in order.items:
        if item.text not in known:
            known[item.text] = _attempt(order, item.item_id, item.text)
        done = known[item.text]
        if isinstance(done, PageImpossible):
            problems.append(PageProblem(item.item_id, order.language, done.kind, done.what))
            continue
        pages.append(done.page.of_item(item.item_id, item.question, item.options, item.answers))
        fonts |= dict.fromkeys(done.fonts)
        if done.dotted_circles:
            circles[item.item_id] = done.dotted_circles
    digests = {family: digest(installed()[family].path) for family in sorted(fonts)}
    return piece(pages, PageNotes(order.digest, len(pages), tuple(problems), digests, circles))


def _attempt(order: PageOrder, item_id: str, text: str) -> DrawnPage | PageImpossible:
    try:
        return drawn_page(item_id, order.language, order.script, text, order.settings)
    except PageImpossible as problem:
        return problem


def still_valid(notes: PageNotes | None, order: str) -> bool:
    """Return whether pages that were drawn before are those that would be drawn now.

    Args:
        notes: what is told beside the pages; None if it cannot be read.
        order: the digest of what is wanted.
    """
    return (
        notes is not None
        and notes.order == order
        and all(name in installed() and digest(installed()[name].path) == sha for name, sha in notes.fonts.items())
    )
