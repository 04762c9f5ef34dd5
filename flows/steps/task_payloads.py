"""The payload of a new task: its stage's, plus what was wrong and submitted if the last attempt was invalid."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from annotation.stages import page_of
from data.ledger.events import Closed, TaskClosed, details_of
from data.ledger.tables import Row, Stage
from data.ledger.task_keys import TaskKey
from data.ledger.task_reason import reason_of
from flows.assignment.due_work import WorkKey
from flows.campaign_state import State, among
from flows.stages import work_of


def task_key_of(work: WorkKey, person: str, attempt: int) -> str:
    """Return the key of a task: the work, the person and the number of the attempt."""
    return str(TaskKey.of(*work, person, attempt))


def fill(state: State, tasks: list[dict[str, Any]]) -> None:
    """Add each task's payload; after an invalid submission, also what was wrong and what was submitted."""
    returned = _returned(state, tasks)
    by_stage: dict[Stage, list[Row]] = defaultdict(list)
    for task in tasks:
        if task["task_key"] in returned:
            problems = returned[task["task_key"]].problems
            task["reason"] = reason_of([*problems, task["reason"]])
        by_stage[task["stage"]].append(task)
    shown: dict[str, dict[str, Any]] = {}
    for stage, mine in by_stage.items():
        shown |= work_of(stage).payloads(state, mine)
    for task in tasks:
        payload = shown[task["task_key"]]
        if task["task_key"] in returned:
            before = returned[task["task_key"]]
            payload |= page_of(task["stage"]).refill(before.result, before.payload)
        task["payload"] = json.dumps(payload, ensure_ascii=False, sort_keys=True)


class _Returned(NamedTuple):
    """An invalid attempt: what was wrong, what was submitted, and what it was made on."""

    problems: list[str]
    result: object
    payload: dict[str, Any]


def _returned(state: State, tasks: Sequence[Row]) -> dict[str, _Returned]:
    """Return the last attempt of new tasks of which it was invalid."""
    before = {}
    for task in tasks:
        work = (task["stage"], task["language"], task["question_id"], task["revision"])
        before[task_key_of(work, task["person"], task["attempt"] - 1)] = task["task_key"]
    found: dict[str, tuple[list[str], str, str]] = {}
    closed = state.events(TaskClosed)
    closed = closed[among(closed["subject"], before)]
    for key, one in zip(closed["subject"], details_of(closed, TaskClosed), strict=True):
        if one.why == Closed.INVALID:
            found[before[key]] = list(one.problems or ()), str(one.annotation), key
    results = state.results_of({annotation for _, annotation, _ in found.values()})
    payloads = state.payloads_of({former for _, _, former in found.values()})
    return {
        key: _Returned(problems, results[annotation], payloads[former])
        for key, (problems, annotation, former) in found.items()
    }
