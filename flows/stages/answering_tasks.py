"""Answering: a Question that passed the checks is answered blind.

The same people judge it afterwards (`flows.stages.judging_tasks`); the two tasks make one review.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.stages import answering_page
from data.ledger.human_verdicts import blind_answer_reason
from data.ledger.item_copy_ids import kind_of, original
from data.ledger.tables import Row
from flows.assignment.available_reviewers import people_given, written_by
from flows.assignment.copy_readers import readers_of_copies
from flows.assignment.due_work import Due
from flows.assignment.review_progress import review_progress
from flows.campaign_state import State
from flows.ledger_views import review_subject
from flows.ledger_views.key_answers import KEY_ANSWER
from flows.stages.stage_work import StageWork
from flows.submissions.review_submissions import chose_key, option_chosen
from flows.submissions.submission import CountedSubmission, SubmissionReader


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Yield blind answers for Questions that wait for people.

    A revised Question goes to people who have not seen its key, as long as there are any, and never to one of its
    authors or its adjudicator. If a person answered and then will not or cannot judge, another person does both.
    People who can also adjudicate are asked last, so that one of them remains.

    Args:
        state: the campaign.
        waiting: as of `flows.assignment.review_progress.reviewed`.
    """
    language, asked = state.source_language, list(review_progress(state, waiting))
    subjects = {one.question_id for one in asked}
    authors, adjudicated = written_by(state, subjects), people_given(state, subjects, ("adjudicating",))
    saw_key, copied = people_given(state, subjects, ("judging",)), readers_of_copies(state)
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    adjudicators = {person.code for person in state.campaign.people_for("adjudicating", language)}
    for one in asked:
        subject = one.question_id
        never = authors[subject] | copied.get(subject, set()) | adjudicated[subject]
        last = saw_key[subject]
        count = one.wanted + len(one.gone)
        if len(able - never - last - adjudicators) >= count:
            last = last | adjudicators
        yield Due(
            "answering", language, one.passage_id, subject, one.revision,
            never=frozenset(never), last=frozenset(last), count=count,
        )  # fmt: skip


# What is shown -----------------------------------------------------------------------------------------------


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each answering task shows, which neither contains nor reveals the key."""
    about = review_subject.review_subjects(state, tasks)
    shown = {}
    for task in tasks:
        key = task["task_key"]
        item = review_subject.blind_item(task, about[key])
        shown[key] = answering_page.payload(task_key=key, sentences=about[key]["sentences"], **item)
    return shown


# What is recorded --------------------------------------------------------------------------------------------


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Record the blind answer; one of a baseline measures readers and says nothing against the item, and one of a
    key check is evidence about the key (`flows.item_copies.key_checks`).
    """
    fields, right = submission.fields, chose_key(reader, submission)
    text = option_chosen(submission) if fields["choice"] else ""
    words = blind_answer_reason(fields["choice"], text, fields["sure"], fields["comment"])
    given = (submission.revision, float(right))
    kind, about = kind_of(submission.subject), original(submission.subject)
    if kind == "baseline":
        reader.found.verdict(submission, "baseline_answer", *given, False, words, about)
    elif kind == "key_check":
        reader.found.verdict(submission, KEY_ANSWER, *given, not right, words, about)
    else:
        reader.found.verdict(submission, "blind_answer", *given, not right, words)


WORK = StageWork(
    stage="answering",
    due=due,
    payloads=payloads,
    record=record,
    judges=True,
    invoiced_as="answers",
)
