"""The mode of an advance, passed to every step explicitly."""

from __future__ import annotations

from enum import Enum


class Mode(Enum):
    """Whether the steps act, only report what they would do, or only look for something to do."""

    LIVE = "live"
    """Do what is due, in the ledger and on the servers."""
    DRY = "dry"
    """Report what every step would do (`--dry-run`). Nothing is written anywhere."""
    LOOK = "look"
    """The first step that finds work ends it. Neither ledger nor servers change, but how far the servers were read
    is noted, so that a look costs what changed since the last one."""
