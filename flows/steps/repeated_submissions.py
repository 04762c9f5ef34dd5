"""Repeated submissions: those with the same content as the one of their task that counts, word for word.

Label Studio repeats a request by itself if its database was locked, even though the annotation was stored: one
submission then exists twice. Any difference in what was written or chosen, a comment's too, makes another
submission; ids and times do not.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.ledger import tables
from flows.campaign_state import State, among, in_order


class RepeatedSubmissions:
    """Tells which submissions repeat the counted one of their task.

    Args:
        state: the campaign.
        new: annotation events that are about to be read.
        results: the result of each of these, by event.
    """

    def __init__(self, state: State, new: pd.DataFrame, results: Mapping[str, object]) -> None:
        self._results = results
        before = state.annotations[among(state.annotations["task_key"], set(new["task_key"]))]
        before = in_order(before[among(before["event_id"], state.counted)])
        latest = dict(zip(before["task_key"], before["event_id"], strict=True))
        known = state.results_of(set(latest.values())) if latest else {}
        self._counted = {key: (event, content_of(known[event])) for key, event in latest.items()}

    def repeats(self, event: str, task_key: str) -> bool:
        """Whether an annotation repeats the counted one of its task."""
        counted, content = self._counted.get(task_key, ("", ""))
        return bool(counted and counted != event and content == content_of(self._results[event]))

    def count(self, event: str, task_key: str) -> None:
        """Take an annotation for the one of its task that counts."""
        self._counted[task_key] = (event, content_of(self._results[event]))


def content_of(result: object) -> str:
    """Return the content of a submission, without the ids that the page and the server add."""
    if not isinstance(result, list) or not all(isinstance(entry, Mapping) for entry in result):
        return tables.canonical_json(result)
    said = [[str(entry.get("from_name")), tables.canonical_json(entry.get("value"))] for entry in result]
    return tables.canonical_json(sorted(said))
