"""The latest reading of the questions as a set: when it was, what it showed, and when the next one is due."""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from data.ledger import tables, to_frame
from data.ledger.events import SetRead
from flows.campaign_state import State, ledger_view
from flows.ledger_views.current_items import current_questions
from qc.checks.shortcut_checks import shortcuts

ROUND = 0.1
"""The share of the set that must be new since its last reading, while authors are still at work."""


@ledger_view
def set_reading_mark(state: State) -> str:
    """Return the mark of the latest reading of the questions as a set, "" before there is one."""
    read = state.events(SetRead)
    return str(read["subject"].iloc[-1]) if len(read) else ""


@ledger_view
def revisions_at_reading(state: State) -> int:
    """Return how many revisions of Questions there were at the latest reading of the set."""
    read = state.events(SetRead)
    return SetRead.parse(read["detail"].iloc[-1]).revisions if len(read) else 0


@ledger_view
def shortcuts_shown(state: State) -> frozenset[str]:
    """Return what the latest reading of the set flagged: subjects of `qc.checks.shortcut_checks`."""
    found = set_verdicts(state)
    return frozenset(found["subject"][found["flagged"].eq(True).fillna(False)])


@ledger_view
def set_verdicts(state: State) -> pd.DataFrame:
    """Return the verdicts of the latest reading of the set: subject, flagged, score, reason."""
    where = (pc.field("scope") == "set") & (pc.field("origin") == set_reading_mark(state))
    columns = ["subject", "score", "flagged", "reason"]
    if not set_reading_mark(state):
        return to_frame(tables.VERDICTS.schema.empty_table().select(columns))
    return state.ledger.read(tables.VERDICTS, columns, where)


def reading_due(state: State) -> bool:
    """Return whether enough questions came in since the last reading of the set; looks at counts only."""
    now = current_questions(state)
    least = int(str(shortcuts.bind(state.campaign.checks.get(shortcuts.name))["least"]))
    if int((now["outcome"] != "drop").sum()) < least:
        return False
    new = len(state.questions) - revisions_at_reading(state)
    tasks = state.tasks
    writing = bool((tasks["open"] & (tasks["stage"] == "authoring")).any())
    return new >= ROUND * len(now) if writing else new > 0
