"""The values of tables and figures as CSV: unrounded, a unit in every head, UTF-8 (RFC 4180).

A text that a spreadsheet would run as a formula gets an apostrophe before it; the column `escaped_cells` names the
cells of its row that got one, so that a program takes off those and no others. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from data.intake.formula_cells import ESCAPED, FORMULA
from qc.reports.tables_and_figures.figure import Figure
from qc.reports.tables_and_figures.table import Table, Value


def csv_of(exhibit: Table | Figure) -> bytes:
    """Return the values of a table or a figure."""
    if isinstance(exhibit, Figure):
        return _written(exhibit.heads, exhibit.rows)
    heads = [head for column in exhibit.columns for head in column.data]
    return _written(heads, [exhibit.values(row) for row in exhibit.rows])


def _written(heads: Sequence[str], rows: Sequence[Sequence[Value]]) -> bytes:
    held = io.StringIO()
    cells = [[_cell(value) for value in row] for row in rows]
    escaped = [[head for head, value in zip(heads, row, strict=True) if _runs(value)] for row in rows]
    lines = csv.writer(held)
    marked = any(escaped)
    lines.writerow([*heads, ESCAPED] if marked else heads)
    for row, names in zip(cells, escaped, strict=True):
        lines.writerow([*row, json.dumps(names) if names else ""] if marked else row)
    return held.getvalue().encode("utf-8", "surrogatepass")


def _cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"'{value}" if _runs(value) else str(value)


def _runs(value: Value) -> bool:
    return isinstance(value, str) and value.startswith(FORMULA)
