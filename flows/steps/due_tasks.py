"""The due work of all stages, collected and handed out."""

from __future__ import annotations

from flows.assignment.due_work import Due
from flows.campaign_state import State
from flows.item_copies import human_baseline, key_checks, plants, rechecks
from flows.stages import STAGES
from flows.steps import author_qualification
from flows.steps.checks_and_decisions import Decisions
from flows.steps.task_opening import Opened, open_tasks


def open_due(state: State, decided: Decisions) -> Opened:
    """Qualify authors, make plants and draws, and hand out the due work of every stage."""
    author_qualification.qualify(state)
    plants.plant(state)
    human_baseline.draw(state)
    state = state.fresh()
    return open_tasks(state, due(state, decided))


def due(state: State, decided: Decisions) -> list[Due]:
    """Return the due work of every stage."""
    return [
        *(piece for work in STAGES for piece in work.due(state, decided.waiting)),
        *plants.due(state),
        *rechecks.due(state),
        *human_baseline.due(state),
        *key_checks.due(state),
    ]
