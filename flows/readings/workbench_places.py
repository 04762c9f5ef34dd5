"""Workbenches by their titles, which name the stage, the language and the person."""

from __future__ import annotations

from data.errors import UsageError
from data.ledger import tables
from data.ledger.tables import Stage
from flows.state import State, reading


@reading
def open_workbenches(state: State) -> set[str]:
    """The titles of the workbenches on which somebody has something to do."""
    work = state.tasks[state.tasks["open"]][["stage", "language", "person"]].drop_duplicates()
    return {state.campaign.workbench_title(*place) for place in work.itertuples(index=False, name=None)}


def workbench_place(title: str) -> tuple[Stage, str, str]:
    """The stage, language and person that a workbench's title names."""
    _, stage, language, person = title.split("/")
    if stage not in tables.STAGES:
        raise UsageError(f"{title!r} is no workbench of ours: {stage!r} is no stage ({', '.join(tables.STAGES)})")
    return stage, language, person
