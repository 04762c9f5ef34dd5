"""XLSX workbooks that people filled in: every sheet, its hidden parts, and cells whose typed text was changed.

A spreadsheet stores what it understood, not what was typed: '9-5' becomes a date, '1/3' a number with sixteen
digits, '#N/A' an error. The text that a cell showed is certain only for texts, for whole numbers in the plainest
formats and for whole percentages, and only these are accepted. For all other cells it depends on the language of
the program that showed it, or is lost, so they are returned as `Changed`, to be refused where it matters.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, LargeZipFile, ZipFile

from data.intake.text_files import content
from data.intake.texts import LONGEST_SHOWN, Unreadable, fault_of, shown

UNPACKED = 1 << 27
"""The most bytes of a workbook's unpacked parts; a million filled-in cells take half of it."""

_WHOLE = 10**11
"""Whole numbers below this are shown with all their digits."""

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

_BROKEN = (
    BadZipFile, LargeZipFile, zlib.error, EOFError, OSError, ValueError, TypeError, KeyError, IndexError,
    AttributeError, RecursionError, NotImplementedError, RuntimeError, SyntaxError, OverflowError,
)  # fmt: skip
"""The errors that the reader raises at a broken file or one that is no workbook; broken XML is a SyntaxError."""


@dataclass(frozen=True)
class Changed:
    """The content of a cell that replaced what was typed.

    Attributes:
        value: the value in the file, shortened.
        made: its kind, in a few words.
    """

    value: str
    made: str

    def __str__(self) -> str:
        return f"{self.value} ({self.made})"


Cell = str | Changed


@dataclass(frozen=True)
class SheetRow:
    """A row of a sheet: its number, its cells by column, whether it is hidden."""

    number: int
    cells: dict[str, Cell]
    hidden: bool


@dataclass
class Sheet:
    """A sheet: the first row that holds anything names the columns.

    Attributes:
        name: the sheet's name.
        hidden: whether the sheet is hidden.
        letters: the letter of each named column.
        hidden_columns: the names of hidden columns.
        rows: the rows below the first that hold anything.
        problems: the faults that are not accepted.
    """

    name: str
    hidden: bool
    letters: dict[str, str] = field(default_factory=dict)
    hidden_columns: set[str] = field(default_factory=set)
    rows: list[SheetRow] = field(default_factory=list)
    problems: list[Unreadable] = field(default_factory=list)


def read(file: Path) -> list[Sheet]:
    """Read all sheets of a workbook, in their order.

    Raises:
        Unreadable: the file is not a workbook, or unpacks to more than fits into memory.
    """
    import openpyxl

    data = io.BytesIO(content(file, UNPACKED))
    try:
        with ZipFile(data) as parts:
            if (size := sum(part.file_size for part in parts.infolist())) > UNPACKED:
                raise Unreadable(f"is {size:,} bytes unpacked, and at most {UNPACKED:,} are taken; split it")
        book = openpyxl.load_workbook(data)
        return [_sheet(one) for one in book.worksheets]
    except Unreadable:
        raise
    except _BROKEN as error:
        told = shown(str(error) or type(error).__name__, 100)[1:-1]
        raise Unreadable(f"is no XLSX file that can be read ({told}); save it as .xlsx again") from None


def escaped(text: str) -> str:
    r"""Return a text as a workbook's cell holds it, with `_x0008_` for what XML cannot hold; undone by
    `unescaped`.

    >>> escaped("a\x08 _x0041_ \r\n"), unescaped(escaped("a\x08 _x0041_ \r\n"))
    ('a_x0008_ _x005F_x0041_ _x000D_\n', 'a\x08 _x0041_ \r\n')
    """
    return _TO_ESCAPE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def unescaped(text: str) -> str:
    """Return the text that a workbook's cell stands for."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _sheet(sheet: Any) -> Sheet:
    from openpyxl.utils import get_column_letter

    made = Sheet(str(sheet.title), sheet.sheet_state != "visible")
    hidden = set(_hidden_columns(sheet))
    names: dict[int, str] = {}
    for number, cells in _rows(sheet):
        if not names:
            _head(made, number, cells, names)
            made.hidden_columns = {name for place, name in names.items() if place in hidden}
            made.letters = {name: get_column_letter(place) for place, name in names.items()}
            continue
        row = {names[place]: cell for place, cell in cells.items() if place in names}
        for name, cell in row.items():
            if isinstance(cell, str) and (wrong := fault_of(cell, LONGEST_SHOWN)) is not None:
                made.problems.append(Unreadable(f"cell {made.letters[name]}{number} {wrong}"))
        height = sheet.row_dimensions.get(number)
        made.rows.append(SheetRow(number, row, height is not None and bool(height.hidden or height.ht == 0)))
    return made


def _head(made: Sheet, number: int, cells: dict[int, Cell], names: dict[int, str]) -> None:
    from openpyxl.utils import get_column_letter

    for place, cell in cells.items():
        name = str(cell).strip()
        if name in names.values():
            first = next(at for at, other in names.items() if other == name)
            both = f"{get_column_letter(first)}{number} and {get_column_letter(place)}{number}"
            made.problems.append(Unreadable(f"the column {shown(name, 40)} stands there twice ({both}); keep one"))
        elif name:
            names[place] = name


def _rows(sheet: Any) -> Iterator[tuple[int, dict[int, Cell]]]:
    """Yield the number of each row that holds anything, with its cells by column number.

    The reader's own iteration would create every cell up to the last one; this visits only the cells that exist.
    """
    rows: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in sorted(sheet._cells.items()):
        if (taken := _taken(cell)) != "":
            rows.setdefault(row, {})[column] = taken
    yield from rows.items()


def _hidden_columns(sheet: Any) -> Iterator[int]:
    for one in sheet.column_dimensions.values():
        if one.hidden or one.width == 0:
            yield from range(one.min or 0, (one.max or 0) + 1)


def _taken(cell: Any) -> Cell:
    value, kind, how = cell.value, cell.data_type, str(cell.number_format)
    if value is None:
        return ""
    if kind == "s" or kind == "inlineStr":
        return unescaped(str(value))
    told = shown(str(value), 60)[1:-1]
    if kind == "b":
        return Changed(told.upper(), "a truth value, shown in the language of the program")
    if kind == "e":
        return Changed(told, "an error")
    if kind == "f":
        return Changed(shown(str(getattr(value, "text", value)), 60)[1:-1], "a formula")
    if kind != "n" or isinstance(value, bool):
        return Changed(told, "a date or time")
    if how == "0%" and abs(value) < _WHOLE and (share := round(float(value) * 100, 9)).is_integer():
        return f"{int(share)}%"
    if how in ("General", "@", "0") and abs(value) < _WHOLE and float(value).is_integer():
        return str(int(value))
    return Changed(told, f"a number in the format {shown(how, 20)[1:-1]}")
