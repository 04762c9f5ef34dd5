"""Guessing: a Question is guessed by those who are going to review it and were drawn for that
(`flows.assignment.guesser_draw`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.stages import guessing_page
from data.ledger.human_verdicts import guess_reason
from data.ledger.tables import Row
from flows.assignment import review_subject
from flows.assignment.due_work import Due, turned_away
from flows.stages.review_tasks import blind_item, chose_key, option_chosen, reviewed
from flows.stages.stage_work import StageWork
from flows.state import State, among
from flows.submissions.submission import CountedSubmission, Reader


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """The guesses that stay wanted, and those that are asked for once more because what came in was not valid.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited.
    """
    begun = state.tasks[state.tasks["stage"] == "guessing"]
    if begun.empty:
        return
    language = state.source_language
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    away, _ = turned_away(state)
    asked = reviewed(state, waiting)
    tasks = state.tasks[among(state.tasks["passage_id"], asked["passage_id"])]
    others = tasks[tasks["stage"] != "guessing"]
    read = set(zip(others["passage_id"], others["person"], strict=True))
    live = begun["done"] | ~begun["closed"]
    columns = ["question_id", "revision", "person"]
    standing = set(begun.loc[live, columns].itertuples(index=False, name=None))
    given: dict[tuple[str, int], set[str]] = defaultdict(set)
    for subject, revision, person in begun[columns].itertuples(index=False, name=None):
        given[subject, int(revision)].add(person)
    for passage, subject, revision in zip(
        asked["passage_id"], asked["question_id"], asked["revision"].astype(int), strict=True
    ):
        yield Due("guessing", language, passage, subject, revision, count=0)
        for person in sorted(given[subject, revision] & able):
            lost = (subject, revision, person) not in standing and (passage, person) not in read
            if lost and ("guessing", language, passage, person) not in away:
                yield Due("guessing", language, passage, subject, revision, person=person)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows: no key and nothing that tells it, and no passage either."""
    about = review_subject.shown(state, tasks)
    return {
        task["task_key"]: guessing_page.payload(
            task_key=task["task_key"], **blind_item(task, about[task["task_key"]])
        )
        for task in tasks
    }


def record(reader: Reader, submission: CountedSubmission) -> None:
    """The guess; a right one is no fault, since one in four is right by luck."""
    fields = submission.fields
    why, right = guessing_page.WHY[fields["why"]], chose_key(reader, submission)
    words = guess_reason(fields["choice"], option_chosen(submission), why, fields["comment"])
    reader.found.verdict(submission, "guess", submission.revision, float(right), False, words)


WORK = StageWork(
    stage="guessing",
    due=due,
    payloads=payloads,
    record=record,
    judges=True,
    invoiced_as="guesses",
)
