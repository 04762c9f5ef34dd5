"""The latest reading of the questions as a set: when it was, and what it showed."""

from __future__ import annotations

import pandas as pd
import pyarrow.compute as pc

from data.ledger import tables, to_frame
from data.ledger.events import SetRead
from flows.campaign_state import State, ledger_view


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
