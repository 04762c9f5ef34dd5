"""Review submissions: what people said of a question, and what all review stages record in the same way."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from annotation.stages import page_of
from data.ledger.tables import Row
from flows.campaign_state import State, among, in_order
from flows.ledger_views import review_subject
from flows.submissions.submission import CountedSubmission, SubmissionReader

ReviewPlace = tuple[str, int, str]
"""question_id, revision, person."""


def place_of(task: Row) -> ReviewPlace:
    """Return the subject and the person of a review task."""
    return task["question_id"], int(task["revision"]), task["person"]


def counted_reviews(state: State, stage: str, asked: Collection[ReviewPlace]) -> dict[ReviewPlace, dict[str, Any]]:
    """Return the counted submissions of a review stage at these places, as its page's fields."""
    mine = state.tasks[(state.tasks["stage"] == stage) & state.tasks["done"]]
    mine = mine[among(mine["question_id"], {subject for subject, _, _ in asked})]
    columns = (mine[name] for name in ("task_key", "question_id", "revision", "person"))
    place = {key: (subject, int(n), person) for key, subject, n, person in zip(*columns, strict=True)}
    place = {key: at for key, at in place.items() if at in asked}
    given = state.annotations[state.annotations["task_key"].isin(place)]
    given = in_order(given[among(given["event_id"], state.counted)])
    results, payloads = state.results_of(set(given["event_id"])), state.payloads_of(set(place))
    found = {}
    for event, key in zip(given["event_id"], given["task_key"], strict=True):
        fields = page_of(stage).read(results[event], payloads[key]).fields
        if fields is not None:
            found[place[key]] = fields
    return found


def record_blocked(reader: SubmissionReader, submission: CountedSubmission, query: str) -> None:
    """Record that somebody cannot work on a copy, which counts as finding it; they do not get it again."""
    for check in ("blind_answer", "recommendation"):
        reader.found.verdict(submission, check, submission.revision, 0.0, True, query)


def chose_key(reader: SubmissionReader, submission: CountedSubmission) -> bool:
    """Whether a blind submission chose the answer that is marked as correct."""
    task = submission.task
    key = review_subject.correct_answer_of(reader.state, submission.subject, task["language"], submission.revision)
    return bool(submission.fields["choice"] == key)


def option_chosen(submission: CountedSubmission) -> str:
    """Return the text of the option that a blind submission chose."""
    payload = submission.payload
    return str(dict(zip(payload["order"], payload["options"], strict=True))[submission.fields["choice"]])
