"""The columns of a release's items, with their types and meanings, as parquet and as Belebele's JSON lines.

An item's columns are Belebele's, with its names and types, behind a stable `item_id`. Parquet files carry type and
meaning of every column in their schema, so that a file that left its folder still explains itself. The JSON lines
have the keys of Belebele's own files, in their order, for code that reads those, and one more: the canary.
"""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS: tuple[tuple[str, str], ...] = (
    ("item_id", "the item's identity: the same in every language and in every later version"),
    ("link", "where the passage comes from"),
    ("question_number", "the question's number on its passage; with the passage a key, alone none"),
    ("flores_passage", "the passage to read"),
    ("question", "the question on it"),
    ("mc_answer1", "the first answer as shown"),
    ("mc_answer2", "the second answer"),
    ("mc_answer3", "the third answer"),
    ("mc_answer4", "the fourth answer"),
    ("correct_answer_num", "which answer is correct: `1`, `2`, `3` or `4`, a string"),
    ("dialect", "the language's code"),
    ("ds", "the date of the release, a string"),
)
"""The columns of every file of items, in order, each with its meaning."""

ANSWERS = ("mc_answer1", "mc_answer2", "mc_answer3", "mc_answer4")


def described(name: str, kind: pa.DataType, meaning: str) -> pa.Field:
    """Return a column whose type and meaning are in the schema."""
    return pa.field(name, kind, metadata={"description": meaning, "type": str(kind)})


SCHEMA = pa.schema(
    [described(name, pa.int64() if name == "question_number" else pa.string(), holds) for name, holds in COLUMNS]
)
"""The schema of every parquet file of items."""

_PAGE = 1 << 16
"""Bytes in a page: what a reader of one column's part fetches at once over a network."""

_ROWS = 10_000
"""Rows in a row group: a language of Belebele's size is one, so that a file is read in two requests."""


def item_table(lines: pd.DataFrame, canary: str) -> pa.Table:
    """Return items, already in their order, as a table of `SCHEMA` with the release's canary in its metadata."""
    # Built from plain lists, so that neither pandas' index nor its types leave metadata behind.
    columns = {name: pa.array(lines[name].tolist(), SCHEMA.field(name).type) for name in SCHEMA.names}
    return pa.table(columns, SCHEMA).replace_schema_metadata({"canary": canary})


def parquet(table: pa.Table) -> bytes:
    """Return a table that is sorted by its first column as a parquet file, the same bytes for the same table."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=9,
        use_dictionary=True,
        row_group_size=_ROWS,
        data_page_size=_PAGE,
        write_statistics=True,
        write_page_index=True,
        sorting_columns=[pq.SortingColumn(0)],
        store_schema=True,
    )
    return bytes(sink.getvalue())


def json_lines(table: pa.Table, canary: str) -> bytes:
    """Return items as JSON lines with Belebele's own keys, in their order, and then the release's canary."""
    rows = table.drop_columns(["item_id"]).to_pylist()
    return "".join(f"{json.dumps({**row, 'canary': canary}, ensure_ascii=False)}\n" for row in rows).encode()
