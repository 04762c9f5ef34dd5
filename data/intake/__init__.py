"""The gate: what comes from outside is looked at here before anything else sees it.

Files are made by people, spreadsheets and other programs, some of them with ill will. Each module reads one form
(text files, JSON, delimited text, parquet, workbooks) and hands on plain values that the rest can rely on: no
U+0000 (which PostgreSQL cannot hold), no half of a surrogate pair (which no file can), nothing nested deeper or
longer than anybody reads, and no more of it than fits into memory. Everything else is `Unreadable`, with its place
and its cure; whoever asked makes an error of their own of it.
"""

from __future__ import annotations

from data.intake.texts import (
    DEEPEST,
    LONGEST,
    LONGEST_SHOWN,
    Unreadable,
    fault_of,
    faults,
    listed,
    shown,
)

__all__ = ["DEEPEST", "LONGEST", "LONGEST_SHOWN", "Unreadable", "fault_of", "faults", "listed", "shown"]
