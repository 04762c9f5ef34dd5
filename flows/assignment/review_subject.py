"""What a task of review is about: a Question, or a copy of one; and who gets to read a copy.

Plants, rechecks and baselines are answered and judged on the pages of the reviews, so whatever shows or reads
such a task asks here. A copy is read by people who have nothing to do with its question, neither before nor,
where we can help it, after: who knows both sees what the copy is for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from data.campaign.settings import Role
from data.ledger.copy_ids import original
from data.ledger.tables import Row
from flows.assignment.due_work import Due, turned_away
from flows.readings.posed_copies import posed_by_id, tasks_on_copies
from flows.state import State, among, by_key
from flows.state import reading as once


def shown(state: State, tasks: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """What each task of review is about, by task_key.

    Returns:
        question, answers, key, sentences and evidence, in the task's language. A plant shows the evidence of the
        question that it was made from: without any it would stand out among the others.
    """
    passages, languages = {task["passage_id"] for task in tasks}, {task["language"] for task in tasks}
    texts = state.texts_of(passages, languages)
    questions = by_key(state.questions, "question_id", "revision")
    translated = {original(t["question_id"]) for t in tasks if t["language"] != state.source_language}
    translations = by_key(state.translation_texts(translated), "question_id", "language", "revision")
    found = {}
    for task in tasks:
        subject, language, revision = task["question_id"], task["language"], int(task["revision"])
        item: Mapping[str, Any]
        if subject in posed_by_id(state):
            item = vars(posed_by_id(state)[subject])
        elif language == state.source_language:
            item = questions[original(subject), revision]
        else:
            item = translations[original(subject), language, revision]
        found[task["task_key"]] = {
            "question": item["question"],
            "answers": list(item["answers"]),
            "key": correct_answer_of(state, subject, language, revision),
            "sentences": list(item.get("sentences") or texts[task["passage_id"], language]["sentences"]),
            "evidence": _evidence(item, questions, original(subject)),
        }
    return found


def _evidence(
    item: Mapping[str, Any], questions: Mapping[Any, Mapping[str, Any]], subject: str
) -> list[int] | None:
    made_from = questions.get((subject, item.get("question_revision", item.get("revision"))), {})
    evidence = item.get("evidence") or made_from.get("evidence")
    return list(evidence) if evidence else None


def correct_answer_of(state: State, subject: str, language: str, revision: int) -> int:
    """The identity of the correct answer of a Question, a Translation or a copy, as it is marked there."""
    if subject in posed_by_id(state):
        return posed_by_id(state)[subject].key
    name, number = original(subject), revision
    if language != state.source_language:
        made = state.translations
        here = (made["question_id"] == name) & (made["language"] == language) & (made["revision"] == revision)
        number = int(made["question_revision"][here].iloc[0])
    asked = state.questions
    return int(asked["key"][(asked["question_id"] == name) & (asked["revision"] == number)].iloc[0])


def met(state: State, subjects: Collection[str]) -> dict[str, set[str]]:
    """Everybody who has to do with these questions, by question_id: authors, and who had work on it or copies."""
    wanted = set(subjects)
    found: dict[str, set[str]] = defaultdict(set)
    tasks = state.tasks
    for subject, person in tasks_on_copies(state)[["question_id", "person"]].itertuples(index=False, name=None):
        if original(subject) in wanted:
            found[original(subject)].add(person)
    for frame in (tasks, state.questions):
        near = frame.loc[among(frame["question_id"], wanted), ["question_id", "person"]]
        for subject, person in near.itertuples(index=False, name=None):
            found[subject].add(person)
    return found


def given(state: State, copies: Collection[str]) -> dict[tuple[str, str], set[str]]:
    """Who was ever given these copies, by (copy, language): what was not valid goes back to them."""
    mine = state.tasks[among(state.tasks["question_id"], copies)]
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for copy, language, person in zip(mine["question_id"], mine["language"], mine["person"], strict=True):
        found[copy, language].add(person)
    return found


def readers_of_copies(state: State) -> dict[str, set[str]]:
    """Who read, or has before them, a copy of a question, by question_id: they never get the question itself."""
    found: dict[str, set[str]] = defaultdict(set)
    copies = tasks_on_copies(state)[["question_id", "person"]]
    for subject, person in copies.itertuples(index=False, name=None):
        found[original(subject)].add(person)
    return found


class _Work(NamedTuple):
    """One task on a question or a copy."""

    person: str
    stage: str
    done: bool
    closed: bool


@once
def _work_on(state: State) -> dict[tuple[str, int], list[_Work]]:
    """The tasks by what they are on, as (question_id, revision), in the order in which they were handed out."""
    found: dict[tuple[str, int], list[_Work]] = defaultdict(list)
    columns = ("question_id", "revision", *_Work._fields)
    for subject, revision, *work in zip(*(state.tasks[name].tolist() for name in columns), strict=True):
        found[subject, revision].append(_Work(*work))
    return found


def reading(state: State, piece: Due, role: Role) -> Iterator[Due]:
    """The readings of a copy: a blind answer by so many people, and a judgement by each who answered.

    Args:
        state: the campaign.
        piece: the answering that is due; `never` holds everybody who must not get it, those who have it aside.
        role: whose work it is.
    """
    mine = _work_on(state).get((piece.question_id, piece.revision), ())
    answered = dict.fromkeys(one.person for one in mine if one.done and one.stage == "answering")
    judges = {one.person for one in mine if one.stage == "judging" and (one.done or not one.closed)}
    able = {person.code for person in state.campaign.people_for(role, piece.language)}
    away, _ = turned_away(state)
    place = ("judging", piece.language, piece.passage_id)
    gone = {p for p in answered if p not in judges and (p not in able or (*place, p) in away)}
    yield Due(
        "answering", piece.language, piece.passage_id, piece.question_id, piece.revision,
        never=piece.never, last=piece.last, count=piece.count + len(gone), role=role,
    )  # fmt: skip
    for person in answered:
        if person not in gone:
            yield Due(
                "judging", piece.language, piece.passage_id, piece.question_id, piece.revision, person=person
            )
