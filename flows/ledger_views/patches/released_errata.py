"""Released errata: since which version a correction or a withdrawal is told, and which released items are gone."""

from __future__ import annotations

from collections.abc import Mapping

from data.ledger.events import ErratumReleased, SplitDrawn, details_of
from data.release.versions.errata import WithdrawnItem, version_order
from flows.campaign_state import State, ledger_view
from flows.ledger_views.current_items import current_questions
from flows.ledger_views.patches.error_reports import withdrawals
from flows.ledger_views.split_sides import split_sides

DROPPED = "dropped after its release"
"""What is printed of an item that was dropped by other means than `belebele patch`: reasons are for insiders."""


@ledger_view
def told_since(state: State) -> Mapping[str, str]:
    """Return the lowest version that tells each correction, by patch, and each withdrawal, by question_id."""
    events = state.events(ErratumReleased)
    found: dict[str, str] = {}
    for subject, said in zip(events["subject"], details_of(events, ErratumReleased), strict=True):
        found[subject] = min(found.get(subject, said.version), said.version, key=version_order)
    return found


@ledger_view
def released_since(state: State) -> int | None:
    """Return the sequence of the first release; None before there is one.

    Items of test are noted when they are first released; those of dev may be drawn before.
    """
    draws = state.events(SplitDrawn)
    for sequence, draw in zip(draws["sequence"].fillna(0), details_of(draws, SplitDrawn), strict=True):
        if any(split == "test" for _, split, _ in draw.items):
            return int(sequence)
    return None


@ledger_view
def withdrawn_items(state: State) -> tuple[WithdrawnItem, ...]:
    """Return the released items that no later release has, by item_id; `version` is "" before one is made."""
    first = released_since(state)
    if first is None:
        return ()
    now = current_questions(state)
    dropped = set(now["question_id"][now["outcome"] == "drop"])
    said = state.decisions
    late = said[(said["outcome"] == "drop") & (said["sequence"].fillna(0) > first)]
    after = set(late["subject"]) & dropped
    told, gone = told_since(state), withdrawals(state)
    found = []
    for subject, side in sorted(split_sides(state).items()):
        if subject in gone:
            one = gone[subject]
            since = told.get(subject, "")
            found.append(WithdrawnItem(subject, since, side.split, one.reason, one.credit, one.url))
        elif subject in dropped and (side.split == "test" or subject in after):
            found.append(WithdrawnItem(subject, told.get(subject, ""), side.split, DROPPED, "", ""))
    return tuple(found)
