"""What is open for an account now, and what became of its work, from Label Studio's own tables.

A task is open while nobody answered or skipped it and it is not hidden: the program hides what it has closed by
marking it as done.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Count, Q

_OPEN = Q(is_labeled=False, total_annotations=0, cancelled_annotations=0)
_SHOWN = 8
_LOOKED_AT = 400


@dataclass(frozen=True)
class Bench:
    """A workbench of somebody's.

    Attributes:
        project: its number.
        title: what its lists call it.
        colour: of the workbench, as #RRGGBB.
        open: tasks that wait.
        done: tasks with an answer.
        begun: tasks that wait and have a draft.
    """

    project: int
    title: str
    colour: str
    open: int
    done: int
    begun: int


@dataclass(frozen=True)
class Fate:
    """What became of one piece of work.

    Attributes:
        project: the workbench.
        task: its number.
        says: what became of it, as the list of tasks has it before a colon; all of it where there is none.
        text: what stands after the colon: what the person wrote.
        reasons: what people and checks said, each as what happened and what was said.
    """

    project: int
    task: int
    says: str
    text: str
    reasons: tuple[tuple[str, str], ...]


def benches(projects: Collection[int]) -> dict[int, Bench]:
    """Return the workbenches of these numbers, by number."""
    tasks: Any = apps.get_model("tasks", "Task").objects
    counted = (
        tasks.filter(project_id__in=projects)
        .order_by()
        .values("project_id")
        .annotate(
            open=Count("pk", filter=_OPEN),
            done=Count("pk", filter=Q(total_annotations__gt=0)),
        )
    )
    counts = {one["project_id"]: one for one in counted}
    drafted = tasks.filter(_OPEN, project_id__in=projects, drafts__isnull=False).order_by()
    begun = dict(drafted.values_list("project_id").annotate(Count("pk", distinct=True)))
    named: Any = apps.get_model("projects", "Project").objects
    found = {}
    for number, title, about, colour in named.filter(pk__in=projects).values_list(
        "pk", "title", "description", "color"
    ):
        here = counts.get(number, {"open": 0, "done": 0})
        says = (about or "").partition(" · ")[2] or title
        found[number] = Bench(number, says, colour or "", here["open"], here["done"], begun.get(number, 0))
    return found


def fates(projects: Collection[int]) -> list[Fate]:
    """Return what became of the latest work on these workbenches, as its tasks show it, latest first."""
    tasks: Any = apps.get_model("tasks", "Task").objects
    done = tasks.filter(project_id__in=projects, total_annotations__gt=0).order_by("-updated_at", "-pk")
    found: list[Fate] = []
    for number, project, data in done.values_list("pk", "project_id", "data")[:_LOOKED_AT].iterator():
        if data.get("fates") and len(found) < _SHOWN:
            reasons = tuple((one.get("happened", ""), one.get("said", "")) for one in data["fates"])
            says, _, text = str(data.get("fate", "")).partition(": ")
            found.append(Fate(project, number, says, text, reasons))
    return found
