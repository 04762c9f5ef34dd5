"""Export of the ledger's tables as files for other programs.

A table in a parquet file is noted so that lost rows can be taken back from it (`data.ledger.exported_table`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from data.errors import UsageError
from data.ledger import exported_table, tables
from flows.campaign_state import State
from flows.lead import csv_and_xlsx
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks


def export_table(state: State, table: str, out: str, *, plants: bool = False) -> int:
    """Write a table of the ledger to a parquet, CSV, JSON-lines or XLSX file; return how many rows.

    Rows about planted faults are left out unless `plants` is set, so that nobody counts them as real work.
    """
    if table not in tables.TABLES:
        raise UsageError(
            f"there is no table {table!r}; the ledger has {', '.join(tables.TABLES)}; memory and glossary go out "
            "as well"
        )
    frame = state.ledger.read(tables.TABLES[table])
    if not plants:
        frame = _without_plants(state, frame)
    noted = partial(exported_table.note, state.ledger, tables.TABLES[table])
    csv_and_xlsx.write(frame, Path(out), noted=noted)
    return len(frame)


def _without_plants(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    about = {*plants_by_id(state), *plants_of_tasks(state)}
    events = state.annotations["event_id"][state.annotations["task_key"].isin(list(plants_of_tasks(state)))]
    about |= set(events)
    columns = [name for name in ("question_id", "subject", "task_key") if name in frame]
    mine = frame[columns].isin(list(about)).any(axis=1) if columns else pd.Series(False, index=frame.index)
    return frame[~mine & (frame["kind"] != "not_planted" if "kind" in frame else True)]
