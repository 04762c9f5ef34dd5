"""Many tasks in one request, through our layer inside the server (annotation/layer), where it has one.

The layer looks before it writes, so a request whose answer was lost is repeated. Without the layer, or with one of
before version 2, the caller asks task by task.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from annotation.labelstudio.server_records import moment

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

_LAYER = "/belebele/layer"
_TASKS = "/belebele/tasks"
_CHANGES = "/belebele/changes"
_SINCE = 2  # version of the layer

MOST = 500
"""The most tasks in one request; the layer takes no more."""

MOST_BYTES = 8 * 2**20
"""The most bytes of tasks in one request, unless a single task has more; the layer reads four times as many."""

Data = Mapping[str, object]
"""What a task shows."""

Portion = tuple[dict[str, Data], dict[str, Data]]
"""Tasks to add and tasks to change, by key."""


@dataclass
class Put:
    """What putting tasks on a workbench did.

    Attributes:
        numbers: the first task of each key that was to be there.
        added: keys of those that were put there.
        changed: keys of those that show something else now, with the server's time, ISO 8601.
        doubled: further tasks of a key.
        settled: False if not everything was added because of those.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    changed: dict[str, str] = field(default_factory=dict)
    doubled: list[int] = field(default_factory=list)
    settled: bool = True


@dataclass(frozen=True)
class Changes:
    """What was read of several workbenches.

    Attributes:
        at: the server's time before.
        tasks: by project, tasks with the answers on them, as the server lists them; None where the layer cannot
            tell, so that the workbench is to be read in another way.
    """

    at: datetime
    tasks: Mapping[int, list[Any] | None]


class BulkExchange:
    """Asks the layer of one server for many tasks at once.

    Args:
        wire: the connection to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._spoken: bool | None = None

    def put(
        self,
        project: int,
        add: Mapping[str, Data],
        change: Mapping[str, Data],
        numbers: Mapping[int, str],
        *,
        settled: bool,
    ) -> Put | None:
        """Put tasks on a workbench and change what others show; one request for each 500.

        Args:
            project: its number.
            add: what tasks show whose keys must be there, by key.
            change: what tasks must show, by key, if they are there.
            numbers: task → its key, of tasks that may show the key of another.
            settled: whether second tasks of one key have been dealt with; else nothing is added beside them.

        Returns:
            What was done; None if the server does not speak of this.
        """
        done = Put()
        for added, changed in _portions(add, change):
            if not self._speaks():
                return None
            body = {"project": project, "add": added, "change": changed, "settled": settled,
                    "numbers": {str(number): key for number, key in numbers.items()}}  # fmt: skip
            asked = f"{len(added) + len(changed)} tasks of workbench {project} put in order"
            said = self._wire.ask_layer(_TASKS, asked, _put, method="PUT", body=body)
            if said is None:
                self._spoken = False
                return None
            done.numbers |= said.numbers
            done.added += said.added
            done.changed |= said.changed
            done.doubled = said.doubled
            if added and said.doubled and not settled:
                done.settled = False
                return done
        return done

    def changes(self, since: Mapping[int, str]) -> Changes | None:
        """Read tasks that changed, with the answers on them; one request for each 500.

        Args:
            since: the time from which on, ISO 8601, by project; "" for all tasks.

        Returns:
            What was read; None if the server does not speak of this.
        """
        if not since or not self._speaks():
            return None
        at: datetime | None = None
        found: dict[int, list[Any] | None] = {}
        left = {number: {"since": time, "after": 0} for number, time in since.items()}
        while left:
            body = {"projects": {str(number): one for number, one in left.items()}}
            said = self._wire.ask_layer(_CHANGES, "what changed", _changes, method="POST", body=body)
            if said is None:
                self._spoken = False
                return None
            at = at or said[0]
            for number, part, more in said[1]:
                found[number] = None if part is None else [*(found.get(number) or ()), *part]
                if part and more:
                    left[number] = {"since": since[number], "after": int(part[-1]["id"])}
                else:
                    del left[number]
        return Changes(at, found) if at else None

    def _speaks(self) -> bool:
        if self._spoken is None:
            version = self._wire.ask_layer(_LAYER, "its layer", lambda answer: int(answer["layer"]))
            self._spoken = version is not None and version >= _SINCE
        return self._spoken


def _portions(add: Mapping[str, Data], change: Mapping[str, Data]) -> Iterator[Portion]:
    """Yield what fits into one request at a time; what is to change comes first, a task may be among both."""
    portion: Portion = ({}, {})
    size = 0
    both = [(1, key, data) for key, data in change.items()] + [(0, key, data) for key, data in add.items()]
    for which, key, data in both:
        more = len(json.dumps(data))
        if size and (size + more > MOST_BYTES or len(portion[0]) + len(portion[1]) == MOST):
            yield portion
            portion, size = ({}, {}), 0
        portion[which][key] = data
        size += more
    if size:
        yield portion


def _put(answer: Any) -> Put:
    return Put(
        {str(key): int(number) for key, number in answer["numbers"].items()},
        [str(key) for key in answer["added"]],
        {str(key): str(time) for key, time in answer["changed"].items()},
        [int(number) for number in answer["doubled"]],
    )


def _changes(answer: Any) -> tuple[datetime, list[tuple[int, list[Any] | None, bool]]]:
    told: list[tuple[int, list[Any] | None, bool]] = [
        (int(number), None, False) if one is None else (int(number), list(one["tasks"]), one["more"] is True)
        for number, one in answer["projects"].items()
    ]
    if not told:
        raise ValueError("no workbench")
    return moment(answer["at"]), told
