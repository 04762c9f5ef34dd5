"""Work that renders what is no longer there: its question, passage or draft has a newer revision by now."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from flows.campaign_state import State, among


def superseded(state: State, task_keys: Collection[str]) -> dict[str, str]:
    """Return in words what is newer than what a task shows, by task key; current tasks are left out.

    Args:
        state: the campaign.
        task_keys: of translating and proofreading; others are passed over.
    """
    tasks = state.tasks[among(state.tasks["task_key"], task_keys)]
    tasks = tasks[tasks["stage"].isin(["translating", "proofreading"])]
    if tasks.empty:
        return {}
    payloads = state.payloads_of(set(tasks["task_key"]))
    questions = state.questions.groupby("question_id")["revision"].max()
    read_with = state.questions.set_index(["question_id", "revision"])["passage_revision"]
    passages = state.passages.set_index(["passage_id", "language"])["revision"]
    drafts = state.translations[state.translations["kind"] == "draft"]
    newest = drafts.groupby(["question_id", "language"])["revision"].max()
    found = {}
    columns = ("task_key", "stage", "question_id", "passage_id", "language", "revision")
    for key, stage, question, passage, language, revision in zip(*(tasks[name] for name in columns), strict=True):
        payload = payloads[key]
        if _newer(questions, question, payload["question_revision"]):
            found[key] = "the question was changed"
        elif _newer(passages, (passage, language), payload["passage_revision"]):
            found[key] = "the passage was changed"
        elif _newer(passages, (passage, state.source_language), read_with[question, payload["question_revision"]]):
            found[key] = "the source passage was changed"
        elif stage == "proofreading" and _newer(newest, (question, language), revision):
            found[key] = "there is a newer draft"
    return found


def _newer(revisions: pd.Series, subject: object, shown: int) -> bool:
    return int(revisions.get(subject, shown)) > int(shown)
