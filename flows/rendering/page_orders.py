"""The pages of a set dealt out in orders of some items each, which any process can draw, and drawn.

An order's digest says all that its pages follow from but the fonts' files, and those are told by the pieces: a
piece that was drawn before an interruption is taken if both are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

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
class PageOrder:
    """Some items of one language to be drawn.

    Attributes:
        language: the set's name for it.
        script: its ISO 15924 code.
        items: their ids and texts.
        settings: how.
    """

    language: str
    script: str
    items: tuple[tuple[str, str], ...]
    settings: PageSettings

    @property
    def digest(self) -> str:
        """The digest of what is asked for, and of the versions of what draws it."""
        content = json.dumps([asdict(self), versions()], sort_keys=True)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def page_orders(items: pd.DataFrame, settings: PageSettings) -> Iterator[PageOrder]:
    """Yield a set's orders, a language after the other, items in the order of their ids.

    Args:
        items: columns item_id, language, passage, question and options.
        settings: how they are to be drawn.
    """
    for language, lines in items.sort_values("item_id", kind="stable").groupby("language"):
        columns = zip(lines["passage"], lines["question"], lines["options"], strict=True)
        texts = [page_text_of(settings.part, passage or "", *rest) for passage, *rest in columns]
        script = script_of(str(language), texts[:SIZE])
        named = list(zip(lines["item_id"], texts, strict=True))
        for at in range(0, len(named), SIZE):
            yield PageOrder(str(language), script, tuple(named[at : at + SIZE]), settings)


def drawn(order: PageOrder) -> bytes:
    """Draw an order's pages and return them as a piece; items of one text get one picture, drawn once."""
    pages, problems, circles = [], [], {}
    fonts: dict[str, None] = {}
    known: dict[str, DrawnPage | PageImpossible] = {}
    for item_id, text in order.items:
        if text not in known:
            known[text] = _attempt(order, item_id, text)
        done = known[text]
        if isinstance(done, PageImpossible):
            problems.append(PageProblem(item_id, order.language, done.kind, done.what))
            continue
        pages.append(done.page.named(item_id))
        fonts |= dict.fromkeys(done.fonts)
        if done.dotted_circles:
            circles[item_id] = done.dotted_circles
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
