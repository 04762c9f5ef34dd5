"""What a new task shows: the payload of its stage, and what was wrong and written if it comes back not valid."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from annotation.stages import page_of
from data.ledger.events import Closed, TaskClosed, details_of
from data.ledger.tables import Row, Stage
from data.ledger.task_keys import TaskKey
from data.ledger.task_reason import reason_of
from flows.assignment.due_work import WorkKey
from flows.stages import work_of
from flows.state import State, among


def task_key_of(work: WorkKey, person: str, attempt: int) -> str:
    """The key of a task: what is worked on, who does it, and which time it is."""
    return str(TaskKey.of(*work, person, attempt))


def fill(state: State, tasks: list[dict[str, Any]]) -> None:
    """Say what each task shows; after a submission that was not valid, what was wrong and what was written."""
    returned = _returned(state, tasks)
    by_stage: dict[Stage, list[Row]] = defaultdict(list)
    for task in tasks:
        if task["task_key"] in returned:
            problems, _ = returned[task["task_key"]]
            task["reason"] = reason_of([*problems, task["reason"]])
        by_stage[task["stage"]].append(task)
    shown: dict[str, dict[str, Any]] = {}
    for stage, mine in by_stage.items():
        shown |= work_of(stage).payloads(state, mine)
    for task in tasks:
        payload = shown[task["task_key"]]
        if task["task_key"] in returned:
            payload |= page_of(task["stage"]).refill(returned[task["task_key"]][1])
        task["payload"] = json.dumps(payload, ensure_ascii=False, sort_keys=True)


def _returned(state: State, tasks: Sequence[Row]) -> dict[str, tuple[list[str], object]]:
    """Of new tasks whose last attempt was not valid: what was wrong, and what had been submitted."""
    before = {}
    for task in tasks:
        work = (task["stage"], task["language"], task["question_id"], task["revision"])
        before[task_key_of(work, task["person"], task["attempt"] - 1)] = task["task_key"]
    found: dict[str, tuple[list[str], str]] = {}
    closed = state.events(TaskClosed)
    closed = closed[among(closed["subject"], before)]
    for key, one in zip(closed["subject"], details_of(closed, TaskClosed), strict=True):
        if one.why == Closed.INVALID:
            found[before[key]] = list(one.problems or ()), str(one.annotation)
    results = state.results_of({annotation for _, annotation in found.values()})
    return {key: (problems, results[annotation]) for key, (problems, annotation) in found.items()}
