"""What is due in every stage, and its hand-out: each stage says what it waits for, here it is put together."""

from __future__ import annotations

from collections.abc import Mapping

from data.ledger.tables import Stage
from flows.copies import human_baseline, plants, rechecks
from flows.stages import (
    adjudication_tasks,
    authoring_tasks,
    proofreading_tasks,
    qualification_tasks,
    review_tasks,
    translation_tasks,
)
from flows.state import State
from flows.steps.checks_and_decisions import Decisions
from flows.steps.task_opening import Due, Opened, open_tasks
from flows.steps.task_payloads import Payloads

PAYLOADS: Mapping[Stage, Payloads] = {
    "qualifying": qualification_tasks.payloads,
    "authoring": authoring_tasks.payloads,
    "guessing": review_tasks.payloads,
    "answering": review_tasks.payloads,
    "judging": review_tasks.payloads,
    "adjudicating": adjudication_tasks.payloads,
    "translating": translation_tasks.payloads,
    "proofreading": proofreading_tasks.payloads,
}


def open_due(state: State, decided: Decisions) -> Opened:
    """See who qualified, plant and draw what is measured, and hand out what is due in every stage."""
    qualification_tasks.qualify(state)
    plants.plant(state)
    human_baseline.draw(state)
    state = state.fresh()
    return open_tasks(state, due(state, decided), PAYLOADS)


def due(state: State, decided: Decisions) -> list[Due]:
    """What is due in every stage."""
    return [
        *qualification_tasks.due(state),
        *authoring_tasks.due(state),
        *review_tasks.due(state, decided.waiting),
        *adjudication_tasks.due(state, decided.waiting),
        *translation_tasks.due(state),
        *proofreading_tasks.due(state, decided.waiting),
        *plants.due(state),
        *rechecks.due(state),
        *human_baseline.due(state),
    ]
