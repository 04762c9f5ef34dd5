"""A table as an object, from which its HTML, its LaTeX and its CSV are made, so that they cannot disagree.

A cell has what people read and, apart, the values behind it, unrounded. A column on the page may be several in the
CSV file: an estimate with its interval is three.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Value = str | int | float | bool | None

Mark = Literal["", "found", "held", "open"]
Look = Literal["", "full", "guises", "matrix", "wide"]


@dataclass(frozen=True)
class Column:
    """A column.

    Attributes:
        head: its head on the page; "" for a column that explains itself.
        data: its heads in the CSV file, with units, one for each value of a cell.
        numeric: whether its cells are aligned to the right.
        group: the head over it and its neighbours of the same group.
        once: whether a text that stands in the row above is not printed again.
        data_only: whether it is in the CSV file alone.
    """

    head: str
    data: tuple[str, ...]
    numeric: bool = False
    group: str = ""
    once: bool = False
    data_only: bool = False


@dataclass(frozen=True)
class Cell:
    """A cell.

    Attributes:
        text: what people read.
        values: the values behind it, as many as its column has heads in the CSV file; () for none of them.
        beside: what stands below it in small type, such as an interval.
        mark: a label's kind; the text is the label.
        given: whether the text is somebody else's, in whatever script, and so is isolated.
        texts: words of items, each isolated; printed before the text.
        language: the code of the language of these words.
        quiet: whether the text is printed lightly.
        strong: whether it is printed in bold.
        code: whether it is printed as code.
        span: the number of columns that it covers; the cells that it covers are left out of the row.
        shade: the class of its colour in a matrix.
        wide: whether its interval is too wide to tell anything, as `wide_intervals` decides.
    """

    text: str = ""
    values: tuple[Value, ...] = ()
    beside: str = ""
    mark: Mark = ""
    given: bool = False
    texts: tuple[str, ...] = ()
    language: str = ""
    quiet: bool = False
    strong: bool = False
    code: bool = False
    span: int = 1
    shade: str = ""
    wide: bool = False


@dataclass(frozen=True)
class Row:
    """A row.

    Attributes:
        cells: its cells, one for each column unless some span several; the first is its head.
        look: "found" and "sum" are printed in bold, "more" belongs to the row above.
        section: the title of the rows from here on; printed where it changes.
    """

    cells: tuple[Cell, ...]
    look: Literal["", "found", "sum", "more"] = ""
    section: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: its name in the report, unique there: that of its files, and of references.
        caption: a sentence or more; references are marks, as `numbering.ref` makes them.
        columns: its columns.
        rows: its rows.
        look: how the page shows it; the heads of a matrix are turned.
        notes: sentences below it.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    look: Look = ""
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that people see."""
        return tuple(column for column in self.columns if not column.data_only)

    @property
    def groups(self) -> list[tuple[str, int]]:
        """The heads over columns, with the number of columns that each covers; [] if no column has one."""
        found: list[tuple[str, int]] = []
        for column in self.shown:
            if found and found[-1][0] == column.group:
                found[-1] = (column.group, found[-1][1] + 1)
            else:
                found.append((column.group, 1))
        return found if any(name for name, _ in found) else []

    @property
    def wide(self) -> bool:
        """Whether the interval of some cell is too wide to tell anything."""
        return any(cell.wide for row in self.rows for cell in row.cells)

    def cells(self, row: Row) -> Iterator[tuple[Column, Cell]]:
        """Yield the cells that people see in a row, each with the first of the columns that it covers."""
        at = 0
        for cell in row.cells:
            if not self.columns[at].data_only:
                yield self.columns[at], cell
            at += cell.span

    def values(self, row: Row) -> list[Value]:
        """Return a row of the CSV file."""
        found: list[Value] = []
        at = 0
        for cell in row.cells:
            heads = sum(len(column.data) for column in self.columns[at : at + cell.span])
            found += [*cell.values, *[None] * (heads - len(cell.values))]
            at += cell.span
        return found


def text(words: object, *, given: bool = False, strong: bool = False, code: bool = False) -> Cell:
    """Return a cell whose value is its text."""
    said = str(words)
    return Cell(said, (said,), given=given, strong=strong, code=code)


def number(said: str, value: Value) -> Cell:
    """Return a cell with one value."""
    return Cell(said, (value,))


def rows_of(lines: Sequence[Sequence[Cell]]) -> tuple[Row, ...]:
    """Return plain rows."""
    return tuple(Row(tuple(line)) for line in lines)
