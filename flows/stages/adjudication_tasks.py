"""Adjudication: a person who sees all reviews decides what the reviewers cannot agree on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.stages import adjudication_page
from data.ledger.human_verdicts import Recommendation, adjudication_reason
from data.ledger.tables import Row, digest
from data.ledger.task_reason import findings_in
from flows.assignment.available_reviewers import REVIEW, people_given, written_by
from flows.assignment.copy_readers import readers_of_copies
from flows.assignment.due_work import Due
from flows.campaign_state import State, among, by_key
from flows.ledger_views.current_items import current_questions, revision_rounds
from flows.stages.stage_work import StageWork
from flows.submissions import review_submissions
from flows.submissions.submission import CountedSubmission, SubmissionReader
from qc.decisions.rule_table import Awaited


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Yield one adjudicator for every disputed Question, neither its author nor anybody who was given it to
    review.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited.
    """
    language = state.source_language
    disputed = waiting[(waiting["language"] == language) & (waiting["awaited"] == Awaited.ADJUDICATION)]
    questions = by_key(current_questions(state), "question_id")
    subjects = set(disputed["question_id"])
    authors, reviewers = written_by(state, subjects), people_given(state, subjects, REVIEW)
    copied = readers_of_copies(state)
    for subject, revision in zip(disputed["question_id"], disputed["revision"], strict=True):
        place = questions[subject]["passage_id"]
        never = authors[subject] | reviewers[subject] | copied.get(subject, set())
        yield Due("adjudicating", language, place, subject, int(revision), never=frozenset(never))


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each task shows: the Question, its author's reasons, and all that reviewers said of it."""
    language = state.source_language
    texts = state.texts_of({task["passage_id"] for task in tasks}, {language})
    questions = by_key(state.questions, "question_id", "revision")
    reviews = _reviews(state, {(task["question_id"], int(task["revision"])) for task in tasks})
    checks = _found_by_checks(state, {task["question_id"] for task in tasks})
    rounds, shown = revision_rounds(state), {}
    for task in tasks:
        item = task["question_id"], int(task["revision"])
        question = questions[item]
        shown[task["task_key"]] = adjudication_page.payload(
            sentences=list(texts[task["passage_id"], language]["sentences"]),
            question=question["question"],
            answers=list(question["answers"]),
            key=int(question["key"]),
            reviews=reviews[item][: adjudication_page.MOST],
            evidence=question["evidence"],
            notes=question["notes"] or (),
            checks=checks[item],
            last_round=rounds.get((task["question_id"], language), 0) >= state.campaign.review.max_returns,
            findings=findings_in(task["reason"]),
        )
    return shown


def _reviews(
    state: State, items: set[tuple[str, int]]
) -> Mapping[tuple[str, int], list[adjudication_page.Review]]:
    """Return the reviews of each revision, in an order that does not reveal who gave them or when."""
    tasks = state.tasks[among(state.tasks["question_id"], {subject for subject, _ in items})]
    asked = {
        (subject, int(revision), person)
        for subject, revision, person in zip(tasks["question_id"], tasks["revision"], tasks["person"], strict=True)
        if (subject, int(revision)) in items
    }
    answered, judged = (
        review_submissions.counted_reviews(state, "answering", asked),
        review_submissions.counted_reviews(state, "judging", asked),
    )
    found: dict[tuple[str, int], list[adjudication_page.Review]] = defaultdict(list)
    for place in sorted(answered.keys() | judged.keys(), key=lambda place: digest("reviewer", *place)):
        answer, judgement = answered.get(place), judged.get(place)
        review = adjudication_page.Review()
        if answer:
            review = adjudication_page.Review(answer["choice"], answer["sure"], answer["comment"])
        if judgement:
            review = adjudication_page.Review(review.choice, review.sure, review.answer_comment, **judgement)
        found[place[:2]].append(review)
    return found


def _found_by_checks(state: State, subjects: set[str]) -> Mapping[tuple[str, int], list[str]]:
    verdicts = state.verdicts_on(subjects)
    said = verdicts[(verdicts["judge"] == "check") & (verdicts["language"] == state.source_language)]
    said = said[said["flagged"].eq(True).fillna(False)]
    found: dict[tuple[str, int], list[str]] = defaultdict(list)
    for subject, revision, check, reason in zip(
        said["subject"], said["revision"], said["check"], said["reason"], strict=True
    ):
        found[subject, int(revision)].append(reason or check)
    return defaultdict(list, {item: list(dict.fromkeys(sorted(lines))) for item, lines in found.items()})


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Record the adjudicator's decision, and which answer they consider right if it is not the key."""
    fields, decision = submission.fields, Recommendation(submission.fields["decision"])
    words = adjudication_reason(decision, fields["right"], submission.payload["key"], fields["reason"])
    objects = decision is not Recommendation.KEEP
    reader.found.verdict(submission, "adjudication", submission.revision, decision.score, objects, words)


WORK = StageWork(
    stage="adjudicating",
    due=due,
    payloads=payloads,
    record=record,
    judges=True,
    invoiced_as="adjudications",
)
