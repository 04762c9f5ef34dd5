"""Read what can be read of a workbench whose task list the server cannot show.

One annotation is enough: with half a surrogate pair in a text, or a time of 1e400 seconds, Label Studio answers
500 to every list that holds it. So the list is halved until the offending tasks are alone. Their annotations are
then asked for one by one, and those that cannot be read are named, so that somebody can delete them. The same is
done when the tasks in an answer are malformed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from annotation.labelstudio.server_records import (
    Held,
    Touched,
    Unread,
    Workbench,
    annotation_ids,
    held_task,
    remote_task,
    submission,
)
from annotation.labelstudio.task_filters import Condition, between, query
from data.errors import ServerError, ServerRefused, ServerUnreachable

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

MOST = 20
"""Most unreadable tasks of one workbench that are isolated; each takes a second of the server's time."""

_IDS = "id,annotations_ids"

T = TypeVar("T")


class Tasks(Protocol):
    """Lists a workbench's tasks: `annotation.labelstudio.workbenches.workbench_tasks.WorkbenchTasks.read`."""

    def __call__(
        self, workbench: Workbench, read: Callable[[Any], T], query: dict[str, str], *, once: bool = False
    ) -> tuple[list[T], datetime | None]: ...


class Salvage:
    """Reads as much as possible of one workbench.

    Args:
        wire: the connection to the server.
        tasks: lists tasks.
        workbench: whose work to read.
        fields: the query that asks for tasks with their annotations.
    """

    def __init__(self, wire: Wire, tasks: Tasks, workbench: Workbench, fields: dict[str, str]) -> None:
        self._wire = wire
        self._tasks = tasks
        self._workbench = workbench
        self._fields = fields

    def read(self, *conditions: Condition) -> tuple[list[Held], datetime | None]:
        """Return the tasks that meet the conditions, with annotations, and the server time before the answer.

        Raises:
            ServerError: the server does not even list the tasks' ids.
        """
        try:
            return self._held(*conditions)
        except (ServerUnreachable, ServerRefused):
            raise
        except ServerError:
            return self._sift(*conditions)

    def _held(self, *conditions: Condition, once: bool = False) -> tuple[list[Held], datetime | None]:
        fields = {**self._fields, **query(*conditions)}
        return self._tasks(self._workbench, lambda task: held_task(self._workbench, task), fields, once=once)

    def _sift(self, *conditions: Condition) -> tuple[list[Held], datetime | None]:
        listing = {"include": "id", **query(*conditions)}
        ids, began = self._tasks(self._workbench, lambda task: int(task["id"]), listing)
        held: list[Held] = []
        spans = [ids] if ids else []
        while spans:
            span = spans.pop()
            half = len(span) // 2
            try:
                held += self._held(between(span), *conditions, once=half > 0)[0]
            except (ServerUnreachable, ServerRefused):
                raise
            except ServerError:
                if sum(bool(one.unread) for one in held) >= MOST:
                    held.append(Held(None, (), (self._unread(span[0], more=len(span) - 1),)))
                elif half:
                    spans += [span[half:], span[:half]]
                else:
                    held.append(self._alone(span[0]))
        return held, began

    def _alone(self, task_id: int) -> Held:
        """Read a task that spoils every list: the annotations that can be read, and those that cannot."""
        here = {"fields": "all", **query(between([task_id]))}
        ids = [n for of in self._tasks(self._workbench, annotation_ids, {"include": _IDS, **here})[0] for n in of]
        try:
            tasks, _ = self._tasks(self._workbench, remote_task, {"include": "id,data", **here}, once=True)
        except (ServerUnreachable, ServerRefused):
            raise
        except ServerError:
            return Held(None, (), (self._unread(task_id),))
        if not tasks:  # it has been deleted meanwhile
            return Held(None, (), ())
        task, found, unread = tasks[0], [], []
        for number in ids:
            call = partial(self._wire.sdk.annotations.get, number)
            read = partial(submission, self._workbench.title, task_id, task.key)
            try:
                found.append(self._wire.ask(call, f"annotation {number}", read, tries=1)[0])
            except (ServerUnreachable, ServerRefused):
                raise
            except ServerError:
                unread.append(self._unread(task_id, number))
        touched = Touched(self._workbench.title, task_id, task.key, tuple(ids), task.data)
        return Held(touched, tuple(found), tuple(unread))

    def _unread(self, task_id: int, annotation_id: int | None = None, more: int = 0) -> Unread:
        return Unread(self._workbench.title, self._workbench.id, task_id, annotation_id, more)
