"""Recovery: go on with a damaged ledger when there is no copy to restore and the lead says so.

The damaged table is moved aside whole and rebuilt from every data file that can still be read. That includes files
that were merged into others, which are kept, so that one damaged file often costs nothing. The new table has
another identity, so that records of how far servers were read no longer apply, and what they still hold is
collected again.
"""

from __future__ import annotations

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
from data.ledger.integrity import Damage, damage, readable
from data.ledger.log_tail import Tail, actions, free
from data.ledger.store import Ledger
from data.ledger.tables import EVENTS, LEASES, TABLES, Table
from data.ledger.version_record import Record, sync_folder
from data.storage import is_remote

_READ = "what people submitted is read again, and made the same of it, by the next advance"

AGAIN = {
    "annotations": "what the servers still hold is collected again; what came by file is to be imported again",
    "passages": "what the source still has is read again; mended texts are to be had from a copy only",
    "questions": _READ,
    "translations": _READ,
    "verdicts": f"{_READ}; checks judge again what decisions rest on",
    "findings": "checks judge again what has verdicts, and what they find again is written down again",
    "checks": "they are written down again by checks that judge again",
    "decisions": "by the next advances rules decide again, and a selection stands again; what the lead decided, "
    "and how often something was sent back, is to be had from a copy only",
    "events": "marks of what was read come again; what the lead said (decide, answer, accept, reject, reassign, "
    "qualify) and what was planted or drawn is to be had from a copy only",
    "tasks": "what is due is handed out again; who had it, and what it showed, is to be had from a copy only",
}
"""What comes back by itself and what does not, by table; the rest can only come from a copy."""


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
        more = AGAIN.get(self.table, "" if self.lost == 0 else "they are to be had from a copy only")
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


def take_back(ledger: Ledger, copy: str) -> dict[str, int]:
    """Restore what the ledger lost from an older copy of the campaign's folder, in its former order.

    Only data files that this ledger once had are used, and of them only rows whose identity matches their content,
    so a copy on which somebody worked brings in nothing of that work. The copy is only read.

    Args:
        ledger: of a campaign in a folder, that is not damaged (any more).
        copy: the copy's folder.

    Returns:
        Number of rows restored, by table.

    Raises:
        UsageError: it is not a copy of this campaign.
        CampaignBusy: a run holds the campaign.
    """
    other = Path(copy).resolve() / "ledger"
    if is_remote(copy) or not other.is_dir() or other == Path(ledger.address).resolve() / "ledger":
        raise UsageError(
            f"--from {copy} is no copy of the campaign: name a folder that holds campaign.toml and ledger/"
        )
    back: dict[str, int] = {}
    met = 0
    with ledger.lease() as held:
        for table in TABLES.values():
            tail = held.tail(table)
            if tail is None:
                raise UsageError(f"{ledger.address}: an object store keeps earlier versions of what is damaged")
            paths = [path for path in sorted(_ever(tail)) if (other / table.name / path).is_file()]
            met += len(paths)
            if table is not LEASES and (found := _not_there(held, table, other / table.name, paths)):
                back[table.name] = held.append(table, found, [int(row["sequence"] or 0) for row in found])
        if not met:
            raise UsageError(f"--from {copy} is no copy of this campaign: it has none of the files of its ledger")
        number = len(held.read(EVENTS, ["kind"]).query(f"kind == {TakenBack.KIND!r}"))
        rows = [TakenBack(count).row(name, str(number + n)) for n, (name, count) in enumerate(back.items())]
        held.append(EVENTS, rows)
    return back


def _not_there(ledger: Ledger, table: Table, folder: Path, paths: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of some data files that the ledger does not hold."""
    there = pa.chunked_array([ledger.read_arrow(table, ["event_id"])["event_id"].combine_chunks()])
    parts = [found for path in paths if (found := readable(folder / path, table)) is not None]
    new = [part.filter(pc.invert(pc.is_in(part["event_id"], value_set=there))) for part in parts]
    rows: list[dict[str, Any]] = ordered(pa.concat_tables([table.schema.empty_table(), *new])).to_pylist()
    return rows


def _ever(tail: Tail) -> set[str]:
    """Return every data file that the table ever had, also before it was rebuilt."""
    known = _known(tail)
    for record in tail.aside.glob(f"{tail.record.path.name}*") if tail.aside.is_dir() else ():
        known.update(path for one in Record(record).every() for path in one.files)
    for entry in tail.aside.glob("table*/_delta_log/*.json") if tail.aside.is_dir() else ():
        known.update(_added(entry))
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
