"""Tables as files for other programs and for spreadsheets, and filled-in sheets read back.

What a spreadsheet would change or lose is minded here: text that begins with an equals sign stays text, control
characters that XLSX cannot hold become the replacement character, and a text too long for a cell is refused rather
than cut.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pandas as pd

from data.errors import ImportRefused, UsageError

CELL = 32767
"""Characters that a cell of an XLSX file holds."""

LINES = 1_048_575
"""Lines that an XLSX sheet holds below its head."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")

Line = tuple[int, dict[str, Any]]
"""A line's number in its file, from 1, and its cells by column."""


def write(frame: pd.DataFrame, out: Path) -> None:
    """Write a table to a .parquet, .csv, .jsonl or .xlsx file, whole or not at all.

    Raises:
        UsageError: another kind of file, no such folder, or more than an XLSX file holds.
    """
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}; make it first")
    if out.is_dir():
        raise UsageError(f"{out} is a folder; name a file")
    part = out.with_name(f".{out.name}.part{out.suffix}")
    match out.suffix:
        case ".parquet":
            frame.to_parquet(part, index=False)
        case ".csv":
            _plain(frame).to_csv(part, index=False)
        case ".jsonl":
            frame.to_json(part, orient="records", lines=True, force_ascii=False, date_format="iso")
        case ".xlsx":
            _write_xlsx(_plain(frame), part, out)
        case _:
            raise UsageError(f"{out.name}: the file must end in .parquet, .csv, .jsonl or .xlsx")
    part.replace(out)


def read(path: Path) -> list[Line]:
    """The lines of a filled-in .xlsx or .jsonl file; empty ones are passed over.

    Raises:
        UsageError: no such file, or another kind.
        ImportRefused: it cannot be read; names every line that is no JSON object.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    if path.suffix == ".xlsx":
        return _read_xlsx(path)
    if path.suffix == ".jsonl":
        return _read_lines(path)
    raise UsageError(f"{path.name}: work comes as .xlsx or .jsonl, as belebele export --work writes it")


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Lists as lines of text, times without their zone, which is UTC."""
    plain = frame.copy()
    for column in plain.columns:
        if isinstance(plain[column].dtype, pd.DatetimeTZDtype):
            plain[column] = plain[column].dt.tz_localize(None)
    return plain.map(lambda cell: "\n".join(map(str, cell)) if isinstance(cell, list) else cell)


def _write_xlsx(frame: pd.DataFrame, part: Path, out: Path) -> None:
    texts = frame.select_dtypes(["object", "str"])
    lengths = (int(texts[column].fillna("").astype(str).str.len().max()) for column in texts)
    longest = max(lengths, default=0) if len(texts) else 0
    if len(frame) > LINES or longest > CELL:
        raise UsageError(
            f"{out.name}: an XLSX file holds {LINES:,} lines and {CELL:,} characters in a cell, "
            f"and here are {len(frame):,} and {longest:,}; write .parquet, .csv or .jsonl"
        )
    safe = frame.map(lambda cell: _CONTROL.sub("\ufffd", cell) if isinstance(cell, str) else cell)
    with pd.ExcelWriter(part, engine="openpyxl") as book:
        safe.to_excel(book, index=False)
        for line in next(iter(book.sheets.values())).iter_rows():
            for cell in line:
                if cell.data_type == "f":
                    cell.data_type = "s"  # text that begins with '=', no formula


def _read_xlsx(path: Path) -> list[Line]:
    try:
        frame = pd.read_excel(path, dtype=str, keep_default_na=False, engine="openpyxl")
    except (BadZipFile, KeyError, ValueError, OSError) as error:
        raise ImportRefused(f"{path} is no XLSX file that can be read ({error}); save it as .xlsx again") from None
    cells = [{str(name): value for name, value in line.items()} for line in frame.to_dict("records")]
    return [(number, line) for number, line in enumerate(cells, start=2) if any(line.values())]


def _read_lines(path: Path) -> list[Line]:
    lines: list[Line] = []
    problems: list[str] = []
    for number, raw in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        try:
            text = raw.decode("utf-8").strip()
            line = json.loads(text) if text else {}
        except UnicodeDecodeError:
            problems.append(f"{path}, line {number}: not UTF-8; save the file as UTF-8")
            continue
        except ValueError as error:
            problems.append(f"{path}, line {number}: no JSON ({error}); one object a line is wanted")
            continue
        if not isinstance(line, dict):
            problems.append(f"{path}, line {number}: {text[:40]!r} is no JSON object; one a line is wanted")
        elif line:
            lines.append((number, line))
    if problems:
        raise ImportRefused(f"{path} was not taken in", problems)
    return lines
