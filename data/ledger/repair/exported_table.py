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
from urllib.parse import unquote

import pyarrow as pa

from data.ledger.frames import ordered
from data.ledger.repair.integrity import completed
from data.ledger.store import Ledger
from data.ledger.tables import TABLES, Table, canonical_json

_NOTE = b"belebele"


class NotExported(ValueError):
    """A file holds no exported table."""


class Altered(ValueError):
    """An exported table was changed after it was written."""


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


def recognised(rows: pa.Table, metadata: Mapping[bytes, bytes]) -> ExportedTable:
    """Return the exported table that a file holds.

    Args:
        rows: the file's rows.
        metadata: of the file's schema.

    Raises:
        NotExported: it is none.
        Altered: it is not as it was written.
    """
    try:
        facts = json.loads(metadata[_NOTE])
        table = TABLES[facts["table"]]
        known = completed(rows, table)
        made, files = str(facts["digest"]), frozenset(map(str, facts["files"]))
    except (KeyError, TypeError, ValueError, pa.ArrowException) as error:
        raise NotExported(str(error)) from error
    if made != _digest(known):
        raise Altered(table.name)
    return ExportedTable(table, ordered(known), files)


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
