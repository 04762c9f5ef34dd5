"""Many tasks of a workbench in one request: put there and changed, or read with what people did in them.

The same as Label Studio's own addresses do one task at a time: its checks, its counters and its webhooks are used.
Putting looks first, within one transaction, so the same request may come twice. Reading leaves a workbench out of
which something cannot be said in JSON, so that it is read as Label Studio shows it, task by task.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from .internals import held, module

MOST = 500
"""The most tasks in one request, and in one answer."""

_SHOWN = ("id", "data", "is_labeled", "total_annotations", "cancelled_annotations")
_ANSWER = ("id", "result", "completed_by", "updated_by", "was_cancelled", "created_at", "updated_at", "lead_time")


class Unfit(Exception):
    """What is asked makes no sense, or Label Studio takes no such task; says why."""


class Putting:
    """Puts tasks on one workbench, and changes what they show.

    Args:
        user: in whose name.
        asked: {"project": its number, "add": {key: data}, "change": {key: data}, "numbers": {task: key},
            "settled": bool}. A task belongs to the key under which its number is listed, else to the one that it
            shows. Of `add` those are put there whose key no task has; of `change` those are changed that are there
            and show something else. While several tasks have one key nothing is added unless `settled`.

    Raises:
        Unfit: it has another form, or more than `MOST` tasks.
    """

    def __init__(self, user: Any, asked: Mapping[str, Any]) -> None:
        try:
            self._project = int(asked["project"])
            self._add = {str(key): dict(data) for key, data in asked["add"].items()}
            self._change = {str(key): dict(data) for key, data in asked["change"].items()}
            self._numbers = {int(number): str(key) for number, key in asked["numbers"].items()}
            self._settled = asked["settled"] is True
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Unfit("Due is {project, add, change, numbers, settled}.") from None
        if len(self._add) + len(self._change) > MOST:
            raise Unfit(f"At most {MOST} tasks go into one request.")
        self._user = user
        self._changed: dict[str, str] = {}

    def done(self) -> dict[str, Any]:
        """Do it.

        Returns:
            {"numbers": {key: task}, "added": [keys], "changed": {key: when}, "doubled": [tasks]}: the first task
            of each key of `add`, and further tasks of any one key.

        Raises:
            Unfit: there is no such workbench, or Label Studio takes no such task.
        """
        refused = held(module("rest_framework.exceptions"), "ValidationError")
        try:
            with transaction.atomic():
                project, summary = self._locked()
                first, doubled = self._standing(project, summary)
                if doubled and self._add and not self._settled:
                    return {"numbers": {}, "added": [], "changed": self._changed, "doubled": doubled}
                added = [key for key in self._add if key not in first]
                made = self._make(project, summary, added) if added else []
        except refused as error:
            raise Unfit(str(error.detail)[:1000]) from None
        if made:
            hooks = module("webhooks.utils"), held(module("webhooks.models"), "WebhookAction").TASKS_CREATED
            held(hooks[0], "emit_webhooks_for_instance")(project.organization, project, hooks[1], made)
        first |= {key: task.pk for key, task in zip(added, made, strict=True)}
        numbers = {key: first[key] for key in self._add}
        return {"numbers": numbers, "added": added, "changed": self._changed, "doubled": doubled}

    def _locked(self) -> tuple[Any, Any]:
        """Return the project and its summary, locked in the order in which Label Studio's views lock them."""
        projects: Any = apps.get_model("projects", "Project").objects
        if connection.vendor == "sqlite":  # a transaction that begins with reading could not write later
            projects.filter(pk=self._project).update(title=F("title"))
        project = projects.select_for_update().filter(pk=self._project).first()
        if project is None:
            raise Unfit(f"There is no workbench {self._project}.")
        summaries: Any = apps.get_model("projects", "ProjectSummary").objects
        return project, summaries.select_for_update().filter(project=project).first()

    def _standing(self, project: Any, summary: Any) -> tuple[dict[str, int], list[int]]:
        """Change those that show something else; return the first task of each key, and further ones."""
        first: dict[str, int] = {}
        doubled: list[int] = []
        differing: list[tuple[str, dict[str, Any], bool]] = []
        tasks: Any = apps.get_model("tasks", "Task").objects
        for task in tasks.filter(project=project).order_by("pk").values(*_SHOWN):
            shown = task["data"]
            key = self._numbers.get(task["id"]) or str(shown.get("task_key") or "")
            if key and first.setdefault(key, task["id"]) != task["id"]:
                doubled.append(task["id"])
            answers = task["total_annotations"] + task["cancelled_annotations"]
            hidden = task["is_labeled"] and not answers
            if key in self._change and (hidden or self._change[key] | {"task_key": key} != shown):
                differing.append((key, task, hidden))
        self._alter(project, summary, differing)
        return first, doubled

    def _alter(self, project: Any, summary: Any, differing: Sequence[tuple[str, dict[str, Any], bool]]) -> None:
        check = held(held(module("tasks.validation"), "TaskValidator"), "check_data")
        tasks: Any = apps.get_model("tasks", "Task").objects
        new = [self._change[key] | {"task_key": key} for key, _, _ in differing]
        for (key, task, hidden), data in zip(differing, new, strict=True):
            check(project, data)
            now = timezone.now()
            seen = {"is_labeled": False, "overlap": 1} if hidden else {}
            tasks.filter(pk=task["id"]).update(data=data, updated_at=now, updated_by=self._user, **seen)
            self._changed[key] = now.isoformat()
        if differing and summary is not None:
            summary.remove_data_columns([{"data": task["data"]} for _, task, _ in differing])
            summary.update_data_columns([{"data": data} for data in new])

    def _make(self, project: Any, summary: Any, keys: Sequence[str]) -> list[Any]:
        tasks = [{"data": {**self._add[key], "task_key": key}} for key in keys]
        context = {"project": project, "user": self._user}
        serializer = held(module("data_import.serializers"), "ImportApiSerializer")
        checked = serializer(data=tasks, many=True, context=context)
        checked.is_valid(raise_exception=True)
        made: list[Any] = checked.save(project_id=project.pk)
        project.update_tasks_counters_and_task_states(
            tasks_queryset=made, maximum_annotations_changed=False, overlap_cohort_percentage_changed=False,
            tasks_number_changed=True,
            recalculate_stats_counts={"task_count": len(made), "annotation_count": 0, "prediction_count": 0},
        )  # fmt: skip
        if summary is not None:
            summary.update_data_columns(tasks)
        return made


def changes(asked: Mapping[str, Any]) -> str:
    """Return tasks with the answers on them, as JSON.

    Args:
        asked: {"projects": {number: {"since": time, "after": task}}}: of each workbench the tasks that changed at
            this time or later, "" for all, and whose numbers are higher.

    Returns:
        {"at": the time before, "projects": {number: {"tasks": [...], "more": whether there are further ones}}},
        with `MOST` tasks in all. Workbenches for which there was no room are left out, to be asked for again; for
        one that cannot be said in JSON or is not there, null stands.

    Raises:
        Unfit: it has another form.
    """
    try:
        projects = {
            int(number): (datetime.fromisoformat(one["since"]) if one["since"] else None, int(one["after"]))
            for number, one in asked["projects"].items()
        }
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unfit("Due is {projects: {number: {since, after}}}.") from None
    at = timezone.now().isoformat()
    return f'{{"at": "{at}", "projects": {{{", ".join(_told(projects))}}}}}'


def _told(projects: Mapping[int, tuple[datetime | None, int]]) -> Iterator[str]:
    room = MOST
    there = set(apps.get_model("projects", "Project").objects.filter(pk__in=projects).values_list("pk", flat=True))
    for number, (since, after) in projects.items():
        if room <= 0:
            return
        found = _tasks(number, since, after, room + 1) if number in there else None
        text = "null"
        if found is not None:
            try:
                text = json.dumps({"tasks": found[:room], "more": len(found) > room}, ensure_ascii=False,
                                  allow_nan=False)  # fmt: skip
                text.encode()
            except ValueError:  # half a surrogate pair, a number without end
                text = "null"
            room -= len(found)
        yield f'"{number}": {text}'


def _tasks(project: int, since: datetime | None, after: int, most: int) -> list[dict[str, Any]]:
    tasks: Any = apps.get_model("tasks", "Task").objects
    found = tasks.filter(project_id=project, pk__gt=after, **({"updated_at__gte": since} if since else {}))
    rows = {
        one["id"]: {**one, "updated_at": one["updated_at"].isoformat(), "annotations": []}
        for one in found.order_by("pk").values("id", "data", "updated_at", "is_labeled")[:most]
    }
    answers: Any = apps.get_model("tasks", "Annotation").objects
    for one in answers.filter(task__in=list(rows)).order_by("pk").values("task", *_ANSWER):
        times = {name: one[name].isoformat() for name in ("created_at", "updated_at")}
        rows[one.pop("task")]["annotations"].append({**one, **times})
    return list(rows.values())
