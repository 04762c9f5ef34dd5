"""Translating: every kept Question is due in every target language until a Translation of it stands."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from annotation import translating
from data.nouns import Row
from flows.opening import Due
from flows.state import State


def due(state: State) -> Iterator[Due]:
    """Languages without a Translation, drafts sent back, and Translations whose source changed since."""
    kept = state.kept_questions
    passages = set(zip(state.passages["passage_id"], state.passages["language"], strict=True))
    now = state.current_translations
    standing = {
        (subject, language): (int(revision), outcome, rule, reason, stale)
        for subject, language, revision, outcome, rule, reason, stale in zip(
            now["question_id"], now["language"], now["revision"], now["outcome"], now["rule"], now["reason"],
            now["stale"], strict=True,
        )
    }  # fmt: skip
    for language in state.campaign.languages.targets:
        for passage_id, subject in zip(kept["passage_id"], kept["question_id"], strict=True):
            if (passage_id, language) not in passages:
                continue
            if (subject, language) not in standing:
                yield Due("translating", language, passage_id, subject, 0)
                continue
            revision, outcome, rule, reason, stale = standing[subject, language]
            if stale:
                why = "what it renders has changed since; the difference is shown below"
                yield Due("translating", language, passage_id, subject, revision, why)
            elif outcome == "revise" and rule != "proofread_check":
                yield Due("translating", language, passage_id, subject, revision, reason)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows: both passages, the source item, and a former Translation with what changed."""
    languages = {task["language"] for task in tasks}
    texts = state.texts_of({task["passage_id"] for task in tasks}, {state.source_language, *languages})
    every = state.questions.set_index(["question_id", "revision"])
    kept = state.kept_questions.set_index("question_id")
    former_of = state.translation_texts({task["question_id"] for task in tasks if task["revision"]})
    formers = former_of.set_index(["question_id", "language", "revision"])
    shown = {}
    for task in tasks:
        question = kept.loc[task["question_id"]]
        target = texts[task["passage_id"], task["language"]]
        former: dict[str, Any] | None = None
        changes: list[str] = []
        if task["revision"]:
            former = formers.loc[(task["question_id"], task["language"], task["revision"])].to_dict()
            rendered = every.loc[(task["question_id"], former["question_revision"])]
            changes = changed_words(_lines(rendered), _lines(question))
        shown[task["task_key"]] = {
            **translating.payload(
                language=task["language"],
                source_language=state.source_language,
                source_sentences=list(texts[task["passage_id"], state.source_language]["sentences"]),
                target_sentences=list(target["sentences"]),
                question=question["question"],
                answers=list(question["answers"]),
                key=int(question["key"]),
                translator_note=question["translator_note"] or "",
                findings=[line for line in task["reason"].split("\n") if line],
                changes=changes,
                notices=state.notices(task["passage_id"]),
                former=former,
            ),
            "question_revision": int(question["revision"]),
            "passage_revision": int(target["revision"]),
        }
    return shown


def _lines(question: pd.Series) -> list[str]:
    return [question["question"], *question["answers"]]


def changed_words(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """What changed between two versions of a question and its answers, a line each.

    >>> changed_words(["Who came?", "a cat"], ["Who came?", "a dog"])
    ['answer 1: a [-cat-] {+dog+}']
    """
    lines = []
    for place, (old, new) in enumerate(zip(before, now, strict=True)):
        if old != new:
            lines.append(f"{f'answer {place}' if place else 'question'}: {_word_diff(old, new)}")
    return lines


def _word_diff(old: str, new: str) -> str:
    a, b = old.split(), new.split()
    parts = []
    for kind, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            parts.append(" ".join(a[i1:i2]))
        else:
            parts += [f"[-{' '.join(a[i1:i2])}-]"] if i1 < i2 else []
            parts += [f"{{+{' '.join(b[j1:j2])}+}}"] if j1 < j2 else []
    return " ".join(parts)
