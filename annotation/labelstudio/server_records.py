"""Typed records of what a Label Studio server returns: workbenches, tasks, submissions.

Answers are parsed only here, and strictly: one that lacks a field or holds the wrong kind of value raises one of
`MISSHAPEN`, which the connection turns into an error that names the server. A single bad annotation is skipped and
named. Of people only the account's number is passed on; names and addresses, which the server also sends, are
dropped here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from annotation.labelstudio.workbenches import content_seals
from data.ledger.task_keys import WorkbenchTitle

MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What parsing a malformed answer can raise."""

LARGEST = 1_000_000
"""Most characters of JSON in one submission; the longest real one has some thousands."""

_LONGEST = 366 * 24 * 3600.0  # seconds; longer than anybody can have had a page open


@dataclass(frozen=True)
class Workbench:
    """One Label Studio project: one stage, one language, one person."""

    id: int
    title: str
    tasks: int
    """Number of tasks on it, open and done."""
    annotations: int
    """Number of annotations in it, submitted and skipped, by anybody."""
    made: datetime
    """When it was created: distinguishes it from an earlier one with the same title, and even the same id."""
    doubles: tuple[int, ...] = ()
    """Ids of further projects of this title that hold work; work there counts like work here."""
    seal: str = ""
    """Seal of its pages and settings on the server (`annotation.labelstudio.workbenches.content_seals`)."""
    called: str = ""
    """The title that somebody gave it instead of its own, which is `title`; empty as long as it bears its own."""
    before: str = ""
    """The seal of the pages that `open` found and changed; empty if it changed nothing."""


class Placed(NamedTuple):
    """A workbench that the caller knows by the server's number of it, whatever title it bears now."""

    title: str
    made: str
    """When it was created, ISO 8601: a number may be given out again."""


NOWHERE: Mapping[int, Placed] = MappingProxyType({})
"""No workbench is known by its number."""


@dataclass(frozen=True)
class Backend:
    """An assistant that a workbench's pages may ask; Label Studio calls it an ML backend."""

    id: int
    url: str
    user: str
    """The user name under which it is asked."""
    seal: str
    """Seal of the credentials as they were set; any account may write another one there."""
    interactive: bool
    """Whether pages ask it."""

    def asks(self, address: str, user: str, seal: str) -> bool:
        """Return whether its settings are those of the assistant at this address."""
        return (self.url, self.user, self.seal, self.interactive) == (address, user, seal, True)


@dataclass(frozen=True)
class Webhook:
    """An address to which the server sends events, such as a workbench's submissions."""

    id: int
    url: str
    workbench: int | None
    """The id of the workbench that it is for; None for all of them."""
    sends: bool
    """Whether it is switched on."""


@dataclass(frozen=True)
class Listing:
    """The projects on a server whose titles have the same prefix."""

    workbenches: dict[str, Workbench]
    """By title."""
    foreign: tuple[str, ...]
    """Titles of projects that are not workbenches, sorted."""


@dataclass(frozen=True)
class RemoteTask:
    """A task as it is on the server."""

    id: int
    key: str
    """Its `task_key`; empty if somebody else put the task there."""
    annotations: int
    """Number of annotations on it, skipped ones included."""
    data: Mapping[str, Any]
    """What it shows."""
    hidden: bool = False
    """As of `Touched`."""


@dataclass(frozen=True)
class Pushed:
    """The result of pushing tasks to a workbench."""

    there: tuple[str, ...]
    """Keys that were there before, in the order given."""
    added: tuple[str, ...]
    """Keys that this call added, in the order given."""
    doubles: tuple[int, ...]
    """Ids of second tasks with the same key that hold work and were left alone."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    """The id of each task that is there now, by key, of those given."""

    @property
    def pushed(self) -> int:
        """How many tasks this call added."""
        return len(self.added)


@dataclass(frozen=True)
class Standing:
    """What a workbench's tasks were made to be."""

    pushed: Pushed
    changed: Mapping[str, str]
    """The keys of the tasks that were changed, each with the server's time of the change, ISO 8601."""


class Mark(NamedTuple):
    """How far a workbench was read; pass it to the next `submissions`. A plain tuple, so that it fits JSON."""

    since: str
    """The server's time of the reading less `OVERLAP`, ISO 8601; empty if the server sends no time."""
    tasks: int
    annotations: int
    made: str
    """When the workbench was created, ISO 8601: the mark does not apply to another workbench."""
    whole: str = ""
    """The server's time when it was last read whole, ISO 8601; empty if unknown."""


@dataclass(frozen=True)
class Submission:
    """One annotation as Label Studio holds it now."""

    workbench: str
    task_id: int
    task_key: str
    annotation_id: int
    account: str
    """The account in whose name it is, in the form of `account`; never a name. The writer can choose it freely."""
    writer: str
    """The account that wrote it last, as the server saw it; empty if it saw none, as for imported work."""
    kind: Literal["submitted", "skipped"]
    created_at: datetime
    updated_at: datetime
    seconds: float | None
    """Lead time in seconds; None if unknown or longer than anybody can have taken."""
    result: list[Any]


@dataclass(frozen=True)
class Touched:
    """A changed task and all annotations on it; one collected earlier and missing here is gone."""

    workbench: str
    task_id: int
    task_key: str
    annotations: tuple[int, ...]
    data: Mapping[str, Any]
    """What it shows."""
    changed_at: datetime | None = None
    """When the server last noted a change of it, or of an annotation or a prediction on it; None if unknown."""
    hidden: bool = False
    """Whether it is marked as done though nothing was submitted on it, so that it is handed to nobody."""

    @property
    def disguised(self) -> bool:
        """Whether it shows another key than its own."""
        return task_key_in({"data": self.data}) != self.task_key


@dataclass(frozen=True)
class Unread:
    """Work on a server that cannot be read: the server fails on it, or it is not a valid submission."""

    workbench: str
    project: int
    """The id of the workbench's project."""
    task_id: int
    annotation_id: int | None = None
    """None if the task itself cannot be read."""
    more: int = 0
    """Number of further tasks, next to this one, none of which was read because some of them cannot be."""


@dataclass(frozen=True)
class Held:
    """A task with those of its annotations that could be read."""

    touched: Touched | None
    """None if the task's data cannot be read."""
    submissions: tuple[Submission, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class Collected:
    """The result of reading many workbenches."""

    submissions: tuple[Submission, ...]
    touched: tuple[Touched, ...]
    complete: frozenset[str]
    """Titles read whole: a task of theirs that is not in `touched` is gone, and its annotations with it."""
    marks: dict[str, Mark]
    """Marks of the workbenches that were read completely; store them once the submissions are safe."""
    unread: tuple[Unread, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """Why a workbench could not be read at all, by title."""


@dataclass(frozen=True)
class Project:
    """A workbench with its pages as the server returned them."""

    workbench: Workbench
    pages: Mapping[str, object]


def is_workbench(title: str) -> bool:
    """Return whether this is a workbench's title: campaign id, stage, language and person, joined by slashes.

    >>> is_workbench("water/authoring/eng_Latn/ana"), is_workbench("water/my notes"), is_workbench("water/a/b/c")
    (True, False, False)
    """
    return WorkbenchTitle.names(title)


def project_page(answer: Any) -> tuple[list[Project], bool]:
    """Parse one page of a list of projects; return them, and whether more follow."""
    return [_project(project) for project in answer["results"]], bool(answer["next"])


def _project(raw: Any) -> Project:
    annotations = int(raw["total_annotations_number"]) + int(raw["skipped_annotations_number"])
    workbench = Workbench(
        int(raw["id"]), _text(raw["title"]), int(raw["task_number"]), annotations, moment(raw["created_at"]),
        seal=content_seals.of_pages(raw),
    )  # fmt: skip
    return Project(workbench, raw)


def backends(answer: Any) -> tuple[Backend, ...]:
    """Parse the ML backends of one workbench; return them by id."""
    found = (
        Backend(
            int(one["id"]),
            str(one["url"]),
            str(one["basic_auth_user"] or ""),
            str(one["description"] or ""),
            one["is_interactive"] is True,
        )
        for one in answer
    )
    return tuple(sorted(found, key=lambda one: one.id))


def webhooks(answer: Any) -> tuple[Webhook, ...]:
    """Parse a list of webhooks; return them by id."""
    found = (
        Webhook(
            int(one["id"]),
            str(one["url"]),
            None if one["project"] is None else int(one["project"]),
            one["is_active"] is True,
        )
        for one in answer
    )
    return tuple(sorted(found, key=lambda one: one.id))


def task_key_in(task: Any) -> str:
    """Return the `task_key` of a task; empty if somebody else put the task there."""
    return _text(task["data"].get("task_key") or "")


def _text(value: object) -> str:
    """Return text that every store accepts: lone surrogates are escaped."""
    return str(value).encode("utf-8", "backslashreplace").decode()


def remote_task(task: Any) -> RemoteTask:
    """Parse a task from the Data Manager's list, with or without its counts."""
    held = int(task.get("total_annotations") or 0) + int(task.get("cancelled_annotations") or 0)
    hidden = bool(task.get("is_labeled")) and not held
    return RemoteTask(int(task["id"]), task_key_in(task), held, dict(task["data"]), hidden)


def by_key(tasks: Iterable[RemoteTask]) -> tuple[dict[str, int], list[int]]:
    """Return the lowest id of each key, and the ids of further tasks with the same key; tasks must come by id."""
    first: dict[str, int] = {}
    extra = []
    for task in tasks:
        if task.key and first.setdefault(task.key, task.id) != task.id:
            extra.append(task.id)
    return first, extra


def held_task(workbench: Workbench, task: Any) -> Held:
    """Parse a task with its annotations, by id; invalid ones are named."""
    title, task_id, key = workbench.title, int(task["id"]), task_key_in(task)
    ids, found, unread = [], [], []
    for annotation in sorted(task["annotations"], key=lambda annotation: int(annotation["id"])):
        ids.append(int(annotation["id"]))
        try:
            found.append(submission(title, task_id, key, annotation))
        except MISSHAPEN:
            unread.append(Unread(title, workbench.id, task_id, ids[-1]))
    changed = moment(task["updated_at"]) if task.get("updated_at") else None
    hidden = bool(task.get("is_labeled")) and not ids
    touched = Touched(title, task_id, key, tuple(ids), dict(task["data"]), changed, hidden)
    return Held(touched, tuple(found), tuple(unread))


def submission(title: str, task_id: int, key: str, annotation: Any) -> Submission:
    """Parse an annotation on a task of the workbench with this title."""
    return Submission(
        workbench=title,
        task_id=task_id,
        task_key=key,
        annotation_id=int(annotation["id"]),
        account=_account(annotation["completed_by"]),
        writer=_account(annotation["updated_by"]),
        kind="skipped" if annotation["was_cancelled"] else "submitted",
        created_at=moment(annotation["created_at"]),
        updated_at=moment(annotation["updated_at"]),
        seconds=_seconds(annotation["lead_time"]),
        result=_result(annotation["result"]),
    )


def annotation_ids(task: Any) -> list[int]:
    """Return the ids of a task's annotations, from a list that was asked for those alone."""
    return [int(number) for number in str(task["annotations_ids"]).split(",") if number]


def _seconds(value: Any) -> float | None:
    if value is None:
        return None
    return float(value) if 0 <= value <= _LONGEST else None


def _result(value: Any) -> list[Any]:
    if not isinstance(value, list | None):
        raise TypeError(f"a result is a list, not {type(value).__name__}")
    if len(json.dumps(value, ensure_ascii=False)) > LARGEST:
        raise ValueError(f"a result of more than {LARGEST} characters")
    return value or []


def account(user: Any) -> str:
    """Return an account's unique identifier: the server's number for it, and when it signed up.

    The number alone is not unique: a server that was lost and set up anew gives the same numbers to other people.
    """
    joined = user.get("date_joined")
    return f"{int(user['id'])} of {moment(joined):%Y-%m-%dT%H:%M:%S.%fZ}" if joined else str(int(user["id"]))


def _account(user: Any) -> str:
    # Newer servers return the whole account here, name and address included.
    number = user["id"] if isinstance(user, dict) else user
    return "" if number is None else str(int(number))


def numbered(users: Any) -> dict[str, str]:
    """Return each account on the server, in the form of `account`, by number."""
    return {str(int(user["id"])): account(user) for user in users}


def last_activity(users: Any) -> datetime | None:
    """Return when any account last wrote something in the browser; None if the server does not say for all."""
    times = [user["last_activity"] for user in users]
    return max(map(moment, times)) if times and all(times) else None


def moment(text: str) -> datetime:
    """Parse a time as the server writes it, into UTC."""
    return datetime.fromisoformat(text).astimezone(UTC)
