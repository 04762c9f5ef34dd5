"""In which way an advance is run: every step is told, and none is swapped for another."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """Whether the steps act, only say what they would do, or only see whether there is something to do."""

    LIVE = "live"
    """What is due is done, on the ledger and on the servers."""
    DRY = "dry"
    """Every step says what it would do (`--dry-run`). Nothing is written anywhere."""
    LOOK = "look"
    """The first step that finds work ends it. Neither ledger nor servers change, but how far the servers were read
    is noted, so that a look costs what changed since the last one."""
