"""Label Studio over HTTP: workbenches, the tasks on them, and what people submitted.

Everything that the program asks of a Label Studio server goes through `LabelStudio`. Three habits make it safe to
run again after any crash. Reads are repeated when the line is bad. A write is never simply sent again, since it
may have arrived although its answer was lost: every writing method looks first and sends what is missing. And of
doubles the lowest id counts; an extra one is removed only when nobody has worked in it.

What changed is found without asking every workbench. The server counts tasks and annotations of all workbenches
in a few requests, and knows when each account last wrote something; a workbench whose counts stand still, while
nobody was active since it was last read, holds nothing new. The rest are asked for tasks with a recent
`updated_at`, which Label Studio sets when an annotation is saved, edited or deleted. An edit that is written with
an account's token, as scripts do, leaves no trace in the account's activity: it comes with the next reading of
its workbench, after a day at the latest (`STALE`), and is never lost, since a mark moves only with a reading.

Why not the official library: importing it costs 2.5 s, it repeats POST requests by itself (which doubles tasks
when only the answer was lost), and its list calls cannot be narrowed to the few fields that are needed here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from annotation.remote import (
    Collected,
    Mark,
    Project,
    Pushed,
    RemoteTask,
    Submission,
    Touched,
    Workbench,
    account,
    by_key,
    held_task,
    last_activity,
    moment,
    numbered,
    project_page,
    remote_task,
)
from annotation.wire import Wire
from data.errors import ServerError, ServerRefused, UsageError

__all__ = [
    "Collected",
    "LabelStudio",
    "Mark",
    "Pushed",
    "RemoteTask",
    "Submission",
    "Touched",
    "Workbench",
]

TITLE_LENGTH = 50
"""Label Studio's longest project title, in characters."""

OVERLAP = timedelta(seconds=60)
"""How far a reading reaches back behind the one before: longer than any request that was under way then."""

STALE = timedelta(days=1)
"""A workbench that was not read for so long is read even though nothing points to a change."""

_PAGE = 100  # the most projects that Label Studio lists at once
_TASK_PAGE = 2000
_CHUNK = 500  # tasks in one import: about a second of a small server's time
_READERS = 4
_COUNTS = "created_at,task_number,total_annotations_number,skipped_annotations_number"
_UNANNOTATED = (("total_annotations", "equal", "Number", 0), ("cancelled_annotations", "equal", "Number", 0))
_UNDRAFTED = ("draft_exists", "equal", "Boolean", "false")

_SETTINGS = {
    "show_instruction": True,  # before the first task; later one click away
    "sampling": "Sequential sampling",
    "maximum_annotations": 1,
    "enable_empty_annotation": True,  # else Submit is grey without a word; the pages say what is missing
    "show_skip_button": True,
    "skip_queue": "IGNORE_SKIPPED",  # who skips a task is not shown it again: it goes to someone else
    "show_collab_predictions": False,
}
"""Settings of every workbench. Whoever has an account there can change them; `open` puts them back."""

_HIDDEN = (
    "inner_id", "total_annotations", "cancelled_annotations", "total_predictions", "annotators",
    "annotations_results", "annotations_ids", "predictions_score", "predictions_model_versions",
    "predictions_results", "file_upload", "storage_filename", "created_at", "updated_at", "updated_by",
    "avg_lead_time", "draft_exists",
)  # fmt: skip
"""Columns of Label Studio's task list that tell a person who works there nothing; what is left is id and date."""

_WIDTH = 420  # of a column in pixels

_WHOLE_TASK = "id,data,updated_at,annotations,result,completed_by,was_cancelled,created_at,lead_time"

T = TypeVar("T")

_Condition = tuple[str, str, str, str | int]
"""A filter of the Data Manager: column, operator, type, value."""


class LabelStudio:
    """A Label Studio server, spoken to with one account's token.

    Args:
        url: its address, such as `http://127.0.0.1:8080`.
        token: an access token of an account there, either kind (a legacy one or a personal one).
        name: its name in campaign.toml, for messages.
        timeout: seconds that one answer may take.

    Every method raises ServerUnreachable when no answer comes, ServerRefused when the answer says no, and
    ServerError when it makes no sense; the messages hold the address, what was asked and the cure, no token.
    """

    def __init__(self, url: str, token: str, *, name: str = "main", timeout: float = 30.0) -> None:
        self._wire = Wire(url, token, name, timeout)
        self.url = self._wire.url
        self.name = name

    def __enter__(self) -> LabelStudio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the connections."""
        self._wire.close()

    def check(self) -> str:
        """The server's version, once it has shown that it takes the token."""
        self._wire.ask("/api/current-user/whoami", "whose token this is", lambda said: int(said["id"]))
        return self._wire.ask("/api/version", "its version", lambda said: str(said["release"]))[0]

    def invitation(self) -> str:
        """The link at which a person signs up as a user of this server."""
        link, _ = self._wire.ask("/api/invite", "the invitation link", lambda said: str(said["invite_url"]))
        return link if link.startswith("http") else self.url + link

    def accounts(self) -> dict[str, str]:
        """E-mail address in lower case → account, as submissions name it, of each account on the server."""
        found, _ = self._wire.ask(
            "/api/users/",
            "the accounts",
            lambda said: {str(user["email"]).lower(): account(user) for user in said},
        )
        return found

    def workbenches(self, prefix: str, *, tidy: bool = True) -> dict[str, Workbench]:
        """Title → workbench, for titles that begin with the prefix; one request per 100.

        A further project of one title is removed if nobody has worked in it, else it is named in `doubles`.

        Args:
            prefix: of the titles.
            tidy: False to remove nothing and name every further project in `doubles`.
        """
        same: dict[str, list[Workbench]] = {}
        for project in self._projects(prefix):
            if project.workbench.title.startswith(prefix):
                same.setdefault(project.workbench.title, []).append(project.workbench)
        return {title: self._settle(benches, tidy) for title, benches in sorted(same.items())}

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF"
    ) -> Workbench:
        """Finds the workbench of this title or makes it, and brings its pages and settings up to date.

        Args:
            title: 3 to 50 characters.
            config: the label configuration, XML.
            guideline_html: what the person reads first; Label Studio keeps only harmless HTML of it.
            description: one line for the list of projects.
            colour: of its card in that list, as "#RRGGBB".
        """
        if not 3 <= len(title) <= TITLE_LENGTH:
            raise UsageError(
                f"The workbench title {title!r} has {len(title)} characters and Label Studio takes 3 to "
                f"{TITLE_LENGTH}: choose a shorter campaign id or person code in campaign.toml."
            )
        # The server rewrites HTML as it cleans it; a class survives and tells which guideline it was.
        seal = f"guideline-{hashlib.sha256(guideline_html.encode()).hexdigest()[:12]}"
        wanted: dict[str, object] = {
            "label_config": config.strip(),
            "expert_instruction": f'<div class="{seal}">{guideline_html}</div>',
            "description": description,
            "color": colour,
            **_SETTINGS,
        }
        found = self._titled(title) or self._create(title, wanted)
        workbench = self._settle([project.workbench for project in found])
        held = next(project.pages for project in found if project.workbench.id == workbench.id)
        stale = {name: value for name, value in wanted.items() if held.get(name) != value}
        if seal in str(held.get("expert_instruction")):
            stale.pop("expert_instruction", None)
        if stale:
            self._wire.write(
                "PATCH", f"/api/projects/{workbench.id}/", f"new pages for workbench {title!r}", stale
            )
        return workbench

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Makes the workbench's list of tasks show only some fields, unless its columns were chosen already.

        Args:
            workbench: as `open` gave it.
            shown: the fields of a task's data to show.
            fields: all fields of its tasks' data.
        """
        asked = f"the columns of workbench {workbench.title!r}"
        views, _ = self._wire.ask("/api/dm/views/", asked, list, {"project": workbench.id})
        if views:
            return
        unseen = [f"tasks:data.{name}" for name in sorted({*fields, "task_key"} - set(shown))]
        hidden = [*unseen, *(f"tasks:{name}" for name in _HIDDEN)]
        widths = {f"tasks:data.{name}": _WIDTH for name in shown}
        data = {"title": "Tasks", "type": "list", "target": "tasks", "gridWidth": 4, "columnsWidth": widths}
        columns = {"explore": hidden, "labeling": [*hidden, "tasks:id", "tasks:completed_at"]}
        body = {"project": workbench.id, "data": {**data, "hiddenColumns": columns}}
        self._wire.write("POST", "/api/dm/views/", asked, body)

    def assist(self, workbench: Workbench, address: str, user: str = "", secret: str = "") -> bool:
        """Sees to it that the pages of a workbench ask the assistant at this address, and no other, while open.

        Args:
            workbench: as `open` or `workbenches` gave it.
            address: the assistant's; the server must reach it now. "" to ask none.
            user: the name that the server gives there.
            secret: the password. The server shows it to nobody, so a digest beside it tells which one it is.

        Returns:
            Whether anything was changed.
        """
        asked = f"the assistant of workbench {workbench.title!r}"
        seal = hashlib.sha256(f"{user}:{secret}".encode()).hexdigest()[:16]
        query = {"project": workbench.id}
        told = lambda said: [(int(one["id"]), (str(one["url"]), str(one["description"]))) for one in said]  # noqa: E731
        held, _ = self._wire.ask("/api/ml/", asked, told, query)
        kept = next((number for number, what in sorted(held) if address and what == (address, seal)), None)
        for number, _what in held:
            if number != kept:
                self._wire.write("DELETE", f"/api/ml/{number}", f"{asked} removed")
        if address and kept is None:
            body = {
                "url": address, "project": workbench.id, "title": "assistant", "is_interactive": True,
                "description": seal,
                "auth_method": "BASIC_AUTH", "basic_auth_user": user, "basic_auth_pass": secret,
            }  # fmt: skip
            self._wire.write("POST", "/api/ml/", asked, body)
        changed = bool(address and kept is None) or len(held) > (kept is not None)
        if changed:
            self._unhook(workbench, {url for _, (url, _seal) in held} | {address})
        return changed

    def _unhook(self, workbench: Workbench, addresses: Collection[str]) -> None:
        """Takes away what the server adds to an assistant by itself: that every submission is sent there."""
        asked = f"what workbench {workbench.title!r} sends elsewhere"
        ends = {f"{address.rstrip('/')}/webhook" for address in addresses if address}
        told = lambda said: [(int(one["id"]), str(one["url"])) for one in said]  # noqa: E731
        hooks, _ = self._wire.ask("/api/webhooks/", asked, told, {"project": workbench.id})
        for number, url in hooks:
            if url in ends:
                self._wire.write("DELETE", f"/api/webhooks/{number}/", f"{asked} removed")

    def push(self, workbench: Workbench, tasks: Sequence[tuple[str, Mapping[str, object]]]) -> Pushed:
        """Sees to it that every one of these tasks stands on the workbench, once.

        Args:
            workbench: as `open` or `workbenches` gave it.
            tasks: (task key, what the task shows) of each; the key goes into its data as `task_key`.
        """
        wanted: dict[str, dict[str, object]] = {key: {**payload, "task_key": key} for key, payload in tasks}
        if not wanted:
            return Pushed((), (), ())
        before, doubles = self._settled_keys(workbench)
        missing = [key for key in wanted if key not in before]
        for start in range(0, len(missing), _CHUNK):
            self._import(workbench, {key: wanted[key] for key in missing[start : start + _CHUNK]})
        return Pushed(tuple(key for key in wanted if key in before), tuple(missing), doubles)

    def update(self, workbench: Workbench, shown: Mapping[str, Mapping[str, object]]) -> list[str]:
        """Changes what tasks show, where it differs; their annotations stay.

        Args:
            workbench: as `open` or `workbenches` gave it.
            shown: task key → all that the task is to show; keys that stand on no task are passed over.

        Returns:
            The keys whose task was changed, sorted.
        """
        if not shown:
            return []
        changed = set()
        for task in self.tasks(workbench):
            data = {**shown[task.key], "task_key": task.key} if task.key in shown else task.data
            if data != task.data:
                path = f"/api/tasks/{task.id}/"
                self._wire.write("PATCH", path, f"task {task.key!r} to show something new", {"data": data})
                changed.add(task.key)
        return sorted(changed)

    def tasks(self, workbench: Workbench) -> list[RemoteTask]:
        """Every task on the workbench, by id."""
        fields = "id,data,total_annotations,cancelled_annotations"
        return self._tasks(workbench, remote_task, {"include": fields})[0]

    def remove(self, workbench: Workbench, keys: Iterable[str]) -> list[str]:
        """Takes tasks of these keys away that hold no annotation; drafts on them are lost.

        Returns:
            The keys of which nothing stands there any more because of this call, sorted.
        """
        wanted = set(keys)
        doomed = [task for task in self.tasks(workbench) if task.key in wanted and task.annotations == 0]
        if not doomed:
            return []
        self._delete(workbench, [task.id for task in doomed], *_UNANNOTATED)
        left = {task.key for task in self.tasks(workbench)}
        return sorted({task.key for task in doomed} - left)

    def submissions(
        self, workbenches: Iterable[Workbench], marks: Mapping[str, Mark] | None = None, *, full: bool = False
    ) -> Collected:
        """What was submitted, edited, skipped or taken back since the marks were made.

        Args:
            workbenches: freshly from `workbenches`, since their counts tell what changed.
            marks: title → mark of earlier calls; a workbench without one is read whole.
            full: read every workbench whole.

        Returns:
            Every annotation on every task that changed. What is a minute old or less comes again next time.
        """
        marks = {} if full or marks is None else marks
        pairs = [(bench, _still_true(marks.get(bench.title), bench)) for bench in workbenches]
        known: Mapping[str, str] = {}
        if any(mark for _, mark in pairs):
            # The server takes some milliseconds for each account: one question does for both.
            both = lambda said: (last_activity(said), numbered(said))  # noqa: E731
            (active, known), now = self._wire.ask("/api/users/", "when people were last active", both)
            pairs = [(bench, _before(mark, now)) for bench, mark in pairs]
            pairs = [(bench, mark) for bench, mark in pairs if not mark or _may_differ(bench, mark, active, now)]
        with ThreadPoolExecutor(_READERS) as pool:
            parts = list(pool.map(lambda pair: self._collect(*pair), pairs))
        return Collected(
            self._signed([submission for part in parts for submission in part.submissions], known),
            tuple(touched for part in parts for touched in part.touched),
            frozenset(title for part in parts for title in part.complete),
            {title: mark for part in parts for title, mark in part.marks.items()},
        )

    def task_url(self, workbench: Workbench, task_id: int) -> str:
        """Where a person opens the task in the browser."""
        return f"{self.url}/projects/{workbench.id}/data?task={task_id}"

    # Workbenches

    def _projects(self, title: str, fields: str = "id,title") -> list[Project]:
        query = {"page_size": _PAGE, "title": title, "include": f"{fields},{_COUNTS}"}
        projects: list[Project] = []
        more, page = True, 0
        while more:
            page += 1
            asked = f"the workbenches {title!r}"
            (part, more), _ = self._wire.ask("/api/projects/", asked, project_page, {**query, "page": page})
            projects += part
        return projects

    def _titled(self, title: str) -> list[Project]:
        fields = ",".join(["label_config", "expert_instruction", "description", "color", *_SETTINGS])
        found = self._projects(title, f"id,title,{fields}")
        return [project for project in found if project.workbench.title == title]

    def _create(self, title: str, pages: Mapping[str, object]) -> list[Project]:
        body = {**pages, "title": title}
        lost: ServerError | None = None
        for _ in range(2):
            try:
                self._wire.write("POST", "/api/projects/", f"a new workbench {title!r}", body)
            except ServerRefused:
                raise
            except ServerError as error:
                lost = error  # it may have been made nevertheless
            found = self._titled(title)
            if found:
                return found
        raise lost or ServerError(
            f"{self._wire.who} says that it made workbench {title!r}, and lists none: see its log."
        )

    def _settle(self, same: Sequence[Workbench], tidy: bool = True) -> Workbench:
        first, *extra = sorted(same, key=lambda workbench: workbench.id)
        kept = [] if tidy else [double.id for double in extra]
        for double in extra if tidy else ():
            drafted = _query(("draft_exists", "equal", "Boolean", "true"))
            if double.annotations or self._tasks(double, remote_task, {"include": "id,data", **drafted})[0]:
                kept.append(double.id)
            else:
                self._wire.write(
                    "DELETE", f"/api/projects/{double.id}/", f"an empty double of {first.title!r} removed"
                )
        return replace(first, doubles=tuple(kept))

    # Tasks

    def _tasks(
        self, workbench: Workbench, read: Callable[[Any], T], query: Mapping[str, str]
    ) -> tuple[list[T], datetime | None]:
        """What `read` makes of each task, by id, and the server's time when it began to tell them."""
        asked = f"the tasks of workbench {workbench.title!r}"
        everything = {"project": workbench.id, "page_size": _TASK_PAGE, "resolve_uri": "false", **query}
        tasks: dict[int, T] = {}
        began: datetime | None = None
        more, page = True, 0
        while more:
            page += 1
            (part, total), now = self._wire.ask(
                "/api/tasks/", asked, _task_page(read), {**everything, "page": page}
            )
            began = began if page > 1 else now
            tasks.update(part)
            more = bool(part) and page * _TASK_PAGE < total
        return [tasks[task_id] for task_id in sorted(tasks)], began

    def _settled_keys(self, workbench: Workbench) -> tuple[dict[str, int], tuple[int, ...]]:
        """Key → id of the task that counts, and the further ones in which somebody worked; empty ones go."""
        first, extra = by_key(self.tasks(workbench))
        if extra:
            self._delete(workbench, extra, *_UNANNOTATED, _UNDRAFTED)
            first, extra = by_key(self.tasks(workbench))
        return first, tuple(extra)

    def _import(self, workbench: Workbench, wanted: Mapping[str, Mapping[str, object]]) -> None:
        left = list(wanted)
        lost: ServerError | None = None
        for _ in range(2):
            try:
                asked = f"{len(left)} new tasks on {workbench.title!r}"
                path = f"/api/projects/{workbench.id}/import"
                self._wire.write("POST", path, asked, [{"data": wanted[key]} for key in left])
                return
            except ServerRefused:
                raise
            except ServerError as error:
                lost = error  # some or all may have arrived nevertheless
            there, _doubles = self._settled_keys(workbench)
            left = [key for key in left if key not in there]
            if not left:
                return
        if lost:
            raise lost

    def _delete(self, workbench: Workbench, ids: Sequence[int], *only: _Condition) -> None:
        """Deletes those of the tasks that meet the conditions at that moment, by the server's own look."""
        if not ids:  # to Label Studio, nothing selected means everything
            return
        body = {"filters": _filters(*only), "selectedItems": {"all": False, "included": list(ids)}, "ordering": []}
        path = f"/api/dm/actions/?id=delete_tasks&project={workbench.id}"
        self._wire.write("POST", path, f"{len(ids)} open tasks of {workbench.title!r} removed", body)

    # Submissions

    def _collect(self, workbench: Workbench, mark: Mark | None) -> Collected:
        # Of a deleted task nothing is left that could be recent: fewer tasks than before means reading all.
        whole = mark is None or not mark.since or workbench.tasks < mark.tasks
        recent = (
            {} if whole or mark is None else _query(("updated_at", "greater_or_equal", "Datetime", mark.since))
        )
        tasks, now = self._tasks(
            workbench,
            lambda task: held_task(workbench.title, task),
            {"fields": "all", "include": _WHOLE_TASK, **recent},
        )
        since = (now - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if now else ""
        return Collected(
            tuple(submission for _, submissions in tasks for submission in submissions),
            tuple(touched for touched, _ in tasks),
            frozenset([workbench.title] if whole else []),
            {workbench.title: Mark(since, workbench.tasks, workbench.annotations, workbench.made.isoformat())},
        )

    def _signed(self, found: Sequence[Submission], known: Mapping[str, str]) -> tuple[Submission, ...]:
        """The same with each account told as `account` tells it, and no longer by its number alone."""
        if {one.account for one in found} - set(known):  # nobody was asked for yet, or somebody signed up
            known, _ = self._wire.ask("/api/users/", "whose work it is", numbered)
        return tuple(replace(one, account=known.get(one.account, one.account)) for one in found)


def _task_page(read: Callable[[Any], T]) -> Callable[[Any], tuple[dict[int, T], int]]:
    return lambda answer: ({int(task["id"]): read(task) for task in answer["tasks"]}, int(answer["total"]))


def _still_true(mark: Mark | None, workbench: Workbench) -> Mark | None:
    return mark if mark and mark.made == workbench.made.isoformat() else None


def _before(mark: Mark | None, now: datetime | None) -> Mark | None:
    """The mark, unless the server's clock was set back since: then what is new may bear an earlier time."""
    return None if mark and mark.since and now and now < moment(mark.since) else mark


def _may_differ(workbench: Workbench, mark: Mark, active: datetime | None, now: datetime | None) -> bool:
    if not mark.since or active is None or now is None:
        return True
    since = moment(mark.since)
    counts = (workbench.tasks, workbench.annotations) != (mark.tasks, mark.annotations)
    return counts or active >= since or now - since > STALE


def _filters(*conditions: _Condition) -> dict[str, object]:
    items = [
        {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
        for column, operator, kind, value in conditions
    ]
    return {"conjunction": "and", "items": items}


def _query(*conditions: _Condition) -> dict[str, str]:
    return {"query": json.dumps({"filters": _filters(*conditions)})}
