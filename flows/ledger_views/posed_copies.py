"""What is put before people like a Question and is none: plants, trials, rechecks and baselines.

How the identity of a copy is written, `data.ledger.item_copy_ids` knows alone.
"""

from __future__ import annotations

import pandas as pd

from data.ledger.events import Planted, TrialWritten, by_subject
from data.ledger.item_copy_ids import are_copies
from flows.campaign_state import State, among, ledger_view


@ledger_view
def plants_by_id(state: State) -> dict[str, Planted]:
    """Every plant by its id: the question_id and revision that it was made of, its kind, and what it shows.

    That is question, answers, key, passage_id, passage_revision; sentences where they are not the passage's.
    """
    return by_subject(state.events(Planted), Planted, keep="first")


@ledger_view
def trials_by_id(state: State) -> dict[str, TrialWritten]:
    """Every trial question by its id, as it was submitted first: what an author wrote, passage_id, person,
    passage_revision and the annotation that it came from.
    """
    return by_subject(state.events(TrialWritten), TrialWritten, keep="first")


@ledger_view
def posed_by_id(state: State) -> dict[str, Planted | TrialWritten]:
    """What is put before people like a Question and is none: plants and trials, by id, with what they show."""
    return {**plants_by_id(state), **trials_by_id(state)}


@ledger_view
def tasks_on_copies(state: State) -> pd.DataFrame:
    """The tasks of review on copies of questions, and on trials, which are treated like such."""
    review = state.tasks[state.tasks["stage"].isin(["answering", "judging"])]
    return review[are_copies(review["question_id"])]


@ledger_view
def plants_of_tasks(state: State) -> dict[str, str]:
    """The plant that a task is about, by task_key; nothing for real work."""
    mine = state.tasks[among(state.tasks["question_id"], plants_by_id(state).keys())]
    return dict(zip(mine["task_key"], mine["question_id"], strict=True))
