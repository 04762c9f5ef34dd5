"""The gate through which files from outside enter: they are checked here before any other code sees them.

Files are made by people, spreadsheets and other programs, some of them malicious. Each module reads one form (text
files, JSON, delimited text, parquet, workbooks) and returns plain values that the rest can rely on: no U+0000
(which PostgreSQL cannot hold), no half of a surrogate pair (which no file can), nothing nested deeper or longer
than anybody reads, and no more than fits into memory. Everything else is `Unreadable`, with its place and its
cure; the caller turns it into an error of its own.
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
