"""Export of the ledger's tables as files for other programs.

A table in a parquet file is noted so that lost rows can be taken back from it (`data.ledger.repair`).
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from data.errors import UsageError
from data.exchange import csv_and_xlsx
from data.intake import LONGEST, Unreadable, parquet
from data.ledger import tables
from data.ledger.repair import exported_table
from data.ledger.repair.exported_table import ExportedTable
from flows.campaign_state import State
from flows.ledger_views.posed_copies import plants_by_id, plants_of_tasks

_LONGEST = 4 * LONGEST
"""Characters of one cell: a submission's JSON may have a million, escaped."""


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


def read_exported(file: Path) -> ExportedTable:
    """Read an exported table from a parquet file.

    Raises:
        UsageError: it is not one, or not as it was written; the message says what to do.
    """
    if file.suffix.lower() != ".parquet":
        raise UsageError(
            f"--from {file}: rows are taken back from a table that was exported as .parquet, since other formats "
            "do not hold every value as it was; or from a copy of the campaign's folder"
        )
    other = "or a copy of the campaign's folder"
    try:
        return exported_table.recognised(parquet.table(file, _LONGEST), pq.read_schema(file).metadata or {})
    except Unreadable as problem:
        raise UsageError(f"--from {problem.at(str(file), 'row')}") from None
    except exported_table.NotExported:
        raise UsageError(
            f"--from {file} is no table that belebele export wrote: name one, as it was written, {other}"
        ) from None
    except exported_table.Altered:
        raise UsageError(
            f"--from {file} was changed since belebele export wrote it, so nothing is taken from it: name the "
            f"file as it was written, {other}"
        ) from None


def _without_plants(state: State, frame: pd.DataFrame) -> pd.DataFrame:
    about = {*plants_by_id(state), *plants_of_tasks(state)}
    events = state.annotations["event_id"][state.annotations["task_key"].isin(list(plants_of_tasks(state)))]
    about |= set(events)
    columns = [name for name in ("question_id", "subject", "task_key") if name in frame]
    mine = frame[columns].isin(list(about)).any(axis=1) if columns else pd.Series(False, index=frame.index)
    return frame[~mine & (frame["kind"] != "not_planted" if "kind" in frame else True)]
