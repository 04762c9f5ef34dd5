"""Files of records: JSON lines and parquet, read whole, with every wrong line named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from data.errors import BadEncoding, SourceError
from data.intake import LONGEST_SHOWN, Unreadable, json_lines, parquet
from data.sources.passage_assembly import SourceFault

Record = dict[str, Any]


def table(file: Path, faults: list[SourceFault]) -> pa.Table | None:
    """Return a file's records as a table; None if the file has faults, which are added to `faults`."""
    if file.suffix == ".parquet":
        return _parquet(file, faults)
    before = len(faults)
    numbered = _json_lines(file, faults)
    if len(faults) > before:
        return None
    try:
        return pa.Table.from_pylist([record for _, record in numbered])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        faults.append((SourceError, f"{file}: a column has values of several kinds ({str(error)[:200]})"))
        return None


def records(file: Path, faults: list[SourceFault]) -> list[tuple[int, Record]]:
    """Return a file's records with their line numbers, counted from 1; its faults are added to `faults`."""
    if file.suffix == ".parquet":
        read = _parquet(file, faults)
        return list(enumerate(read.to_pylist(), start=1)) if read is not None else []
    return _json_lines(file, faults)


def _parquet(file: Path, faults: list[SourceFault]) -> pa.Table | None:
    try:
        return parquet.table(file, LONGEST_SHOWN)
    except Unreadable as problem:
        faults.append((SourceError, problem.at(str(file), "row")))
        return None


def _json_lines(file: Path, faults: list[SourceFault]) -> list[tuple[int, Record]]:
    problems: list[Unreadable] = []
    found = list(json_lines.objects(file, problems, LONGEST_SHOWN))
    faults += [(BadEncoding if one.encoding else SourceError, one.at(str(file))) for one in problems]
    return found
