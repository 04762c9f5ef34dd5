"""Judging: the people who answered a Question blind judge it, with its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.forms.review_criteria import CRITERIA
from annotation.stages import judging_page
from data.ledger.human_verdicts import Recommendation, outcome_reason, rubric_check
from data.ledger.item_copy_ids import kind_of, original
from data.ledger.tables import Row
from flows.assignment.due_work import Due
from flows.assignment.review_progress import review_progress
from flows.campaign_state import State
from flows.ledger_views import review_subject
from flows.stages.stage_work import StageWork
from flows.submissions.review_submissions import counted_reviews, place_of
from flows.submissions.submission import CountedSubmission, SubmissionReader


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Yield a judgement for each blind answer that came in, by the same person.

    Args:
        state: the campaign.
        waiting: as of `flows.assignment.review_progress.reviewed`.
    """
    for one in review_progress(state, waiting):
        for person in one.answerers:
            if person not in one.gone:
                place = (state.source_language, one.passage_id, one.question_id, one.revision)
                yield Due("judging", *place, person=person)


# What is shown -----------------------------------------------------------------------------------------------


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each judging task shows: the key, and this reviewer's own answer and guess."""
    about = review_subject.review_subjects(state, tasks)
    judges = {place_of(task) for task in tasks}
    answers, guesses = counted_reviews(state, "answering", judges), counted_reviews(state, "guessing", judges)
    shown = {}
    for task in tasks:
        asked = about[task["task_key"]]
        shown[task["task_key"]] = judging_page.payload(
            sentences=asked["sentences"],
            key=asked["key"],
            evidence=asked["evidence"],
            guess=guesses.get(place_of(task), {}).get("choice"),
            **review_subject.blind_item(task, asked),
            **answers[place_of(task)],
        )
    return shown


# What is recorded --------------------------------------------------------------------------------------------


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Record a verdict on each criterion and the recommendation; for a recheck, also on the original."""
    revision = submission.revision
    for criterion, fulfilled in submission.fields["rubric"].items():
        reader.found.verdict(submission, rubric_check(criterion), revision, float(fulfilled), not fulfilled, "")
    recommend = Recommendation(submission.fields["recommend"])
    words = outcome_reason(recommend, submission.fields["comment"])
    given = (revision, recommend.score, recommend is not Recommendation.KEEP, words)
    reader.found.verdict(submission, "recommendation", *given)
    if kind_of(submission.subject) == "recheck":
        reader.found.verdict(submission, "recheck", *given, original(submission.subject))


WORK = StageWork(
    stage="judging",
    due=due,
    payloads=payloads,
    record=record,
    judges=True,
    least_rows=len(CRITERIA) + 1,
    invoiced_as="judgements",
)
