"""When each stage's tasks are due, what they carry and become: one file a stage, which ends in a `StageWork`."""

from __future__ import annotations

from flows.stages import (
    adjudication_tasks,
    authoring_tasks,
    guessing_tasks,
    proofreading_tasks,
    qualification_tasks,
    review_tasks,
    translation_tasks,
)
from flows.stages.stage_work import StageWork

STAGES: tuple[StageWork, ...] = (
    qualification_tasks.WORK,
    authoring_tasks.WORK,
    guessing_tasks.WORK,
    review_tasks.ANSWERING_WORK,
    review_tasks.JUDGING_WORK,
    adjudication_tasks.WORK,
    translation_tasks.WORK,
    proofreading_tasks.WORK,
)
"""The work of every stage, in the order of `data.ledger.tables.STAGES`."""

_BY_STAGE = {work.stage: work for work in STAGES}


def work_of(stage: str) -> StageWork:
    """The work of a stage."""
    return _BY_STAGE[stage]  # type: ignore[index]


__all__ = ["STAGES", "StageWork", "work_of"]
