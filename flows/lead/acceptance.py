"""The lead's decision on what waits for it: a late edit, answers given on an altered page, an account.

`belebele status` names each of them with its command. What is accepted counts from the next advance on; what is
rejected does not, and whoever should do it gets it again. What can never count, because of who did it, can only be
acknowledged: rejecting it removes its line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from data.errors import UsageError
from data.ledger import tables
from data.ledger.events import AlteredAccepted, Closed, Event, Rejected
from flows.campaign_state import State, among
from flows.inspection import account_ownership, alterations
from flows.inspection.account_ownership import AccountClaim
from flows.lead import lead_actions

ACCOUNTS = "accounts"
"""The word for all waiting accounts."""


@dataclass(frozen=True)
class AcceptanceResult:
    """The lead's decision: in words, and as facts for other programs."""

    words: str
    facts: Mapping[str, object]


def accept(state: State, what: str) -> AcceptanceResult:
    """Let something count.

    Args:
        state: the campaign.
        what: an account (`7@main`, or all that wait: `accounts`), a workbench's title for all that was answered
            on it while it was altered, or the beginning of an annotation's id.

    Raises:
        UsageError: nothing of that name waits, or it can never count.
    """
    if claims := _claims(state, what):
        account_ownership.confirm(state, claims)
        theirs = ", ".join(f"account {claim.name} is {claim.person}'s" for claim in claims)
        return AcceptanceResult(
            f"{theirs} from the next advance on", {"accounts": [claim.name for claim in claims]}
        )
    doubted = _named(alterations.doubted_annotations(state), what)
    if len(doubted):
        _note(state, AlteredAccepted(), doubted["event_id"])
        _see(state, what, doubted)
        words = f"{len(doubted)} submitted on {doubted['workbench'].iloc[0]} count from the next advance on"
        return AcceptanceResult(words, {"annotations": sorted(doubted["event_id"])})
    foreign = _named(account_ownership.foreign_annotations(state), what)
    if len(foreign):
        raise UsageError(
            f"{what} can never count, because of who did it; who is to do it gets it again. To take its line "
            f"away: belebele reject {what}"
        )
    event = lead_actions.accept_late(state, what)
    return AcceptanceResult(f"late edit {event[:8]} counts from the next advance on", {"annotation": event})


def reject(state: State, what: str) -> AcceptanceResult:
    """Record that something does not count; arguments and errors as of `accept`, without late edits."""
    if claims := _claims(state, what):
        _note(state, Rejected(), pd.Series([claim.event for claim in claims], dtype=str))
        names = [claim.name for claim in claims]
        return AcceptanceResult(f"{', '.join(names)}: nobody's; what they submit waits", {"accounts": names})
    doubted, foreign = (
        _named(alterations.doubted_annotations(state), what),
        _named(account_ownership.foreign_annotations(state), what),
    )
    seen = len(_altered(state, what))
    if not len(doubted) and not len(foreign) and not seen:
        raise UsageError(
            f"nothing that waits for you begins with {what!r}; belebele status lists what does. A late edit is "
            "left as it is by: belebele decide ITEM keep --reason …"
        )
    tasks = state.tasks[state.tasks["open"] & among(state.tasks["task_key"], doubted["task_key"])]
    lead_actions.close(state, tasks, Closed.REJECTED)
    left_out = pd.concat([doubted["event_id"], foreign["event_id"]])
    _note(state, Rejected(), left_out)
    _see(state, what, doubted)
    again = f"; {len(tasks)} will be done again" if len(tasks) else ""
    words = f"{len(left_out)} submitted do not count{again}"
    return AcceptanceResult(words, {"annotations": sorted(left_out), "tasks": len(tasks)})


def _claims(state: State, what: str) -> list[AccountClaim]:
    return [claim for claim in account_ownership.claims(state) if what in (ACCOUNTS, claim.name)]


def _named(found: pd.DataFrame, what: str) -> pd.DataFrame:
    """Return the annotations on a workbench of this title, or whose id begins like this."""
    return found[(found["workbench"] == what) | found["event_id"].str.startswith(what)]


def _altered(state: State, what: str) -> pd.DataFrame:
    found = alterations.unseen_alterations(state)
    return found[found["workbench"] == what]


def _see(state: State, what: str, doubted: pd.DataFrame) -> None:
    """Mark an alteration as seen: that of a workbench, or of one whose last answer was decided on."""
    left = alterations.doubted_annotations(state.fresh())
    benches: Sequence[str] = [what, *doubted["workbench"].unique()]
    for bench in benches:
        if bench not in set(left["workbench"]):
            _note(state, Rejected(), _altered(state, bench)["event_id"])


def _note(state: State, event: Event, subjects: pd.Series) -> None:
    rows = [event.row(subject) for subject in subjects]
    state.ledger.append(tables.EVENTS, rows)
