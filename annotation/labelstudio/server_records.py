"""What a Label Studio server tells, as nouns: workbenches, tasks, submissions.

Answers are taken apart here and nowhere else, strictly: what lacks a field or holds the wrong kind of thing raises
one of `MISSHAPEN`, and the wire turns that into an error that names the server. A single annotation of that kind
is passed over and named. Of people only the account's number comes through; names and addresses, which the server
tells along with the rest, stop here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from annotation.labelstudio import content_seals
from data.ledger.task_keys import WorkbenchTitle

MISSHAPEN = (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError)
"""What reading an answer raises that is not what it should be."""

LARGEST = 1_000_000
"""Characters of JSON in one submission; the longest honest one has some thousands."""

_LONGEST = 366 * 24 * 3600.0  # seconds that anybody can have had a page open


@dataclass(frozen=True)
class Workbench:
    """One Label Studio project: one stage, one language, one person."""

    id: int
    title: str
    tasks: int
    """Tasks on it, open and done."""
    annotations: int
    """Annotations in it: submitted and skipped ones, of anybody."""
    made: datetime
    """When it was made: tells it from one of the same title, and even the same id, that stood there before."""
    doubles: tuple[int, ...] = ()
    """Ids of further projects of this title in which somebody worked; work there counts like work here."""
    seal: str = ""
    """Of what its pages and settings are on the server, as `annotation.labelstudio.content_seals` makes it."""


@dataclass(frozen=True)
class Backend:
    """What a workbench's pages may ask while somebody writes; Label Studio calls it an ML backend."""

    id: int
    url: str
    user: str
    """The name that it is asked under."""
    seal: str
    """Of the credentials, as they were set; whoever has an account may write another one there."""
    interactive: bool
    """Whether pages ask it."""

    def asks(self, address: str, user: str, seal: str) -> bool:
        """Whether it stands as it was set for the assistant at this address."""
        return (self.url, self.user, self.seal, self.interactive) == (address, user, seal, True)


@dataclass(frozen=True)
class Webhook:
    """An address to which the server sends what happens, a workbench's submissions among it."""

    id: int
    url: str
    workbench: int | None
    """The number of the workbench that it is about; None for all of them."""
    sends: bool
    """Whether it is switched on."""


@dataclass(frozen=True)
class Listing:
    """What stands on a server under titles that begin alike."""

    workbenches: dict[str, Workbench]
    """By title."""
    foreign: tuple[str, ...]
    """Titles of what is no workbench, sorted."""


@dataclass(frozen=True)
class RemoteTask:
    """A task as it stands on the server."""

    id: int
    key: str
    """Its `task_key`; empty if someone else put the task there."""
    annotations: int
    """Annotations on it, skipped ones included."""
    data: Mapping[str, Any]
    """What it shows."""


@dataclass(frozen=True)
class Pushed:
    """What became of tasks that were to stand on a workbench."""

    there: tuple[str, ...]
    """Keys that stood there before, in the order given."""
    added: tuple[str, ...]
    """Keys that this call brought, in the order given."""
    doubles: tuple[int, ...]
    """Ids of second tasks of one key that hold work and were left alone."""

    @property
    def pushed(self) -> int:
        """How many tasks this call brought."""
        return len(self.added)


class Mark(NamedTuple):
    """How far a workbench was read: give it back to the next `submissions`. A plain tuple, so it fits JSON."""

    since: str
    """The server's time of the reading less `OVERLAP`, ISO 8601; empty if the server tells no time."""
    tasks: int
    annotations: int
    made: str
    """When the workbench was made, ISO 8601: of another one the mark says nothing."""
    whole: str = ""
    """The server's time when it was last read whole, ISO 8601; empty if that is not known."""


@dataclass(frozen=True)
class Submission:
    """One annotation as Label Studio holds it now."""

    workbench: str
    task_id: int
    task_key: str
    annotation_id: int
    account: str
    """In whose name it stands, as `account` tells accounts apart; never a name. Whoever writes it says so."""
    writer: str
    """Who wrote it last, as the server saw; empty if it saw nobody, as of work that came by an import."""
    kind: Literal["submitted", "skipped"]
    created_at: datetime
    updated_at: datetime
    seconds: float | None
    """Lead time; None if unknown, or no time that anybody can have taken."""
    result: list[Any]


@dataclass(frozen=True)
class Touched:
    """A task that changed, and all annotations on it; one collected before and missing here is gone."""

    workbench: str
    task_id: int
    task_key: str
    annotations: tuple[int, ...]
    data: Mapping[str, Any]
    """What it shows."""


@dataclass(frozen=True)
class Unread:
    """Work that stands on a server and cannot be read: the server fails over it, or it is no submission."""

    workbench: str
    project: int
    """The number of the workbench's project there."""
    task_id: int
    annotation_id: int | None = None
    """None if the task itself cannot be read."""
    more: int = 0
    """Further tasks, next to this one, of which some cannot be read either and none was."""


@dataclass(frozen=True)
class Held:
    """A task with what could be read of its annotations."""

    touched: Touched | None
    """None if the task's own data cannot be read."""
    submissions: tuple[Submission, ...]
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True)
class Collected:
    """What a look at many workbenches brought."""

    submissions: tuple[Submission, ...]
    touched: tuple[Touched, ...]
    complete: frozenset[str]
    """Titles read whole: a task of theirs that is not among `touched` is gone, and its annotations with it."""
    marks: dict[str, Mark]
    """For the workbenches of which everything was read; keep them once the submissions are safe, for next time."""
    unread: tuple[Unread, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)
    """Title → why nothing of that workbench was read."""


@dataclass(frozen=True)
class Project:
    """A workbench with what the server told of its pages."""

    workbench: Workbench
    pages: Mapping[str, object]


def is_workbench(title: str) -> bool:
    """Whether a project of this title is a workbench: campaign id, stage, language and person, with slashes.

    >>> is_workbench("water/authoring/eng_Latn/ana"), is_workbench("water/my notes"), is_workbench("water/a/b/c")
    (True, False, False)
    """
    return WorkbenchTitle.names(title)


def project_page(answer: Any) -> tuple[list[Project], bool]:
    """One page of a list of projects, and whether more follow."""
    return [_project(project) for project in answer["results"]], bool(answer["next"])


def _project(said: Any) -> Project:
    annotations = int(said["total_annotations_number"]) + int(said["skipped_annotations_number"])
    workbench = Workbench(
        int(said["id"]), _text(said["title"]), int(said["task_number"]), annotations, moment(said["created_at"]),
        seal=content_seals.of_pages(said),
    )  # fmt: skip
    return Project(workbench, said)


def backends(answer: Any) -> tuple[Backend, ...]:
    """The ML backends of one workbench, by id."""
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
    """The webhooks of a list of them, by id."""
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
    """The `task_key` of a task; empty if someone else put it there."""
    return _text(task["data"].get("task_key") or "")


def _text(said: object) -> str:
    """As text that every store takes: half a surrogate pair is written out."""
    return str(said).encode("utf-8", "backslashreplace").decode()


def remote_task(task: Any) -> RemoteTask:
    """A task of the Data Manager's list, with or without its counts."""
    held = int(task.get("total_annotations") or 0) + int(task.get("cancelled_annotations") or 0)
    return RemoteTask(int(task["id"]), task_key_in(task), held, dict(task["data"]))


def by_key(tasks: Iterable[RemoteTask]) -> tuple[dict[str, int], list[int]]:
    """Key → lowest id; and the ids of further tasks of a key. The tasks come by id."""
    first: dict[str, int] = {}
    extra = []
    for task in tasks:
        if task.key and first.setdefault(task.key, task.id) != task.id:
            extra.append(task.id)
    return first, extra


def held_task(workbench: Workbench, task: Any) -> Held:
    """A task with its annotations, each by id; those that are no submissions are named."""
    title, task_id, key = workbench.title, int(task["id"]), task_key_in(task)
    ids, found, unread = [], [], []
    for annotation in sorted(task["annotations"], key=lambda annotation: int(annotation["id"])):
        ids.append(int(annotation["id"]))
        try:
            found.append(submission(title, task_id, key, annotation))
        except MISSHAPEN:
            unread.append(Unread(title, workbench.id, task_id, ids[-1]))
    return Held(Touched(title, task_id, key, tuple(ids), dict(task["data"])), tuple(found), tuple(unread))


def submission(title: str, task_id: int, key: str, annotation: Any) -> Submission:
    """An annotation on a task of the workbench of this title."""
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
    """The numbers of a task's annotations, where the list was asked for those alone."""
    return [int(number) for number in str(task["annotations_ids"]).split(",") if number]


def _seconds(said: Any) -> float | None:
    if said is None:
        return None
    return float(said) if 0 <= said <= _LONGEST else None


def _result(said: Any) -> list[Any]:
    if not isinstance(said, list | None):
        raise TypeError(f"a result is a list, not {type(said).__name__}")
    if len(json.dumps(said, ensure_ascii=False)) > LARGEST:
        raise ValueError(f"a result of more than {LARGEST} characters")
    return said or []


def account(user: Any) -> str:
    """What tells an account from every other: the server's number for it, and when it signed up.

    The number alone does not: a server that was lost and set up anew gives the same numbers to other people.
    """
    joined = user.get("date_joined")
    return f"{int(user['id'])} of {moment(joined):%Y-%m-%dT%H:%M:%S.%fZ}" if joined else str(int(user["id"]))


def _account(user: Any) -> str:
    # Newer servers tell the whole account here, name and address and all.
    number = user["id"] if isinstance(user, dict) else user
    return "" if number is None else str(int(number))


def numbered(users: Any) -> dict[str, str]:
    """Number → account, as `account` tells it, of each account on the server."""
    return {str(int(user["id"])): account(user) for user in users}


def last_activity(users: Any) -> datetime | None:
    """When an account last wrote something in the browser; None if the server does not tell for all."""
    times = [user["last_activity"] for user in users]
    return max(map(moment, times)) if times and all(times) else None


def moment(said: str) -> datetime:
    """A time as the server writes it, in UTC."""
    return datetime.fromisoformat(said).astimezone(UTC)
