"""Tables of pages as `belebele render` writes them, drawn with Pillow, for tests that need no layout."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageDraw, ImageFont

FONT = "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"
SIZE = 24
WIDTH = 480


def drawn(item: str, language: str, sentences: Sequence[str]) -> dict[str, object]:
    """One line of the table: a passage, its words from left to right, line by line."""
    font = ImageFont.truetype(FONT, SIZE)
    words, x, y = [], 12, 12
    for text in " ".join(sentences).split():
        width = round(font.getlength(text))
        if x + width > WIDTH - 12:
            x, y = 12, y + SIZE * 3 // 2
        words.append({"text": text.strip(".,?!;:«»“”—"), "x": x, "y": y, "width": width, "height": SIZE * 4 // 3})
        x += width + SIZE // 4
    height = y + 2 * SIZE
    picture = Image.new("L", (WIDTH, height), 255)
    pen = ImageDraw.Draw(picture)
    for word in words:
        pen.text((word["x"], word["y"]), word["text"], font=font, fill=0)
    written = io.BytesIO()
    picture.save(written, "PNG")
    return {
        "item_id": item, "language": language, "script": language[4:],
        "image": {"bytes": written.getvalue(), "path": f"{item}.png"}, "text": " ".join(sentences),
        "part": "passage", "words": [word for word in words if word["text"]], "width": WIDTH, "height": height,
        "font": "Noto Sans", "size": float(SIZE), "degradation": "", "seed": 0,
    }  # fmt: skip


def pages_folder(folder: Path, lines: Sequence[dict[str, object]]) -> Path:
    """Write lines as one table a language."""
    (folder / "pages").mkdir(parents=True)
    for language in sorted({str(line["language"]) for line in lines}):
        some = [line for line in lines if line["language"] == language]
        pq.write_table(pa.Table.from_pylist(some), folder / "pages" / f"{language}.parquet")
    return folder
