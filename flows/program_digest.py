"""A digest of the program, for what was kept by another version of it and may mean something else now."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

from data.ledger.tables import digest

PACKAGES = ("annotation", "data", "flows", "qc")


@cache
def program_digest() -> str:
    """Return a digest of the program's files by their names, sizes and times."""
    root = Path(__file__).resolve().parents[1]
    seen: list[list[Any]] = []
    for package in PACKAGES:
        for folder, inner, names in os.walk(root / package):
            inner[:] = sorted(set(inner) - {"__pycache__"})
            for name in sorted(names):
                facts = Path(folder, name).stat()
                seen.append([folder, name, facts.st_size, facts.st_mtime_ns])
    return digest(seen)
