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
its workbench, after a day at the latest (`STALE`), and is never lost, since a mark moves only with a reading. What
a task shows can be changed without a trace as well, so workbenches with open work are read whole once a day.

The official library, label-studio-sdk, makes the requests; `annotation.labelstudio.http_connection` says on what
terms, and is the only module that imports it. Lists are narrowed to the few fields that are needed here, since the
server takes some milliseconds for each task with all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, TypeVar

from annotation.labelstudio.assistant_passwords import Credentials
from annotation.labelstudio.seals import PAGES, plain, project_fields
from annotation.labelstudio.server_records import (
    Backend,
    Collected,
    Held,
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
    backends,
    by_key,
    is_workbench,
    last_activity,
    moment,
    numbered,
    project_page,
    remote_task,
    webhooks,
)
from annotation.labelstudio.task_filters import DRAFTED, UNANNOTATED, UNDRAFTED, Condition, filters, query, since
from annotation.labelstudio.unreadable_lists import Salvage
from data.errors import ServerError, ServerRefused, ServerUnreachable, UsageError

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

OVERLAP = timedelta(seconds=60)
"""How far a reading reaches back behind the one before: longer than any request that was under way then."""

STALE = timedelta(days=1)
"""A workbench that was not read for so long is read even though nothing points to a change; an open one, whole."""

_PAGE = 100  # the most projects that Label Studio lists at once
_TASK_PAGE = 2000
_CHUNK = 500  # tasks in one import: about a second of a small server's time
_READERS = 4
_TURNS = 40  # readings by the quarter of an hour in less than half a day
_COUNTS = "created_at,task_number,total_annotations_number,skipped_annotations_number"

_HIDDEN = (
    "inner_id", "total_annotations", "cancelled_annotations", "total_predictions", "annotators",
    "annotations_results", "annotations_ids", "predictions_score", "predictions_model_versions",
    "predictions_results", "file_upload", "storage_filename", "created_at", "updated_at", "updated_by",
    "avg_lead_time", "draft_exists",
)  # fmt: skip
"""Columns of Label Studio's task list that tell a person who works there nothing; what is left is id and date."""

_WIDTH = 420  # of a column in pixels

_WHOLE_TASK = "id,data,updated_at,annotations,result,completed_by,updated_by,was_cancelled,created_at,lead_time"

T = TypeVar("T")


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
        from annotation.labelstudio.http_connection import (
            Wire,  # httpx takes a moment: who asks nothing does without
        )

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

    @property
    def _sdk(self) -> Any:
        return self._wire.library  # its calls have no types

    def check(self) -> str:
        """The server's version, once it has shown that it takes the token."""
        self._wire.ask(self._sdk.users.whoami, "whose token this is", lambda said: int(said["id"]))
        return self._wire.ask(self._sdk.versions.get, "its version", lambda said: str(said["release"]))[0]

    def invitation(self) -> str:
        """The link at which a person signs up as a user of this server."""
        invite = self._sdk.organizations.invites.get_invite_link
        link, _ = self._wire.ask(invite, "the invitation link", lambda said: str(said["invite_url"]))
        return link if link.startswith("http") else self.url + link

    def accounts(self) -> dict[str, str]:
        """E-mail address in lower case → account, as submissions name it, of each account on the server."""
        found, _ = self._wire.ask(
            self._sdk.users.list,
            "the accounts",
            lambda said: {str(user["email"]).lower(): account(user) for user in said},
        )
        return found

    def workbenches(self, prefix: str, *, tidy: bool = True) -> dict[str, Workbench]:
        """Title → workbench, for titles that begin with the prefix; arguments as of `listing`."""
        return self.listing(prefix, tidy=tidy).workbenches

    def listing(self, prefix: str, *, tidy: bool = True) -> Listing:
        """What stands there under titles that begin with the prefix; one request per 100.

        A further workbench of one title is removed if nobody has worked in it, else it is named in `doubles`. What
        is no workbench is left as it is.

        Args:
            prefix: of the titles.
            tidy: False to remove nothing and name every further workbench in `doubles`.
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
        wanted = project_fields(config, guideline_html, description, colour)
        found = self._titled(title) or self._create(title, wanted)
        workbench = self._settle([project.workbench for project in found])
        held = next(project.pages for project in found if project.workbench.id == workbench.id)
        stale = {name: wanted[name] for name in PAGES if plain(name, held.get(name)) != plain(name, wanted[name])}
        if not stale:
            return workbench
        change: Callable[..., Any] = partial(self._sdk.projects.update, workbench.id, **stale)
        self._wire.write(change, f"new pages for workbench {title!r}")
        shown = {project.workbench.id: project.workbench.seal for project in self._titled(title)}
        return replace(workbench, seal=shown.get(workbench.id, ""))

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Makes the workbench's list of tasks show only some fields, unless its columns were chosen already.

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
        """What a workbench's pages may ask while somebody writes, by id. The server tries each at this moment."""
        asked = f"the assistant of workbench {workbench.title!r}"
        return self._wire.ask(partial(self._sdk.ml.list, project=workbench.id), asked, backends)[0]

    def assist(self, workbench: Workbench, address: str, credentials: Credentials | None = None) -> bool:
        """Sees to it that the pages of a workbench ask the assistant at this address, and no other.

        Args:
            workbench: as `open` or `workbenches` gave it.
            address: the assistant's; the server must reach it now. "" to ask none.
            credentials: what the server asks with. It shows the password to nobody, so a seal beside it tells
                which one it is.

        Returns:
            Whether anything was changed.
        """
        asked = f"the assistant of workbench {workbench.title!r}"
        user, password, seal = (*credentials, credentials.seal) if credentials else ("", "", "")
        held = self.backends(workbench)
        kept = next((one for one in held if address and one.asks(address, user, seal)), None)
        for one in held:
            if one != kept:
                self._wire.write(partial(self._sdk.ml.delete, one.id), f"{asked} removed")
        if address and kept is None:
            create = partial(
                self._sdk.ml.create, url=address, project=workbench.id, title="assistant", is_interactive=True,
                description=seal, auth_method="BASIC_AUTH", basic_auth_user=user, basic_auth_pass=password,
            )  # fmt: skip
            self._wire.write(create, asked)
        changed = bool(address and kept is None) or len(held) > (kept is not None)
        if changed:
            self._unhook(workbench, {one.url for one in held} | {address})
        return changed

    def webhooks(self) -> tuple[Webhook, ...]:
        """To where the server sends what happens on its workbenches, by id."""
        return self._wire.ask(self._sdk.webhooks.list, "what it sends elsewhere", webhooks)[0]

    def _unhook(self, workbench: Workbench, addresses: Collection[str]) -> None:
        """Takes away what the server adds to an assistant by itself: that every submission is sent there."""
        asked = f"what workbench {workbench.title!r} sends elsewhere"
        ends = {f"{address.rstrip('/')}/webhook" for address in addresses if address}
        hooks, _ = self._wire.ask(partial(self._sdk.webhooks.list, project=str(workbench.id)), asked, webhooks)
        for hook in hooks:
            if hook.url in ends:
                self._wire.write(partial(self._sdk.webhooks.delete, hook.id), f"{asked} removed")

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
                change = partial(self._sdk.tasks.update, str(task.id), data=data)
                self._wire.write(change, f"task {task.key!r} to show something new")
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
        """What was submitted, edited, skipped or taken back since the marks were made.

        Args:
            workbenches: freshly from `workbenches`, since their counts tell what changed.
            marks: title → mark of earlier calls; a workbench without one is read whole.
            full: read every workbench whole.
            watched: titles of those that are to be read whole once a day.

        Returns:
            Every annotation on every task that changed. What is a minute old or less comes again next time.
        """
        marks = {} if full or marks is None else marks
        pairs = [(bench, _still_true(marks.get(bench.title), bench)) for bench in workbenches]
        known: Mapping[str, str] = {}
        if any(mark for _, mark in pairs):
            # The server takes some milliseconds for each account: one question does for both.
            both = lambda said: (last_activity(said), numbered(said))  # noqa: E731
            (active, known), now = self._wire.ask(self._sdk.users.list, "when people were last active", both)
            pairs = [(bench, _before(mark, now)) for bench, mark in pairs]
            overdue = _overdue([mark for bench, mark in pairs if mark and bench.title in watched], now)
            pairs = [(bench, None if mark in overdue else mark) for bench, mark in pairs]
            pairs = [(bench, mark) for bench, mark in pairs if not mark or _may_differ(bench, mark, active, now)]
        with ThreadPoolExecutor(_READERS) as pool:
            parts = list(pool.map(lambda pair: self._collect(*pair), pairs))
        return Collected(
            self._signed([submission for part in parts for submission in part.submissions], known),
            tuple(touched for part in parts for touched in part.touched),
            frozenset(title for part in parts for title in part.complete),
            {title: mark for part in parts for title, mark in part.marks.items()},
            tuple(unread for part in parts for unread in part.unread),
            {title: why for part in parts for title, why in part.failed.items()},
        )

    def task_url(self, workbench: Workbench, task_id: int) -> str:
        """Where a person opens the task in the browser."""
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
        """What `read` makes of each task, by id, and the server's time when it began to tell them.

        Args:
            workbench: whose tasks.
            read: a task.
            query: what else is asked: fields, conditions.
            once: not to ask again where the server fails.
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
        """Key → id of the task that counts, and the further ones in which somebody worked; empty ones go."""
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
        """Deletes those of the tasks that meet the conditions at that moment, by the server's own look."""
        if not ids:  # to Label Studio, nothing selected means everything
            return
        delete = partial(
            self._sdk.actions.create, id="delete_tasks", project=workbench.id, filters=filters(*only),
            selected_items={"all": False, "included": list(ids)}, ordering=[],
        )  # fmt: skip
        self._wire.write(delete, f"{len(ids)} open tasks of {workbench.title!r} removed")

    # Submissions

    def _collect(self, workbench: Workbench, mark: Mark | None) -> Collected:
        """One workbench, its doubles too; what fails there is said and stops nothing else."""
        # Of a deleted task nothing is left that could be recent: fewer tasks than before means reading all.
        whole = mark is None or not mark.since or workbench.tasks < mark.tasks or bool(workbench.doubles)
        recent = () if whole or mark is None else (since(mark.since),)
        fields = {"fields": "all", "include": _WHOLE_TASK}
        tasks: list[Held] = []
        now: datetime | None = None
        try:
            for place in (*workbench.doubles, workbench.id):
                here = replace(workbench, id=place)
                more, now = Salvage(self._wire, self._tasks, here, fields).read(*recent)
                tasks += more
        except ServerUnreachable as error:
            self._wire.ask(self._sdk.versions.get, "its version", dict)  # raises unless it is this workbench alone
            return Collected((), (), frozenset(), {}, failed={workbench.title: str(error)})
        except ServerError as error:
            return Collected((), (), frozenset(), {}, failed={workbench.title: str(error)})
        unread = tuple(unread for task in tasks for unread in task.unread)
        begun = (now - OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if now else ""
        complete = whole and all(task.touched for task in tasks)
        last_whole = begun if complete else mark.whole if mark else ""
        now_read = Mark(begun, workbench.tasks, workbench.annotations, workbench.made.isoformat(), last_whole)
        return Collected(
            tuple(submission for task in tasks for submission in task.submissions),
            tuple(task.touched for task in tasks if task.touched),
            frozenset([workbench.title] if complete else []),
            {} if unread or workbench.doubles else {workbench.title: now_read},  # else they are looked at again
            unread,
        )

    def _signed(self, found: Sequence[Submission], known: Mapping[str, str]) -> tuple[Submission, ...]:
        """The same with each account told as `account` tells it, and no longer by its number alone."""
        who = {account for one in found for account in (one.account, one.writer) if account}
        if who - set(known):  # nobody was asked for yet, or somebody signed up
            known, _ = self._wire.ask(self._sdk.users.list, "whose work it is", numbered)
        return tuple(
            replace(one, account=known.get(one.account, one.account), writer=known.get(one.writer, one.writer))
            for one in found
        )


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
    counts = (workbench.tasks, workbench.annotations) != (mark.tasks, mark.annotations)
    since = moment(mark.since)
    return counts or active >= since or now - since > STALE


def _overdue(marks: Sequence[Mark], now: datetime | None) -> set[Mark]:
    """The marks of those of these workbenches that are to be read whole now.

    Those that were not for a day; and of those that were not for half a day a few each time, the longest first, so
    that a campaign's workbenches do not all come at once.
    """
    if now is None:
        return set()
    oldest = sorted((mark for mark in marks if mark.since), key=lambda mark: mark.whole)
    late = [mark for mark in oldest if not mark.whole or now - moment(mark.whole) > STALE]
    half = [mark for mark in oldest if mark not in late and now - moment(mark.whole) > STALE / 2]
    return {*late, *half[: 1 + len(marks) // _TURNS]}
