"""Cells for estimates: the value, its interval below it, and both unrounded for the CSV file.

An estimate is a mapping with `value`, `low` and `high`, None where there is none; its interval is judged by
`wide_intervals`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qc.reports.phrases import coefficient, number
from qc.reports.tables_and_figures.table import Cell
from qc.reports.tables_and_figures.wide_intervals import too_wide

Estimate = Mapping[str, Any]

NONE = "–"


def share_cell(one: Estimate) -> Cell:
    r"""Return a share as a percentage.

    >>> cell = share_cell({"value": 0.5, "low": 0.18, "high": 1.0})
    >>> cell.text, cell.beside, cell.values, cell.wide
    ('50\xa0%', '18 to 100\xa0%', (0.5, 0.18, 1.0), True)
    """
    low, high = one["low"], one["high"]
    beside = "" if low is None else f"{100 * low:.0f} to {100 * high:.0f}\u00a0%"
    return _cell(NONE if one["value"] is None else f"{100 * one['value']:.0f}\u00a0%", one, beside)


def coefficient_cell(one: Estimate) -> Cell:
    """Return a coefficient of agreement with two decimals.

    >>> coefficient_cell({"value": 0.743, "low": 0.61, "high": 0.85}).beside
    '.61 to .85'
    """
    low, high = one["low"], one["high"]
    return _cell(
        coefficient(one["value"]), one, "" if low is None else f"{coefficient(low)} to {coefficient(high)}"
    )


def score_cell(one: Estimate, beside: str = "") -> Cell:
    """Return a rate without an upper end; `beside` stands under its interval."""
    low, high = one["low"], one["high"]
    said = "" if low is None else f"{number(low)} to {number(high)}"
    wide = one["value"] is not None and too_wide(low, high, "rate")
    told = " ".join(words for words in (said, beside) if words)
    return Cell(number(one["value"]), (one["value"], low, high), beside=told, wide=wide)


def rate_cell(one: Estimate) -> Cell:
    r"""Return a share with its counts: `share`, `met`, `of`, `low`, `high`.

    >>> rate_cell({"share": 0.5, "met": 1, "of": 2, "low": 0.01, "high": 0.99}).beside
    '1 of 2; 1 to 99\xa0%'
    """
    if one["share"] is None:
        return Cell(NONE, (None, one["met"], one["of"]))
    low, high = one["low"], one["high"]
    beside = f"{one['met']} of {one['of']}" + (
        "" if low is None else f"; {100 * low:.0f} to {100 * high:.0f}\u00a0%"
    )
    values = (one["share"], one["met"], one["of"], low, high)
    return Cell(f"{100 * one['share']:.0f}\u00a0%", values, beside=beside, wide=too_wide(low, high))


def spread_cell(one: Estimate) -> Cell:
    """Return a median with its quartiles.

    >>> spread_cell({"value": 93.12, "quartiles": [80.0, 100.0]}).beside
    '80.0–100.0'
    """
    if one["value"] is None:
        return Cell(NONE)
    return Cell(
        number(one["value"]), (one["value"], *one["quartiles"]), beside="–".join(map(number, one["quartiles"]))
    )


def _cell(said: str, one: Estimate, beside: str) -> Cell:
    low, high = one["low"], one["high"]
    wide = one["value"] is not None and too_wide(low, high)
    return Cell(said, (one["value"], low, high), beside=beside, wide=wide)
