"""Files of records: JSON lines and parquet, read whole, with every wrong line named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import BadEncoding, SourceError
from data.passages import Fault, not_utf8

Record = dict[str, Any]


def table(file: Path, faults: list[Fault]) -> pa.Table | None:
    """A file's records as a table, or None when something is wrong with it, which is added to `faults`."""
    if file.suffix == ".parquet":
        return _parquet(file, faults)
    before = len(faults)
    numbered = _json_lines(file, faults)
    if len(faults) > before:
        return None
    try:
        return pa.Table.from_pylist([record for _, record in numbered])
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        faults.append((SourceError, f"{file}: a column has values of several kinds ({error})"))
        return None


def records(file: Path, faults: list[Fault]) -> list[tuple[int, Record]]:
    """A file's records with the number of their line, counted from 1; what is wrong is added to `faults`."""
    if file.suffix == ".parquet":
        read = _parquet(file, faults)
        return list(enumerate(read.to_pylist(), start=1)) if read is not None else []
    return _json_lines(file, faults)


def _parquet(file: Path, faults: list[Fault]) -> pa.Table | None:
    try:
        return pq.ParquetFile(file).read()
    except (pa.ArrowInvalid, OSError) as error:
        faults.append((SourceError, f"{file}: cannot be read as parquet ({error}); fetch it again"))
        return None


def _json_lines(file: Path, faults: list[Fault]) -> list[tuple[int, Record]]:
    found: list[tuple[int, Record]] = []
    offset = 0
    for number, line in enumerate(file.read_bytes().split(b"\n"), start=1):
        try:
            if line.strip():
                record = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
                if isinstance(record, dict):
                    found.append((number, record))
                else:
                    faults.append((SourceError, f"{file}, line {number}: not an object {{…}} but {_kind(record)}"))
        except UnicodeDecodeError as error:
            faults.append((BadEncoding, not_utf8(str(file), number, error, offset)))
        except json.JSONDecodeError as error:
            told = f"{file}, line {number}, character {error.colno}: invalid JSON, {error.msg}"
            faults.append((SourceError, f"{told}; one whole object per line"))
        offset += len(line) + 1
    return found


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", type(None): "null"}.get(type(value), "a single value")
