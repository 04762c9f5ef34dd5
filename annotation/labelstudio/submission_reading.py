"""Read what people submitted on a server since the last reading, and decide which workbenches to read for it.

Changes are found without asking every workbench. The server counts tasks and annotations of all workbenches in a
few requests, and knows when each account last wrote something; a workbench with unchanged counts, on a server
where nobody was active since it was last read, holds nothing new. The other workbenches are asked for tasks with a
recent `updated_at`, which Label Studio sets when an annotation is saved, edited or deleted. An edit made with an
account's token, as scripts make them, leaves no trace in the account's activity: it is found at the next reading
of its workbench, after a day at the latest (`STALE`), and is never lost, because a mark moves only with a reading.
What a task shows can also change without a trace, so workbenches with open work are read whole once a day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from annotation.labelstudio.server_records import (
    MISSHAPEN,
    Collected,
    Held,
    Mark,
    Submission,
    Workbench,
    held_task,
    last_activity,
    moment,
    numbered,
)
from annotation.labelstudio.task_filters import since
from annotation.labelstudio.unreadable_lists import Salvage, Tasks
from annotation.labelstudio.workbenches.bulk_exchange import BulkExchange
from data.errors import ServerError, ServerUnreachable

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

OVERLAP = timedelta(seconds=60)
"""How far a reading reaches back before the previous one: longer than any request in flight then."""

STALE = timedelta(days=1)
"""A workbench not read for this long is read even without signs of a change; one with open work is read whole."""

_READERS = 4
_TURNS = 40  # fewer readings than quarter hours in half a day

_WHOLE_TASK = (
    "id,data,updated_at,is_labeled,annotations,result,completed_by,updated_by,was_cancelled,created_at,lead_time"
)


Pair = tuple[Workbench, Mark | None]


class SubmissionReading:
    """Reads the submissions of a server's workbenches.

    Args:
        wire: the connection to the server.
        tasks: lists a workbench's tasks.
        bulk: asks its layer for many workbenches at once.
    """

    def __init__(self, wire: Wire, tasks: Tasks, bulk: BulkExchange) -> None:
        self._wire = wire
        self._tasks = tasks
        self._bulk = bulk

    def submissions(
        self,
        workbenches: Iterable[Workbench],
        marks: Mapping[str, Mark] | None = None,
        *,
        full: bool = False,
        watched: Collection[str] = (),
    ) -> Collected:
        """Return what was submitted since the marks were made; arguments as for `LabelStudio.submissions`."""
        marks = {} if full or marks is None else marks
        pairs = [(bench, _still_true(marks.get(bench.title), bench)) for bench in workbenches]
        known: Mapping[str, str] = {}
        if any(mark for _, mark in pairs):
            # The server takes some milliseconds per account, so one request serves both.
            both = lambda users: (last_activity(users), numbered(users))  # noqa: E731
            (active, known), now = self._wire.ask(self._wire.sdk.users.list, "when people were last active", both)
            pairs = [(bench, _before(mark, now)) for bench, mark in pairs]
            overdue = _overdue([mark for bench, mark in pairs if mark and bench.title in watched], now)
            pairs = [(bench, None if mark in overdue else mark) for bench, mark in pairs]
            pairs = [(bench, mark) for bench, mark in pairs if not mark or _may_differ(bench, mark, active, now)]
        told = self._in_bulk(pairs)
        left = [pair for pair in pairs if pair[0].id not in told]
        with ThreadPoolExecutor(_READERS) as pool:
            more = pool.map(lambda pair: self._collect(*pair), left)
            told |= {bench.id: part for (bench, _), part in zip(left, more, strict=True)}
        parts = [told[bench.id] for bench, _ in pairs]
        return Collected(
            self._signed([submission for part in parts for submission in part.submissions], known),
            tuple(touched for part in parts for touched in part.touched),
            frozenset(title for part in parts for title in part.complete),
            {title: mark for part in parts for title, mark in part.marks.items()},
            tuple(unread for part in parts for unread in part.unread),
            {title: why for part in parts for title, why in part.failed.items()},
        )

    def _in_bulk(self, pairs: Sequence[Pair]) -> dict[int, Collected]:
        """Read what the server's layer can tell at once; return that by workbench."""
        begins = {place: _since(bench, mark) for bench, mark in pairs for place in _places(bench)}
        try:
            read = self._bulk.changes(begins)
        except ServerError:
            read = None
        if read is None:
            return {}
        told: dict[int, Collected] = {}
        for bench, mark in pairs:
            # What cannot be told at once, or is no task, is left for another way of reading.
            with suppress(*MISSHAPEN):
                tasks = [task for place in _places(bench) for task in _held(bench, place, read.tasks[place])]
                told[bench.id] = _collected(bench, mark, tasks, read.at)
        return told

    def _collect(self, workbench: Workbench, mark: Mark | None) -> Collected:
        """Read one workbench and its doubles; a failure there is reported and stops nothing else."""
        begins = _since(workbench, mark)
        recent = (since(begins),) if begins else ()
        fields = {"fields": "all", "include": _WHOLE_TASK}
        tasks: list[Held] = []
        now: datetime | None = None
        try:
            for place in _places(workbench):
                here = replace(workbench, id=place)
                more, now = Salvage(self._wire, self._tasks, here, fields).read(*recent)
                tasks += more
        except ServerUnreachable as error:
            self._wire.ask(
                self._wire.sdk.versions.get, "its version", dict
            )  # raises unless only this workbench fails
            return Collected((), (), frozenset(), {}, failed={workbench.title: str(error)})
        except ServerError as error:
            return Collected((), (), frozenset(), {}, failed={workbench.title: str(error)})
        return _collected(workbench, mark, tasks, now)

    def _signed(self, found: Sequence[Submission], known: Mapping[str, str]) -> tuple[Submission, ...]:
        """Replace account numbers by the form of `account`."""
        who = {account for one in found for account in (one.account, one.writer) if account}
        if who - set(known):  # no accounts were read yet, or somebody signed up
            known, _ = self._wire.ask(self._wire.sdk.users.list, "whose work it is", numbered)
        return tuple(
            replace(one, account=known.get(one.account, one.account), writer=known.get(one.writer, one.writer))
            for one in found
        )


def _places(workbench: Workbench) -> tuple[int, ...]:
    return (*workbench.doubles, workbench.id)


def _since(workbench: Workbench, mark: Mark | None) -> str:
    """Return the time from which on a workbench is read, ISO 8601; "" to read all of it."""
    # A deleted task leaves nothing recent behind: fewer tasks than before means reading all.
    whole = mark is None or workbench.tasks < mark.tasks or bool(workbench.doubles)
    return "" if whole or mark is None else mark.since


def _held(workbench: Workbench, place: int, tasks: Sequence[Any] | None) -> list[Held]:
    """Parse the tasks of a workbench, or of a double of it.

    Raises:
        MISSHAPEN: there are none, or a task makes no sense.
    """
    if tasks is None:
        raise ValueError(f"nothing of project {place}")
    return [held_task(replace(workbench, id=place), task) for task in tasks]


def _collected(workbench: Workbench, mark: Mark | None, tasks: Sequence[Held], now: datetime | None) -> Collected:
    """Return what was read of one workbench.

    Args:
        workbench: it.
        mark: how far it was read before.
        tasks: those read, of its doubles too.
        now: the server's time before they were read; None if it sends none.
    """
    unread = tuple(unread for task in tasks for unread in task.unread)
    begun = (now - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if now else ""
    complete = _since(workbench, mark) == "" and all(task.touched for task in tasks)
    last_whole = begun if complete else mark.whole if mark else ""
    now_read = Mark(begun, workbench.tasks, workbench.annotations, workbench.made.isoformat(), last_whole)
    return Collected(
        tuple(submission for task in tasks for submission in task.submissions),
        tuple(task.touched for task in tasks if task.touched),
        frozenset([workbench.title] if complete else []),
        {} if unread or workbench.doubles else {workbench.title: now_read},  # else they are read again
        unread,
    )


def _still_true(mark: Mark | None, workbench: Workbench) -> Mark | None:
    return mark if mark and mark.made == workbench.made.isoformat() else None


def _before(mark: Mark | None, now: datetime | None) -> Mark | None:
    """Return the mark, unless the server's clock was set back since: then new work may bear an earlier time."""
    return None if mark and mark.since and now and now < moment(mark.since) else mark


def _may_differ(workbench: Workbench, mark: Mark, active: datetime | None, now: datetime | None) -> bool:
    if not mark.since or active is None or now is None:
        return True
    counts = (workbench.tasks, workbench.annotations) != (mark.tasks, mark.annotations)
    since = moment(mark.since)
    return counts or active >= since or now - since > STALE


def _overdue(marks: Sequence[Mark], now: datetime | None) -> set[Mark]:
    """Return the marks of the workbenches to read whole now.

    These are all that were not read whole for a day and, of those that were not for half a day, a few each time,
    the longest waiting first, so that a campaign's workbenches do not all come due at once.
    """
    if now is None:
        return set()
    oldest = sorted((mark for mark in marks if mark.since), key=lambda mark: mark.whole)
    late = [mark for mark in oldest if not mark.whole or now - moment(mark.whole) > STALE]
    half = [mark for mark in oldest if mark not in late and now - moment(mark.whole) > STALE / 2]
    return {*late, *half[: 1 + len(marks) // _TURNS]}
