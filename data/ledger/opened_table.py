"""A table opened at one version, and its rows.

A campaign's tables are small for most of its life, and an advance asks each of them many times for a few columns
or rows. The files of a small table are therefore read once, whole: a scan of three columns costs twice as much.
Neither a data file nor an acknowledged version ever changes, so what this process has read of them, for an earlier
version or through another ledger, is not read again; whether the files are still there is looked at each time. A
large table is scanned for what is asked, by its files' statistics.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.acero as acero
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq
from deltalake import DeltaTable

from data.ledger.frames import ORDER, ordered
from data.ledger.tables import Table
from data.ledger.version_record import Acknowledged, Record

SMALL = 4 * 2**20
"""Bytes on the disk up to which the rows of a table are kept in memory."""

KEPT = 64 * 2**20
"""Bytes of rows that this process keeps in memory; what was not asked for the longest goes first."""


class KeptRows:
    """Rows that were read from the disk, by what tells them from all others, up to `KEPT` bytes."""

    def __init__(self) -> None:
        self._rows: OrderedDict[tuple[object, ...], pa.Table] = OrderedDict()
        self._bytes = 0
        self._guard = threading.Lock()

    def get(self, key: tuple[object, ...], read: Callable[[], pa.Table]) -> pa.Table:
        """Return the rows of this key, reading them where they are not known."""
        with self._guard:
            if (known := self._rows.get(key)) is not None:
                self._rows.move_to_end(key)
                return known
        found = read()
        with self._guard:
            if key not in self._rows:
                self._bytes += found.nbytes
                self._rows[key] = found
            while self._bytes > KEPT and len(self._rows) > 1:
                self._bytes -= self._rows.popitem(last=False)[1].nbytes
        return found


_kept = KeptRows()


@dataclass(frozen=True)
class _Listed:
    """The data files of a version, with their sizes in bytes."""

    standing: Acknowledged
    files: tuple[tuple[Path, int], ...]


_LISTED = 256
_guard = threading.Lock()
_listed: dict[Path, _Listed] = {}
"""The version of each table, by its folder, that this process read last."""


class OpenedTable:
    """A table opened at one version.

    Args:
        of: the table of `data.ledger.tables` that it is.
        opening: opens the `deltalake` table, on first use.
        folder: where its files lie; None in an object store.
        standing: the version as it was acknowledged; None if no record is kept.
        record: what was acknowledged; None if no record is kept.
        listing: lists the files of a version, and their sizes, where the record of acknowledged versions suffices
            for it; None if the table has to be opened.
    """

    def __init__(
        self,
        of: Table,
        opening: Callable[[], DeltaTable],
        folder: Path | None = None,
        standing: Acknowledged | None = None,
        record: Record | None = None,
        listing: Callable[[Acknowledged], Mapping[str, int] | None] = lambda _: None,
    ) -> None:
        self.of = of
        self.folder = folder
        self.standing = standing
        self._opening = opening
        self._record = record
        self._listing = listing

    @cached_property
    def table(self) -> DeltaTable:
        """The `deltalake` table."""
        return self._opening()

    def rows(self, columns: Sequence[str], where: pc.Expression | None = None) -> pa.Table:
        """Return columns of the rows that fit, one row per `event_id`, in the ledger's order."""
        if self.folder is not None and sum(size for _, size in self._files) <= SMALL:
            whole = _kept.get((*self._columns, *(_mark(path) for path, _ in self._files)), self._read)
            found = whole.select(columns)
            return found if where is None else found.filter(_fits(whole, where))
        needed = list(dict.fromkeys([*columns, *ORDER]))
        return ordered(self._dataset.to_table(columns=needed, filter=where)).select(columns)

    def lost_file(self) -> str:
        """Return which data file is gone or of another size than it was written; "" if none is. Reads none."""
        for path, size in self._files:
            try:
                found = path.stat().st_size
            except FileNotFoundError:
                return f"{path.name} is gone"
            if found != size:
                return f"{path.name} has {found:,} bytes instead of {size:,}"
        return ""

    @cached_property
    def _files(self) -> tuple[tuple[Path, int], ...]:
        assert self.folder is not None
        folder, standing = self.folder, self.standing
        if standing is None:
            return self._files_in_log(folder)
        known = _listed.get(folder)
        if known is not None and known.standing == standing:
            return known.files
        found = self._files_since(folder, standing, known) or self._files_listed(folder, standing)
        with _guard:
            _listed[folder] = _Listed(standing, found)
            while len(_listed) > _LISTED:
                _listed.pop(next(iter(_listed)))
        return found

    def _files_listed(self, folder: Path, standing: Acknowledged) -> tuple[tuple[Path, int], ...]:
        recorded = self._listing(standing)
        if recorded is None:
            return self._files_in_log(folder)
        return tuple((folder / path, size) for path, size in recorded.items())

    def _files_in_log(self, folder: Path) -> tuple[tuple[Path, int], ...]:
        facts = file_facts(self.table, "path", "size_bytes")
        return tuple((folder / unquote(str(path)), int(size)) for path, size in facts)

    def _files_since(
        self, folder: Path, standing: Acknowledged, known: _Listed | None
    ) -> tuple[tuple[Path, int], ...] | None:
        """Return the files by those of an earlier version and by what was acknowledged since; None if unknown."""
        if known is None or self._record is None or known.standing.place != standing.place:
            return None
        later = self._record.since(known.standing)
        if later is None or standing not in later:
            return None
        later = later[: later.index(standing) + 1]
        gone = {folder / path for one in later for path in one.removed}
        added = [(folder / path, file.size) for one in later for path, file in one.files.items()]
        return tuple(file for file in (*known.files, *added) if file[0] not in gone)

    def _read(self) -> pa.Table:
        schema = self.of.schema
        parts = [
            _kept.get((*self._columns, "file", *_mark(path)), partial(_rows_of, path, schema))
            for path, _ in self._files
        ]
        return ordered(pa.concat_tables([schema.empty_table(), *parts]))

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        return self.of.name, *self.of.schema.names

    @cached_property
    def _dataset(self) -> ds.Dataset:
        """Its data files, for scans; their metadata is read once."""
        return self.table.to_pyarrow_dataset(schema=self.of.schema)


class SpareTables:
    """Tables that this process wrote to, each at the newest version, for whoever writes next.

    Opening a table costs as much as a small write, and an advance opens a dozen. Writing changes an opened table,
    so a spare one is taken by one writer at a time; where anybody else wrote in between, it is thrown away.
    """

    def __init__(self) -> None:
        self._spare: dict[Path, tuple[Acknowledged, DeltaTable]] = {}
        self._guard = threading.Lock()

    def take(self, folder: Path, standing: Acknowledged) -> DeltaTable | None:
        """Return the spare table of this very version, which is no longer spare; None if there is none."""
        with self._guard:
            known, table = self._spare.pop(folder, (None, None))
        return table if known == standing else None

    def put(self, folder: Path, standing: Acknowledged, table: DeltaTable) -> None:
        """Keep a table that stands at this version."""
        with self._guard:
            self._spare[folder] = (standing, table)
            while len(self._spare) > _SPARE:
                self._spare.pop(next(iter(self._spare)))


_SPARE = 64
spare_tables = SpareTables()


def file_facts(table: DeltaTable, *names: str) -> Iterator[tuple[Any, ...]]:
    """Return facts of each data file, such as `path` or `max.sequence`; None where the table's log has none."""
    found = pa.table(table.get_add_actions(flatten=True))
    columns = [
        found[name].to_pylist() if name in found.column_names else [None] * found.num_rows for name in names
    ]
    return zip(*columns, strict=True)


def rows_where_highest(table: DeltaTable, of: Table, column: str, value: int, folder: Path | None) -> pa.Table:
    """Return the rows with the highest value of a column; files whose highest is lower are not read.

    Args:
        table: an opened table.
        of: the table of `data.ledger.tables` that it is.
        column: an integer column.
        value: its highest value in the table.
        folder: where its files lie, so that the few that count are read without planning a scan of all of them;
            None in an object store.
    """
    fits = pc.field(column) == value
    if folder is None:
        return table.to_pyarrow_dataset(schema=of.schema).to_table(filter=fits)
    facts = file_facts(table, "path", f"max.{column}")
    paths = [folder / unquote(str(path)) for path, highest in facts if highest is None or highest >= value]
    parts = [_rows_of(path, of.schema) for path in paths]
    return pa.concat_tables([of.schema.empty_table(), *parts]).filter(fits)


def _fits(rows: pa.Table, where: pc.Expression) -> pa.ChunkedArray:
    """Return which rows fit. Only then are columns taken from them: a filtered table would take them all."""
    plan = [
        acero.Declaration("table_source", acero.TableSourceNodeOptions(rows)),
        acero.Declaration("project", acero.ProjectNodeOptions([where], ["fits"])),
    ]
    return acero.Declaration.from_sequence(plan).to_table(use_threads=False)["fits"]


def _mark(path: Path) -> tuple[object, ...]:
    """Return what changes whenever a file does."""
    facts = path.stat()
    return str(path), facts.st_ino, facts.st_size, facts.st_mtime_ns


def _rows_of(path: Path, schema: pa.Schema) -> pa.Table:
    """Return the rows of a data file; columns that came later than it are null."""
    # in one piece and without threads: most files are small, and their columns would each be a read of its own
    file = pq.ParquetFile(pa.BufferReader(path.read_bytes()), pre_buffer=False)
    found = file.read(use_threads=False)
    if found.schema.equals(schema):
        return found
    for field in schema:
        if field.name not in found.column_names:
            found = found.append_column(field, pa.nulls(len(found), field.type))
    return found.select(schema.names).cast(schema)
