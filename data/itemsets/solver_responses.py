"""The answers of solvers (people or models) to the items of a set, one line per solver, item and language.

They are read from the tables that evaluations leave behind. There `chosen` is a number from 1 or a letter from A,
as options are shown to readers; an empty cell means that no answer was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from data.errors import UsageError
from data.intake import Unreadable, delimited, json_lines, listed, parquet, shown, text_files
from data.solver_inputs import PARTIAL_INPUTS, WHOLE_INPUT

COLUMNS = ("solver", "item_id", "language", "chosen", "inputs")
"""The columns of responses once they are read; `chosen` then counts from 0, and is -1 if there is no answer."""

SHOWN = 20
"""The most mistakes of a file that are named."""

_MOST = 10  # the most options that an item may have


def read_responses(path: Path) -> pd.DataFrame:
    """Read a file of responses: .csv, .tsv, .jsonl or .parquet.

    Args:
        path: the file, with the columns solver, item_id, chosen; language, if the set has several; and inputs, if
            a solver saw a part of the items only: one of `PARTIAL_INPUTS`, otherwise `WHOLE_INPUT` or nothing.

    Returns:
        `COLUMNS`, sorted by language, solver, item; `language` is "" if there is none.

    Raises:
        UsageError: the file or a column is missing, an answer cannot be read, or a solver answered an item twice.
    """
    columns, lines = _table(path)
    if missing := [name for name in ("solver", "item_id", "chosen") if name not in columns]:
        raise UsageError(
            f"{path}: there is no column {', '.join(missing)}; it has {listed(columns)};"
            " rename the columns to solver, item_id, language (if several) and chosen"
        )
    read = [
        (
            _name(line, "solver"),
            _name(line, "item_id"),
            _name(line, "language"),
            _chosen(line.get("chosen"), place),
            _inputs(line, place),
        )
        for place, line in lines
    ]
    met: dict[tuple[str, str, str], str] = {}
    for (place, _), (solver, item, language, *_) in zip(lines, read, strict=True):
        for name, value in (("solver", solver), ("item_id", item)):
            if not value:
                raise UsageError(f"{place}: the {name} is empty; name it")
        if (first := met.setdefault((solver, item, language), place)) != place:
            raise UsageError(
                f"{place}: a second response of solver {shown(solver)} to item {shown(item)}"
                f" (language {shown(language)}), after that of {first}; keep one"
            )
    frame = pd.DataFrame(read, columns=list(COLUMNS))
    return frame.sort_values(["language", "solver", "item_id"], ignore_index=True)


def _name(line: Mapping[str, Any], column: str) -> str:
    value = line.get(column)
    if value is None or value != value:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _inputs(line: Mapping[str, Any], place: str) -> str:
    told = _name(line, "inputs").strip() or WHOLE_INPUT
    if told not in (WHOLE_INPUT, *PARTIAL_INPUTS):
        known = ", ".join(PARTIAL_INPUTS)
        raise UsageError(
            f"{place}: inputs is {shown(told)}; write what the solver saw of the item: {known}, or {WHOLE_INPUT}"
        )
    return told


def _table(path: Path) -> tuple[list[str], list[tuple[str, Mapping[str, Any]]]]:
    """Return the columns of a file, and its lines with their places."""
    if not path.is_file():
        raise UsageError(f"{path}: there is no such file; name a table of responses")
    problems: list[Unreadable] = []
    where = "row" if path.suffix == ".parquet" else "line"
    columns: list[str] = []
    lines: list[tuple[int, Mapping[str, Any]]] = []
    try:
        match path.suffix:
            case ".csv" | ".tsv":
                found = delimited.read(text_files.text(path), "\t" if path.suffix == ".tsv" else "")
                problems, columns, lines = found.problems, found.columns, list(found.rows)
            case ".jsonl":
                lines = list(json_lines.objects(path, problems))
                columns = list(dict.fromkeys(name for _, line in lines for name in line))
            case ".parquet":
                columns, rows = parquet.rows(path)
                lines = list(enumerate(rows, start=1))
            case _:
                known = "write .csv, .tsv, .jsonl or .parquet"
                raise UsageError(f"{path}: {path.suffix or 'no ending'} is not known; {known}")
    except Unreadable as problem:
        problems = [problem]
    if problems:
        more = f"\n  and {len(problems) - SHOWN:,} more like these" if len(problems) > SHOWN else ""
        raise UsageError("\n".join(f"{problem.at(str(path), where)}" for problem in problems[:SHOWN]) + more)
    return columns, [(f"{path}, {where} {number}", line) for number, line in lines]


def _chosen(value: object, place: str) -> int:
    if value is None or (isinstance(value, float) and value != value):
        return -1
    text = str(value).strip().upper()
    if not text:
        return -1
    if len(text) == 1 and "A" <= text <= "J":
        return ord(text) - ord("A")
    digits = text.removesuffix(".0")
    if digits.isascii() and digits.isdigit() and 1 <= int(digits) <= _MOST:
        return int(digits) - 1
    raise UsageError(
        f"{place}: chose {shown(value)}; write a number from 1, a letter from A, or nothing (no answer)"
    )
