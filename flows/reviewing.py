"""Review: a Question that passed the checks is answered blind, then judged by the same people with its key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation import reviewing
from data.nouns import Row
from flows.opening import Due
from flows.state import State


def due(state: State, waiting: pd.DataFrame) -> Iterator[Due]:
    """Blind answers for Questions that wait for people, and a judgement for each blind answer that came in.

    Args:
        state: the campaign.
        waiting: the undecided items as `qc.decide` left them: question_id, language, revision, waiting_for.
    """
    language = state.source_language
    reviewed = waiting[(waiting["language"] == language) & (waiting["waiting_for"] == "review")]
    questions = state.current_questions.set_index("question_id")
    answered = state.tasks[state.tasks["done"] & (state.tasks["stage"] == "answering")]
    answerers = answered.groupby(["question_id", "revision"])["person"].apply(list).to_dict()
    for subject, revision in zip(reviewed["question_id"], reviewed["revision"], strict=True):
        now = questions.loc[subject]
        author = frozenset({now["person"]})
        yield Due(
            "answering", language, now["passage_id"], subject, int(revision),
            never=author, count=state.campaign.review.overlap,
        )  # fmt: skip
        for person in answerers.get((subject, revision), []):
            yield Due("judging", language, now["passage_id"], subject, int(revision), person=person)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows; a blind one holds no key and nothing that tells it."""
    language = state.source_language
    texts = state.texts_of({task["passage_id"] for task in tasks}, {language})
    questions = state.questions.set_index(["question_id", "revision"])
    said = _blind_answers(state, tasks)
    shown = {}
    for task in tasks:
        passage = texts[task["passage_id"], language]
        question = questions.loc[(task["question_id"], task["revision"])]
        common: dict[str, Any] = {
            "language": language,
            "sentences": list(passage["sentences"]),
            "question": question["question"],
            "answers": list(question["answers"]),
            "notices": state.notices(task["passage_id"]),
        }
        if task["stage"] == "answering":
            order = reviewing.shown_order(task["task_key"], len(question["answers"]))
            shown[task["task_key"]] = reviewing.answer_payload(**common, order=order)
        else:
            shown[task["task_key"]] = reviewing.judge_payload(
                **common,
                key=int(question["key"]),
                notes=list(question["notes"]),
                blind_answer=said.get((task["question_id"], task["revision"], task["person"]), ""),
            )
    return shown


def _blind_answers(state: State, tasks: Sequence[Row]) -> dict[tuple[str, int, str], str]:
    verdicts = state.verdicts_on({task["question_id"] for task in tasks if task["stage"] == "judging"})
    verdicts = verdicts[verdicts["check"] == "blind_answer"].sort_values("judged_at")
    return {
        (subject, int(revision), judge): reason
        for subject, revision, judge, reason in zip(
            verdicts["subject"], verdicts["revision"], verdicts["judge"], verdicts["reason"], strict=True
        )
    }
