"""The table of page images: what a picture of an item's text is, and what is told beside it.

Its type is the `datasets` library's Image feature, a struct of the encoded picture and its path, and the table
says so in the metadata that the library reads, so that `load_dataset` gives pictures. Boxes are in pixels of the
picture as it is stored, whatever was done to it after it was drawn.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import pyarrow as pa

Part = Literal["passage", "page"]
"""What is drawn of an item: its passage alone, or passage, question and options on one page."""

SCHEMA = pa.schema(
    [
        ("item_id", pa.string()),  # as in the text release, the same in every language
        ("language", pa.string()),  # FLORES-200's code, or what the set calls it
        ("script", pa.string()),  # ISO 15924
        ("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),  # PNG or JPEG, grey; a name for it
        ("text", pa.string()),  # what is drawn, in logical order; paragraphs end in a newline
        ("part", pa.string()),  # `Part`
        (
            "words",  # in the order of the text; pixels from the top left corner, whole words by Unicode's rules
            pa.list_(
                pa.struct(
                    [
                        ("text", pa.string()),
                        ("x", pa.int32()),
                        ("y", pa.int32()),
                        ("width", pa.int32()),
                        ("height", pa.int32()),
                    ]
                )
            ),
        ),
        ("width", pa.int32()),  # of the picture, in pixels
        ("height", pa.int32()),
        ("font", pa.string()),  # the family that was asked for; a sign that it lacks is from another
        ("size", pa.float32()),  # of the font, in pixels to the em
        ("degradation", pa.string()),  # as `data.images.degradations` writes it; "" for a clean page
        ("seed", pa.int64()),  # of the degradation of this page
        ("question", pa.string()),  # what is asked of the page
        ("options", pa.list_(pa.string())),  # as the set orders them
        ("answers", pa.list_(pa.int32())),  # the places of the right ones, from 1
    ]
)
"""The columns, in this order; none of them is ever null."""


@dataclass(frozen=True, slots=True)
class WordBox:
    """Where a word stands: pixels from the picture's top left corner; inside the picture, and never empty."""

    text: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class PageImage:
    """One line of the table; see `SCHEMA`."""

    item_id: str
    language: str
    script: str
    image: bytes
    path: str
    text: str
    part: Part
    words: tuple[WordBox, ...]
    width: int
    height: int
    font: str
    size: float
    degradation: str
    seed: int
    question: str = ""
    options: tuple[str, ...] = ()
    answers: tuple[int, ...] = ()

    def of_item(self, item_id: str, question: str, options: Sequence[str], answers: Sequence[int]) -> PageImage:
        """Return the same page as that of an item whose text it is."""
        path = f"{self.language}/{item_id}.{self.path.rpartition('.')[2]}"
        return replace(
            self, item_id=item_id, path=path, question=question, options=tuple(options), answers=tuple(answers)
        )


def page_table(pages: list[PageImage], further: Mapping[str, str] | None = None) -> pa.Table:
    """Return pages as a table of `SCHEMA`, with the metadata that `datasets` reads.

    Args:
        pages: in the order of the lines.
        further: metadata of the table besides.
    """
    lines = [_line(page) for page in pages]
    metadata = {"huggingface": json.dumps({"info": {"features": features()}}), **(further or {})}
    return pa.Table.from_pylist(lines, schema=SCHEMA.with_metadata(metadata))


def features() -> dict[str, Any]:
    """Return the columns' types as `datasets` writes them."""
    return {field.name: _feature(field.name, field.type) for field in SCHEMA}


def _feature(name: str, kind: pa.DataType) -> Any:
    if name == "image":
        return {"_type": "Image"}
    if pa.types.is_list(kind):
        return {"feature": _feature("", kind.value_type), "_type": "List"}
    if pa.types.is_struct(kind):
        return {field.name: _feature("", field.type) for field in kind}
    return {"dtype": "float32" if pa.types.is_float32(kind) else str(kind), "_type": "Value"}


def _line(page: PageImage) -> dict[str, Any]:
    return {
        "item_id": page.item_id,
        "language": page.language,
        "script": page.script,
        "image": {"bytes": page.image, "path": page.path},
        "text": page.text,
        "part": page.part,
        "words": [asdict(word) for word in page.words],
        "width": page.width,
        "height": page.height,
        "font": page.font,
        "size": page.size,
        "degradation": page.degradation,
        "seed": page.seed,
        "question": page.question,
        "options": list(page.options),
        "answers": list(page.answers),
    }
