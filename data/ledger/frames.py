"""Rows in the ledger's order, as Arrow tables and as pandas.

Rows are ordered by `sequence`, which is the order of writing; rows written together are ordered by event id. Rows
from before there were sequences come first, in the order in which they were recorded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

pd.set_option("mode.string_storage", "python")
"""Names of columns, and texts of small frames, are Python strings. Arrow's strings save memory and are faster in
large frames (`LARGE`), but pandas takes several calls into Arrow for each small thing that it does with them, a
frame's few column names included."""

LARGE = 10_000
"""Rows from which a table's texts stay Arrow strings."""

ORDER = ("sequence", "recorded_at", "event_id")
"""The columns that define the order."""


def ordered(found: pa.Table) -> pa.Table:
    """Return the rows in the ledger's order, the first per `event_id`; `sequence` is 0 if there was none yet."""
    sequence = pc.fill_null(found["sequence"], 0)
    at = found.column_names.index("sequence")
    found = found.set_column(at, found.schema.field("sequence"), sequence)
    old = pc.if_else(pc.equal(sequence, 0), pc.cast(found["recorded_at"], pa.int64()), 0)
    keys = pa.table({"sequence": sequence, "old": old, "event_id": found["event_id"]})
    found = found.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in keys.column_names]))
    if _may_repeat(found["event_id"]):
        first = ~found["event_id"].to_pandas().duplicated()
        found = found.filter(pa.array(first.to_numpy()))
    return found


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Convert an Arrow table to pandas: lists become Python lists; booleans and integers keep nulls.

    Texts are Arrow strings from `LARGE` rows on, and Python strings below that.
    """
    types: dict[pa.DataType, Any] = {
        pa.bool_(): pd.BooleanDtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
    }
    if len(table) >= LARGE:
        types[pa.string()] = pd.StringDtype("pyarrow", na_value=np.nan)
    frame: pd.DataFrame = table.to_pandas(types_mapper=types.get)
    for field in table.schema:
        if pa.types.is_list(field.type):
            cells = [None if cell is None else list(cell) for cell in frame[field.name]]
            frame[field.name] = pd.Series(cells, index=frame.index, dtype=object)
    return frame


def detail(value: Mapping[str, Any]) -> str:
    """Return an event's detail as JSON text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _may_repeat(ids: pa.ChunkedArray) -> bool:
    """Return whether ids may repeat, by sorting hashes of them; much faster than counting distinct texts."""
    if not len(ids):
        return False
    if not pc.all(pc.equal(pc.binary_length(ids), 32)).as_py():
        return True  # ids of another form
    words = np.frombuffer(ids.combine_chunks().cast(pa.binary(32)).buffers()[1], dtype=np.uint64).reshape(-1, 4)
    mixed = np.sort(words[:, 0] ^ (words[:, 1] * np.uint64(0x9E3779B97F4A7C15)))
    return bool((mixed[1:] == mixed[:-1]).any())
