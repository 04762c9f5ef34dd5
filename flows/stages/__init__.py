"""The stages' work: when tasks are due, what they show and what they become; each file ends in a `StageWork`."""

from __future__ import annotations

from flows.stages import (
    adjudication_tasks,
    answering_tasks,
    authoring_tasks,
    guessing_tasks,
    judging_tasks,
    proofreading_tasks,
    qualification_tasks,
    translation_tasks,
    wording_tasks,
)
from flows.stages.stage_work import StageWork

STAGES: tuple[StageWork, ...] = (
    qualification_tasks.WORK,
    authoring_tasks.WORK,
    guessing_tasks.WORK,
    answering_tasks.WORK,
    judging_tasks.WORK,
    adjudication_tasks.WORK,
    translation_tasks.WORK,
    proofreading_tasks.WORK,
    wording_tasks.WORK,
)
"""The work of every stage, in the order of `data.ledger.tables.STAGES`."""

_BY_STAGE = {work.stage: work for work in STAGES}


def work_of(stage: str) -> StageWork:
    """Return the work of a stage."""
    return _BY_STAGE[stage]  # type: ignore[index]


__all__ = ["STAGES", "StageWork", "work_of"]
