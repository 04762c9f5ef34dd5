"""The audit's tables of single languages, and of languages side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qc.reports.audit_report.audit_phrases import (
    capitalised,
    cue_name,
    language_name,
    number,
    plural,
    points,
)
from qc.reports.audit_report.audit_tables import (
    ACCURACY,
    FOUND,
    INTERVAL,
    LANGUAGE,
    P_VALUE,
    Facts,
    Z,
    count,
    found_mark,
    interval,
    language,
    p_value,
    share,
)
from qc.reports.tables_and_figures.table import Cell, Column, Row, Table, rows_of
from qc.reports.tables_and_figures.table import number as value

_ACROSS = 60


_PAIRED = Column("paired test: the correct option …", ("paired test",))


def paired_tests(name: str, language_told: str, tests: Sequence[Facts]) -> Table:
    """Return the paired tests of a language: what keys have more or less of than wrong options."""
    rows = []
    for one in tests:
        low, high = one["size_low"], one["size_high"]
        said = "cannot be said" if low is None else f"{number(low, 2)} to {number(high, 2)}"
        cells = (
            Cell(one["says"].removeprefix("the correct option "), (one["name"],)),
            value(number(one["size"], 2), one["size"]),
            Cell(said, (low, high), quiet=low is None),
            value(number(one["z"]), one["z"]),
            p_value(one["adjusted"]),
            found_mark(found=one["detected"]),
        )
        rows.append(Row(cells, "found" if one["detected"] else ""))
    caption = "Paired tests: what the correct option has more or less of than the wrong ones of its item"
    ends = ("95 % interval, lower end (standard deviations)", "95 % interval, upper end (standard deviations)")
    columns = (
        _PAIRED,
        Column("Cohen’s d", ("Cohen's d of pairs (standard deviations)",), numeric=True),
        Column("95\u00a0% interval", ends, numeric=True),
        Z,
        P_VALUE,
        FOUND,
    )
    return Table(name, f"{caption}{language_told}.", columns, tuple(rows), "guises")


def tokens(name: str, language_told: str, code: str, lines: Sequence[Facts], names: Callable[[str], Any]) -> Table:
    """Return the tokens of a language that were found or come near to it.

    Args:
        name: the table's.
        language_told: what the caption says of the language; "" if there is only one.
        code: the language's.
        lines: effects of tokens.
        names: gives the tokens that share a cue.
    """
    rows = [
        Row(
            (
                Cell("", (" / ".join(names(one["name"])),), texts=tuple(names(one["name"])), language=code),
                count(one["count"]),
                count(one["keys"]),
                value(number(one["expected"]), one["expected"]),
                value(number(one["z"]), one["z"]),
                p_value(one["adjusted"]),
                found_mark(found=one["detected"]),
            ),
            "found" if one["detected"] else "",
        )
        for one in lines
    ]
    columns = (
        Column("token", ("token",)),
        Column("in options", ("options that contain it (number)",), numeric=True),
        Column("of these correct", ("of these correct (number)",), numeric=True),
        Column("by lot", ("correct by lot (expected number)",), numeric=True),
        Z,
        P_VALUE,
        FOUND,
    )
    caption = (
        f"Words and character n-grams{language_told}: those that were found, then those that come nearest to it."
    )
    return Table(name, caption, columns, tuple(rows))


def matrix(name: str, caption: str, table: Any, shade: Callable[[float], str]) -> Table:
    """Return a table of languages by cues, as `audit_page.Matrix` has it."""
    columns = (
        Column("", ("language (code)",)),
        *(Column(cue_name(cue), (f"{cue} (difference of shares)",), numeric=True) for cue in table.columns),
    )
    rows = []
    for code, cells in table.rows:
        told = [
            Cell("", (None,)) if cell is None
            else Cell(number(100 * cell[0], 0), (cell[0],), shade=shade(cell[0]) + (" f" if cell[1] else ""))
            for cell in cells
        ]  # fmt: skip
        rows.append([language(code), *told])
    left = table.left_out
    more = (
        f" The {len(table.columns)} cues that stand out most; {plural(left, 'other')} in report.json."
        if left
        else ""
    )
    return Table(name, caption + more, columns, rows_of(rows), "matrix")


def across(lines: Sequence[Facts]) -> Table:
    """Return the cues that were found to give more away in a language than in the source."""
    source = language_name(lines[0]["source"])
    rows = rows_of(
        [
            [
                Cell(capitalised(one["says"]), (one["name"],)),
                language(one["language"]),
                share(one["here"]),
                share(one["there"]),
                value(points(one["difference"]), one["difference"]),
                count(one["n"]),
                p_value(one["adjusted"]),
            ]
            for one in lines[:_ACROSS]
        ]
    )
    columns = (
        Column("what translation brought in", ("cue",)),
        LANGUAGE,
        Column("here", ("accuracy here (share)",), numeric=True),
        Column(f"in {source}", ("accuracy in the source language (share)",), numeric=True),
        Column("difference", ("difference (difference of shares)",), numeric=True),
        Column("items", ("items (number)",), numeric=True),
        P_VALUE,
    )
    caption = f"Cues that were found to give more away in a language than in {source}."
    return Table("brought-in", caption, columns, rows, "full")


def strongest(name: str, view: Any) -> Table:
    """Return the named cues of a language that stand out most, where no figure shows them."""
    rows = []
    for one in view.strongest:
        pair = view.paired.get(one["name"])
        cells = (
            Cell(capitalised(one["says"]), (one["name"],)),
            share(one["accuracy"]),
            interval(one),
            p_value(one["adjusted"]),
            p_value(pair["adjusted"]) if pair else Cell("", (None,)),
        )
        rows.append(Row(cells, "found" if one["detected"] or (pair and pair["detected"]) else ""))
    columns = (
        Column("cue", ("cue",)),
        ACCURACY,
        INTERVAL,
        P_VALUE,
        Column("paired", ("adjusted p of the paired test (probability)",), numeric=True),
    )
    caption = f"The named cues that stand out most, {language_name(view.language)}."
    return Table(name, caption, columns, tuple(rows))
