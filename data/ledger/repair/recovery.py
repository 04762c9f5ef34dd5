"""Recovery: go on with a damaged ledger when there is no copy to restore and the lead says so.

The damaged table is moved aside whole and rebuilt from every data file that can still be read. That includes files
that were merged into others, which are kept, so that one damaged file often costs nothing. The new table has
another identity, so that records of how far servers were read no longer apply, and what they still hold is
collected again.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake.exceptions import DeltaError

from data.errors import LedgerError, UsageError
from data.ledger.events import GivenUp, TakenBack
from data.ledger.frames import ordered
from data.ledger.log_tail import Tail, actions, free
from data.ledger.repair.exported_table import ExportedTable
from data.ledger.repair.integrity import Damage, damage, differs, readable, rightful
from data.ledger.store import Ledger
from data.ledger.tables import EVENTS, LEASES, TABLES, Table
from data.ledger.version_record import Print, Record, sync_folder
from data.storage import is_remote

_log = logging.getLogger(__name__)

_READ = "what people submitted is read again, and made the same of it, by the next advance"

AGAIN = {
    "annotations": "what the servers still hold is collected again; what came by file is to be imported again",
    "passages": "what the source still has is read again; mended texts are to be had from a copy or an export "
    "only",
    "questions": _READ,
    "translations": _READ,
    "verdicts": f"{_READ}; checks judge again what decisions rest on",
    "findings": "checks judge again what has verdicts, and what they find again is written down again",
    "checks": "those that judge as they did are written down again",
    "decisions": "by the next advances rules decide again, and a selection stands again; what the lead decided, "
    "and how often something was sent back, is to be had from a copy or an export only",
    "events": "marks of what was read come again; what the lead said (decide, answer, accept, reject, reassign, "
    "qualify) and what was planted or drawn is to be had from a copy or an export only",
    "tasks": "what is due is handed out again; who had it, and what it showed, is to be had from a copy or an "
    "export only",
}
"""What comes back by itself and what does not, by table; the rest can only come from a copy or an export."""


@dataclass(frozen=True)
class Salvaged:
    """A rebuilt table.

    Attributes:
        table: its name.
        rows: number of events it holds now.
        lost: number of rows in lost files; None if unknown.
        aside: where the old table was moved.
        damaged: what was wrong.
    """

    table: str
    rows: int
    lost: int | None
    aside: str
    damaged: tuple[Damage, ...]

    def __str__(self) -> str:
        lost = "what was lost is not known" if self.lost is None else f"{self.lost} rows are lost"
        more = AGAIN.get(self.table, "" if self.lost == 0 else "they are to be had from a copy or an export only")
        return f"{self.table} was made anew with {self.rows} events; {lost}{f', {more}' if more else ''}"


def salvage(ledger: Ledger) -> list[Salvaged]:
    """Rebuild every damaged table from its readable files, and record what was given up.

    Args:
        ledger: of a campaign in a folder, on which nobody works meanwhile.

    Raises:
        UsageError: the ledger is in an object store, which keeps earlier versions.
        CampaignBusy: a run holds the campaign.
    """
    found = damage(ledger)
    if found and ledger.tail(LEASES) is None:
        raise UsageError(f"{ledger.address}: put back the object store's earlier versions of what is damaged")
    by_table = {name: tuple(ones) for name, ones in groupby(found, key=lambda one: one.table)}
    made = []
    if LEASES.name in by_table:  # first, because without it nobody can hold the campaign
        made.append(_made_anew(ledger, LEASES, by_table.pop(LEASES.name)))
    if not by_table:
        return made
    with ledger.lease() as held:
        made += [_made_anew(held, TABLES[name], ones) for name, ones in by_table.items()]
        number = len(held.read(EVENTS, ["kind"]).query(f"kind == {GivenUp.KIND!r}"))
        rows = [
            GivenUp(one.lost, one.rows, [str(d) for d in one.damaged]).row(one.table, str(number + n))
            for n, one in enumerate(made)
        ]
        held.append(EVENTS, rows)
    return made


def take_back(ledger: Ledger, source: str, exported: ExportedTable | None = None) -> dict[str, int]:
    """Restore what the ledger lost from an older copy of the campaign's folder, or from an exported table.

    Only what came from data files that this ledger once had is used, and of it only rows whose identity matches
    their content, each at its former place, so a copy on which somebody worked brings in nothing of that work. The
    source is only read.

    Args:
        ledger: of a campaign in a folder, that is not damaged (any more).
        source: the copy's folder, or the file of the exported table.
        exported: what the file holds.

    Returns:
        Number of rows restored, by table.

    Raises:
        UsageError: it is neither a copy of this campaign nor a table of it.
        CampaignBusy: a run holds the campaign.
    """
    with ledger.lease() as held:
        found = _exported_rows(held, source, exported) if exported else _copied_rows(held, source)
        back = {
            table.name: held.append(table, rows, [int(row["sequence"] or 0) for row in rows])
            for table, rows in found
            if rows and table is not LEASES
        }
        number = len(held.read(EVENTS, ["kind"]).query(f"kind == {TakenBack.KIND!r}"))
        events = [TakenBack(count).row(name, str(number + n)) for n, (name, count) in enumerate(back.items())]
        held.append(EVENTS, events)
    return back


def _copied_rows(ledger: Ledger, copy: str) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Return the rows of each table that a copy of the campaign's folder has and the ledger lacks."""
    other = Path(copy).resolve() / "ledger"
    if is_remote(copy) or not other.is_dir() or other == Path(ledger.address).resolve() / "ledger":
        raise UsageError(
            f"--from {copy} is no copy of the campaign: name a folder that holds campaign.toml and ledger/, or a "
            "table that belebele export wrote as .parquet"
        )
    found: list[tuple[Table, list[dict[str, Any]]]] = []
    met = 0
    for table in TABLES.values():
        ever, folder = _ever(_tail(ledger, table)), other / table.name
        paths = [path for path in sorted(ever) if (folder / path).is_file()]
        met += len(paths)
        if spoilt := [path for path in paths if (wanted := ever[path]) and differs(folder / path, wanted)]:
            _log.warning("%s: %s not as written; nothing is taken from it", folder, ", ".join(spoilt))
        parts = [
            rows for path in paths if path not in spoilt and (rows := readable(folder / path, table)) is not None
        ]
        found.append((table, _not_there(ledger, table, parts)))
    if not met:
        raise UsageError(f"--from {copy} is no copy of this campaign: it has none of the files of its ledger")
    return found


def _exported_rows(ledger: Ledger, file: str, exported: ExportedTable) -> list[tuple[Table, list[dict[str, Any]]]]:
    """Return the rows of an exported table that the ledger lacks."""
    foreign = exported.files.difference(_ever(_tail(ledger, exported.table)))
    if foreign and foreign == exported.files:
        raise UsageError(f"--from {file} is no table of this campaign: its rows come from none of its files")
    if foreign:
        raise UsageError(
            f"--from {file} was exported from a copy of this campaign on which somebody worked since, and what "
            "was done there cannot be told from what this campaign lost: name a table exported before, or a copy "
            "of the campaign's folder"
        )
    return [(exported.table, _not_there(ledger, exported.table, [rightful(exported.rows, exported.table)]))]


def _tail(ledger: Ledger, table: Table) -> Tail:
    tail = ledger.tail(table)
    if tail is None:
        raise UsageError(f"{ledger.address}: an object store keeps earlier versions of what is damaged")
    return tail


def _not_there(ledger: Ledger, table: Table, parts: Sequence[pa.Table]) -> list[dict[str, Any]]:
    """Return those of some rows that the ledger does not hold, in its order."""
    there = pa.chunked_array([ledger.read_arrow(table, ["event_id"])["event_id"].combine_chunks()])
    new = [part.filter(pc.invert(pc.is_in(part["event_id"], value_set=there))) for part in parts]
    rows: list[dict[str, Any]] = ordered(pa.concat_tables([table.schema.empty_table(), *new])).to_pylist()
    return rows


def _ever(tail: Tail) -> dict[str, Print | None]:
    """Return every data file that the table ever had, also before it was rebuilt, each with its record if any."""
    aside = tail.aside.is_dir()
    records = [tail.record, *map(Record, tail.aside.glob(f"{tail.record.path.name}*") if aside else ())]
    logs = tail.aside.glob("table*/_delta_log/*.json") if aside else ()
    known: dict[str, Print | None] = dict.fromkeys(_known(tail))
    known.update(dict.fromkeys(path for entry in logs for path in _added(entry)))
    known.update({path: file for record in records for one in record.every() for path, file in one.files.items()})
    return known


def _added(entry: Path) -> set[str]:
    """Return the data files that a log entry names; none if the entry is damaged."""
    try:
        return set(actions(entry)[0])
    except (OSError, ValueError, KeyError, DeltaError):
        return set()  # the record lists them


def _made_anew(ledger: Ledger, table: Table, damaged: Sequence[Damage]) -> Salvaged:
    tail = ledger.tail(table)
    if tail is None:
        raise LedgerError(f"{table.name} lies in an object store")
    with tail.record.held():
        parts = [
            found for path in sorted(_known(tail)) if (found := readable(tail.folder / path, table)) is not None
        ]
        rows = ordered(pa.concat_tables([table.schema.empty_table(), *parts]))
        aside = _put_aside(tail)
    ledger.restore(table, rows)
    unknown = any(one.rows is None for one in damaged)
    lost = None if unknown else sum(one.rows or 0 for one in damaged)
    return Salvaged(table.name, len(rows), lost, str(aside), tuple(damaged))


def _known(tail: Tail) -> set[str]:
    """Return every data file added by an acknowledged version, from the record and the log."""
    every = tail.record.every()
    known = {path for one in every for path in one.files}
    last = every[-1].version if every else None
    for entry in tail.log.glob("*.json") if tail.log.is_dir() else ():
        if entry.stem.isdigit() and (last is None or int(entry.stem) <= last):
            known.update(_added(entry))
    return known


def _put_aside(tail: Tail) -> Path:
    """Move the table and its record aside."""
    tail.aside.mkdir(parents=True, exist_ok=True)
    aside = free(tail.aside / "table")
    if tail.record.path.exists():
        tail.record.path.rename(free(tail.aside / tail.record.path.name))
    if tail.folder.exists():
        tail.folder.rename(aside)
    for folder in (tail.aside, tail.aside.parent, tail.ledger, tail.record.path.parent):
        sync_folder(folder)
    return aside
