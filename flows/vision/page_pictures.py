"""Rendered pages as pictures to learn from: words alone, windows of a few words with their places, whole pages.

A page is cut up when it is read, and no page is kept in its full size. Every eighth item is held out, in all
languages: its pages are never learned from, and those of its words that stand on no other page are what the model
has never seen.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from data.errors import UsageError
from data.images.page_files import opened_page
from data.images.page_problem import PageProblem

COLUMNS = ("item_id", "language", "script", "image", "width", "height", "text", "part", "words", "size")
"""What is read of a table of pages."""

HELD_OUT = 8
"""One item in so many is held out."""

LEARNED, TESTED = 40, 8
"""The most pages of a language that are learned from, and that are held out; further ones are passed over."""

_MARGIN = 0.15  # ems around a word
_WINDOW = 3  # words of a window

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class WordPicture:
    """A word cut out of its page."""

    text: str
    language: str
    script: str
    picture: Image.Image


@dataclass(frozen=True)
class Window:
    """A few neighbouring words of a page.

    Attributes:
        words: each with its box: left, top, right, bottom, in pixels of the picture.
    """

    picture: Image.Image
    words: tuple[tuple[str, Box], ...]
    script: str


@dataclass(frozen=True)
class Page:
    """A page as small as a model sees it, and its text."""

    item_id: str
    language: str
    script: str
    text: str
    picture: Image.Image


@dataclass
class Pictures:
    """What was cut out of pages.

    Attributes:
        words: of pages to learn from.
        windows: likewise.
        pages: likewise; passages alone.
        unseen: words of held-out pages that stand on no page to learn from.
        problems: the pages that cannot be read, each with its reason.
    """

    words: list[WordPicture] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    unseen: list[WordPicture] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def cut_pages(folder: str, side: int, longest: int) -> Pictures:
    """Return the pictures of all tables of pages in a folder.

    Args:
        folder: with `*.parquet` files at any depth, tables of page images.
        side: of whole pages, in pixels.
        longest: words of more characters are left out.

    Raises:
        UsageError: there are no tables, one is no table of pages, or there are too few words to learn from.
    """
    found = Pictures()
    held: list[WordPicture] = []
    items = list(_items(folder))
    apart = held_out(items)
    taken: Counter[tuple[str, bool]] = Counter()
    for file, line in _lines(folder, COLUMNS):
        tested = line["item_id"] in apart
        taken[line["language"], tested] += 1
        if taken[line["language"], tested] > (TESTED if tested else LEARNED):
            continue
        opened = opened_page(dict(line), file)
        if isinstance(opened, PageProblem):
            found.problems.append(f"{opened.item_id} in {opened.language}: {opened.what}")
            continue
        picture = opened["image"].convert("L")
        cut = list(_words(line, picture, longest))
        if tested:
            held += cut
            continue
        found.words += cut
        found.windows += _windows(line, picture)
        if line["part"] == "passage":
            small = picture.resize((side, side), Image.Resampling.BICUBIC)
            found.pages.append(Page(line["item_id"], line["language"], line["script"], line["text"], small))
    known = {one.text for one in found.words} | _spelled(found.pages)
    found.unseen = [one for one in held if one.text not in known]
    if not found.words or not found.unseen:
        raise UsageError(f"{folder}: too few words to learn from and to be tested by; render more passages")
    return found


def held_out(items: Iterable[str]) -> frozenset[str]:
    """Return the items that are not learned from: one in `HELD_OUT`, at least one, the same in every run."""
    ranked = sorted(set(items), key=lambda item: hashlib.sha256(item.encode()).digest())
    return frozenset(ranked[: max(1, len(ranked) // HELD_OUT)])


def _spelled(pages: Sequence[Page]) -> set[str]:
    """Return the words of texts as blanks divide them, which may be others than a page's own division."""
    return {word for page in pages for word in page.text.split()}


def _items(folder: str) -> Iterator[str]:
    for _, line in _lines(folder, ("item_id",)):
        yield line["item_id"]


def _lines(folder: str, columns: Sequence[str]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the lines of all tables of a folder, each with its file."""
    files = sorted(Path(folder).rglob("*.parquet"))
    if not files:
        raise UsageError(f"{folder}: there are no tables of pages in it (*.parquet); render passages first")
    for file in files:
        try:
            table = pq.ParquetFile(file)
            if lacking := [name for name in COLUMNS if name not in table.schema_arrow.names]:
                raise UsageError(f"{file}: is no table of pages: it has no column {lacking[0]}")
            for batch in table.iter_batches(batch_size=32, columns=list(columns)):
                for line in batch.to_pylist():
                    yield file, line
        except (OSError, pa.ArrowInvalid) as error:
            raise UsageError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error


def _words(line: Mapping[str, Any], picture: Image.Image, longest: int) -> Iterator[WordPicture]:
    """Yield the words of a page, cut out with a margin."""
    margin = _MARGIN * line["size"]
    for word in line["words"]:
        if 0 < len(word["text"]) <= longest:
            left, top, right, bottom = _box(word)
            around = (left - margin, top - margin, right + margin, bottom + margin)
            cut = picture.crop(_inside(around, picture))
            yield WordPicture(word["text"], line["language"], line["script"], cut)


def _windows(line: Mapping[str, Any], picture: Image.Image) -> Iterator[Window]:
    """Yield windows of neighbouring words, none of which is in two."""
    words = [word for word in line["words"] if word["text"]]
    for first in range(0, len(words) - _WINDOW + 1, _WINDOW):
        some = words[first : first + _WINDOW]
        boxes = [_box(word) for word in some]
        left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
        if bottom - top > 2 * max(box[3] - box[1] for box in boxes):
            continue  # over the end of a line
        margin = _MARGIN * line["size"]
        at = _inside((left - margin, top - margin, right + margin, bottom + margin), picture)
        cut = picture.crop(at)
        moved = tuple((a - at[0], b - at[1], c - at[0], d - at[1]) for a, b, c, d in boxes)
        yield Window(
            cut, tuple((word["text"], box) for word, box in zip(some, moved, strict=True)), line["script"]
        )


def _box(word: Mapping[str, Any]) -> Box:
    return word["x"], word["y"], word["x"] + word["width"], word["y"] + word["height"]


def _inside(box: Box, picture: Image.Image) -> tuple[int, int, int, int]:
    left, top, right, bottom = map(round, box)
    return max(0, left), max(0, top), min(picture.width, right), min(picture.height, bottom)
