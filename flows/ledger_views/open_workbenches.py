"""The workbenches with open work."""

from __future__ import annotations

from flows.campaign_state import State, ledger_view


@ledger_view
def open_workbenches(state: State) -> set[str]:
    """Return the titles of the workbenches with open work."""
    work = state.tasks[state.tasks["open"]][["stage", "language", "person"]].drop_duplicates()
    return {state.campaign.workbench_title(*place) for place in work.itertuples(index=False, name=None)}
