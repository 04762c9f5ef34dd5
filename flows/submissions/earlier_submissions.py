"""Earlier submissions that count: of each task, quiz and trial, and the order in which they were read."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.ledger import tables
from data.ledger.events import Became, QuizTaken, Read, details_of, fact
from flows.campaign_state import State, among, in_order
from flows.ledger_views.posed_copies import trials_by_id


def counted_of(state: State) -> pd.DataFrame:
    """Return the annotation events that count, with `place`: the sequence of their first mark that says so."""
    read = state.events(Read)
    marks = read[fact(read, Read, "outcome") == Became.COUNTED].drop_duplicates("subject")
    places = marks[["subject", "sequence"]].rename(columns={"subject": "event_id", "sequence": "place"})
    return state.annotations.merge(places, on="event_id")


def as_read(counted: pd.DataFrame) -> pd.DataFrame:
    """Sort annotation events in the order in which they were read: by their marks, then as they came."""
    return counted.sort_values(["place", "sequence", "updated_at", "event_id"], kind="stable")


def counted_before(state: State, new: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Return what counts so far of the tasks of new annotations, by task: annotation and content."""
    keys = set(new["task_key"])
    before = state.annotations[among(state.annotations["task_key"], keys)]
    before = in_order(before[among(before["event_id"], state.counted)])
    latest = dict(zip(before["task_key"], before["event_id"], strict=True))
    results = state.results_of(set(latest.values())) if latest else {}
    return {key: (event, content_of(results[event])) for key, event in latest.items()}


def content_of(result: object) -> str:
    """Return the content of a submission, without the ids that the page and the server add."""
    if not isinstance(result, list) or not all(isinstance(entry, Mapping) for entry in result):
        return tables.canonical_json(result)
    said = [[str(entry.get("from_name")), tables.canonical_json(entry.get("value"))] for entry in result]
    return tables.canonical_json(sorted(said))


def scored_attempts(state: State) -> dict[tuple[str, int], str]:
    """Return the annotation that counts of each quiz and trial question, by what was worked on: the first."""
    found = state.events(QuizTaken)
    taken = list(zip(found["subject"], details_of(found, QuizTaken), strict=True))
    trials = {(subject, 0): one.annotation for subject, one in trials_by_id(state).items()}
    return {(f"quiz-{s}", one.attempt): one.annotation for s, one in reversed(taken)} | trials
