"""Where the lead's page is kept in this machine's state folder, and when it is old enough to be renewed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from flows.services.schedule import room

NAME = "lead.html"
FACTS = "lead.json"
"""What the page says, kept beside it."""

RENEWED = timedelta(hours=1)
"""How old the page is when a run that did nothing tells the time on it."""


def kept_page(address: str) -> Path:
    """Return the path of the page that every advance renews, in this machine's state folder."""
    return room(address) / NAME


def is_old(address: str, now: datetime | None = None) -> bool:
    """Return whether there is a page that says nothing of the last hour.

    Args:
        address: the campaign's.
        now: the time, by default the clock's.
    """
    try:
        written = datetime.fromtimestamp(kept_page(address).with_name(FACTS).stat().st_mtime, UTC)
    except FileNotFoundError:
        return False
    return (now or datetime.now(UTC)) - written >= RENEWED
