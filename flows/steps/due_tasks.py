"""What is due in every stage, and its hand-out: each stage says what it waits for, here it is put together."""

from __future__ import annotations

from flows.assignment.due_work import Due
from flows.copies import human_baseline, plants, rechecks
from flows.stages import STAGES
from flows.state import State
from flows.steps import author_qualification
from flows.steps.checks_and_decisions import Decisions
from flows.steps.task_opening import Opened, open_tasks


def open_due(state: State, decided: Decisions) -> Opened:
    """See who qualified, plant and draw what is measured, and hand out what is due in every stage."""
    author_qualification.qualify(state)
    plants.plant(state)
    human_baseline.draw(state)
    state = state.fresh()
    return open_tasks(state, due(state, decided))


def due(state: State, decided: Decisions) -> list[Due]:
    """What is due in every stage."""
    return [
        *(piece for work in STAGES for piece in work.due(state, decided.waiting)),
        *plants.due(state),
        *rechecks.due(state),
        *human_baseline.due(state),
    ]
