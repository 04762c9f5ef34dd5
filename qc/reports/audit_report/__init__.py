"""The audit's report: one page that opens offline, the same as data, the items as a table, the verdict in words.

`document` turns an `Audit` into plain data under a versioned schema; the page, the terminal's verdict and
report.json are made from that document and from nothing else, so they cannot disagree. The same audit gives the
same bytes.
"""

from __future__ import annotations

import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from qc.audit.audit_result import Audit
from qc.reports.audit_report.audit_document import FORMAT, document, schema, written
from qc.reports.audit_report.audit_page import page
from qc.reports.audit_report.audit_verdict import terminal

__all__ = ["FORMAT", "contents", "document", "page", "parquet", "schema", "terminal", "written"]


def contents(audit: Audit) -> tuple[dict[str, Any], dict[str, bytes], dict[str, bytes]]:
    """Return the report of a finished audit: the document, the three files by name, and those for a paper."""
    told = document(audit)
    made = page(told)
    named = {
        "items.parquet": parquet(audit.items),
        "report.html": made.html.encode(),
        "report.json": written(told),
    }
    return told, named, made.files()


def parquet(items: pd.DataFrame) -> bytes:
    """Return the items, one line per item and language, as parquet whose bytes depend on the lines alone."""
    table = pa.Table.from_pandas(items, preserve_index=False).replace_schema_metadata(None)
    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd", version="2.6", row_group_size=1 << 20, write_statistics=True)
    return held.getvalue()
