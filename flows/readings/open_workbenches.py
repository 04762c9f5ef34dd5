"""The workbenches on which something is to be done."""

from __future__ import annotations

from flows.state import State, reading


@reading
def open_workbenches(state: State) -> set[str]:
    """The titles of the workbenches on which somebody has something to do."""
    work = state.tasks[state.tasks["open"]][["stage", "language", "person"]].drop_duplicates()
    return {state.campaign.workbench_title(*place) for place in work.itertuples(index=False, name=None)}
