"""Uncollected submissions: what is on the servers and cannot be collected, and what was there and is gone.

Neither stops anything else. What cannot be read is reported until somebody deletes it. A submission destroyed
before it was collected leaves only a count: every look at a server first notes how many submissions each workbench
holds. If fewer ever came in from there than were once seen there at the same time, the difference is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

import pandas as pd

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Unread, Workbench
from data.ledger.events import Destroyed, details_of
from data.ledger.tables import Row
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State
from flows.inspection.agenda_point import AgendaPoint

Counts = Mapping[tuple[str, str], int]
"""(title, when the workbench was made) to the most submissions seen in it at one time."""


def foreign_projects(server: AnnotationServer, titles: Iterable[str]) -> Iterator[str]:
    """Yield one line for all projects whose titles begin like this campaign's workbenches but are not."""
    if named := ", ".join(repr(title) for title in titles):
        yield (
            f"{_who(server)} holds projects that begin like workbenches of this campaign and are none: {named}. "
            "They are passed over; give them other titles."
        )


def duplicate_workbenches(server: AnnotationServer, workbenches: Iterable[Workbench]) -> Iterator[str]:
    """Yield a line for each workbench that exists several times."""
    for one in workbenches:
        if one.doubles:
            further = ", ".join(f"{server.url}/projects/{number}" for number in one.doubles)
            yield (
                f"{_who(server)} holds workbench {one.title!r} more than once, and somebody worked in each: "
                f"{server.url}/projects/{one.id} is the one to work in. What was submitted in {further} "
                "counts too; once its person works in the other, delete it."
            )


def unreadable_workbenches(server: AnnotationServer, found: Iterable[Unread]) -> Iterator[str]:
    """Yield a line for each workbench with something unreadable: what it is, and how to delete it."""
    ordered = sorted(found, key=lambda one: (one.workbench, one.project, one.task_id, one.annotation_id or 0))
    for (title, project), here in groupby(ordered, key=lambda one: (one.workbench, one.project)):
        unreadable = list(here)
        more = sum(one.more for one in unreadable)
        rest = f" and some of {more} tasks next to them" if more else ""
        named = ", ".join(map(_named, unreadable))
        yield (
            f"{_who(server)} holds what cannot be read in workbench {title!r}: {named}{rest}. All else there was "
            f"collected. To mend it, {'; '.join(_cures(server, project, unreadable))}."
        )


def _named(one: Unread) -> str:
    task = f"task {one.task_id}"
    return task if one.annotation_id is None else f"annotation {one.annotation_id} on {task}"


def _cures(server: AnnotationServer, project: int, found: Iterable[Unread]) -> Iterator[str]:
    spoilt = sorted({one.task_id for one in found if one.annotation_id is not None})
    if spoilt:
        yield (
            f"open {server.url}/projects/{project}/data, tick task {', '.join(map(str, spoilt))}, choose Delete "
            "Annotations, and let the work be submitted again"
        )
    for one in found:
        if one.annotation_id is None:
            yield (
                "delete the task, which is then handed out again: curl -X DELETE -H 'Authorization: Token …' "
                f"{server.url}/api/tasks/{one.task_id}/"
            )


def failed_workbenches(found: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each workbench of which nothing could be read."""
    for title, why in sorted(found.items()):
        yield f"nothing of workbench {title!r} was collected: {why}"


def _who(server: AnnotationServer) -> str:
    return f"Label Studio server {server.name!r} at {server.url}"


def submission_counts(seen: Counts, workbenches: Iterable[Workbench]) -> dict[tuple[str, str], int]:
    """Return the counts, updated with what is there now."""
    now = {(one.title, one.made.isoformat()): one.annotations for one in workbenches}
    return {**seen, **{place: max(number, seen.get(place, 0)) for place, number in now.items()}}


def destroyed_submissions(
    server: str, seen: Counts, standing: Mapping[str, Workbench], read: Collection[str], annotations: pd.DataFrame
) -> tuple[list[Row], dict[tuple[str, str], int]]:
    """Return an event for each workbench in which submissions were destroyed before they came in.

    Args:
        server: its name in campaign.toml.
        seen: what its workbenches held, as of `submission_counts`.
        standing: the workbenches that it holds now, by title.
        read: titles of those that were read completely just now.
        annotations: every annotation event of this server.

    Returns:
        The events, and the counts for the next look.
    """
    rows: list[Row] = []
    left: dict[tuple[str, str], int] = {}
    for (title, made), number in seen.items():
        now = standing.get(title)
        same = now is not None and now.made.isoformat() == made
        if now is not None and same and title not in read:
            left[title, made] = number  # not known yet
            continue
        mine = annotations[annotations["workbench"] == title]
        mine = mine[mine["created_at"] >= datetime.fromisoformat(made)]
        if now is not None and not same:
            mine = mine[mine["created_at"] < now.made]
        came = len(mine.drop_duplicates(["annotation_id", "created_at"]))
        if now is not None and same:
            left[title, made] = now.annotations
        if came < number:
            rows.append(Destroyed(server, made, number, came).row(title, WorkbenchTitle.parse(title).language))
    return rows, left


def lost_submissions(state: State) -> Iterator[AgendaPoint]:
    """Yield a line for each workbench with open work that lost submissions before they came in."""
    work = state.tasks[state.tasks["open"]]
    places = zip(work["stage"], work["language"], work["person"], strict=True)
    busy = {state.campaign.workbench_title(*place) for place in set(places)}
    events = state.events(Destroyed)
    for title, one in zip(events["subject"], details_of(events, Destroyed), strict=True):
        if title in busy:
            person = WorkbenchTitle.parse(title).person
            yield AgendaPoint(
                f"{title}: {one.stood - one.collected} submitted and destroyed on server {one.server!r} before it "
                f"was collected ({one.stood} stood there, {one.collected} came in)",
                f"ask {person} to look what is missing; it stays open and can be done again",
            )
