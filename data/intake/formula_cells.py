"""Cells that a spreadsheet would run as a formula, and the apostrophes that keep it from that.

The column `escaped_cells` names the cells of each row that got an apostrophe, so that reading takes off those and
nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

ESCAPED = "escaped_cells"
"""The column of a CSV file that names, in each row, the columns whose cell got an apostrophe."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""The beginnings of texts that a spreadsheet runs."""


def unescaped(row: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row as they were before they were escaped, without that column."""
    try:
        marked = json.loads(row.get(ESCAPED, "") or "[]")
    except ValueError:
        marked = []
    named = {str(name) for name in marked} if isinstance(marked, list) else set()
    return {
        name: cell.removeprefix("'") if name in named and cell[1:].startswith(FORMULA) else cell
        for name, cell in row.items()
        if name != ESCAPED
    }
