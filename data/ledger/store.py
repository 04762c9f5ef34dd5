"""A campaign's tables: append-only Delta Lake tables, read and written as one ledger.

Appends never conflict with appends, readers keep one row per `event_id`, and nothing is updated or deleted, so a
crash at any moment leaves the ledger whole; when an append returns, its data is on the disk
(`data.ledger.log_tail`). A run that changes the campaign holds its lease; the lease's epoch is part of every
commit as an application transaction, so a run that was taken over can no longer write. Readers read the tables
themselves, a few columns at a time; an opened table is cached for one acknowledged version, and versions never
change.
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Transaction, write_deltalake
from deltalake.exceptions import CommitFailedError, DeltaError, SchemaMismatchError, TableNotFoundError

from data.errors import LeaseLost, LedgerDamaged, LedgerError, LedgerMissing
from data.ledger import ledger_format
from data.ledger.appended_rows import appended_rows
from data.ledger.frames import ordered, to_frame
from data.ledger.lease import Lease, this_process
from data.ledger.log_tail import SUMMED_UP, Tail, highest
from data.ledger.opened_table import OpenedTable, rows_where_highest, spare_tables
from data.ledger.tables import LATER, LEASES, TABLES, Row, Table
from data.ledger.version_record import together
from data.storage import is_remote, storage_options

COMPACT_AT = 32
"""A table with more small files than this is compacted at the end of a run that wrote to it."""

COMPACT_TO = 16 * 2**20
"""Size in bytes from which a file is no longer small: it is never rewritten, so that appends never slow down."""

REMEMBERED = 64 * 2**20
"""Bytes of appended data per table kept in memory, to bring earlier readings up to date."""

_FULL = re.compile("No space left on device|File too large|Disk quota exceeded")
_FENCE = "lease"

_PLAIN = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""A commit writes only its version; steps that may fail afterwards are done, and reported, separately."""

_WRITING = threading.Lock()
"""Serialises commits of one process: under a lease they would conflict with each other because of the fence."""

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
        """How often this object wrote to each table; while it is unchanged, a reading of the table is current."""
        self._writable: dict[str, DeltaTable] = {}
        """Tables kept open while the lease is held. An epoch written by another run since then is a conflict."""
        self._readable: dict[str, OpenedTable] = {}
        """Tables as last opened, as long as no other version of them is acknowledged."""
        self._met: set[str] = set()
        """Tables of an object store that are known to be there, of those that an early campaign may lack."""
        self._tails: dict[str, Tail] = {}
        self._watching: list[set[str]] = []
        """The names that each `watch` has collected so far."""
        self._appended: dict[str, dict[int, pa.Table]] = {}
        """What this object appended, by table and by its count in `written`; the latest, up to `REMEMBERED`."""
        self._seen: int | None = None
        """The highest sequence seen; None before every table was looked at."""
        self._understood = False
        """Whether the ledger is known to be of a format that this program reads."""

    def identity(self, table: Table) -> str:
        """Return a table's unique identity, which changes when the table is rebuilt."""
        return str(self._open(table).metadata().id)

    @classmethod
    def create(cls, address: str) -> Ledger:
        """Create the tables that are missing at the address; harmless if all exist."""
        ledger = cls(address)
        known = ledger_format.format_of(ledger.address)
        together(*(partial(ledger._make, table) for table in TABLES.values()))
        if known < ledger_format.FORMAT:
            ledger_format.note(ledger.address)
        return ledger

    def lacks(self, table: Table) -> bool:
        """Return whether the campaign was begun before there was such a table, and no run has made it yet.

        A table that is known to have been there is damaged, not lacking.
        """
        if table.name not in LATER or table.name in self._readable:
            return False
        with self._named("read", table):
            return self._was_never_made(table)

    def _was_never_made(self, table: Table) -> bool:
        tail = self.tail(table)
        if tail is None:
            if table.name not in self._met:
                try:
                    self._opened(table)
                except LedgerMissing:
                    return True
                self._met.add(table.name)
            return False
        return not tail.log.is_dir() and tail.record.last() is None

    def _make(self, table: Table) -> None:
        with self._named("make", table):
            DeltaTable.create(
                self._uri(table),
                schema=table.schema,
                mode="ignore",
                name=table.name,
                configuration={
                    "delta.appendOnly": "true",
                    "delta.checkpointInterval": str(SUMMED_UP),
                    "delta.enableExpiredLogCleanup": "false",
                },
                storage_options=storage_options(self.address),
            )
            self._settle(table)

    def tail(self, table: Table) -> Tail | None:
        """Return the table's protection from power cuts; None in an object store, which needs none."""
        if is_remote(self.address):
            return None
        if table.name not in self._tails:
            self._tails[table.name] = Tail(Path(self.address).resolve() / "ledger", table.name)
        return self._tails[table.name]

    def append(self, table: Table, rows: Sequence[Row] | pa.Table, places: Sequence[int] | None = None) -> int:
        """Write events, and return when they are on the disk. Events that the ledger already holds do no harm.

        Args:
            table: one of `data.ledger.tables`.
            rows: one mapping per event, or columns; `event_id`, `recorded_at` and `sequence` are filled in here.
            places: the `sequence` of each, for events that were in the ledger before and were lost, so that the
                latest stays the latest; after everything else by default.

        Returns:
            How many rows were written.

        Raises:
            LeaseLost: another run took the campaign over.
            LedgerDamaged: what the table held is gone or changed.
            LedgerError: the table could not be written.
        """
        if not rows:
            return 0
        content = self._commit(table, appended_rows(table, rows, places), self.epoch)
        self.written[table.name] += 1
        if places is None:
            self._remember(table, content)
        return len(rows)

    @contextmanager
    def watch(self) -> Iterator[set[str]]:
        """Collect the names of the tables that are read through this object inside the block."""
        names: set[str] = set()
        self._watching.append(names)
        try:
            yield names
        finally:
            self._watching[:] = [one for one in self._watching if one is not names]

    def note_read(self, names: Iterable[str]) -> None:
        """Count tables as read, for those who watch: something made from an earlier reading of them is used."""
        for watching in self._watching:
            watching.update(names)

    def appended_since(self, table: Table, count: int) -> pa.Table | None:
        """Return what this object appended to a table since `written` had this count, in the ledger's order.

        It may repeat rows that the table already held. An earlier reading plus this result is a current reading,
        without what others wrote in between.

        Returns:
            None if it is no longer known, or the table was written to in another way.
        """
        known = self._appended.get(table.name, {})
        counts = range(count + 1, self.written[table.name] + 1)
        if not all(number in known for number in counts):
            return None
        return ordered(pa.concat_tables([table.schema.empty_table(), *(known[number] for number in counts)]))

    def _remember(self, table: Table, content: pa.Table) -> None:
        known = self._appended.setdefault(table.name, {})
        known[self.written[table.name]] = content
        while sum(part.nbytes for part in known.values()) > REMEMBERED:
            del known[min(known)]

    def read(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        where: pc.Expression | None = None,
    ) -> pd.DataFrame:
        """Return the table's events, one per `event_id`, in the order in which the ledger recorded them.

        That is by `sequence`, then by `event_id`; events from before there were sequences come first, with
        `sequence` 0, by `recorded_at` and `event_id`.

        Args:
            table: one of `data.ledger.tables`.
            columns: only these (others are not read from the disk); all by default.
            where: an Arrow filter expression, over columns of the event's identity (or `event_id`): a repetition
                that differs in other columns is dropped only if the first copy is read too.

        Raises:
            LedgerMissing: there is no campaign at this address.
            LedgerDamaged: what the table held is gone or changed.
            LedgerError: the table could not be read.
        """
        return to_frame(self.read_arrow(table, columns, where))

    def read_arrow(
        self,
        table: Table,
        columns: Sequence[str] | None = None,
        where: pc.Expression | None = None,
    ) -> pa.Table:
        """Like `read`, as an Arrow table."""
        self.note_read([table.name])
        wanted = list(columns) if columns is not None else table.schema.names
        if self.lacks(table):
            return table.schema.empty_table().select(wanted)
        opened = self._opened(table)
        with self._named("read", table):
            return opened.rows(wanted, where)

    def version(self) -> dict[str, int]:
        """Return the version of every table: equal versions mean equal content."""
        opened = {name: self._opened(table) for name, table in self._there().items() if name != "leases"}
        return {
            name: one.standing.version if one.standing else one.table.version() for name, one in opened.items()
        }

    def _there(self) -> dict[str, Table]:
        return {name: table for name, table in TABLES.items() if not self.lacks(table)}

    @contextmanager
    def lease(self, owner: str | None = None) -> Iterator[Ledger]:
        """Hold the campaign: only the holder may write what a run writes.

        A holder is taken over if its process is gone (on this machine), or if this machine saw its beat unchanged
        for `data.ledger.lease.LEASE_SECONDS`. A heartbeat that fails is logged and tried again at the next: it
        does no harm until another run takes over, and then the next `append` raises LeaseLost.

        Raises:
            CampaignBusy: another run holds it; the message says who and since when.
        """
        owner = owner or this_process()
        self._settle(LEASES)  # so that what a dead run left is not taken for another's write
        leases = self._own(LEASES)
        lease = Lease(_Leases(self), leases, owner)
        with lease.taken(self._mark) as epoch:
            self.epoch = epoch
            try:
                ledger_format.upgrade(self.address, {1: self._make_later_tables})
                yield self
                for name, opened in self._writable.items():
                    self._spare(TABLES[name], opened)
            finally:
                self.epoch = None
                self._writable.clear()
        self._spare(LEASES, leases)

    def _make_later_tables(self) -> None:
        for table in filter(self.lacks, TABLES.values()):
            self._make(table)

    def compact(self) -> list[str]:
        """Merge small files in tables that this object wrote to and that have many. History stays.

        Returns:
            The names of the tables that were compacted.
        """
        done = []
        for name in dict.fromkeys((*self.written, "leases")) if self.written else ():
            opened = self._own(TABLES[name])
            sizes = pa.table(opened.get_add_actions())["size_bytes"].to_pylist()
            if sum(size < COMPACT_TO for size in sizes) <= COMPACT_AT:
                continue
            try:
                with self._safe("compact", TABLES[name], opened):
                    opened.optimize.compact(target_size=COMPACT_TO, post_commithook_properties=_PLAIN)
            except CommitFailedError:
                continue  # another run merged the same files at the same time
            done.append(name)
        return done

    def opened(self, table: Table) -> DeltaTable:
        """Return the `deltalake` table at the last acknowledged version."""
        return self._open(table)

    def restore(self, table: Table, rows: pa.Table) -> None:
        """Create a table that is missing, from rows that were in it, each with the sequence that it had.

        Args:
            table: one of `data.ledger.tables`.
            rows: its columns; one that came with a later version than wrote them may be missing, and is null.
        """
        for field in table.schema:
            if field.name not in rows.column_names:
                rows = rows.append_column(field, pa.nulls(len(rows), field.type))
        rows = rows.select(table.schema.names)
        self._writable.pop(table.name, None)
        self._make(table)
        opened = self._own(table)
        mark = [Transaction(_FENCE, self.epoch)] if self.epoch is not None else []
        with self._safe("write", table, opened):
            write_deltalake(
                opened,
                rows,
                mode="append",
                commit_properties=CommitProperties(app_transactions=mark),
                post_commithook_properties=_PLAIN,
            )
        self.written[table.name] += 1

    def next_sequence(self) -> int:
        """Return one more than the highest sequence in any table."""
        if is_remote(self.address):
            if self._seen is None:
                self._seen = max(highest(self._open(table)) for table in self._there().values())
            return self._seen + 1
        tails = (self.tail(table) for table in self._there().values())
        last = (tail.record.last() for tail in tails if tail)
        self._seen = max([self._seen or 0, *(one.sequence for one in last if one)])
        return self._seen + 1

    def _mark(self, epoch: int) -> None:
        """Mark every table with an epoch, so that an old holder's writes conflict."""
        for table in TABLES.values():
            if table is LEASES:
                continue
            try:
                self._commit(table, table.schema.empty_table(), epoch)
            except LedgerDamaged as error:  # nobody can write to it, and so the old holder cannot either
                _log.warning("%s", error)

    def _commit(self, table: Table, content: pa.Table, epoch: int | None) -> pa.Table:
        """Write a version of a table, filling in missing values of `sequence`; return what was written."""
        met: CommitFailedError | None = None
        if self.lacks(table):
            self._make(table)
        with _WRITING:
            for _ in range(20):  # on a conflict: another process wrote an epoch since the table was opened
                opened = self._writable.pop(table.name, None) or self._fenced(table, epoch)
                try:
                    written = self._write(opened, table, content, epoch)
                except CommitFailedError as error:
                    met = error
                    continue
                if epoch is not None:
                    self._writable[table.name] = opened
                else:
                    self._spare(table, opened)
                return written
        raise LedgerError(
            f"cannot write to {self._uri(table)}, tried 20 times: {met}. Nothing is lost; run it again."
        )

    def _fenced(self, table: Table, epoch: int | None) -> DeltaTable:
        """Return the table, opened after checking that no later run has marked it."""
        opened = self._own(table)
        with self._named("read", table):
            if epoch is not None and (opened.transaction_version(_FENCE) or 0) > epoch:
                raise LeaseLost(f"another run took {self.address} over; this one stops. Nothing is lost.")
            if is_remote(self.address) and self._seen is not None:
                self._seen = max(self._seen, highest(opened))
        return opened

    def _write(self, opened: DeltaTable, table: Table, content: pa.Table, epoch: int | None) -> pa.Table:
        mark = [Transaction(_FENCE, epoch)] if epoch is not None else []
        grown = len(opened.schema().fields) != len(content.schema)  # by a version of the program with more columns
        with self._safe("write", table, opened):
            # Leases have epochs and beats; a look into every table would be a hundred requests to an object store.
            number = None if table is LEASES else self.next_sequence()
            numbers = pc.coalesce(content["sequence"], pa.scalar(number, pa.int64()))
            at = content.schema.get_field_index("sequence")
            content = content.set_column(at, content.schema.field(at), numbers)
            write_deltalake(
                opened,
                content,
                mode="append",
                schema_mode="merge" if grown else None,
                commit_properties=CommitProperties(app_transactions=mark),
                post_commithook_properties=_PLAIN,
            )
        if number is not None and len(content):
            self._seen = max(self._seen or 0, number)
        return content

    def _settle(self, table: Table) -> None:
        """Ensure that all of a table is on the disk, or moved aside if it is torn."""
        tail = self.tail(table)
        if tail is not None and tail.log.is_dir():
            with self._named("settle", table), tail.record.held():
                tail.settle()

    @contextmanager
    def _safe(self, doing: str, table: Table, opened: DeltaTable) -> Iterator[None]:
        """Commit something: check the table's tail first, and do not return before it is on the disk."""
        tail = self.tail(table)
        if tail is None:
            with self._named(doing, table):
                yield
            if (opened.version() + 1) % SUMMED_UP == 0:
                _sum_up(opened, self._uri(table))
            return
        with self._named(doing, table), tail.record.held():
            tail.settle()
            yield
            tail.settle(own=True)

    @contextmanager
    def _named(self, doing: str, table: Table) -> Iterator[None]:
        """Turn errors of a disk or an object store into LedgerError; conflicts and our own errors pass through."""
        try:
            yield
        except (CommitFailedError, SchemaMismatchError):
            raise
        except (OSError, DeltaError, pa.ArrowInvalid) as error:
            here = doing == "read" and not is_remote(self.address)
            more = "; belebele check --deep tells what is damaged" if here else ""
            if full := _FULL.search(str(error)):
                cure = "free some space and run it again: nothing is lost"
                raise LedgerError(f"cannot {doing} {self._uri(table)}: {full[0]}; {cure}") from error
            raise LedgerError(f"cannot {doing} {self._uri(table)}: {error}{more}") from error

    def _open(self, table: Table) -> DeltaTable:
        """Return the table at the last acknowledged version, for reading."""
        return self._opened(table).table

    def _own(self, table: Table) -> DeltaTable:
        """Return the table for writing: writing changes the opened table, so no reader shares it."""
        opened = self._opened(table)
        self._readable.pop(table.name, None)
        spare = spare_tables.take(opened.folder, opened.standing) if opened.folder and opened.standing else None
        return spare or opened.table

    def _spare(self, table: Table, opened: DeltaTable) -> None:
        """Let the next write of this process begin with a table that was written to, if it still is the newest."""
        tail = self.tail(table)
        last = tail.record.last() if tail else None
        if tail and last and last.version == opened.version():
            spare_tables.put(tail.folder, last, opened)

    def _opened(self, table: Table) -> OpenedTable:
        if not self._understood:
            ledger_format.format_of(self.address)
            self._understood = True
        tail = self.tail(table)
        with self._named("open", table):
            try:
                if tail is None:
                    remote = DeltaTable(self._uri(table), storage_options=storage_options(self.address))
                    return OpenedTable(table, lambda: remote)
                standing, known = tail.standing(), self._readable.get(table.name)
                if known is not None and standing is not None and known.standing == standing:
                    return known
                opened = OpenedTable(table, tail.open, tail.folder, standing, tail.record, tail.files)
                self._readable[table.name] = opened
                if standing is None:
                    _ = opened.table  # there may be none
                return opened
            except TableNotFoundError:
                raise LedgerMissing(
                    f"{self.address} holds no campaign (no ledger table {table.name!r}). "
                    "Name the campaign's folder or address, or make one with: belebele init DIR"
                ) from None

    def _uri(self, table: Table) -> str:
        return f"{self.address}/ledger/{table.name}"


class _Leases:
    """The part of the ledger that a lease uses."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.address = ledger.address

    def named(self, doing: str) -> object:
        return self._ledger._named(doing, LEASES)

    def rows(self, opened: DeltaTable, epoch: int) -> pa.Table:
        tail = self._ledger.tail(LEASES)
        return rows_where_highest(opened, LEASES, "epoch", epoch, tail.folder if tail else None)

    def write(self, opened: DeltaTable, row: Row, epoch: int) -> None:
        self._ledger._write(opened, LEASES, appended_rows(LEASES, [{**row, "recorded_at": row["beat_at"]}]), epoch)


def _sum_up(opened: DeltaTable, where: str) -> None:
    """Write a checkpoint of a table in an object store; it only saves time, so a failure is only logged."""
    try:
        opened.create_checkpoint()
    except (OSError, DeltaError) as error:
        _log.warning("%s: what was written stands; its log could not be summed up: %s", where, error)
