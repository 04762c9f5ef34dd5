"""The report of a lint: findings as a table, the same as data, as a page that opens offline, and in a terminal.

`document` turns the findings into plain data under a versioned schema; the page is made from that document and
from nothing else. The same lint gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable

import pyarrow as pa
import pyarrow.parquet as pq

from qc.lint.finding import Finding
from qc.reports.lint_report.lint_document import FORMAT, document, schema, written
from qc.reports.lint_report.lint_page import page
from qc.reports.lint_report.lint_terminal import chance_lines, finding_lines, summary_lines

__all__ = [
    "COLUMNS",
    "FORMAT",
    "chance_lines",
    "document",
    "finding_lines",
    "page",
    "parquet",
    "schema",
    "summary_lines",
    "written",
]

COLUMNS = pa.schema(
    [
        ("item_id", pa.string()),
        ("language", pa.string()),
        ("check", pa.string()),
        ("version", pa.int32()),
        ("part", pa.string()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("level", pa.string()),
        ("flagged", pa.bool_()),
        ("score", pa.float64()),
        ("reason", pa.string()),
        ("fix", pa.string()),
    ]
)
"""The columns of findings.parquet: a line for every place of a fault, and for every item left unjudged."""


def parquet(found: Iterable[Finding]) -> bytes:
    """Return the findings as a parquet file whose bytes depend on the lines alone."""
    kept = list(found)
    columns = {name: [getattr(one, name) for one in kept] for name in COLUMNS.names}
    held = io.BytesIO()
    pq.write_table(pa.Table.from_pydict(columns, schema=COLUMNS), held, compression="zstd", version="2.6")
    return held.getvalue()
