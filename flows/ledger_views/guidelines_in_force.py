"""The guidelines in force according to the ledger."""

from __future__ import annotations

from dataclasses import dataclass

from data.ledger.events import GuidelineChanged, details_of
from flows.campaign_state import State, ledger_view


@dataclass(frozen=True)
class Guideline:
    """A text that is in force.

    Attributes:
        version: its digest, "" where it was withdrawn.
        number: of the versions of this text, from 1.
        text: all of it, "" where it was withdrawn.
    """

    version: str
    number: int
    text: str


@ledger_view
def guidelines_in_force(state: State) -> dict[str, Guideline]:
    """Return the guideline in force, by stage or stage.language."""
    found = state.events(GuidelineChanged)
    changes = zip(found["subject"], found["language"], details_of(found, GuidelineChanged), strict=True)
    return {
        ".".join(filter(None, (one.stage, language))): Guideline(version, one.number, one.text)
        for version, language, one in changes
        if one.text is not None
    }
