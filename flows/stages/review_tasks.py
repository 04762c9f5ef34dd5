"""Review: a Question that passed the checks is answered blind, then judged by the same people with its key."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import pandas as pd

from annotation.forms import review_criteria
from annotation.stages import answering_page, judging_page, page_of
from data.ledger.copy_ids import kind_of, original
from data.ledger.human_verdicts import Recommendation, blind_answer_reason, outcome_reason, rubric_check
from data.ledger.tables import Row
from data.ledger.task_reason import findings_in
from flows.assignment import review_subject
from flows.assignment.available_reviewers import given, written_by
from flows.assignment.due_work import Due, turned_away
from flows.assignment.review_subject import readers_of_copies
from flows.readings.current_items import current_questions
from flows.stages.stage_work import StageWork
from flows.state import State, among, in_order
from flows.submissions.submission import CountedSubmission, Reader
from qc.decisions.rule_table import AWAITED_REVIEWS


def reviewed(state: State, waiting: pd.DataFrame) -> pd.DataFrame:
    """The Questions that wait for reviewers, each with its passage_id.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited, reviewers.
    """
    found = waiting[(waiting["language"] == state.source_language) & waiting["awaited"].isin(AWAITED_REVIEWS)]
    questions = current_questions(state)
    passage_of = dict(zip(questions["question_id"], questions["passage_id"], strict=True))
    return found.assign(passage_id=found["question_id"].map(passage_of))


@dataclass(frozen=True)
class _Review:
    """How far the review of a Question has come.

    Attributes:
        passage_id, question_id, revision: which Question.
        wanted: how many people are to answer and judge it.
        answerers: who answered it, in order.
        gone: those of them who will not judge it, or cannot any more.
    """

    passage_id: str
    question_id: str
    revision: int
    wanted: int
    answerers: Sequence[str]
    gone: Set[str]


def _reviews(state: State, waiting: pd.DataFrame) -> Iterator[_Review]:
    language, asked = state.source_language, reviewed(state, waiting)
    tasks = state.tasks[among(state.tasks["question_id"], asked["question_id"])]
    answered, judged = tasks[tasks["done"] & (tasks["stage"] == "answering")], tasks[tasks["stage"] == "judging"]
    judges = judged[~judged["closed"] | judged["done"]].groupby(["question_id", "revision"])["person"].agg(set)
    answerers = answered.groupby(["question_id", "revision"])["person"].agg(dict.fromkeys).to_dict()
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    away, _ = turned_away(state)
    columns = (asked[name] for name in ("passage_id", "question_id", "revision", "reviewers"))
    for passage_id, subject, revision, wanted in zip(*columns, strict=True):
        people = answerers.get((subject, revision), {})
        gone = {p for p in people if p not in able or ("judging", language, passage_id, p) in away}
        gone -= judges.get((subject, revision), set())
        yield _Review(passage_id, subject, int(revision), int(wanted), tuple(people), gone)


def due_answers(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Blind answers for Questions that wait for people.

    A revised Question goes to people who have not seen its key yet, as far as there are any, and never to one of
    its authors or to who adjudicated it. Who answered and then will not or cannot judge is made up for by another
    person, who does both. Who also adjudicates is asked last, so that somebody is left who can.

    Args:
        state: the campaign.
        waiting: as of `reviewed`.
    """
    language, asked = state.source_language, list(_reviews(state, waiting))
    subjects = {one.question_id for one in asked}
    authors, adjudicated = written_by(state, subjects), given(state, subjects, ("adjudicating",))
    saw_key, copied = given(state, subjects, ("judging",)), readers_of_copies(state)
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


def due_judgements(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """A judgement for each blind answer that came in, by who gave it; arguments as of `due_answers`."""
    for one in _reviews(state, waiting):
        for person in one.answerers:
            if person not in one.gone:
                place = (state.source_language, one.passage_id, one.question_id, one.revision)
                yield Due("judging", *place, person=person)


# What is shown -----------------------------------------------------------------------------------------------


def blind_item(task: Row, about: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a review task's payload that tells no key: question, answers and why it came back.

    Args:
        task: the new task.
        about: what it is about, as of `flows.assignment.review_subject.shown`.
    """
    findings = findings_in(task["reason"])
    return {"question": about["question"], "answers": about["answers"], "findings": findings}


def answering_payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task of answering shows; it holds no key and nothing that tells it."""
    about = review_subject.shown(state, tasks)
    shown = {}
    for task in tasks:
        key = task["task_key"]
        item = blind_item(task, about[key])
        shown[key] = answering_page.payload(task_key=key, sentences=about[key]["sentences"], **item)
    return shown


def judging_payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task of judging shows: the key, and what this reviewer answered and guessed before."""
    about = review_subject.shown(state, tasks)
    judges = {_place(task) for task in tasks}
    answers, guesses = said(state, "answering", judges), said(state, "guessing", judges)
    shown = {}
    for task in tasks:
        asked = about[task["task_key"]]
        shown[task["task_key"]] = judging_page.payload(
            sentences=asked["sentences"],
            key=asked["key"],
            evidence=asked["evidence"],
            guess=guesses.get(_place(task), {}).get("choice"),
            **blind_item(task, asked),
            **answers[_place(task)],
        )
    return shown


ReviewPlace = tuple[str, int, str]
"""question_id, revision, person."""


def _place(task: Row) -> ReviewPlace:
    return task["question_id"], int(task["revision"]), task["person"]


def said(state: State, stage: str, asked: Collection[ReviewPlace]) -> dict[ReviewPlace, dict[str, Any]]:
    """What people said in a stage of review, as its page's fields, where it came in and counts."""
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


# What is recorded --------------------------------------------------------------------------------------------


def record_answer(reader: Reader, submission: CountedSubmission) -> None:
    """The blind answer; one of a baseline measures readers, and says nothing against the item."""
    fields, right = submission.fields, chose_key(reader, submission)
    text = option_chosen(submission) if fields["choice"] else ""
    words = blind_answer_reason(fields["choice"], text, fields["sure"], fields["comment"])
    given = (submission.revision, float(right))
    if kind_of(submission.subject) == "baseline":
        about = original(submission.subject)
        reader.found.verdict(submission, "baseline_answer", *given, False, words, about)
    else:
        reader.found.verdict(submission, "blind_answer", *given, not right, words)


def record_judgement(reader: Reader, submission: CountedSubmission) -> None:
    """A verdict on each criterion and the recommendation; of a recheck, on the original besides."""
    revision = submission.revision
    for criterion, fulfilled in submission.fields["rubric"].items():
        reader.found.verdict(submission, rubric_check(criterion), revision, float(fulfilled), not fulfilled, "")
    recommend = Recommendation(submission.fields["recommend"])
    words = outcome_reason(recommend, submission.fields["comment"])
    given = (revision, recommend.score, recommend is not Recommendation.KEEP, words)
    reader.found.verdict(submission, "recommendation", *given)
    if kind_of(submission.subject) == "recheck":
        reader.found.verdict(submission, "recheck", *given, original(submission.subject))


def record_blocked(reader: Reader, submission: CountedSubmission, query: str) -> None:
    """What somebody says of a copy who cannot work on it: they found it, and it is not put to them again."""
    for check in ("blind_answer", "recommendation"):
        reader.found.verdict(submission, check, submission.revision, 0.0, True, query)


def chose_key(reader: Reader, submission: CountedSubmission) -> bool:
    """Whether a blind submission chose the answer that is marked as correct."""
    task = submission.task
    key = review_subject.correct_answer_of(reader.state, submission.subject, task["language"], submission.revision)
    return bool(submission.fields["choice"] == key)


def option_chosen(submission: CountedSubmission) -> str:
    """The text of the option that a blind submission chose."""
    payload = submission.payload
    return str(dict(zip(payload["order"], payload["options"], strict=True))[submission.fields["choice"]])


ANSWERING_WORK = StageWork(
    stage="answering",
    due=due_answers,
    payloads=answering_payloads,
    record=record_answer,
    judges=True,
    invoiced_as="answers",
)

JUDGING_WORK = StageWork(
    stage="judging",
    due=due_judgements,
    payloads=judging_payloads,
    record=record_judgement,
    judges=True,
    least_rows=len(review_criteria.CRITERIA) + 1,
    invoiced_as="judgements",
)
