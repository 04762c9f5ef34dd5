"""Copies that are shown to people like Questions but are not: plants, trials, rechecks, baselines, key checks.

Only `data.ledger.item_copy_ids` knows how the identity of a copy is written.
"""

from __future__ import annotations

import pandas as pd

from data.ledger.events import Planted, TrialWritten, by_subject
from data.ledger.item_copy_ids import are_copies
from flows.campaign_state import State, among, ledger_view


@ledger_view
def plants_by_id(state: State) -> dict[str, Planted]:
    """Return every plant by its id: the question_id and revision that it was made from, its kind, and what it
    shows.

    It shows question, answers, key, passage_id, passage_revision, and sentences where they differ from the
    passage's.
    """
    return by_subject(state.events(Planted), Planted, keep="first")


@ledger_view
def trials_by_id(state: State) -> dict[str, TrialWritten]:
    """Return every trial question by its id, as first submitted: the author's text, passage_id, person,
    passage_revision and the annotation that it came from.
    """
    return by_subject(state.events(TrialWritten), TrialWritten, keep="first")


@ledger_view
def posed_by_id(state: State) -> dict[str, Planted | TrialWritten]:
    """Return plants and trials by id, with what they show."""
    return {**plants_by_id(state), **trials_by_id(state)}


@ledger_view
def tasks_on_copies(state: State) -> pd.DataFrame:
    """Return the review tasks on copies of questions and on trials, which are treated alike."""
    review = state.tasks[state.tasks["stage"].isin(["answering", "judging"])]
    return review[are_copies(review["question_id"])]


@ledger_view
def plants_of_tasks(state: State) -> dict[str, str]:
    """Return the plant that a task is about, by task_key; real work has no entry."""
    mine = state.tasks[among(state.tasks["question_id"], plants_by_id(state).keys())]
    return dict(zip(mine["task_key"], mine["question_id"], strict=True))
