"""Arrow's own files (`.arrow`), as the `datasets` library saves them: a stream or a file of batches.

They are read batch by batch, and each batch's size is checked: a compressed one may unpack to many gigabytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.intake.parquet import LARGEST, MOST_VALUES, readable_as, refuse_faults
from data.intake.texts import LONGEST, Unreadable, listed

_FILE = b"ARROW1"


def rows(file: Path, most: int = LONGEST) -> tuple[list[str], list[Mapping[str, Any]]]:
    """Return the names of a file's columns, and its rows as plain values.

    Args:
        file: an Arrow stream or file.
        most: the most characters of one text.

    Raises:
        Unreadable: the file is not Arrow's, two columns share a name, it is too large for memory, or a text is not
            allowed; `line` is then the row, counted from 1.
    """
    with readable_as("an Arrow file"), pa.memory_map(str(file)) as mapped:
        start = mapped.read(len(_FILE))
        mapped.seek(0)
        found = _file(mapped) if start == _FILE else _stream(mapped)
        if len({*found.column_names}) < len(found.column_names):
            twice = {name for name in found.column_names if found.column_names.count(name) > 1}
            raise Unreadable(f"the column {listed(sorted(twice))} stands there twice; keep one")
        for name in found.column_names:
            refuse_faults(found, name, most)
        return found.column_names, found.to_pylist()


def _stream(mapped: pa.MemoryMappedFile) -> pa.Table:
    with pa.ipc.open_stream(mapped) as opened:
        return _weighed(opened.schema, opened)


def _file(mapped: pa.MemoryMappedFile) -> pa.Table:
    with pa.ipc.open_file(mapped) as opened:
        return _weighed(opened.schema, (opened.get_batch(n) for n in range(opened.num_record_batches)))


def _weighed(schema: pa.Schema, batches: Any) -> pa.Table:
    parts: list[pa.RecordBatch] = []
    size = values = 0
    for batch in batches:
        batch.validate(full=True)  # before this, offsets may point anywhere, and `nbytes` follows them
        size += batch.nbytes
        values += batch.num_rows * max(batch.num_columns, 1)
        if size > LARGEST or values > MOST_VALUES:
            what = f"holds more than {MOST_VALUES:,} values, or {LARGEST:,} bytes unpacked; split it"
            raise Unreadable(what)
        parts.append(batch)
    return pa.Table.from_batches(parts, schema=schema)
