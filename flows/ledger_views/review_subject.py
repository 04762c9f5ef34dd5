"""The subject of a review task: a Question, a Translation, or a copy of one.

Plants, rechecks, baselines and key checks are answered or judged on the review pages, so all code that shows or
reads such a task gets its subject here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from annotation.stages import page_of
from data.ledger.item_copy_ids import original
from data.ledger.tables import Row
from data.ledger.task_reason import findings_in
from flows.campaign_state import State, by_key
from flows.ledger_views.posed_copies import posed_by_id


def review_subjects(state: State, tasks: Sequence[Row]) -> dict[str, dict[str, Any]]:
    """Return what each review task is about, by task_key.

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
    """Return the identity of the marked correct answer of a Question, a Translation or a copy."""
    if subject in posed_by_id(state):
        return posed_by_id(state)[subject].key
    name, number = original(subject), revision
    if language != state.source_language:
        made = state.translations
        here = (made["question_id"] == name) & (made["language"] == language) & (made["revision"] == revision)
        number = int(made["question_revision"][here].iloc[0])
    asked = state.questions
    return int(asked["key"][(asked["question_id"] == name) & (asked["revision"] == number)].iloc[0])


def answers_known(state: State, asked: pd.DataFrame) -> pd.Series[bool]:
    """Return whether the text that tells a right choice is there; true where nothing is chosen.

    Args:
        state: the campaign, which may have lost texts.
        asked: stage, language, question_id and revision of work that was handed out.
    """
    texts, renderings = state.questions, state.translations
    there = set(zip(texts["question_id"], texts["revision"], strict=True))
    columns = ("question_id", "language", "revision", "question_revision")
    rendered = {(s, lang, r): of for s, lang, r, of in zip(*(renderings[c] for c in columns), strict=True)}
    known = []
    for stage, language, subject, revision in zip(
        *(asked[name] for name in ("stage", "language", "question_id", "revision")), strict=True
    ):
        name = original(subject)
        number = revision if language == state.source_language else rendered.get((name, language, revision))
        choice = page_of(stage).blind
        known.append(not choice or subject in posed_by_id(state) or (name, number) in there)
    return pd.Series(known, index=asked.index, dtype=bool)


def blind_item(task: Row, about: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a review task's payload that does not reveal the key: question, answers and why it came
    back.

    Args:
        task: the new task.
        about: its subject, as of `review_subjects`.
    """
    findings = findings_in(task["reason"])
    return {"question": about["question"], "answers": about["answers"], "findings": findings}
