"""Queries to the lead: what was asked, what it holds up, and who is shown the reply."""

from __future__ import annotations

import pandas as pd

from data.ledger.events import Query, Reply, by_subject, details_of
from data.ledger.task_keys import TaskKey
from flows.campaign_state import State, among, ledger_view
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks, trials_by_id


@ledger_view
def queries_to_lead(state: State) -> pd.DataFrame:
    """Return all queries to the lead: query, passage_id, language, text, task_key, person, reply (or null)."""
    found = state.events(Query)
    rows = [
        {"query": subject, "language": language, **one.facts()}
        for subject, language, one in zip(
            found["subject"], found["language"], details_of(found, Query), strict=True
        )
    ]
    frame = pd.DataFrame(rows, columns=["query", "passage_id", "language", "text", "task_key", "person"])
    replies = by_subject(state.events(Reply), Reply)
    frame["reply"] = frame["query"].map({query: reply.text for query, reply in replies.items()})
    return frame.drop_duplicates("query")


@ledger_view
def held_passages(state: State) -> set[tuple[str, str]]:
    """Return (passage_id, language) under an open query; one about the source language holds every language."""
    queries = queries_to_lead(state)
    waiting = queries[queries["reply"].isna()]
    if plants_by_id(state):  # a planted fault holds up nobody's work
        waiting = waiting[~waiting["task_key"].isin(list(plants_of_tasks(state)))]
    if trials_by_id(state):  # nor does a reviewer's query on a trial; its author's query is about the passage
        read = state.tasks["stage"].ne("authoring") & among(state.tasks["question_id"], trials_by_id(state).keys())
        waiting = waiting[~waiting["task_key"].isin(state.tasks["task_key"][read])]
    held = set(zip(waiting["passage_id"], waiting["language"], strict=True))
    everywhere = {passage for passage, language in held if language == state.source_language}
    return held | {(p, language) for p in everywhere for language in state.campaign.text_languages}


def notices_on(state: State, passage_id: str, stage: str) -> list[str]:
    """Return the lead's replies to queries about this passage, for everyone who works on it in any language.

    Blind answerers are shown only replies to other blind answerers: everybody else knows the key when they ask, so
    question or reply may name it.
    """
    queries = queries_to_lead(state)
    mine = queries[(queries["passage_id"] == passage_id) & queries["reply"].notna()]
    if stage == "guessing":
        return []  # a reply may reveal what the passage says
    if stage == "answering":
        blind = [TaskKey.parse(key).stage == "answering" for key in mine["task_key"]]
        mine = mine.loc[pd.Series(blind, index=mine.index, dtype=bool)]
    return [f"{text} → {reply}" for text, reply in zip(mine["text"], mine["reply"], strict=True)]


@ledger_view
def reply_counts(state: State) -> dict[str, int]:
    """Return how many times the lead replied about each passage; a changed reply counts again."""
    passages = queries_to_lead(state).set_index("query")["passage_id"]
    return {str(p): int(n) for p, n in state.events(Reply)["subject"].map(passages).value_counts().items()}
