"""Files of page images: written piece by piece, so that memory does not grow with them, and read back with care.

A piece holds the pages of some items of one language and, in its metadata, what else is to be known of them: items
without a page, and the digests of the fonts. A language's file is its pieces, a row group each, so it is the same
however often the work was interrupted.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from data.images.page_problem import PageProblem
from data.images.page_table import PageImage, page_table

_KEY = b"belebele.pages"
_COMPRESSION = "zstd"


@dataclass(frozen=True)
class PageNotes:
    """What is told beside pages.

    Attributes:
        order: the digest of what was asked for: texts, settings and versions.
        pages: how many there are.
        problems: the items that have none.
        fonts: the SHA-256 of the file of each family that has glyphs on them.
        dotted_circles: the items on which a sign stands on no letter, and how many such signs there are.
    """

    order: str
    pages: int
    problems: tuple[PageProblem, ...] = ()
    fonts: dict[str, str] = field(default_factory=dict)
    dotted_circles: dict[str, int] = field(default_factory=dict)


def piece(pages: list[PageImage], notes: PageNotes) -> bytes:
    """Return pages and their notes as a parquet file."""
    table = page_table(pages, {_KEY.decode(): json.dumps(asdict(notes), ensure_ascii=False)})
    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression=_COMPRESSION)
    return buffer.getvalue()


def notes_of(file: Path | pa.BufferReader) -> PageNotes | None:
    """Return the notes of a file of pages; None if it has none or cannot be read."""
    try:
        found = json.loads((pq.read_schema(file).metadata or {})[_KEY])
        problems = tuple(PageProblem(**one) for one in found.pop("problems"))
        return PageNotes(problems=problems, **found)
    except (OSError, pa.ArrowInvalid, KeyError, ValueError, TypeError):
        return None


def join_pieces(pieces: Iterable[bytes], notes: PageNotes, target: Path) -> None:
    """Write a language's file from its pieces, one row group after the other.

    Args:
        pieces: in their order; read one at a time.
        notes: of all of them.
        target: the file to write.
    """
    schema = page_table([], {_KEY.decode(): json.dumps(asdict(notes), ensure_ascii=False)}).schema
    with pq.ParquetWriter(target, schema, compression=_COMPRESSION) as writer:
        for one in pieces:
            table = pq.read_table(pa.BufferReader(one))
            if len(table):
                writer.write_table(table.replace_schema_metadata(schema.metadata), row_group_size=len(table))


def joined(notes: Iterable[PageNotes], order: str) -> PageNotes:
    """Return the notes of several pieces as those of one file."""
    pages = 0
    problems: list[PageProblem] = []
    fonts: dict[str, str] = {}
    circles: dict[str, int] = {}
    for one in notes:
        pages += one.pages
        problems += one.problems
        fonts |= one.fonts
        circles |= one.dotted_circles
    return PageNotes(order, pages, tuple(problems), dict(sorted(fonts.items())), circles)


def read_pages(file: Path) -> Iterator[dict[str, Any] | PageProblem]:
    """Yield the pages of a file, one row group in memory at a time, each with its picture opened.

    Yields:
        The columns of `page_table.SCHEMA` with a PIL image in place of the struct; or, for a page whose picture
        cannot be opened, the problem.

    Raises:
        OSError: there is no such file.
        pa.ArrowInvalid: it is no parquet file.
    """
    with pq.ParquetFile(file) as opened:
        for number in range(opened.num_row_groups):
            for line in opened.read_row_group(number).to_pylist():
                yield opened_page(line, file)


def opened_page(line: dict[str, Any], file: Path) -> dict[str, Any] | PageProblem:
    """Return a line of a table of pages with its picture opened, or why it cannot be.

    Args:
        line: the columns of `page_table.SCHEMA`.
        file: where it stands, for messages.
    """
    try:
        picture = Image.open(io.BytesIO(line["image"]["bytes"]))
        picture.load()
    except (OSError, SyntaxError, ValueError, TypeError) as error:  # what Pillow's readers raise on broken files
        what = f"{file.name}: its picture cannot be opened ({error}); draw it again with belebele render"
        return PageProblem(line["item_id"], line["language"], "unreadable_picture", what)
    if picture.size != (line["width"], line["height"]):
        size = f"{picture.width} × {picture.height}"
        what = f"{file.name}: its picture has {size} pixels, the table says {line['width']} × {line['height']}"
        return PageProblem(line["item_id"], line["language"], "unreadable_picture", what)
    return line | {"image": picture}
