"""Collection: submissions fetched from the servers and stored unchanged, before they are interpreted.

An annotation whose `updated_at` differs from the known one, earlier or later, is an event of its own. Collection
also checks what a server shows (`flows.inspection.alterations`); `flows.inspection.account_ownership` decides
whose work an annotation is.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Collected as Seen
from annotation.labelstudio.client import Mark, Submission, Workbench
from data.environment import state_dir
from data.errors import ServerError
from data.ledger import Ledger, tables
from data.ledger.events import AlteredAccepted, Became, LateAccepted, Read, SkipExplained, fact
from data.ledger.tables import Row
from data.ledger.task_keys import WorkbenchTitle
from data.storage import is_remote
from flows.campaign_state import State, among
from flows.inspection import alterations, uncollected_submissions
from flows.inspection.account_ownership import number
from flows.ledger_views.open_workbenches import open_workbenches
from flows.run_mode import Mode
from flows.workbenches.placed_workbenches import new_places, placed_workbenches

Servers = Mapping[str, AnnotationServer]
Workbenches = Mapping[str, Workbench]

LastEvents = Mapping[tuple[str, str, datetime], tuple[str, datetime]]
"""(workbench, annotation_id, created_at) to (kind, updated_at) of the latest known event. The time is needed
because a server that was set up again counts from 1."""


@dataclass
class Collected:
    """The result of `collect`: annotation events, and what did not come in."""

    annotations: int = 0
    altered: int = 0
    """Workbenches and tasks that somebody had changed on a server."""
    problems: list[str] = field(default_factory=list)
    standing: dict[str, Mapping[str, Workbench]] = field(default_factory=dict)
    """Title to workbench, with the counts of every server that answered from before it was read."""
    unreadable: set[str] = field(default_factory=set)
    """Titles of the workbenches that hold something which the server cannot show; `problems` says what."""


def collect(state: State, servers: Servers, *, full: bool = False, mode: Mode = Mode.LIVE) -> Collected:
    """Write every annotation event that the servers hold and the ledger does not.

    Args:
        state: the campaign.
        servers: the Label Studio servers by their name in campaign.toml.
        full: read everything, not only what changed since the last time.
        mode: a dry run does not record how far it read; a look does so only if it found nothing.
    """
    collected = Collected()
    for name, server in servers.items():
        try:
            placed = placed_workbenches(state, name)
            listing = server.listing(f"{state.campaign.id}/", tidy=mode is not Mode.DRY, placed=placed)
            collected.standing[name] = listing.workbenches
            collected.problems += uncollected_submissions.foreign_projects(server, listing.foreign)
            collected.problems += uncollected_submissions.duplicate_workbenches(
                server, listing.workbenches.values()
            )
            _collect_server(state, name, server, listing.workbenches, full, mode, collected)
        except ServerError as error:
            collected.problems.append(str(error))
    return collected


def _collect_server(
    state: State,
    name: str,
    server: AnnotationServer,
    workbenches: Mapping[str, Workbench],
    full: bool,
    mode: Mode,
    collected: Collected,
) -> None:
    marks = _Marks(state.ledger, server.url)
    events = state.annotations["event_id"]
    # A restored ledger does not know what was published since, and must not take it for an alteration.
    put_back = marks.are_ahead(len(events))
    counts = uncollected_submissions.submission_counts(marks.counts(len(events)), workbenches.values())
    if mode is not Mode.DRY:  # before anything is read, so that a failure or crash leaves a trace
        marks.write({}, len(events), counts)
    pages = [] if put_back else list(alterations.altered_pages(state, workbenches))
    known_marks = marks.read(len(events))
    for page in pages:  # read its answers at once
        known_marks.pop(page.workbench, None)
    found = server.submissions(workbenches.values(), known_marks, full=full, watched=open_workbenches(state))
    found = alterations.under_their_keys(state, found, workbenches)
    collected.problems += uncollected_submissions.failed_workbenches(found.failed)
    collected.problems += uncollected_submissions.unreadable_workbenches(server, found.unread)
    collected.unreadable |= {one.workbench for one in found.unread}
    here = state.annotations[state.annotations["server"] == name]
    known = _concerned(here, found)
    seen: LastEvents = {
        (workbench, annotation, created): (kind, updated)
        for workbench, annotation, created, kind, updated in zip(
            *(known[c] for c in ("workbench", "annotation_id", "created_at", "kind", "updated_at")), strict=True
        )
    }
    ids = set(known["event_id"])  # a server restored from a backup shows earlier states again
    rows = [row for item in found.submissions if (row := _annotation_row(name, item, seen, ids))]
    made = {title: bench.made for title, bench in workbenches.items()}
    gone = _deletions(known, found, made)
    doubtful = {row["workbench"] for row in gone} - found.complete
    if doubtful:  # what is missing on a changed task may be on its unchanged duplicate
        whole = server.submissions([workbenches[title] for title in doubtful], full=True)
        whole = alterations.under_their_keys(state, whole, workbenches)
        gone = _deletions(known, replace(found, touched=found.touched + whole.touched), made)
        gone = [row for row in gone if row["workbench"] not in doubtful - whole.complete]  # judged next time
    rows += gone
    altered = [] if put_back else [*pages, *alterations.altered_tasks(state, found.touched)]
    shown = {one.subject for one in altered}
    back = [] if put_back else alterations.changed_since_answered(state, found, rows, workbenches)
    altered += [one for one in back if one.subject not in shown]
    righted = [] if put_back else list(alterations.answered_before_righted(state, rows, workbenches))
    altered += [one.alteration for one in righted if one.alteration]
    noted = [one.page for one in righted if one.page]
    # First, so that the page of each annotation is known when it is interpreted.
    known_now = [*noted, *new_places(state, name, workbenches), *_skips_explained(server, found, rows)]
    state.ledger.append(tables.EVENTS, [*known_now, *(one.event(name, rows) for one in altered)])
    count = state.ledger.append(tables.ANNOTATIONS, rows)
    came = pd.concat([here[_ORIGIN], pd.DataFrame(rows, columns=_ORIGIN)]) if rows else here
    lost, counts = uncollected_submissions.destroyed_submissions(name, counts, workbenches, found.marks, came)
    state.ledger.append(tables.EVENTS, lost)
    if mode is Mode.LIVE or (mode is Mode.LOOK and not state.ledger.written):
        new = {tables.ANNOTATIONS.event_id(row) for row in rows}.difference(ids)
        marks.write(found.marks, len(events) + len(new), counts)
    collected.annotations += count
    collected.altered += len(altered)


def nothing_new(
    ledger: Ledger,
    server: AnnotationServer,
    workbenches: Workbenches,
    watched: Collection[str],
    events: int,
    known: Callable[[Seen], bool],
) -> bool:
    """Return whether a server shows nothing beyond what was read from it, and note how far it was read then.

    Args:
        ledger: that the server was read for.
        server: to ask.
        workbenches: by title, with the counts that they had when nothing was left to be read.
        watched: titles of workbenches with open work, which are read whole once a day.
        events: how many annotation events the ledger holds.
        known: whether an answer holds nothing new.
    """
    marks = _Marks(ledger, server.url)
    found = server.submissions(workbenches.values(), marks.read(events), watched=watched)
    if not known(found):
        return False
    marks.write(found.marks, events, marks.counts(events))
    return True


_ORIGIN = ["workbench", "annotation_id", "created_at"]


class _Marks:
    """The reading progress of each workbench of a server, in the state folder: a cache that may be lost at any
    time.

    A mark must never claim more than the ledger holds. So a copy of a campaign has marks of its own, and a ledger
    restored from a backup, which holds fewer annotations than when the marks were made, has none.

    Args:
        ledger: its identity and address separate the marks of two campaigns of one name.
        url: the server's address.
    """

    def __init__(self, ledger: Ledger, url: str) -> None:
        place = ledger.address if is_remote(ledger.address) else str(Path(ledger.address).resolve())
        self._file = (
            state_dir() / "marks" / f"{tables.digest(ledger.identity(tables.ANNOTATIONS), place, url)}.json"
        )

    def read(self, events: int) -> dict[str, Mark]:
        """Return title to mark; empty when there are none, or none for a ledger of so few annotation events."""
        return {title: Mark(*mark) for title, mark in self._noted(events).get("marks", {}).items()}

    def counts(self, events: int) -> dict[tuple[str, str], int]:
        """Return the counts of `uncollected_submissions.submission_counts`; empty where `read` is."""
        return {(title, made): number for title, made, number in self._noted(events).get("counts", [])}

    def are_ahead(self, events: int) -> bool:
        """Whether the marks were made when the ledger held more annotation events than `events`."""
        return bool(self._noted(sys.maxsize).get("events", 0) > events)

    def _noted(self, events: int) -> dict[str, Any]:
        if not self._file.exists():
            return {}
        noted: dict[str, Any] = json.loads(self._file.read_text("utf-8"))
        return noted if noted["events"] <= events else {}

    def write(self, new: Mapping[str, Mark], events: int, counts: uncollected_submissions.Counts) -> None:
        """Add these marks and replace the counts, atomically.

        Args:
            new: title to mark, of the workbenches that were read.
            events: how many annotation events the ledger holds now.
            counts: what is in the workbenches.
        """
        noted = self._noted(events)
        marks = {**noted.get("marks", {}), **new}
        record = {
            "events": events,
            "marks": marks,
            "counts": [[*place, number] for place, number in counts.items()],
        }
        if record == noted:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        part = self._file.with_suffix(f".{os.getpid()}.part")  # a look at the servers holds no lease
        part.write_text(json.dumps(record), "utf-8")
        part.replace(self._file)


def _concerned(known: pd.DataFrame, found: Seen) -> pd.DataFrame:
    """Return the annotation events of the tasks and workbenches that were looked at; others are unchanged."""
    tasks = among(known["task_key"], {task.task_key for task in found.touched})
    return known[tasks | among(known["workbench"], found.complete)]


def _annotation_row(server: str, item: Submission, seen: LastEvents, events: Set[str]) -> Row | None:
    """Return the event for a submission; None if this state of it is known."""
    place = WorkbenchTitle.parse(item.workbench)
    before = seen.get((item.workbench, str(item.annotation_id), item.created_at))
    if before is not None and before[0] != "deleted" and before[1] == item.updated_at:
        return None  # any other time is an event, even an earlier one: a server's clock may be set back
    row = {
        "task_key": item.task_key,
        "stage": place.stage,
        "language": place.language,
        "server": server,
        "workbench": item.workbench,
        "annotation_id": str(item.annotation_id),
        "account": item.account,
        "kind": item.kind if before is None or item.kind == "skipped" else "edited",
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "seconds": item.seconds,
        "result": _kept(item.result),
        "written_by": item.writer,
    }
    return None if tables.ANNOTATIONS.event_id(row) in events else row


def _skips_explained(server: AnnotationServer, found: Seen, rows: list[Row]) -> list[Row]:
    """Return an event for every new skip whose reason the server's layer knows; most runs ask nothing."""
    skipped = {(row["workbench"], row["annotation_id"]): row for row in rows if row["kind"] == "skipped"}
    reasons = server.skip_reasons() if skipped else {}
    explained = []
    for item in found.submissions:
        row = skipped.get((item.workbench, str(item.annotation_id)))
        reason = reasons.get((item.task_id, number(item.account)))
        if row and reason:
            event = SkipExplained(item.task_key, WorkbenchTitle.parse(item.workbench).person, reason)
            explained.append(event.row(tables.ANNOTATIONS.event_id(row), row["language"]))
    return explained


def _kept(result: object) -> str:
    """Return a result as JSON that every store accepts: lone surrogates become escapes."""
    text = json.dumps(result, ensure_ascii=False, sort_keys=True)
    return text if tables.is_text(text) else json.dumps(result, sort_keys=True)


def _deletions(known: pd.DataFrame, found: Seen, made: Mapping[str, datetime]) -> list[Row]:
    """Return an event for every known annotation that is gone from a task that was looked at, or with it.

    An annotation that vanished with its whole workbench was not deleted by anybody and is skipped.

    Args:
        known: the annotation events of this server, in the order of recording.
        found: what the look at the server brought.
        made: title to when the existing workbench was made.
    """
    standing: dict[tuple[str, str], set[str]] = {}
    for task in found.touched:
        standing.setdefault((task.workbench, task.task_key), set()).update(map(str, task.annotations))
    rows: list[Row] = []
    last = known.drop_duplicates(["workbench", "annotation_id", "created_at"], keep="last")
    for _, row in last[last["kind"] != "deleted"].iterrows():
        there = standing.get((row["workbench"], row["task_key"]))
        if there is None and row["workbench"] not in found.complete:
            continue
        if row["workbench"] in made and row["created_at"] < made[row["workbench"]]:
            continue
        if row["annotation_id"] not in (there or set()):
            gone = {c: row[c] for c in tables.ANNOTATIONS.schema.names if c in row.index and c != "event_id"}
            rows.append({**gone, "kind": "deleted", "result": "[]"})
    return rows


def unsettled(state: State) -> pd.DataFrame:
    """Return the annotations that are not interpreted: without a mark, or accepted by the lead since."""
    read = state.events(Read)
    outcome, settled = fact(read, Read, "outcome"), pd.Series(True, index=read.index)
    for waits, accepted in ((Became.LATE, LateAccepted), (Became.DOUBTED, AlteredAccepted)):
        settled &= (outcome != waits) | ~among(read["subject"], state.events(accepted)["subject"])
    return state.annotations[~among(state.annotations["event_id"], read["subject"][settled])]
