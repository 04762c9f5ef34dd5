"""Parquet files, whose size is checked before they are read: a few kilobytes may unpack to many gigabytes.

A file's metadata tells the number of its values and the size of its pages. A repeated text is stored once, so
texts are first read as numbers in a dictionary, and their lengths added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.intake.parquet_footer import weight
from data.intake.texts import DEEPEST, LONGEST, Unreadable, listed

MOST_VALUES = 20_000_000
"""The most values of a file: cells, and entries of lists in cells."""

LARGEST = 1 << 30
"""The most bytes of a file's values in memory."""

_ROWS = 4096  # read at once


def table(file: Path, most: int = LONGEST) -> pa.Table:
    """Read a file as a table, with its texts as plain strings.

    Args:
        file: a parquet file.
        most: the most characters of one text.

    Raises:
        Unreadable: it is not a parquet file, two columns share a name, it is too large for memory, or a text is
            not allowed; `line` is then the row, counted from 1.
    """
    with readable_as("parquet"):
        _weigh(file)
        with pq.ParquetFile(file) as opened:
            _look_at(opened.metadata)
        texts = _text_columns(file)
        with pq.ParquetFile(file, read_dictionary=texts) as opened:
            found = _read(opened)
        for name in found.column_names:
            refuse_faults(found, name, most)
    return found


def rows(file: Path, most: int = LONGEST) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Return the names of a file's columns, and its rows as plain values; raise errors as `table` does."""
    found = table(file, most)
    with readable_as("parquet"):
        return found.column_names, found.to_pylist()


@contextmanager
def readable_as(kind: str) -> Iterator[None]:
    """Turn what pyarrow raises at broken files (names that are not text, impossible dates) into `Unreadable`.

    Args:
        kind: the kind of file, for the message.
    """
    try:
        yield
    except Unreadable:
        raise
    except (pa.ArrowException, OSError, RecursionError, ArithmeticError, LookupError, ValueError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0][:120]
        raise Unreadable(f"cannot be read as {kind} ({first}); fetch it again") from None


def _weigh(file: Path) -> None:
    held = weight(file)
    if held.values > MOST_VALUES or held.size > LARGEST:
        raise Unreadable(
            f"holds {held.values:,} values in {held.size:,} bytes unpacked; at most {MOST_VALUES:,} and "
            f"{LARGEST:,} are taken; split it"
        )


def _look_at(metadata: pq.FileMetaData) -> None:
    columns = [metadata.schema.column(place) for place in range(metadata.num_columns)]
    if any(column.max_definition_level > 2 * DEEPEST for column in columns):
        raise Unreadable(f"a column is nested more than {DEEPEST} deep; write it flat")
    top = Counter(metadata.schema.to_arrow_schema().names)
    if twice := [name for name, times in top.items() if times > 1]:
        raise Unreadable(f"the column {listed(twice)} stands there twice; keep one")


def _text_columns(file: Path) -> list[str]:
    schema = pq.read_metadata(file).schema
    columns = [schema.column(place) for place in range(len(schema))]
    return [one.path for one in columns if one.physical_type == "BYTE_ARRAY"]


def _read(opened: pq.ParquetFile) -> pa.Table:
    """Return the table; texts are decoded only after their size is known to fit."""
    schema = opened.metadata.schema.to_arrow_schema().remove_metadata()
    parts: list[pa.Table] = []
    size = 0
    for batch in opened.iter_batches(batch_size=_ROWS):
        size += sum(map(_size, batch.columns))
        if size > LARGEST:
            raise Unreadable(f"its texts are more than {LARGEST:,} bytes unpacked; split it")
        parts.append(pa.Table.from_batches([batch]).cast(_plain_schema(schema)))
    return pa.concat_tables(parts) if parts else _plain_schema(schema).empty_table()


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    return pa.schema([pa.field(one.name, _plain(one.type)) for one in schema])


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _size(column: pa.Array) -> int:
    """Return the bytes of a column after its texts, now numbers in a dictionary, are decoded."""
    if pa.types.is_dictionary(column.type):
        lengths = pc.fill_null(pc.binary_length(column.dictionary), 0)
        taken = pc.take(lengths, pc.drop_null(column.indices)) if len(lengths) else pa.array([], pa.int32())
        return int(pc.sum(taken.cast(pa.int64())).as_py() or 0)
    if pa.types.is_struct(column.type):
        return sum(map(_size, column.flatten()))
    if pa.types.is_nested(column.type):
        return _size(column.flatten()) if pa.types.is_list(column.type) else int(column.nbytes)
    return int(column.nbytes)


def refuse_faults(found: pa.Table, name: str, most: int) -> None:
    """Check the texts of a column.

    Raises:
        Unreadable: a text holds something that is not allowed, or is longer than `most`; `line` is its row, from
            1.
    """
    for texts, rows in _leaves(found[name].combine_chunks()):
        # Arrow does not notice bytes that are not UTF-8.
        try:
            texts.validate(full=True)
        except pa.ArrowInvalid:
            raise Unreadable(f"the column {listed([name])} holds bytes that are not UTF-8") from None
        for wrong, what in (
            (pc.greater_equal(pc.find_substring(texts, "\0"), 0), "holds the character U+0000; take it out"),
            (pc.greater(pc.utf8_length(texts), most), f"is longer than {most:,} characters; shorten it"),
        ):
            place = pc.index(wrong, True).as_py()
            if place >= 0:
                raise Unreadable(f"{listed([name])} {what}", int(rows[place].as_py()) + 1)


def _leaves(column: pa.Array, rows: pa.Array | None = None) -> Iterator[tuple[pa.Array, pa.Array]]:
    """Yield the arrays of texts in a column, each with the 0-based rows of its values."""
    rows = pa.array(range(len(column)), pa.int64()) if rows is None else rows
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        yield column, rows
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield from _leaves(column.flatten(), pc.take(rows, pc.list_parent_indices(column)))
    elif pa.types.is_struct(kind):
        for inside in column.flatten():
            yield from _leaves(inside, rows)
