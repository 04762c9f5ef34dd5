"""Tasks on a workbench: listed, imported, changed and removed, each task key once.

An import looks first and sends what is missing, and looks again when its answer is lost. Of tasks with one key the
one with the lowest id counts; another one is removed only if nobody has worked on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from annotation.labelstudio.server_records import Pushed, RemoteTask, Workbench, by_key, remote_task
from annotation.labelstudio.task_filters import UNANNOTATED, UNDRAFTED, Condition, filters
from data.errors import ServerError, ServerRefused

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

_TASK_PAGE = 2000
_CHUNK = 500  # tasks in one import: about a second of a small server's time

T = TypeVar("T")


class WorkbenchTasks:
    """The tasks of a server's workbenches.

    Args:
        wire: the connection to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def push(self, workbench: Workbench, tasks: Sequence[tuple[str, Mapping[str, object]]]) -> Pushed:
        """Ensure that each of these tasks is on the workbench exactly once; as `LabelStudio.push`."""
        wanted: dict[str, dict[str, object]] = {key: {**payload, "task_key": key} for key, payload in tasks}
        if not wanted:
            return Pushed((), (), ())
        before, doubles = self._settled_keys(workbench)
        missing = [key for key in wanted if key not in before]
        for start in range(0, len(missing), _CHUNK):
            self._import(workbench, {key: wanted[key] for key in missing[start : start + _CHUNK]})
        numbers = by_key(self.on(workbench))[0] if missing else before
        there = {key: numbers[key] for key in wanted if key in numbers}
        return Pushed(tuple(key for key in wanted if key in before), tuple(missing), doubles, there)

    def update(
        self,
        workbench: Workbench,
        shown: Mapping[str, Mapping[str, object]],
        numbers: Mapping[int, str] = MappingProxyType({}),
    ) -> dict[str, str]:
        """Change what tasks show, where it differs; their annotations stay; as `LabelStudio.update`."""
        if not shown:
            return {}
        changed = {}
        for task in self.on(workbench):
            key = numbers.get(task.id, task.key)
            data = {**shown[key], "task_key": key} if key in shown else task.data
            hidden = task.hidden and key in shown
            if data != task.data or hidden:
                seen = {"is_labeled": False, "overlap": 1} if hidden else {}
                change = partial(self._wire.sdk.tasks.update, str(task.id), data=data, **seen)
                answer = self._wire.write(change, f"task {key!r} to show something new")
                changed[key] = str((answer or {}).get("updated_at") or "")
        return changed

    def on(self, workbench: Workbench) -> list[RemoteTask]:
        """Return every task on the workbench, by id."""
        fields = "id,data,total_annotations,cancelled_annotations,is_labeled"
        return self.read(workbench, remote_task, {"include": fields})[0]

    def remove(self, workbench: Workbench, keys: Iterable[str]) -> list[str]:
        """Remove tasks with these keys that hold no annotation; as `LabelStudio.remove`."""
        wanted = set(keys)
        doomed = [task for task in self.on(workbench) if task.key in wanted and task.annotations == 0]
        if not doomed:
            return []
        self._delete(workbench, [task.id for task in doomed], *UNANNOTATED)
        left = {task.key for task in self.on(workbench)}
        return sorted({task.key for task in doomed} - left)

    def read(
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
        ask = partial(
            self._wire.sdk.tasks.list, project=workbench.id, page_size=_TASK_PAGE, resolve_uri=False, **query
        )
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
        first, extra = by_key(self.on(workbench))
        if extra:
            self._delete(workbench, extra, *UNANNOTATED, UNDRAFTED)
            first, extra = by_key(self.on(workbench))
        return first, tuple(extra)

    def _import(self, workbench: Workbench, wanted: Mapping[str, Mapping[str, object]]) -> None:
        left = list(wanted)
        lost: ServerError | None = None
        for _ in range(2):
            try:
                asked = f"{len(left)} new tasks on {workbench.title!r}"
                tasks = [{"data": wanted[key]} for key in left]
                self._wire.write(partial(self._wire.sdk.projects.import_tasks, workbench.id, request=tasks), asked)
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
            self._wire.sdk.actions.create, id="delete_tasks", project=workbench.id, filters=filters(*only),
            selected_items={"all": False, "included": list(ids)}, ordering=[],
        )  # fmt: skip
        self._wire.write(delete, f"{len(ids)} open tasks of {workbench.title!r} removed")


def _task_page(read: Callable[[Any], T]) -> Callable[[Any], tuple[dict[int, T], int]]:
    return lambda answer: ({int(task["id"]): read(task) for task in answer["tasks"]}, int(answer["total"]))
