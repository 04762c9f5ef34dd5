"""The audit's report: one page that opens offline, the same as data, the items as a table, the verdict in words.

`document` turns an `Audit` into plain data under a versioned schema; the page, the terminal's verdict and
report.json are made from that document and from nothing else, so they cannot disagree. The same audit gives the
same bytes.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qc.audit.audit import Audit
from qc.audit.report.document import FORMAT, document, schema, written
from qc.audit.report.page import page
from qc.audit.report.verdict import terminal

__all__ = ["FILES", "FORMAT", "document", "page", "parquet", "schema", "terminal", "write", "written"]

FILES = ("report.html", "report.json", "items.parquet")
"""What `write` makes."""


def write(audit: Audit, folder: Path) -> dict[str, Any]:
    """Writes the report's three files.

    Args:
        audit: a finished audit.
        folder: exists.

    Returns:
        The document, for `terminal`.
    """
    told = document(audit)
    (folder / "items.parquet").write_bytes(parquet(audit.items))
    (folder / "report.html").write_text(page(told), encoding="utf-8", newline="\n")
    (folder / "report.json").write_bytes(written(told))
    return told


def parquet(items: pd.DataFrame) -> bytes:
    """The items, one line per item and language, as a parquet file whose bytes hang on the lines alone."""
    table = pa.Table.from_pandas(items, preserve_index=False).replace_schema_metadata(None)
    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd", version="2.6", row_group_size=1 << 20, write_statistics=True)
    return held.getvalue()
