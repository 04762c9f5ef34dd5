"""How long people's pages were open, a time for each finished task."""

from __future__ import annotations

import pandas as pd

from flows.campaign_state import State, among
from qc.agreement.time_on_task import CAP


def task_times(state: State, tasks: pd.DataFrame) -> pd.DataFrame:
    """Return the seconds of every finished task: of several submissions the longest, since the clock goes on."""
    known = state.annotations[among(state.annotations["event_id"], state.counted)]
    known = known[known["seconds"].gt(0).fillna(False)]
    seconds = known.groupby("task_key")["seconds"].max()
    done = tasks[tasks["done"]]
    times = done.assign(seconds=done["task_key"].map(seconds).astype(float))
    return times[times["seconds"].notna()]


def hours(state: State) -> dict[str, float]:
    """Return the hours that each person's pages were open, no task counted for more than half an hour."""
    times = task_times(state, state.tasks)
    sums = times["seconds"].clip(1.0, CAP).groupby(times["person"]).sum() / 3600
    return {str(person): float(total) for person, total in sums.items()}
