"""Many tasks in one request, as our layer (annotation/layer/bulk.py) puts and reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from annotation.labelstudio.fake.accounts import Account, now
from annotation.labelstudio.fake.contents import Contents, Project, Task, check_data
from annotation.labelstudio.fake.refusals import Refused

MOST = 500
"""The most tasks in one request, and in one answer."""

MOST_BYTES = 32 * 2**20
"""The longest body that is read."""

_ANSWER = ("id", "result", "completed_by", "updated_by", "was_cancelled", "created_at", "updated_at", "lead_time")
_DUE = (KeyError, TypeError, ValueError, AttributeError)


def put(contents: Contents, asked: Mapping[str, Any], who: Account) -> dict[str, object]:
    """Put tasks on a workbench, and change what they show."""
    try:
        project = contents.projects.get(int(asked["project"]))
        add, change = dict(asked["add"]), dict(asked["change"])
        numbers = {int(number): str(key) for number, key in asked["numbers"].items()}
        settled = asked["settled"] is True
    except _DUE as error:
        raise Refused(400, "Due is {project, add, change, numbers, settled}.") from error
    if len(add) + len(change) > MOST:
        raise Refused(400, f"At most {MOST} tasks go into one request.")
    if project is None:
        raise Refused(400, f"There is no workbench {asked['project']}.")
    first: dict[str, int] = {}
    doubled: list[int] = []
    keys = {one.id: numbers.get(one.id) or str(one.data.get("task_key") or "") for one in project.tasks.values()}
    for number, key in sorted(keys.items()):
        if key and first.setdefault(key, number) != number:
            doubled.append(number)
    check_data(project, [data for key, data in add.items() if key not in first])
    changed = _alter(project, keys, change, who)
    if doubled and add and not settled:
        return {"numbers": {}, "added": [], "changed": changed, "doubled": doubled}
    added = [key for key in add if key not in first]
    if added:
        contents.bring(project, [{"data": {**add[key], "task_key": key}} for key in added], who)
        first |= dict(zip(added, sorted(project.tasks)[-len(added) :], strict=True))
    return {"numbers": {key: first[key] for key in add}, "added": added, "changed": changed, "doubled": doubled}


def _alter(project: Project, keys: Mapping[int, str], change: Mapping[str, Any], who: Account) -> dict[str, str]:
    check_data(project, [change[key] for key in keys.values() if key in change])
    changed = {}
    for number, key in keys.items():
        task = project.tasks[number]
        hidden = task.marked and not task.annotations
        if key in change and (hidden or {**change[key], "task_key": key} != task.data):
            task.data, task.marked = {**change[key], "task_key": key}, task.marked and not hidden
            task.touch(who)
            changed[key] = task.updated_at
    return changed


def changes(contents: Contents, asked: Mapping[str, Any]) -> dict[str, object]:
    """Return tasks with the answers on them, by project."""
    try:
        since = {
            int(number): (datetime.fromisoformat(one["since"]) if one["since"] else None, int(one["after"]))
            for number, one in asked["projects"].items()
        }
    except _DUE as error:
        raise Refused(400, "Due is {projects: {number: {since, after}}}.") from error
    at, room = now(), MOST
    told: dict[str, object] = {}
    for number, (begin, after) in since.items():
        if room <= 0:
            break
        told[str(number)] = None
        if project := contents.projects.get(number):
            found = [
                one
                for one in sorted(project.tasks.values(), key=lambda task: task.id)
                if one.id > after and (begin is None or datetime.fromisoformat(one.updated_at) >= begin)
            ]
            part = {"tasks": [_shown(one) for one in found[:room]], "more": len(found) > room}
            told[str(number)] = part if _can_be_said(part) else None
            room -= len(found)
    return {"at": at, "projects": told}


def _shown(task: Task) -> dict[str, object]:
    answers = [one.as_json() for one in task.annotations.values()]
    answers = [{name: one[name] for name in _ANSWER} for one in answers]
    whole = task.as_json()
    return {**{name: whole[name] for name in ("id", "data", "updated_at", "is_labeled")}, "annotations": answers}


def _can_be_said(part: object) -> bool:
    try:
        json.dumps(part, ensure_ascii=False, allow_nan=False).encode()
    except ValueError:
        return False
    return True
