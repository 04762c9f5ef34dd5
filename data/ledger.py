"""The ledger: a campaign's tables, append-only Delta Lake tables at a folder or object-store address.

Appends never conflict with appends, readers keep one row per `event_id`, and nothing is updated or deleted,
so a crash at any moment leaves it whole. A run that changes the campaign holds its lease; the lease's epoch
goes into every commit as an application transaction, so a run that was taken over cannot write any more.
Readers always read the tables themselves, a few columns at a time: there is no cache that could be wrong.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, SchemaMismatchError, TableNotFoundError

from data.errors import CampaignBusy, LeaseLost, LedgerError, LedgerMissing
from data.nouns import TABLES, Row, Table
from data.storage import storage_options

LEASE_SECONDS = 60.0
"""A lease whose last heartbeat is older than this is dead and may be taken over."""

COMPACT_AT = 32
"""A table of more small files than this is compacted at the end of a run that wrote to it."""

COMPACT_TO = 16 * 2**20
"""Bytes from which on a file is not small: it is never written again, so that growing costs no more with size."""

_CHECKPOINT_EVERY = "10"
"""Commits after which a table's log is summed up: whoever opens it reads at most so many small files of it."""

_FENCE = "lease"

_WRITING = threading.Lock()
"""Commits of one process go one by one: under a lease they would conflict with each other through the fence."""

_log = logging.getLogger(__name__)


class Ledger:
    """The tables of one campaign.

    Args:
        address: the campaign's folder, or an object-store address such as `s3://bucket/campaign`. Keys and
            endpoint of an object store come from its usual environment variables (`AWS_ACCESS_KEY_ID`,
            `AWS_ENDPOINT_URL`, …).
    """

    def __init__(self, address: str) -> None:
        self.address = address.rstrip("/")
        self.epoch: int | None = None  # set while this process holds the lease
        self.written: Counter[str] = Counter()
        """How often this object wrote to each table: while that stands still, a reading of the table holds."""
        self._writable: dict[str, DeltaTable] = {}
        """Tables kept open while the lease is held. Another run's epoch, written since, is a conflict."""

    @property
    def dry(self) -> bool:
        """Whether what is appended stays in memory."""
        return False

    @property
    def identity(self) -> str:
        """What tells this ledger from every other, wherever it lies."""
        return str(self._open(TABLES["annotations"]).metadata().id)

    @classmethod
    def create(cls, address: str) -> Ledger:
        """Make the tables that are missing at the address; harmless when all are there."""
        ledger = cls(address)
        for table in TABLES.values():
            with ledger._named("make", table):
                DeltaTable.create(
                    ledger._uri(table),
                    schema=table.schema,
                    mode="ignore",
                    name=table.name,
                    configuration={"delta.appendOnly": "true", "delta.checkpointInterval": _CHECKPOINT_EVERY},
                    storage_options=storage_options(ledger.address),
                )
        return ledger

    def append(self, table: Table, rows: Sequence[Row]) -> int:
        """Write events. Those whose id the ledger holds already may be written again without harm.

        Args:
            table: one of `data.nouns`.
            rows: one mapping per event; `event_id` and `recorded_at` are filled in here.

        Returns:
            How many rows were written.

        Raises:
            LeaseLost: another run took the campaign over.
            LedgerError: the table could not be written.
        """
        if not rows:
            return 0
        now = datetime.now(UTC)
        full = [{"recorded_at": now, **row, "event_id": table.event_id(row)} for row in rows]
        self._commit(table, pa.Table.from_pylist(full, schema=table.schema), self.epoch)
        self.written[table.name] += 1
        return len(full)

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        where: pc.Expression | None = None,
    ) -> pd.DataFrame:
        """The table's events, one per `event_id`, in the order in which the ledger learnt of them.

        Args:
            table: one of `data.nouns`.
            columns: only these (what is not asked for is not read from the disk); all by default.
            where: an Arrow filter expression, over columns of the event's identity (or `event_id`): a repetition
                that differs in other columns is dropped only where the first copy is read too.

        Raises:
            LedgerMissing: there is no campaign at this address.
            LedgerError: the table could not be read.
        """
        return to_frame(self.read_arrow(table, columns, where))

    def read_arrow(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        where: pc.Expression | None = None,
    ) -> pa.Table:
        """As `read`, as an Arrow table."""
        wanted = list(columns) if columns is not None else table.schema.names
        needed = list(dict.fromkeys([*wanted, "event_id", "recorded_at"]))
        opened = self._open(table)
        with self._named("read", table):
            found = opened.to_pyarrow_dataset(schema=table.schema).to_table(columns=needed, filter=where)
        found = found.sort_by([("recorded_at", "ascending"), ("event_id", "ascending")])
        if _may_repeat(found["event_id"]):
            first = ~found["event_id"].to_pandas().duplicated()
            found = found.filter(pa.array(first.to_numpy()))
        return found.select(wanted)

    def version(self) -> dict[str, int]:
        """The version of every table: equal versions, equal content."""
        return {name: self._open(table).version() for name, table in TABLES.items() if name != "leases"}

    @contextmanager
    def lease(self, owner: str | None = None) -> Iterator[Ledger]:
        """Hold the campaign: only the holder may write what a run writes.

        A holder whose process is gone (on this machine) or silent for `LEASE_SECONDS` is taken over. A heartbeat
        that fails is logged and tried again at the next: it does no harm before another run takes over, and then
        the next `append` raises LeaseLost.

        Raises:
            CampaignBusy: another run holds it; the message says who and since when.
        """
        owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        leases = self._open(TABLES["leases"])  # kept open: another look costs only what is new in it
        epoch = self.epoch = self._acquire(leases, owner)
        stop = threading.Event()
        heart = threading.Thread(target=self._beat, args=(leases, owner, epoch, stop), daemon=True)
        heart.start()
        try:
            yield self
        except BaseException as error:
            try:
                self._release(leases, owner, epoch, heart, stop)
            except LedgerError as also:
                error.add_note(f"(The lease could not be given back either: {also})")
            raise
        self._release(leases, owner, epoch, heart, stop)

    def compact(self) -> list[str]:
        """Merge the small files of tables that this object wrote to and that have many. History stays.

        Returns:
            The names of the tables that were compacted.
        """
        done = []
        for name in dict.fromkeys((*self.written, "leases")) if self.written else ():
            opened = self._open(TABLES[name])
            sizes = pa.table(opened.get_add_actions())["size_bytes"].to_pylist()
            if sum(size < COMPACT_TO for size in sizes) <= COMPACT_AT:
                continue
            try:
                with self._named("compact", TABLES[name]):
                    opened.optimize.compact(target_size=COMPACT_TO)
            except CommitFailedError:
                continue  # another run merged the same files at the same time
            done.append(name)
        return done

    def _acquire(self, leases: DeltaTable, owner: str) -> int:
        last = self._last_lease(leases)  # a commit by another since they were opened is a conflict
        if last is not None and not last["released"] and not _is_dead(last):
            raise CampaignBusy(
                f"{self.address} is being advanced by {last['owner']} "
                f"(last sign of life {last['beat_at']:%Y-%m-%d %H:%M:%S} UTC). "
                "Nothing to do: it will finish the work."
            )
        epoch = 1 if last is None else int(last["epoch"]) + 1
        try:
            self._write_lease(leases, epoch, owner, beat=0, released=False)
        except CommitFailedError:
            raise CampaignBusy(f"{self.address} was taken by another run this moment. Nothing to do.") from None
        if last is not None and not last["released"]:
            for table in TABLES.values():  # marked with the new epoch, so that the old holder's writes conflict
                if table.name != "leases":
                    self._commit(table, table.schema.empty_table(), epoch)
        return epoch

    def _beat(self, leases: DeltaTable, owner: str, epoch: int, stop: threading.Event) -> None:
        beat = 0
        while not stop.wait(LEASE_SECONDS / 4):
            beat += 1
            try:
                if not self._renew(leases, owner, epoch, beat=beat, released=False):
                    return  # taken over: the next append finds out
            except LedgerError as error:
                _log.warning("no sign of life could be written, the next is due soon: %s", error)

    def _release(
        self, leases: DeltaTable, owner: str, epoch: int, heart: threading.Thread, stop: threading.Event
    ) -> None:
        stop.set()
        heart.join()
        self.epoch = None
        self._writable.clear()
        self._renew(leases, owner, epoch, beat=-1, released=True)

    def _renew(self, leases: DeltaTable, owner: str, epoch: int, *, beat: int, released: bool) -> bool:
        """Write a sign of life, or the last one; False if another run took the campaign over."""
        for _ in range(5):
            with self._named("open", TABLES["leases"]):
                leases.update_incremental()
            if int((self._last_lease(leases) or {"epoch": 0})["epoch"]) > epoch:
                return False
            try:
                self._write_lease(leases, epoch, owner, beat=beat, released=released)
                return True
            except CommitFailedError:
                continue  # somebody wrote since it was opened; look again
        raise LedgerError(f"cannot write the lease of {self.address}: another process keeps changing it")

    def _last_lease(self, opened: DeltaTable) -> dict[str, Any] | None:
        table = TABLES["leases"]
        with self._named("read", table):
            files = pa.table(opened.get_add_actions(flatten=True))
            if not files.num_rows:
                return None
            newest = pc.field("epoch") == pc.max(files["max.epoch"])  # files of former ones stay shut
            rows = opened.to_pyarrow_dataset(schema=table.schema).to_table(filter=newest)
        latest = rows.sort_by([(column, "descending") for column in ("epoch", "released", "beat")]).slice(0, 1)
        return next(iter(latest.to_pylist()), None)

    def _write_lease(self, opened: DeltaTable, epoch: int, owner: str, *, beat: int, released: bool) -> None:
        table = TABLES["leases"]
        row = {"epoch": epoch, "owner": owner, "beat": beat, "released": released, "beat_at": datetime.now(UTC)}
        full = {**row, "event_id": table.event_id(row), "recorded_at": row["beat_at"]}
        self._write(opened, table, pa.Table.from_pylist([full], schema=table.schema), epoch)

    def _commit(self, table: Table, content: pa.Table, epoch: int | None) -> None:
        met: CommitFailedError | None = None
        with _WRITING:
            for _ in range(20):  # a conflict: another process wrote an epoch since the table was opened
                opened = self._writable.pop(table.name, None) or self._fenced(table, epoch)
                try:
                    self._write(opened, table, content, epoch)
                except CommitFailedError as error:
                    met = error
                    continue
                if epoch is not None:
                    self._writable[table.name] = opened
                return
        raise LedgerError(
            f"cannot write to {self._uri(table)}, tried 20 times: {met}. Nothing is lost; run it again."
        )

    def _fenced(self, table: Table, epoch: int | None) -> DeltaTable:
        """The table, opened after a look that no later run has marked it."""
        opened = self._open(table)
        with self._named("read", table):
            if epoch is not None and (opened.transaction_version(_FENCE) or 0) > epoch:
                raise LeaseLost(f"another run took {self.address} over; this one stops. Nothing is lost.")
        return opened

    def _write(self, opened: DeltaTable, table: Table, content: pa.Table, epoch: int | None) -> None:
        mark = [Transaction(_FENCE, epoch)] if epoch is not None else []
        grown = len(opened.schema().fields) != len(content.schema)  # by a version of the program with more columns
        with self._named("write", table):
            write_deltalake(
                opened,
                content,
                mode="append",
                schema_mode="merge" if grown else None,
                commit_properties=CommitProperties(app_transactions=mark),
            )

    @contextmanager
    def _named(self, doing: str, table: Table) -> Iterator[None]:
        """Give what a disk or an object store refuses its name; conflicts and our own mistakes pass."""
        try:
            yield
        except (CommitFailedError, SchemaMismatchError):
            raise
        except (OSError, DeltaError, pa.ArrowInvalid) as error:
            raise LedgerError(f"cannot {doing} {self._uri(table)}: {error}") from error

    def _open(self, table: Table) -> DeltaTable:
        with self._named("open", table):
            try:
                return DeltaTable(self._uri(table), storage_options=storage_options(self.address))
            except TableNotFoundError:
                raise LedgerMissing(
                    f"{self.address} holds no campaign (no ledger table {table.name!r}). "
                    "Name the campaign's folder or address, or make one with: belebele init DIR"
                ) from None

    def _uri(self, table: Table) -> str:
        return f"{self.address}/ledger/{table.name}"


class DryLedger(Ledger):
    """A ledger that keeps what is appended to itself: to see what a run would do, without doing it."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self._kept: dict[str, list[pa.Table]] = {}

    @property
    def dry(self) -> bool:
        """Always."""
        return True

    def append(self, table: Table, rows: Sequence[Row]) -> int:
        """As `Ledger.append`, in memory only."""
        if rows:
            now = datetime.now(UTC)
            full = [{"recorded_at": now, **row, "event_id": table.event_id(row)} for row in rows]
            self._kept.setdefault(table.name, []).append(pa.Table.from_pylist(full, schema=table.schema))
            self.written[table.name] += 1
        return len(rows)

    def read_arrow(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        where: pc.Expression | None = None,
    ) -> pa.Table:
        """As `Ledger.read_arrow`, with what was appended here."""
        wanted = list(columns) if columns is not None else table.schema.names
        rested = super().read_arrow(table, list(dict.fromkeys([*wanted, "event_id"])), where)
        kept = [part if where is None else part.filter(where) for part in self._kept.get(table.name, [])]
        known = rested["event_id"]
        new = [part.filter(pc.invert(pc.is_in(part["event_id"], value_set=known))) for part in kept]
        return pa.concat_tables([rested, *(part.select(rested.column_names) for part in new)]).select(wanted)


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as pandas: lists as Python lists; booleans and integers as types that know null."""
    nullable = {pa.bool_(): pd.BooleanDtype(), pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}
    frame: pd.DataFrame = table.to_pandas(types_mapper=nullable.get)
    for field in table.schema:
        if pa.types.is_list(field.type):
            cells = [None if cell is None else list(cell) for cell in frame[field.name]]
            frame[field.name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def _may_repeat(ids: pa.ChunkedArray) -> bool:
    """Whether an id may come twice; sorts a mix of their bytes, which costs a fifth of counting distinct texts."""
    if not len(ids):
        return False
    if not pc.all(pc.equal(pc.binary_length(ids), 32)).as_py():
        return True  # ids of another make
    words = np.frombuffer(ids.combine_chunks().cast(pa.binary(32)).buffers()[1], dtype=np.uint64).reshape(-1, 4)
    mixed = np.sort(words[:, 0] ^ (words[:, 1] * np.uint64(0x9E3779B97F4A7C15)))
    return bool((mixed[1:] == mixed[:-1]).any())


def _is_dead(lease: Mapping[str, Any]) -> bool:
    host, _, pid = str(lease["owner"]).rpartition(":")
    if host == socket.gethostname() and pid.isdigit() and not _is_running(int(pid)):
        return True
    return bool(lease["beat_at"] < datetime.now(UTC) - timedelta(seconds=LEASE_SECONDS))


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # asks only
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's
    return True


def detail(value: Mapping[str, Any]) -> str:
    """An event's detail as JSON text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
