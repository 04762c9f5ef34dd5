"""Label Studio over HTTP: workbenches, the tasks on them, and what people submitted.

All requests to a Label Studio server go through `LabelStudio`. Three rules make it safe to run again after any
crash. Reads are retried when the connection fails. A write is never simply repeated, because it may have arrived
although its answer was lost: every writing method looks first and sends what is missing. And of duplicates the
lowest id counts; another one is removed only if nobody has worked in it.

`annotation.labelstudio.submission_reading` finds what changed since the last reading without asking every
workbench.

The official library, label-studio-sdk, makes the requests; `annotation.labelstudio.http_connection` is the only
module that imports it and says on what terms. Lists are limited to the few fields needed here, because the server
takes some milliseconds per task to return all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from annotation.labelstudio.assistant_connections import AssistantConnections
from annotation.labelstudio.assistant_passwords import Credentials
from annotation.labelstudio.content_seals import PAGES, comparable, project_fields
from annotation.labelstudio.server_records import (
    Backend,
    Collected,
    Listing,
    Mark,
    Project,
    Pushed,
    RemoteTask,
    Submission,
    Touched,
    Unread,
    Webhook,
    Workbench,
    account,
    by_key,
    is_workbench,
    project_page,
    remote_task,
)
from annotation.labelstudio.submission_reading import SubmissionReading
from annotation.labelstudio.task_filters import DRAFTED, UNANNOTATED, UNDRAFTED, Condition, filters, query
from data.errors import ServerError, ServerRefused, UsageError

__all__ = [
    "Backend",
    "Collected",
    "LabelStudio",
    "Mark",
    "Pushed",
    "RemoteTask",
    "Submission",
    "Touched",
    "Unread",
    "Webhook",
    "Workbench",
]

TITLE_LENGTH = 50
"""Label Studio's longest project title, in characters."""

_PAGE = 100  # the most projects that Label Studio lists at once
_TASK_PAGE = 2000
_CHUNK = 500  # tasks in one import: about a second of a small server's time
_COUNTS = "created_at,task_number,total_annotations_number,skipped_annotations_number"

_HIDDEN = (
    "inner_id", "total_annotations", "cancelled_annotations", "total_predictions", "annotators",
    "annotations_results", "annotations_ids", "predictions_score", "predictions_model_versions",
    "predictions_results", "file_upload", "storage_filename", "created_at", "updated_at", "updated_by",
    "avg_lead_time", "draft_exists",
)  # fmt: skip
"""Columns of Label Studio's task list that are of no use to annotators; only id and date are left."""

_WIDTH = 420  # of a column, in pixels

T = TypeVar("T")


class LabelStudio:
    """A client for one Label Studio server and one account.

    Args:
        url: its address, such as `http://127.0.0.1:8080`.
        token: an access token of an account there, legacy or personal.
        name: its name in campaign.toml, for messages.
        timeout: seconds allowed for one answer.

    Every method raises ServerUnreachable when no answer comes, ServerRefused when the server refuses, and
    ServerError when the answer makes no sense; messages name the address, the request and the cure, and never hold
    the token.
    """

    def __init__(self, url: str, token: str, *, name: str = "main", timeout: float = 30.0) -> None:
        from annotation.labelstudio.http_connection import Wire  # imports httpx, which most commands never use

        self._wire = Wire(url, token, name, timeout)
        self._reading = SubmissionReading(self._wire, self._tasks)
        self._connections = AssistantConnections(self._wire)
        self.url = self._wire.url
        self.name = name

    def __enter__(self) -> LabelStudio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    @property
    def _sdk(self) -> Any:
        return self._wire.library  # its calls are untyped

    def check(self) -> str:
        """Check that the server takes the token, and return its version."""
        self._wire.ask(self._sdk.users.whoami, "whose token this is", lambda answer: int(answer["id"]))
        return self._wire.ask(self._sdk.versions.get, "its version", lambda answer: str(answer["release"]))[0]

    def invitation(self) -> str:
        """Return the link at which people sign up on this server."""
        invite = self._sdk.organizations.invites.get_invite_link
        link, _ = self._wire.ask(invite, "the invitation link", lambda answer: str(answer["invite_url"]))
        return link if link.startswith("http") else self.url + link

    def accounts(self) -> dict[str, str]:
        """Return each account on the server, as submissions name it, by e-mail address in lower case."""
        found, _ = self._wire.ask(
            self._sdk.users.list,
            "the accounts",
            lambda answer: {str(user["email"]).lower(): account(user) for user in answer},
        )
        return found

    def workbenches(self, prefix: str, *, tidy: bool = True) -> dict[str, Workbench]:
        """Return the workbenches whose titles begin with the prefix, by title; arguments as for `listing`."""
        return self.listing(prefix, tidy=tidy).workbenches

    def listing(self, prefix: str, *, tidy: bool = True) -> Listing:
        """List the projects whose titles begin with the prefix; one request per 100.

        A second workbench with the same title is removed if nobody has worked in it, else named in `doubles`.
        Projects that are not workbenches are left alone.

        Args:
            prefix: of the titles.
            tidy: False to remove nothing and name every second workbench in `doubles`.
        """
        same: dict[str, list[Workbench]] = {}
        foreign: set[str] = set()
        for project in self._projects(prefix):
            title = project.workbench.title
            if not title.startswith(prefix):
                continue
            if is_workbench(title):
                same.setdefault(title, []).append(project.workbench)
            else:
                foreign.add(title)
        settled = {title: self._settle(benches, tidy) for title, benches in sorted(same.items())}
        return Listing(settled, tuple(sorted(foreign)))

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF"
    ) -> Workbench:
        """Find or create the workbench of this title, and bring its pages and settings up to date.

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
        wanted = project_fields(config, guideline_html, description, colour)
        found = self._titled(title) or self._create(title, wanted)
        workbench = self._settle([project.workbench for project in found])
        held = next(project.pages for project in found if project.workbench.id == workbench.id)
        stale = {
            name: wanted[name]
            for name in PAGES
            if comparable(name, held.get(name)) != comparable(name, wanted[name])
        }
        if not stale:
            return workbench
        change: Callable[..., Any] = partial(self._sdk.projects.update, workbench.id, **stale)
        self._wire.write(change, f"new pages for workbench {title!r}")
        shown = {project.workbench.id: project.workbench.seal for project in self._titled(title)}
        return replace(workbench, seal=shown.get(workbench.id, ""))

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Limit the columns of the workbench's task list to some fields, unless somebody has already chosen them.

        Args:
            workbench: as `open` gave it.
            shown: the fields of a task's data to show.
            fields: all fields of its tasks' data.
        """
        asked = f"the columns of workbench {workbench.title!r}"
        views, _ = self._wire.ask(partial(self._sdk.views.list, project=workbench.id), asked, list)
        if views:
            return
        unseen = [f"tasks:data.{name}" for name in sorted({*fields, "task_key"} - set(shown))]
        hidden = [*unseen, *(f"tasks:{name}" for name in _HIDDEN)]
        widths = {f"tasks:data.{name}": _WIDTH for name in shown}
        data = {"title": "Tasks", "type": "list", "target": "tasks", "gridWidth": 4, "columnsWidth": widths}
        columns = {"explore": hidden, "labeling": [*hidden, "tasks:id", "tasks:completed_at"]}
        view = {**data, "hiddenColumns": columns}
        self._wire.write(partial(self._sdk.views.create, project=workbench.id, data=view), asked)

    def backends(self, workbench: Workbench) -> tuple[Backend, ...]:
        """Return the assistants that a workbench's pages may ask, by id. The server checks each when asked."""
        return self._connections.backends(workbench)

    def assist(self, workbench: Workbench, address: str, credentials: Credentials | None = None) -> bool:
        """Make the pages of a workbench ask the assistant at this address, and no other.

        Args:
            workbench: as `open` or `workbenches` returned it.
            address: the assistant's, which the server must be able to reach now; "" for no assistant.
            credentials: what the server asks with. It shows the password to nobody, so a seal is stored with it to
                identify it.

        Returns:
            Whether anything was changed.
        """
        return self._connections.assist(workbench, address, credentials)

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return the addresses to which the server sends its workbenches' events, by id."""
        return self._connections.webhooks()

    def push(self, workbench: Workbench, tasks: Sequence[tuple[str, Mapping[str, object]]]) -> Pushed:
        """Ensure that each of these tasks is on the workbench exactly once.

        Args:
            workbench: as `open` or `workbenches` returned it.
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
        """Change what tasks show, where it differs; their annotations stay.

        Args:
            workbench: as `open` or `workbenches` returned it.
            shown: task key → all that the task should show; keys without a task are ignored.

        Returns:
            The keys whose tasks were changed, sorted.
        """
        if not shown:
            return []
        changed = set()
        for task in self.tasks(workbench):
            data = {**shown[task.key], "task_key": task.key} if task.key in shown else task.data
            if data != task.data:
                change = partial(self._sdk.tasks.update, str(task.id), data=data)
                self._wire.write(change, f"task {task.key!r} to show something new")
                changed.add(task.key)
        return sorted(changed)

    def tasks(self, workbench: Workbench) -> list[RemoteTask]:
        """Return every task on the workbench, by id."""
        fields = "id,data,total_annotations,cancelled_annotations"
        return self._tasks(workbench, remote_task, {"include": fields})[0]

    def remove(self, workbench: Workbench, keys: Iterable[str]) -> list[str]:
        """Remove tasks with these keys that hold no annotation; drafts on them are lost.

        Returns:
            The keys of tasks that this call removed, sorted.
        """
        wanted = set(keys)
        doomed = [task for task in self.tasks(workbench) if task.key in wanted and task.annotations == 0]
        if not doomed:
            return []
        self._delete(workbench, [task.id for task in doomed], *UNANNOTATED)
        left = {task.key for task in self.tasks(workbench)}
        return sorted({task.key for task in doomed} - left)

    def submissions(
        self,
        workbenches: Iterable[Workbench],
        marks: Mapping[str, Mark] | None = None,
        *,
        full: bool = False,
        watched: Collection[str] = (),
    ) -> Collected:
        """Return what was submitted, edited, skipped or taken back since the marks were made.

        Args:
            workbenches: fresh from `workbenches`, since their counts show what changed.
            marks: marks of earlier calls by title; a workbench without one is read whole.
            full: read every workbench whole.
            watched: titles of workbenches to be read whole once a day.

        Returns:
            Every annotation on every task that changed. Changes up to a minute old are returned again next time.
        """
        return self._reading.submissions(workbenches, marks, full=full, watched=watched)

    def task_url(self, workbench: Workbench, task_id: int) -> str:
        """Return the address at which a person opens the task in a browser."""
        return f"{self.url}/projects/{workbench.id}/data?task={task_id}"

    # Workbenches

    def _projects(self, title: str) -> list[Project]:
        include = ",".join(["id,title", _COUNTS, *PAGES])
        projects: list[Project] = []
        more, page = True, 0
        while more:
            page += 1
            call = partial(self._sdk.projects.list, title=title, include=include, page=page, page_size=_PAGE)
            (part, more), _ = self._wire.ask(call, f"the workbenches {title!r}", project_page)
            projects += part
        return projects

    def _titled(self, title: str) -> list[Project]:
        found = self._projects(title)
        return [project for project in found if project.workbench.title == title]

    def _create(self, title: str, pages: Mapping[str, object]) -> list[Project]:
        create = partial(self._sdk.projects.create, title=title, **pages)
        lost: ServerError | None = None
        for _ in range(2):
            try:
                self._wire.write(create, f"a new workbench {title!r}")
            except ServerRefused:
                raise
            except ServerError as error:
                lost = error  # it may have been created nevertheless
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
            if double.annotations or self._tasks(double, dict, {"include": "id", **query(DRAFTED)})[0]:
                kept.append(double.id)
            else:
                delete = partial(self._sdk.projects.delete, double.id)
                self._wire.write(delete, f"an empty double of {first.title!r} removed")
        return replace(first, doubles=tuple(kept))

    # Tasks

    def _tasks(
        self, workbench: Workbench, read: Callable[[Any], T], query: Mapping[str, str], *, once: bool = False
    ) -> tuple[list[T], datetime | None]:
        """Read each task on a workbench; return the results by id, and the server's time when it began to answer.

        Args:
            workbench: whose tasks to read.
            read: reads one task.
            query: further parameters of the request: fields, conditions.
            once: whether to give up at the first failure of the server.
        """
        again = {"tries": 1} if once else {}
        asked = f"the tasks of workbench {workbench.title!r}"
        ask = partial(self._sdk.tasks.list, project=workbench.id, page_size=_TASK_PAGE, resolve_uri=False, **query)
        tasks: dict[int, T] = {}
        began: datetime | None = None
        more, page = True, 0
        while more:
            page += 1
            (part, total), now = self._wire.ask(partial(ask, page=page), asked, _task_page(read), **again)
            began = began if page > 1 else now
            tasks.update(part)
            more = bool(part) and page * _TASK_PAGE < total
        return [tasks[task_id] for task_id in sorted(tasks)], began

    def _settled_keys(self, workbench: Workbench) -> tuple[dict[str, int], tuple[int, ...]]:
        """Return the ids of the tasks that count by key, and of further ones with work; remove empty ones."""
        first, extra = by_key(self.tasks(workbench))
        if extra:
            self._delete(workbench, extra, *UNANNOTATED, UNDRAFTED)
            first, extra = by_key(self.tasks(workbench))
        return first, tuple(extra)

    def _import(self, workbench: Workbench, wanted: Mapping[str, Mapping[str, object]]) -> None:
        left = list(wanted)
        lost: ServerError | None = None
        for _ in range(2):
            try:
                asked = f"{len(left)} new tasks on {workbench.title!r}"
                tasks = [{"data": wanted[key]} for key in left]
                self._wire.write(partial(self._sdk.projects.import_tasks, workbench.id, request=tasks), asked)
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

    def _delete(self, workbench: Workbench, ids: Sequence[int], *only: Condition) -> None:
        """Delete those of the tasks that meet the conditions when the server looks at them."""
        if not ids:  # to Label Studio, nothing selected means everything
            return
        delete = partial(
            self._sdk.actions.create, id="delete_tasks", project=workbench.id, filters=filters(*only),
            selected_items={"all": False, "included": list(ids)}, ordering=[],
        )  # fmt: skip
        self._wire.write(delete, f"{len(ids)} open tasks of {workbench.title!r} removed")


def _task_page(read: Callable[[Any], T]) -> Callable[[Any], tuple[dict[int, T], int]]:
    return lambda answer: ({int(task["id"]): read(task) for task in answer["tasks"]}, int(answer["total"]))
