"""Compaction: small files merged, and the files of a large table sorted by language, so that one is read alone.

Every append adds a file, so small files are merged, in the order in which they lie. In a table that grew over
months each merged file then holds rows of every language, and whoever wants one language reads all of them. So
once more than half of a large table would have to be read for one language, its rows are written anew, sorted by
language, in files whose statistics say which languages they hold and in row groups that hold one or two. That is
due each time the table has doubled: a row is written anew as often as the table doubles, and appends stay cheap.

Both are one commit of Delta Lake that changes no row (the library's `optimize`). A process that dies before it has
changed nothing; readers keep what they opened, because merged files stay on the disk as history.
"""

from __future__ import annotations

import heapq
import logging
from collections.abc import Iterable
from dataclasses import dataclass

from deltalake import DeltaTable, PostCommitHookProperties, WriterProperties

from data.ledger.opened_table import file_facts
from data.ledger.tables import Table

COMPACT_AT = 32
"""A table with more small files than this is compacted at the end of a run that wrote to it."""

COMPACT_TO = 16 * 2**20
"""Size in bytes from which a file is no longer small: it is not merged again, so that appends never slow down."""

SORTED_FROM = 8 * COMPACT_TO
"""Bytes from which a table is sorted; all of a smaller one is read in a moment."""

GROUP = 2**15
"""Rows in a row group of a merged or sorted file, the least that is read of it for one language."""

MEMORY = 2**31
"""Bytes that sorting takes at most; rows that do not fit lie on the disk meanwhile."""

BY = "language"

PLAIN = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)
"""A commit writes only its version; steps that may fail afterwards are done, and reported, separately."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DataFile:
    """A data file of a table: its size in bytes, and the first and last language in it; None where unknown."""

    size: int
    first: str | None = None
    last: str | None = None


def data_files(opened: DeltaTable) -> list[DataFile]:
    """Return the data files of a table with their statistics."""
    return [DataFile(*facts) for facts in file_facts(opened, "size_bytes", f"min.{BY}", f"max.{BY}")]


def is_to_be_merged(files: Iterable[DataFile]) -> bool:
    """Return whether a table has many small files."""
    return sum(one.size < COMPACT_TO for one in files) > COMPACT_AT


def is_to_be_sorted(table: Table, files: Iterable[DataFile]) -> bool:
    """Return whether a table is large, and one of its languages cannot be read without more than half of it.

    A sorted table has two files at most that hold one language beside others.
    """
    if BY not in table.schema.names:
        return False
    there = list(files)
    whole = sum(one.size for one in there)
    return whole >= SORTED_FROM and 2 * most_for_one_language(there) > whole


def most_for_one_language(files: Iterable[DataFile]) -> int:
    """Return the bytes of the files that may hold a language beside others, of the language with the most.

    >>> most_for_one_language([DataFile(9, "a", "c"), DataFile(5, "b", "d"), DataFile(7, "b", "b")])
    14
    """
    spans = sorted(
        (one.first, one.last, one.size)
        for one in files
        if one.first is not None and one.last is not None and one.first < one.last
    )
    begun: list[tuple[str, int]] = []  # by the language that each ends with
    held = most = 0
    for first, last, size in spans:
        while begun and begun[0][0] < first:
            held -= heapq.heappop(begun)[1]
        heapq.heappush(begun, (last, size))
        held += size
        most = max(most, held)
    return most


def merge(opened: DeltaTable) -> None:
    """Merge small files into larger ones, as one commit."""
    opened.optimize.compact(target_size=COMPACT_TO, writer_properties=_written(), post_commithook_properties=PLAIN)


def sort(opened: DeltaTable) -> None:
    """Write all rows anew, sorted by language, as one commit."""
    rows = sum(count or 0 for (count,) in file_facts(opened, "num_records"))
    _log.info(
        "%s is written anew, sorted by language (%d rows); nothing is lost if this stops", opened.table_uri, rows
    )
    opened.optimize.z_order(  # of one column, a Z-order is its order
        [BY],
        target_size=COMPACT_TO,
        max_spill_size=MEMORY,
        max_concurrent_tasks=1,
        writer_properties=_written(),
        post_commithook_properties=PLAIN,
    )


def _written() -> WriterProperties:
    return WriterProperties(max_row_group_size=GROUP, compression="ZSTD", compression_level=3)
