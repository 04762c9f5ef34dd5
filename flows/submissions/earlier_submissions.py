"""Earlier submissions that count: of each quiz and trial too, and the order in which they were read."""

from __future__ import annotations

import pandas as pd

from data.ledger.events import Became, QuizTaken, Read, details_of, fact
from flows.campaign_state import State
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


def scored_attempts(state: State) -> dict[tuple[str, int], str]:
    """Return the annotation that counts of each quiz and trial question, by what was worked on: the first."""
    found = state.events(QuizTaken)
    taken = list(zip(found["subject"], details_of(found, QuizTaken), strict=True))
    trials = {(subject, 0): one.annotation for subject, one in trials_by_id(state).items()}
    return {(f"quiz-{s}", one.attempt): one.annotation for s, one in reversed(taken)} | trials
