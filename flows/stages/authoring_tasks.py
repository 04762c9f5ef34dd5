"""Authoring: a question slot is due while it has no Question, or one that came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation.stages import authoring_page
from data.ledger.copy_ids import trial_of
from data.ledger.tables import Row, slot_number
from flows.state import State, by_key
from flows.steps.task_opening import Due
from flows.steps.task_reason import findings_in


def due(state: State) -> Iterator[Due]:
    """Slots without a Question, Questions sent back, and Questions whose passage was mended since."""
    questions = by_key(state.current_questions, "question_id")
    for passage_id, subject in zip(state.slots["passage_id"], state.slots["question_id"], strict=True):
        if subject not in questions:
            yield Due("authoring", state.source_language, passage_id, subject, 0)
            continue
        now = questions[subject]
        if now["outcome"] == "drop":
            continue
        if now["outcome"] == "revise":
            yield Due("authoring", state.source_language, passage_id, subject, int(now["revision"]), now["reason"])
        elif now["stale"]:
            reason = "the passage was mended since this question was written: does it still hold?"
            yield Due("authoring", state.source_language, passage_id, subject, int(now["revision"]), reason)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows: the passage, what was found, and the Question as it stands."""
    language = state.source_language
    texts = state.texts_of({task["passage_id"] for task in tasks}, {language})
    questions = by_key(state.questions, "question_id", "revision")
    shown = {}
    for task in tasks:
        passage = texts[task["passage_id"], language]
        former = questions.get((task["question_id"], task["revision"]))
        trial = trial_of(task["question_id"])
        shown[task["task_key"]] = {
            **authoring_page.payload(
                sentences=list(passage["sentences"]),
                number=trial[2] if trial else slot_number(task["question_id"]),
                domain=passage["domain"],
                topic=passage["topic"],
                link=passage["link"],
                findings=findings_in(task["reason"]),
                former=former,
            ),
            "passage_revision": int(passage["revision"]),
        }
        if trial:
            shown[task["task_key"]]["about"] = f"Passage, for trial question {trial[2]}"
    return shown
