"""Delimited text: CSV with commas or semicolons, and text with tabs, as programs and spreadsheets write it.

If fields are separated by tabs, quotation marks may belong to the format or to the text. If every line, with its
marks read as text, has the same number of fields, the marks belong to the text, unless the file shows that its
writer quotes: every field that begins with a mark is quoted as a whole and, besides, either some field needs its
quotes or a whole column is quoted. If fields are separated by commas, a lone mark would swallow lines up to the
next mark; rows that look like that are refused with their lines instead of read.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from data.intake.texts import LONGEST, Unreadable, fault_of, listed, shown

_BIG = 1 << 27  # the longest field for Python's reader: longer than any text that is allowed
_WHOLE = re.compile(r'"(?:[^"]|"")*"')


@dataclass
class Delimited:
    """The content of a delimited text.

    Attributes:
        columns: names, in order.
        rows: the first line of each row, counted from 1, and its cells by column.
        problems: what is wrong, line by line.
        mark: the character that separates fields.
    """

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[int, Mapping[str, str]]] = field(default_factory=list)
    problems: list[Unreadable] = field(default_factory=list)
    mark: str = ","


def read(text: str, mark: str = "", most: int = LONGEST) -> Delimited:
    """Read the rows of a delimited text, without empty ones.

    Args:
        text: the decoded text.
        mark: the separator of fields; by default the most frequent of comma, semicolon and tab in the header.
        most: the most characters of one cell.
    """
    above = 0
    if (said := re.match(r"sep=(.)\r?\n", text)) is not None:  # a line that tells spreadsheets the separator
        mark, above, text = mark or said[1], 1, text[said.end() :]
    head = text.partition("\n")[0]
    found = Delimited(mark=mark or sorted(",;\t", key=head.count, reverse=True)[0])
    rows = _plain(text) if found.mark == "\t" and '"' in text else None
    for line, cells in _quoted(text, found) if rows is None else rows:
        if any(map(str.strip, cells)):
            _take(found, line, cells, most)
    if found.mark != "\t" and '"' in text:
        found.problems += _swallowed(text, found)
    for problem in found.problems:
        problem.line += above if problem.line else 0
    found.rows = [(line + above, cells) for line, cells in found.rows]
    return found


def _take(found: Delimited, line: int, cells: list[str], most: int) -> None:
    if not found.columns:
        found.columns = [cell.strip() for cell in cells]
        while found.columns and not found.columns[-1]:  # as spreadsheets leave them at a line's end
            found.columns.pop()
        for name, times in Counter(found.columns).items():
            if times > 1:
                places = [str(place) for place, one in enumerate(found.columns, start=1) if one == name]
                what = f"the column {shown(name, 40)} stands there {times} times ({', '.join(places)}); keep one"
                found.problems.append(Unreadable(what, line))
        return
    if len(cells) > len(found.columns) and not any(cells[len(found.columns) :]):
        cells = cells[: len(found.columns)]
    if len(cells) != len(found.columns):
        what = f"has {len(cells)} fields and the header {len(found.columns)}; quote the fields"
        found.problems.append(Unreadable(what, line, alone=True))
        return
    wrong = [(name, fault_of(cell, most)) for name, cell in zip(found.columns, cells, strict=True)]
    if faults := [Unreadable(f"{listed([name])} {what}", line, alone=True) for name, what in wrong if what]:
        found.problems += faults
        return
    found.rows.append((line, dict(zip(found.columns, cells, strict=True))))


def _plain(text: str) -> list[tuple[int, list[str]]] | None:
    """Return the rows of text with tabs, marks read as text; None if its writer quotes or field counts differ."""
    lines = [line.removesuffix("\r") for line in text.split("\n")]
    rows = [(number, line.split("\t")) for number, line in enumerate(lines, start=1) if line.strip()]
    if len({len(cells) for _, cells in rows}) > 1:
        return None
    marked = [cell for _, cells in rows for cell in cells if cell.startswith('"')]
    if all(_WHOLE.fullmatch(cell) for cell in marked):
        columns = zip(*(cells for _, cells in rows), strict=True)
        needed = any('"' in cell[1:-1] or "\r" in cell for cell in marked)
        if needed or any(all(cell[:1] == '"' for cell in one) for one in columns):
            return None
    return rows


def records(text: str, mark: str = ",", *, strict: bool = True) -> Iterator[tuple[int, list[str]]]:
    """Rows as Python's own reader tells them, each with the line in which it begins.

    Args:
        text: of a file, or its beginning.
        mark: between fields.
        strict: whether quotation marks must be paired.

    Raises:
        Unreadable: they are not; with the line.
    """
    csv.field_size_limit(_BIG)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=strict)
    first = 1
    try:
        for cells in reader:
            yield first, cells
            first = reader.line_num + 1
    except csv.Error as error:
        what = f"is no CSV from here on: {error}; look for an unpaired quotation mark"
        raise Unreadable(what, first) from None


def _quoted(text: str, found: Delimited) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from records(text, found.mark)
    except Unreadable as problem:
        found.problems.append(problem)


def _swallowed(text: str, found: Delimited) -> Iterator[Unreadable]:
    """Yield a problem for each row over several lines, each of which alone has as many fields as a row."""
    lines = text.split("\n")
    if all(name.startswith('"') for name in lines[0].split(found.mark)):
        return  # this writer quotes everything, so no mark is unpaired
    ends = [line - 1 for line, _ in found.rows[1:]] + [len(lines)] * bool(found.rows)
    for (line, cells), end in zip(found.rows, ends, strict=True):
        if not any("\n" in cell for cell in cells.values()):
            continue
        inside = [one for one in lines[line - 1 : end] if one.strip()]
        if len(inside) > 1 and all(one.count(found.mark) + 1 == len(found.columns) for one in inside):
            what = (
                f"a quotation mark here, at the beginning of a field, is closed in line {line + len(inside) - 1} "
                "only, and would swallow what stands between; write it twice within a quoted field"
            )
            yield Unreadable(what, line)
