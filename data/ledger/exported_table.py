"""A ledger table in a parquet file, noted so that its campaign can take lost rows back from it.

A file alone shows neither whose table it holds nor whether a cell was changed since. So an export notes two
things in the file: the data files that its rows came from, whose names no other ledger has, and a digest of all
rows. Rows go back only into the ledger that once had those data files, and only as they were written.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import UsageError
from data.intake import LONGEST, Unreadable, parquet
from data.ledger.frames import ordered
from data.ledger.integrity import completed
from data.ledger.store import Ledger
from data.ledger.tables import TABLES, Table, canonical_json

_NOTE = b"belebele"
_LONGEST = 4 * LONGEST
"""Characters of one cell: a submission's JSON may have a million, escaped."""


@dataclass(frozen=True)
class ExportedTable:
    """The rows of an exported table.

    Attributes:
        table: what they are rows of.
        rows: its columns, in the ledger's order.
        files: the data files that they came from, by path in the table's folder.
    """

    table: Table
    rows: pa.Table
    files: frozenset[str]


def note(ledger: Ledger, table: Table, rows: pa.Table) -> dict[bytes, bytes]:
    """Return what is noted in the file of an exported table, for the metadata of its schema.

    Args:
        ledger: whose table it is.
        table: one of `data.ledger.tables`.
        rows: what the file will hold; rows may be missing.
    """
    added = pa.table(ledger.opened(table).get_add_actions())["path"].to_pylist() if not ledger.lacks(table) else []
    facts = {
        "table": table.name,
        "files": sorted(unquote(path) for path in added),
        "digest": _digest(completed(rows, table)),
    }
    return {_NOTE: json.dumps(facts).encode()}


def read(file: Path) -> ExportedTable:
    """Read an exported table.

    Raises:
        UsageError: it is not one, or not as it was written; the message says what to do.
    """
    if file.suffix.lower() != ".parquet":
        raise UsageError(
            f"--from {file}: rows are taken back from a table that was exported as .parquet, since other formats "
            "do not hold every value as it was; or from a copy of the campaign's folder"
        )
    try:
        rows = parquet.table(file, _LONGEST)
        facts = _facts(pq.read_schema(file).metadata or {})
        table = TABLES[facts["table"]]
        known = completed(rows, table)
        files = frozenset(map(str, facts["files"]))
        same = facts["digest"] == _digest(known)
    except Unreadable as problem:
        raise UsageError(f"--from {problem.at(str(file), 'row')}") from None
    except (KeyError, TypeError, ValueError, OSError, pa.ArrowException):
        raise UsageError(
            f"--from {file} is no table that belebele export wrote: name one as .parquet, unchanged, or a copy of "
            "the campaign's folder"
        ) from None
    if not same:
        raise UsageError(
            f"--from {file} was changed since belebele export wrote it, so nothing is taken from it: name the "
            "file as it was written, or a copy of the campaign's folder"
        )
    return ExportedTable(table, ordered(known), files)


def _facts(metadata: Mapping[bytes, bytes]) -> dict[str, str]:
    facts: dict[str, str] = json.loads(metadata[_NOTE])
    return facts


def _digest(rows: pa.Table) -> str:
    """Return a digest of rows that does not depend on how a file stores them."""
    times = {name for name in rows.column_names if pa.types.is_timestamp(rows.schema.field(name).type)}
    made = hashlib.sha256()
    for batch in rows.to_batches(max_chunksize=10_000):
        columns = [
            (batch.column(name).cast(pa.int64()) if name in times else batch.column(name)).to_pylist()
            for name in rows.column_names
        ]
        for line in zip(*columns, strict=True):
            made.update(canonical_json(line).encode() + b"\n")
    return made.hexdigest()
