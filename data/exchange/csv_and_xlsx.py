"""Tables as files for other programs and for spreadsheets, and filled-in files read back.

This module guards against what a spreadsheet would change or lose. In a workbook every text cell is formatted as
text, so that '9-5' stays what it is, and characters that XML cannot hold are escaped as Excel does. CSV has no
formats: a text that a spreadsheet would run as a formula gets an apostrophe before it, and the column
`escaped_cells` names the cells of each row that got one, so that reading removes those and nothing else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import ImportRefused, UsageError
from data.exchange import xlsx_output
from data.intake import LONGEST_SHOWN, Unreadable, delimited, json_lines, parquet, text_files, xlsx_input
from data.intake.formula_cells import ESCAPED, FORMULA, unescaped
from data.intake.xlsx_input import Changed
from data.output_files import Outputs

Noted = Mapping[bytes, bytes]
"""What a parquet file notes beside its rows."""

CELL = 32767
"""The most characters that a cell of an XLSX file holds."""

LINES = 1_048_575
"""The most rows that an XLSX sheet holds below its header."""

WRITTEN = (".parquet", ".csv", ".jsonl", ".xlsx")
READ = (".xlsx", ".csv", ".tsv", ".txt", ".jsonl", ".parquet")


@dataclass(frozen=True)
class FileRow:
    """A row of a file.

    Attributes:
        source: the file, and of a workbook its sheet.
        spot: the line or row in it.
        cells: by column; `Changed` where a spreadsheet converted what was typed.
        spots: of a workbook, the name of each cell, by column.
        hidden: what hides the whole row, in words; "" for nothing.
        hidden_columns: columns that are hidden.
    """

    source: str
    spot: str
    cells: Mapping[str, Any]
    spots: Mapping[str, str] = field(default_factory=dict)
    hidden: str = ""
    hidden_columns: frozenset[str] = frozenset()

    @property
    def place(self) -> str:
        """The row's place in its file."""
        return f"{self.source}, {self.spot}"

    def at(self, column: str) -> str:
        """Return where a cell is, as precisely as is known."""
        return f"{self.source}, cell {self.spots[column]}" if self.spots else self.place


def write(
    frame: pd.DataFrame, out: Path, command: str = "export", noted: Callable[[pa.Table], Noted] | None = None
) -> None:
    """Write a table to a .parquet, .csv, .jsonl or .xlsx file, completely or not at all.

    Args:
        frame: the table.
        out: the file.
        command: who writes it.
        noted: what a parquet file notes of the rows that it holds, for the metadata of its schema.

    Raises:
        UsageError: another kind of file, no such folder, more than an XLSX file holds, or something is there
            that the command did not write.
        OutputFailed: the disk refuses.
    """
    if out.suffix not in WRITTEN:
        raise UsageError(f"{out.name}: the file must end in .parquet, .csv, .jsonl or .xlsx")
    outputs = Outputs.of_file(out, command)
    outputs.check([out.name])
    held = io.BytesIO()
    match out.suffix:
        case ".parquet":
            rows = pa.Table.from_pandas(frame, preserve_index=False)
            if noted:
                rows = rows.replace_schema_metadata({**(rows.schema.metadata or {}), **noted(rows)})
            pq.write_table(rows, held)
        case ".csv":
            text = _harmless(_flattened(frame)).to_csv(index=False, quoting=csv.QUOTE_NONNUMERIC)
            held.write(text.encode("utf-8-sig"))  # the byte order mark tells spreadsheets that this is UTF-8
        case ".jsonl":
            text = frame.to_json(orient="records", lines=True, force_ascii=False, date_format="iso")
            held.write(text.encode() if len(frame) else b"")
        case _:
            _refuse_large(frame, out)
            held.write(xlsx_output.workbook(_flattened(frame)))
    outputs.write({out.name: held.getvalue()})


def read(path: Path) -> list[FileRow]:
    """Return the rows of a filled-in file, without empty ones.

    Raises:
        UsageError: no such file, or another kind.
        ImportRefused: it cannot be read; everything that cannot be taken is named.
    """
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    suffix = path.suffix.lower()
    problems: list[str] = []
    lines: list[FileRow] = []
    try:
        if suffix == ".xlsx":
            lines = list(_sheets(path, problems))
        elif suffix == ".jsonl":
            wrong: list[Unreadable] = []
            lines = [
                FileRow(str(path), f"line {number}", line)
                for number, line in json_lines.objects(path, wrong, LONGEST_SHOWN)
                if line
            ]
            problems += [problem.at(str(path)) for problem in wrong]
        elif suffix == ".parquet":
            _, rows = parquet.rows(path, LONGEST_SHOWN)
            lines = [FileRow(str(path), f"row {number}", row) for number, row in enumerate(rows, start=1)]
        elif suffix in READ:
            found = delimited.read(text_files.text(path), "\t" if suffix == ".tsv" else "", LONGEST_SHOWN)
            problems += [problem.at(str(path)) for problem in found.problems]
            lines = [FileRow(str(path), f"line {number}", unescaped(row)) for number, row in found.rows]
        else:
            raise UsageError(f"{path.name}: work comes as {', '.join(READ)}, as belebele export --work writes it")
    except Unreadable as problem:
        problems.append(problem.at(str(path), "row" if suffix == ".parquet" else "line"))
    if problems:
        raise ImportRefused(f"{path} was not taken in", problems)
    return lines


def _sheets(path: Path, problems: list[str]) -> Iterator[FileRow]:
    for sheet in xlsx_input.read(path):
        name = f"{path}, sheet {sheet.name!r}"
        problems += [problem.at(name) for problem in sheet.problems]
        for row in sheet.rows:
            yield FileRow(
                name,
                f"row {row.number}",
                {column: row.cells.get(column, "") for column in sheet.letters},
                {column: f"{letter}{row.number}" for column, letter in sheet.letters.items()},
                f"sheet {sheet.name!r} is hidden" if sheet.hidden else "the row is hidden" if row.hidden else "",
                frozenset(sheet.hidden_columns),
            )


def _flattened(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn lists into lines of text and times into UTC times without a zone."""
    plain = frame.copy()
    for column in plain.columns:
        if isinstance(plain[column].dtype, pd.DatetimeTZDtype):
            plain[column] = plain[column].dt.tz_localize(None)
    return plain.map(lambda cell: "\n".join(map(str, cell)) if isinstance(cell, list) else cell)


def _harmless(frame: pd.DataFrame) -> pd.DataFrame:
    """Put apostrophes before texts that a spreadsheet would run, and add a column that says where."""
    risky = frame.map(lambda cell: isinstance(cell, str) and cell.startswith(FORMULA))
    if not risky.to_numpy().any():
        return frame
    texts = frame.astype(object)
    marks = [json.dumps([str(name) for name, one in row.items() if one]) for _, row in risky.iterrows()]
    return texts.where(~risky, "'" + texts.astype(str)).assign(
        **{ESCAPED: ["" if mark == "[]" else mark for mark in marks]}
    )


def _refuse_large(frame: pd.DataFrame, out: Path) -> None:
    texts = frame.select_dtypes(["object", "str"])
    lengths = (int(texts[column].fillna("").astype(str).str.len().max()) for column in texts)
    longest = max(lengths, default=0) if len(texts) else 0
    if len(frame) > LINES or longest > CELL:
        raise UsageError(
            f"{out.name}: an XLSX file holds {LINES:,} lines and {CELL:,} characters in a cell, "
            f"and here are {len(frame):,} and {longest:,}; write .parquet, .csv or .jsonl"
        )


__all__ = ["CELL", "ESCAPED", "LINES", "READ", "WRITTEN", "Changed", "FileRow", "read", "write"]
