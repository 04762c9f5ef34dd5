"""Adjudication: what reviewers cannot agree about is decided by somebody who sees all that they said."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.stages import adjudication_page
from data.ledger.human_verdicts import Recommendation, adjudication_reason
from data.ledger.tables import Row, digest
from data.ledger.task_reason import findings_in
from flows.assignment.available_reviewers import REVIEW, given, written_by
from flows.assignment.due_work import Due
from flows.assignment.review_subject import readers_of_copies
from flows.readings.current_items import current_questions, revision_rounds
from flows.stages import review_tasks
from flows.stages.stage_work import StageWork
from flows.state import State, among, by_key
from flows.submissions.submission import CountedSubmission, Reader
from qc.decisions.rule_table import Awaited


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """One adjudicator for every disputed Question: neither its author nor anybody who was given it to review.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited.
    """
    language = state.source_language
    disputed = waiting[(waiting["language"] == language) & (waiting["awaited"] == Awaited.ADJUDICATION)]
    questions = by_key(current_questions(state), "question_id")
    subjects = set(disputed["question_id"])
    authors, reviewers = written_by(state, subjects), given(state, subjects, REVIEW)
    copied = readers_of_copies(state)
    for subject, revision in zip(disputed["question_id"], disputed["revision"], strict=True):
        place = questions[subject]["passage_id"]
        never = authors[subject] | reviewers[subject] | copied.get(subject, set())
        yield Due("adjudicating", language, place, subject, int(revision), never=frozenset(never))


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows: the Question, all that its author said for it, and all that others said of it."""
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
    """What was said of each revision, in an order that tells nothing about who said it or when."""
    tasks = state.tasks[among(state.tasks["question_id"], {subject for subject, _ in items})]
    asked = {
        (subject, int(revision), person)
        for subject, revision, person in zip(tasks["question_id"], tasks["revision"], tasks["person"], strict=True)
        if (subject, int(revision)) in items
    }
    answered, judged = review_tasks.said(state, "answering", asked), review_tasks.said(state, "judging", asked)
    found: dict[tuple[str, int], list[adjudication_page.Review]] = defaultdict(list)
    for place in sorted(answered.keys() | judged.keys(), key=lambda place: digest("reviewer", *place)):
        answer, judgement = answered.get(place), judged.get(place)
        told = adjudication_page.Review()
        if answer:
            told = adjudication_page.Review(answer["choice"], answer["sure"], answer["comment"])
        if judgement:
            told = adjudication_page.Review(told.choice, told.sure, told.answer_comment, **judgement)
        found[place[:2]].append(told)
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


def record(reader: Reader, submission: CountedSubmission) -> None:
    """What the adjudicator decided, and which answer they hold to be right where that is not the key."""
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
