"""The changelog page: CHANGELOG.md as it is."""

from __future__ import annotations

from pathlib import Path

from reference.markdown import GENERATED

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def page() -> str:
    """Return the page, in Markdown."""
    return GENERATED + CHANGELOG.read_text("utf-8")
