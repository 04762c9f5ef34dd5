"""Review: a Question that passed the checks is answered blind, then judged by the same people with its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation import reviewing
from data.nouns import Row
from flows.opening import Due, turned_away
from flows.state import State, among, by_key


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Blind answers for Questions that wait for people, and a judgement for each blind answer that came in.

    A revised Question goes to people who have not seen its key yet, as far as there are any, and never to one of
    its authors. Who answered and then will not or cannot judge is made up for by another person, who does both.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decide` left them: question_id, language, revision, waiting_for.
    """
    language = state.source_language
    asked = waiting["waiting_for"].str.contains("blind answer|judgement")
    reviewed = waiting[(waiting["language"] == language) & asked]
    questions = by_key(state.current_questions, "question_id")
    tasks = state.tasks[among(state.tasks["question_id"], reviewed["question_id"])]
    answered = tasks[tasks["done"] & (tasks["stage"] == "answering")]
    judged = tasks[tasks["stage"] == "judging"]
    saw_key = judged.groupby("question_id")["person"].agg(frozenset).to_dict()
    judges = judged[~judged["closed"] | judged["done"]].groupby(["question_id", "revision"])["person"].agg(set)
    answerers = answered.groupby(["question_id", "revision"])["person"].agg(dict.fromkeys).to_dict()
    written = state.questions[among(state.questions["question_id"], reviewed["question_id"])]
    authors = written.groupby("question_id")["person"].agg(frozenset).to_dict()
    able = {person.code for person in state.campaign.people_for("reviewing", language)}
    away, _ = turned_away(state)
    for subject, revision in zip(reviewed["question_id"], reviewed["revision"], strict=True):
        passage_id = questions[subject]["passage_id"]
        people = answerers.get((subject, revision), {})
        gone = {p for p in people if p not in able or ("judging", language, passage_id, p) in away}
        gone -= judges.get((subject, revision), set())
        yield Due(
            "answering", language, passage_id, subject, int(revision), never=authors[subject],
            last=saw_key.get(subject, frozenset()), count=state.campaign.review.overlap + len(gone),
        )  # fmt: skip
        for person in people:
            if person not in gone:
                yield Due("judging", language, passage_id, subject, int(revision), person=person)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows; a blind one holds no key and nothing that tells it."""
    language = state.source_language
    texts = state.texts_of({task["passage_id"] for task in tasks}, {language})
    questions = by_key(state.questions, "question_id", "revision")
    said = _blind_answers(state, [task for task in tasks if task["stage"] == "judging"])
    shown = {}
    for task in tasks:
        question = questions[task["question_id"], task["revision"]]
        item: dict[str, Any] = {
            "sentences": list(texts[task["passage_id"], language]["sentences"]),
            "question": question["question"],
            "answers": list(question["answers"]),
        }
        item["findings"] = [line for line in task["reason"].split("\n") if line]
        if task["stage"] == "answering":
            shown[task["task_key"]] = reviewing.answering_payload(task_key=task["task_key"], **item)
        else:
            answer = said[task["question_id"], task["revision"], task["person"]]
            shown[task["task_key"]] = reviewing.judging_payload(key=int(question["key"]), **item, **answer)
    return shown


def _blind_answers(state: State, judging: Sequence[Row]) -> dict[tuple[str, int, str], dict[str, Any]]:
    """What each reviewer answered before the key could be seen: choice, sure, comment."""
    asked = {(task["question_id"], task["revision"], task["person"]) for task in judging}
    mine = state.tasks[(state.tasks["stage"] == "answering") & state.tasks["done"]]
    place = {
        key: (subject, int(revision), person)
        for key, subject, revision, person in zip(
            mine["task_key"], mine["question_id"], mine["revision"], mine["person"], strict=True
        )
        if (subject, int(revision), person) in asked
    }
    given = state.annotations[state.annotations["task_key"].isin(place)]
    given = given[among(given["event_id"], state.counted)].sort_values(["updated_at", "event_id"], kind="stable")
    results, payloads = state.results_of(set(given["event_id"])), state.payloads_of(set(place))
    answers = {}
    for event, key in zip(given["event_id"], given["task_key"], strict=True):
        fields = reviewing.read_answering(results[event], payloads[key]).fields
        if fields is not None:
            answers[place[key]] = fields
    return answers
