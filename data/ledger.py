"""The ledger: a campaign's tables, append-only Delta Lake tables at a folder or object-store address.

Appends never conflict with appends, readers keep one row per `event_id`, and nothing is updated or deleted,
so a crash at any moment leaves it whole. A run that changes the campaign holds its lease; the lease's epoch
goes into every commit as an application transaction, so a run that was taken over cannot write any more.
Readers always read the tables themselves, a few columns at a time: there is no cache that could be wrong.
"""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, TableNotFoundError

from data.errors import CampaignBusy, LeaseLost, LedgerError, LedgerMissing
from data.nouns import TABLES, Row, Table

LEASE_SECONDS = 60.0
"""A lease whose last heartbeat is older than this is dead and may be taken over."""

COMPACT_AT = 200
"""A table of more files than this is compacted at the end of a run."""

_FENCE = "lease"


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

    @classmethod
    def create(cls, address: str) -> Ledger:
        """Make the tables that are missing at the address; harmless when all are there."""
        ledger = cls(address)
        for table in TABLES.values():
            DeltaTable.create(
                ledger._uri(table),
                schema=table.schema,
                mode="ignore",
                name=table.name,
                configuration={"delta.appendOnly": "true"},
                storage_options=_storage_options(ledger.address),
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
        self._commit(table, pa.Table.from_pylist(full, schema=table.schema))
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
            where: an Arrow filter expression over the table's columns.
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
        dataset = self._open(table).to_pyarrow_dataset(schema=table.schema)
        found = dataset.to_table(columns=needed, filter=where)
        found = found.sort_by([("recorded_at", "ascending"), ("event_id", "ascending")])
        if found.num_rows and pc.count_distinct(found["event_id"]).as_py() < found.num_rows:
            first = ~found["event_id"].to_pandas().duplicated()
            found = found.filter(pa.array(first.to_numpy()))
        return found.select(wanted)

    def version(self) -> dict[str, int]:
        """The version of every table: equal versions, equal content."""
        return {name: self._open(table).version() for name, table in TABLES.items() if name != "leases"}

    @contextmanager
    def lease(self, owner: str | None = None) -> Iterator[Ledger]:
        """Hold the campaign: only the holder may write what a run writes.

        A holder whose process is gone (on this machine) or silent for `LEASE_SECONDS` is taken over.

        Raises:
            CampaignBusy: another run holds it; the message says who and since when.
        """
        owner = owner or f"{socket.gethostname()}:{os.getpid()}"
        self.epoch = self._acquire(owner)
        stop = threading.Event()
        heart = threading.Thread(target=self._beat, args=(owner, self.epoch, stop), daemon=True)
        heart.start()
        try:
            yield self
        finally:
            stop.set()
            heart.join()
            epoch, self.epoch = self.epoch, None
            self._write_lease(epoch, owner, beat=-1, released=True)

    def compact(self) -> list[str]:
        """Merge the small files of tables that have many; returns those tables' names. History stays."""
        done = []
        for name, table in TABLES.items():
            opened = self._open(table)
            if len(opened.file_uris()) > COMPACT_AT:
                opened.optimize.compact()
                done.append(name)
        return done

    def _acquire(self, owner: str) -> int:
        opened = self._open(TABLES["leases"])  # opened first: a commit by another since then is a conflict
        last = self._last_lease(opened)
        if last is not None and not last["released"] and not _is_dead(last):
            raise CampaignBusy(
                f"{self.address} is being advanced by {last['owner']} "
                f"(last sign of life {last['beat_at']:%Y-%m-%d %H:%M:%S} UTC). Nothing to do: it will finish the work."
            )
        epoch = 1 if last is None else int(last["epoch"]) + 1
        try:
            self._write_lease(epoch, owner, beat=0, released=False, opened=opened)
        except CommitFailedError:
            raise CampaignBusy(f"{self.address} was taken by another run this moment. Nothing to do.") from None
        if last is not None and not last["released"]:
            self._fence(epoch)
        return epoch

    def _fence(self, epoch: int) -> None:
        """After a takeover: mark every table with the new epoch, so that the old holder's writes conflict."""
        for name, table in TABLES.items():
            if name != "leases":
                self._write(self._open(table), table.schema.empty_table(), epoch)

    def _beat(self, owner: str, epoch: int, stop: threading.Event) -> None:
        beat = 0
        while not stop.wait(LEASE_SECONDS / 4):
            beat += 1
            if int((self._last_lease(self._open(TABLES["leases"])) or {"epoch": 0})["epoch"]) > epoch:
                return  # taken over: the next append finds out
            self._write_lease(epoch, owner, beat=beat, released=False)

    def _last_lease(self, opened: DeltaTable) -> dict[str, Any] | None:
        schema = TABLES["leases"].schema
        rows = opened.to_pyarrow_dataset(schema=schema).to_table().to_pylist()
        return max(rows, key=lambda row: (row["epoch"], row["released"], row["beat"]), default=None)

    def _write_lease(
        self, epoch: int, owner: str, *, beat: int, released: bool, opened: DeltaTable | None = None
    ) -> None:
        table = TABLES["leases"]
        row = {"epoch": epoch, "owner": owner, "beat": beat, "released": released, "beat_at": datetime.now(UTC)}
        full = {**row, "event_id": table.event_id(row), "recorded_at": row["beat_at"]}
        content = pa.Table.from_pylist([full], schema=table.schema)
        if opened is None:
            for _ in range(5):  # a heartbeat and a release may meet
                try:
                    self._write(self._open(table), content, epoch)
                    return
                except CommitFailedError:
                    continue
            raise LedgerError(f"cannot write the lease of {self.address}: another process keeps changing it")
        self._write(opened, content, epoch)

    def _commit(self, table: Table, content: pa.Table) -> None:
        for _ in range(20):  # appends without a lease (a late import, say) meet no conflict
            opened = self._open(table)
            if self.epoch is not None and (opened.transaction_version(_FENCE) or 0) > self.epoch:
                raise LeaseLost(f"another run took {self.address} over; this one stops. Nothing is lost.")
            try:
                self._write(opened, content, self.epoch)
                return
            except CommitFailedError:
                continue
        raise LedgerError(f"cannot write to {self._uri(table)}: every try met another writer. Run it again.")

    def _write(self, opened: DeltaTable, content: pa.Table, epoch: int | None) -> None:
        mark = [Transaction(_FENCE, epoch)] if epoch is not None else []
        write_deltalake(
            opened, content, mode="append", commit_properties=CommitProperties(app_transactions=mark)
        )

    def _open(self, table: Table) -> DeltaTable:
        try:
            return DeltaTable(self._uri(table), storage_options=_storage_options(self.address))
        except TableNotFoundError:
            raise LedgerMissing(
                f"{self.address} holds no campaign (no ledger table {table.name!r}). "
                "Name the campaign's folder or address, or make one with: belebele init DIR"
            ) from None

    def _uri(self, table: Table) -> str:
        return f"{self.address}/ledger/{table.name}"


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as pandas: lists as Python lists, booleans and integers that may be null as nullable types."""
    nullable = {pa.bool_(): pd.BooleanDtype(), pa.int32(): pd.Int32Dtype(), pa.int64(): pd.Int64Dtype()}
    frame = table.to_pandas(types_mapper=nullable.get)
    for field in table.schema:
        if pa.types.is_list(field.type):
            frame[field.name] = [None if cell is None else list(cell) for cell in frame[field.name]]
    return frame


def _storage_options(address: str) -> dict[str, str] | None:
    if "://" not in address:
        return None
    options = {key: value for key, value in os.environ.items() if key.startswith(("AWS_", "AZURE_", "GOOGLE_"))}
    if options.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        options.setdefault("AWS_ALLOW_HTTP", "true")
    options.setdefault("AWS_CONDITIONAL_PUT", "etag")
    return options


def _is_dead(lease: Mapping[str, Any]) -> bool:
    host, _, pid = str(lease["owner"]).rpartition(":")
    if host == socket.gethostname() and pid.isdigit():
        return int(pid) != os.getpid() and not Path(f"/proc/{pid}").exists() if Path("/proc").exists() else False
    return bool(lease["beat_at"] < datetime.now(UTC) - timedelta(seconds=LEASE_SECONDS))


def detail(value: Mapping[str, Any]) -> str:
    """An event's detail as JSON text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
