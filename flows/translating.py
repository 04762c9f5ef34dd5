"""Translating: every kept Question is due in every target language until a Translation of it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation import translating
from data.nouns import Row
from flows.opening import Due
from flows.state import State, by_key


def due(state: State) -> Iterator[Due]:
    """Languages without a Translation, drafts sent back, and Translations whose source changed since."""
    kept = state.kept_questions
    passages = set(zip(state.passages["passage_id"], state.passages["language"], strict=True))
    now = state.current_translations
    there = set(zip(now["question_id"], now["language"], strict=True))
    sent_back = now["outcome"].eq("revise") & (now["kind"].eq("draft") | now["rule"].ne("check"))
    back = by_key(now[now["stale"] | sent_back], "question_id", "language")
    for language in state.campaign.languages.targets:
        for passage_id, subject in zip(kept["passage_id"], kept["question_id"], strict=True):
            if (passage_id, language) not in passages:
                continue
            if (subject, language) not in there:
                yield Due("translating", language, passage_id, subject, 0)
            elif former := back.get((subject, language)):
                why = "what it renders has changed since; the difference is shown below"
                reason = why if former["stale"] else former["reason"]
                yield Due("translating", language, passage_id, subject, int(former["revision"]), reason)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows: both passages, the source item, and a former Translation with what changed."""
    languages = {task["language"] for task in tasks}
    texts = state.texts_of({task["passage_id"] for task in tasks}, {state.source_language, *languages})
    every = by_key(state.questions, "question_id", "revision")
    kept = by_key(state.kept_questions, "question_id")
    former_of = state.translation_texts({task["question_id"] for task in tasks if task["revision"]})
    formers = by_key(former_of, "question_id", "language", "revision")
    shown = {}
    for task in tasks:
        question = kept[task["question_id"]]
        target = texts[task["passage_id"], task["language"]]
        former = formers.get((task["question_id"], task["language"], task["revision"]))
        changed: list[tuple[str, str, str]] = []
        if former is not None:
            rendered = every[task["question_id"], former["question_revision"]]
            changed = _changed(rendered, question)
            for name, language, revision in (
                ("Passage in the source language", state.source_language, rendered["passage_revision"]),
                ("Passage", task["language"], former["passage_revision"]),
            ):
                revisions = state.passage_revisions(task["passage_id"], language)
                changed.append((name, revisions[revision], revisions[max(revisions)]))
        shown[task["task_key"]] = {
            **translating.payload(
                source_sentences=list(texts[task["passage_id"], state.source_language]["sentences"]),
                target_sentences=list(target["sentences"]),
                question=question["question"],
                answers=list(question["answers"]),
                key=int(question["key"]),
                translator_note=question["translator_note"] or "",
                findings=[line for line in task["reason"].split("\n") if line],
                former=former,
                changed=changed,
            ),
            "question_revision": int(question["revision"]),
            "passage_revision": int(target["revision"]),
        }
    return shown


def _changed(rendered: Mapping[str, Any], question: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What the former translation rendered and what stands there now, by name."""
    answers = [f"Answer {number}" for number in range(1, len(question["answers"]) + 1)]
    names = ["Question", *answers, "Correct answer", "Note for translators"]
    before, now = (
        [one["question"], *one["answers"], f"Answer {one['key']}", one["translator_note"] or ""]
        for one in (rendered, question)
    )
    return list(zip(names, before, now, strict=True))
