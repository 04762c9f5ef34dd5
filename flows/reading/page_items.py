"""The items of a folder of pages: each with its page and, beside it, the page of another item of its language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from data.errors import UsageError
from data.images.page_files import opened_page
from data.images.page_problem import PageProblem
from data.images.page_table import SCHEMA
from flows.reading.reading_conditions import ItemPage
from qc.models.vision.readers.item_prompts import LABELS


@dataclass(frozen=True)
class PageItems:
    """Some lines of one language's file, with the pages of others that they are shown beside their own.

    Attributes:
        file: the file.
        first: the place of the first line in it.
        lines: the columns of `page_table.SCHEMA`.
        others: for each line, the line of another text; None where the language has none.
    """

    file: Path
    first: int
    lines: Sequence[dict[str, Any]]
    others: Sequence[dict[str, Any] | None]

    @cached_property
    def digest(self) -> str:
        """The digest of all that is shown."""
        sha = hashlib.sha256()
        for line, other in zip(self.lines, self.others, strict=True):
            told = [line["item_id"], line["text"], line["question"], *line["options"], line["part"]]
            sha.update("\x00".join(told).encode("utf-8", "surrogatepass"))
            sha.update(line["image"]["bytes"] or b"")
            sha.update((other["image"]["bytes"] if other else b"") or b"")
        return sha.hexdigest()

    def opened(self) -> Iterator[tuple[dict[str, Any], ItemPage | PageProblem]]:
        """Yield each line with its page, or with why it cannot be shown."""
        for line, other in zip(self.lines, self.others, strict=True):
            yield line, _opened(line, other, self.file)


def page_items(file: Path, size: int) -> Iterator[PageItems]:
    """Yield a file's items, some at a time.

    The other page is that of the text before it in the file; the first text's is that of the last one.

    Args:
        file: of one language, as `belebele render` writes it.
        size: the most items at once.

    Raises:
        UsageError: it is no table of pages, or it was drawn before questions stood beside them.
    """
    table = _table(file)
    lines = table.to_pylist()
    texts = list(dict.fromkeys(line["text"] for line in lines))
    shown: dict[str, dict[str, Any]] = {}
    for line in lines:
        shown.setdefault(line["text"], line)
    before = {text: texts[place - 1] for place, text in enumerate(texts)}
    others = [shown[before[line["text"]]] if len(texts) > 1 else None for line in lines]
    for at in range(0, len(lines), size):
        yield PageItems(file, at, lines[at : at + size], others[at : at + size])


def _table(file: Path) -> pa.Table:
    try:
        table = pq.read_table(file)
    except (OSError, pa.ArrowInvalid) as error:
        told = str(error).strip().split("\n")[0]
        raise UsageError(f"{file} cannot be read ({told}); draw it again with belebele render") from error
    if lacking := [name for name in SCHEMA.names if name not in table.column_names]:
        raise UsageError(f"{file} has no column {', '.join(lacking)}; draw it again with belebele render")
    return table


def _opened(line: dict[str, Any], other: dict[str, Any] | None, file: Path) -> ItemPage | PageProblem:
    number = len(line["options"])
    if not 2 <= number <= len(LABELS):
        what = f"{file.name}: it has {number} options; a model can be asked about 2 to {len(LABELS)}"
        return PageProblem(line["item_id"], line["language"], "options", what)
    if isinstance(own := opened_page(line, file), PageProblem):
        return own
    found = opened_page(other, file) if other is not None else None
    beside: Image.Image | None = found["image"] if isinstance(found, dict) else None
    return ItemPage(line["text"], line["part"], line["question"], line["options"], own["image"], beside)
