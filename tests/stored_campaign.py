"""The campaign that version 0.1 of the program wrote, as a ledger to work on: see `tests/stored/README.md`."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.ledger import Ledger, ledger_format
from data.ledger.tables import LATER, LEASES, PASSAGES, TABLES, Table

STORED = Path(__file__).parent / "stored" / "campaign-0.1"


def stored_campaign(folder: Path, change: Callable[[dict[str, Any]], dict[str, Any]] | None = None) -> str:
    """Return the address of a copy: `campaign` in the folder, beside the passages that it was begun from.

    Args:
        folder: where.
        change: of each line of its passages.
    """
    with as_file(files("data.sample") / "passages.jsonl") as passages:
        shutil.copy(passages, folder)
    (folder / "campaign").mkdir()
    shutil.copy(STORED / "campaign.toml", folder / "campaign")
    ledger = Ledger.create(str(folder / "campaign"))
    for table in TABLES.values():
        if table is not LEASES and table.name not in LATER:
            lines = pq.read_table(STORED / f"{table.name}.parquet")
            if change and table is PASSAGES:
                lines = pa.Table.from_pylist([change(line) for line in lines.to_pylist()], lines.schema)
            ledger.restore(table, lines)
    for name in LATER:
        _never_made(ledger, TABLES[name])
    (folder / "campaign" / "ledger" / ledger_format.FILE).unlink()  # version 0.1 wrote no number
    return ledger.address


def _never_made(ledger: Ledger, table: Table) -> None:
    """Take a table away with its record, as if there had been none when the campaign began."""
    tail = ledger.tail(table)
    assert tail is not None
    shutil.rmtree(tail.folder)
    tail.record.path.unlink()
