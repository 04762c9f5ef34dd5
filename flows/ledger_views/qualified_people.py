"""Who may write questions: those who passed the qualification."""

from __future__ import annotations

from data.ledger.events import Qualified
from flows.campaign_state import State, ledger_view


@ledger_view
def qualified_people(state: State) -> set[str]:
    """Who passed the qualification, or was let in by the lead."""
    return set(state.events(Qualified)["subject"])
