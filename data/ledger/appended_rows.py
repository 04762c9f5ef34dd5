"""Rows on their way into a table: as its columns, each with its identity and the time of recording."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa

from data.ledger.tables import Row, Table, digest


def appended_rows(table: Table, rows: Sequence[Row] | pa.Table, places: Sequence[int] | None = None) -> pa.Table:
    """Return rows as the table holds them, without a sequence unless they have a place.

    Args:
        table: that they go into.
        rows: of its columns, or some of them; a missing value may be pandas' own.
        places: the sequence of each row, if it has one already.
    """
    now = datetime.now(UTC)
    if isinstance(rows, pa.Table):
        return _of_columns(table, rows, now, places)
    given = [
        {
            # pandas' missing values, in rows that were read as a frame; no call for each of a million values
            name: None
            if value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)
            else value
            for name, value in row.items()
        }
        for row in rows
    ]
    at = places if places is not None else [None] * len(given)
    full = [
        {"recorded_at": now, **row, "event_id": table.event_id(row), "sequence": place}
        for row, place in zip(given, at, strict=True)
    ]
    return pa.Table.from_pylist(full, schema=table.schema)


def _of_columns(table: Table, given: pa.Table, now: datetime, places: Sequence[int] | None) -> pa.Table:
    def column(name: str) -> pa.ChunkedArray | pa.Array:
        return given[name] if name in given.column_names else pa.nulls(len(given))

    about = zip(*(column(name).to_pylist() for name in table.identity), strict=True)
    filled = {
        "event_id": pa.array([digest(table.name, *event) for event in about], pa.string()),
        "recorded_at": pa.repeat(pa.scalar(now, table.schema.field("recorded_at").type), len(given)),
        "sequence": pa.nulls(len(given), pa.int64()) if places is None else pa.array(places, pa.int64()),
    }
    columns = [filled[one.name] if one.name in filled else column(one.name).cast(one.type) for one in table.schema]
    return pa.table(columns, schema=table.schema)
