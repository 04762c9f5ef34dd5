"""The page on what a user can now do: CHANGELOG.md as it stands."""

from __future__ import annotations

from pathlib import Path

from reference.markdown import GENERATED

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def page() -> str:
    """The page, in Markdown."""
    return GENERATED + CHANGELOG.read_text("utf-8")
