"""The people who may write questions because they qualified."""

from __future__ import annotations

from data.ledger.events import Qualified
from flows.campaign_state import State, ledger_view


@ledger_view
def qualified_people(state: State) -> set[str]:
    """Return the people who passed the qualification or were admitted by the lead."""
    return set(state.events(Qualified)["subject"])
