"""Check that all acknowledged data is still there, byte for byte, and report what is gone or changed.

Every file is read whole and compared with the record beside the tables, every event's identity is recomputed, and
references between events are followed (`data.ledger.references`). A table in an object store has no record; there
only the rows are checked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake.exceptions import DeltaError

from data.errors import LedgerError
from data.ledger.log_tail import Tail, actions
from data.ledger.store import Ledger
from data.ledger.tables import TABLES, Table
from data.ledger.version_record import Acknowledged, Print


@dataclass(frozen=True)
class Damage:
    """Acknowledged data that is gone or changed.

    Attributes:
        table: the table's name.
        version: the table's version that it belongs to; None if unknown.
        file: its path in the table's folder; "" for the whole table.
        what: what is wrong with it, in words.
        rows: number of rows lost with it; 0 if another file holds them as well, or it held none; None if unknown.
    """

    table: str
    version: int | None
    file: str
    what: str
    rows: int | None = 0

    def __str__(self) -> str:
        where = f"{self.table}" if self.version is None else f"{self.table}, version {self.version}"
        lost = {None: "; what it held is not known", 0: "; no row is lost with it"}
        loss = lost.get(self.rows, f"; {self.rows} rows were in it")
        return f"{where}: {self.file} {self.what}{loss}" if self.file else f"{where}: {self.what}{loss}"


def damage(ledger: Ledger) -> list[Damage]:
    """Return all damage to the tables of a ledger, table by table."""
    found: list[Damage] = []
    for table in TABLES.values():
        if ledger.lacks(table):
            continue
        tail = ledger.tail(table)
        if tail is not None:
            found += files_damaged(tail)
        known = {one.file for one in found if one.table == table.name}
        found += _rows_damaged(ledger, table, known)
    return found


def files_damaged(tail: Tail) -> list[Damage]:
    """Return which acknowledged files of a table are gone or changed."""
    last = tail.last()
    if last is None:
        return []
    every = [one for one in tail.record.every() if one.version <= last.version]
    wrong = {
        (one.version, path): what
        for one in every
        for path, wanted in one.files.items()
        if (what := differs(tail.folder / path, wanted))
    }
    found = [
        Damage(tail.name, version, path, what, _lost(every, version, path, {file for _, file in wrong}))
        for (version, path), what in wrong.items()
    ]
    for one in every:
        entry, summary = tail.entry(one.version), tail.checkpoint(one.version)
        if what := differs(entry, one.log):
            found.append(Damage(tail.name, one.version, f"_delta_log/{entry.name}", what))
        if one.checkpoint and (what := differs(summary, one.checkpoint)):
            found.append(Damage(tail.name, one.version, f"_delta_log/{summary.name}", what))
    return sorted([*found, *_earlier(tail, every[0])], key=lambda one: (one.version or 0, one.file))


def differs(path: Path, wanted: Print) -> str:
    """Return how a file differs from its record, in words; "" if it does not."""
    try:
        now = Print.of(path)
    except FileNotFoundError:
        return "is gone"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    if now.size != wanted.size:
        return f"has {now.size} bytes and had {wanted.size}"
    return "" if now.sha256 == wanted.sha256 else "has other bytes than it had"


def _lost(every: Sequence[Acknowledged], version: int, path: str, wrong: set[str]) -> int | None:
    """Return how many rows a file's loss costs: none if it was merged into intact files, or made of them."""
    for one in every:
        merged = one.version == version and one.removed
        if merged and not wrong.intersection(one.removed):
            return 0
        if path in one.removed and not wrong.intersection(one.files):
            return 0
    return next(one.files[path].rows for one in every if one.version == version)


def _earlier(tail: Tail, first: Acknowledged) -> Iterator[Damage]:
    """Yield damage to the log from before there was a record: its entries must be consecutive and whole."""
    numbers = sorted(int(path.stem) for path in tail.log.glob("*.json") if path.stem.isdigit())
    for version in range(numbers[0] if numbers else 0, first.version):
        entry = tail.entry(version)
        try:
            actions(entry)
        except FileNotFoundError:
            yield Damage(tail.name, version, f"_delta_log/{entry.name}", "is gone", None)
        except (OSError, ValueError, KeyError) as error:
            yield Damage(tail.name, version, f"_delta_log/{entry.name}", f"cannot be read ({error})", None)


def _rows_damaged(ledger: Ledger, table: Table, known: set[str]) -> Iterator[Damage]:
    """Yield events whose identity does not match their content, by the file that holds them."""
    try:
        opened = ledger.opened(table)
        fragments = list(opened.to_pyarrow_dataset(schema=table.schema).get_fragments())
    except (OSError, DeltaError, LedgerError) as error:
        if not known:
            yield Damage(table.name, None, "", f"cannot be opened ({str(error).partition(chr(10))[0]})", None)
        return
    for fragment in fragments:
        name = Path(fragment.path).name
        if name in known:
            continue
        try:
            batches = fragment.to_batches(schema=table.schema, columns=["event_id", *table.identity])
            wrong = [event for batch in batches for event in mistaken(table, batch.to_pylist())]
        except (OSError, pa.ArrowException) as error:
            yield Damage(table.name, None, name, f"cannot be read ({str(error).partition(chr(10))[0]})", None)
            continue
        if wrong:
            what = f"holds {len(wrong)} events that do not say what their identity says, such as {wrong[0]}"
            yield Damage(table.name, None, name, what, len(wrong))


def mistaken(table: Table, rows: Sequence[Mapping[str, object]]) -> list[str]:
    """Return the event_ids that are not the digest of their rows."""
    return [str(row["event_id"]) for row in rows if table.event_id(row) != row["event_id"]]


def readable(path: Path, table: Table) -> pa.Table | None:
    """Return a data file's rows, except those with wrong identities; None if it cannot be read."""
    try:
        found = pq.read_table(path, memory_map=False)
    except (OSError, pa.ArrowException):
        return None
    return rightful(completed(found, table), table)


def rightful(found: pa.Table, table: Table) -> pa.Table:
    """Return the rows whose identity matches their content."""
    bad = set(mistaken(table, found.select(["event_id", *table.identity]).to_pylist()))
    keep = [event not in bad for event in found["event_id"].to_pylist()]
    return found.filter(pa.array(keep, pa.bool_()))


def completed(found: pa.Table, table: Table) -> pa.Table:
    """Return rows with exactly the table's columns; one that came later than they did is null.

    Raises:
        pyarrow.ArrowException: a column is of another type.
    """
    missing = [field for field in table.schema if field.name not in found.column_names]
    for field in missing:  # written by a version of the program with fewer columns
        found = found.append_column(field, pa.nulls(len(found), field.type))
    return found.select(table.schema.names).cast(table.schema)
