"""Review: a Question that passed the checks is answered blind, then judged by the same people with its key."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.forms.submitted_form import Reading
from annotation.stages import guessing_page, review_pages
from data.ledger.tables import Row
from flows.copies import review_subject
from flows.copies.review_subject import readers_of_copies
from flows.stages import guessing_tasks as before
from flows.stages.available_reviewers import given
from flows.state import State, among, by_key, in_order
from flows.steps.task_opening import Due, turned_away
from flows.steps.task_reason import findings_in
from qc.decisions.rule_table import AWAITED_REVIEWS


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Blind answers for Questions that wait for people, and a judgement for each blind answer that came in.

    A revised Question goes to people who have not seen its key yet, as far as there are any, and never to one of
    its authors or to who adjudicated it. Who answered and then will not or cannot judge is made up for by another
    person, who does both. Who also adjudicates is asked last, so that somebody is left who can.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decisions.rule_table` left them: question_id, language, revision,
            awaited, reviewers.
    """
    language = state.source_language
    reviewed = waiting[(waiting["language"] == language) & waiting["awaited"].isin(AWAITED_REVIEWS)]
    questions = by_key(state.current_questions, "question_id")
    tasks = state.tasks[among(state.tasks["question_id"], reviewed["question_id"])]
    answered = tasks[tasks["done"] & (tasks["stage"] == "answering")]
    judged = tasks[tasks["stage"] == "judging"]
    saw_key = judged.groupby("question_id")["person"].agg(frozenset).to_dict()
    judges = judged[~judged["closed"] | judged["done"]].groupby(["question_id", "revision"])["person"].agg(set)
    answerers = answered.groupby(["question_id", "revision"])["person"].agg(dict.fromkeys).to_dict()
    written = state.questions[among(state.questions["question_id"], reviewed["question_id"])]
    authors = written.groupby("question_id")["person"].agg(frozenset).to_dict()
    copied, adjudicated = readers_of_copies(state), given(state, set(reviewed["question_id"]), ("adjudicating",))
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    adjudicators = {person.code for person in state.campaign.people_for("adjudicating", language)}
    away, _ = turned_away(state)
    items = zip(reviewed["question_id"], reviewed["revision"].astype(int), strict=True)
    yield from before.due(state, [(questions[subject]["passage_id"], subject, n) for subject, n in items])
    columns = (reviewed[name] for name in ("question_id", "revision", "reviewers"))
    for subject, revision, wanted in zip(*columns, strict=True):
        passage_id = questions[subject]["passage_id"]
        people = answerers.get((subject, revision), {})
        gone = {p for p in people if p not in able or ("judging", language, passage_id, p) in away}
        gone -= judges.get((subject, revision), set())
        never = authors[subject] | copied.get(subject, set()) | adjudicated[subject]
        last = saw_key.get(subject, set())
        count = int(wanted) + len(gone)
        if len(able - never - last - adjudicators) >= count:
            last = last | adjudicators
        yield Due(
            "answering", language, passage_id, subject, int(revision),
            never=frozenset(never), last=frozenset(last), count=count,
        )  # fmt: skip
        for person in people:
            if person not in gone:
                yield Due("judging", language, passage_id, subject, int(revision), person=person)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows; a blind one holds no key and nothing that tells it, a guess no passage either."""
    about = review_subject.shown(state, tasks)
    judges = {_place(task) for task in tasks if task["stage"] == "judging"}
    answers, guesses = said(state, "answering", judges), said(state, "guessing", judges)
    shown = {}
    for task in tasks:
        asked = about[task["task_key"]]
        item: dict[str, Any] = {
            "question": asked["question"],
            "answers": asked["answers"],
            "findings": findings_in(task["reason"]),
        }
        if task["stage"] == "guessing":
            shown[task["task_key"]] = guessing_page.payload(task_key=task["task_key"], **item)
            continue
        item["sentences"] = asked["sentences"]
        if task["stage"] == "answering":
            shown[task["task_key"]] = review_pages.answering_payload(task_key=task["task_key"], **item)
        else:
            answer, guess = answers[_place(task)], guesses.get(_place(task), {}).get("choice")
            shown[task["task_key"]] = review_pages.judging_payload(
                key=asked["key"], guess=guess, evidence=asked["evidence"], **item, **answer
            )
    return shown


ReviewPlace = tuple[str, int, str]
"""question_id, revision, person."""

_READ: Mapping[str, Callable[[object, Mapping[str, Any]], Reading]] = {
    "guessing": guessing_page.read,
    "answering": review_pages.read_answering,
    "judging": review_pages.read_judging,
}


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
        fields = _READ[stage](results[event], payloads[key]).fields
        if fields is not None:
            found[place[key]] = fields
    return found
