"""The tasks that a list or an action selects: the Data Manager's filters and selections."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from annotation.labelstudio.fake.contents import Task
from annotation.labelstudio.fake.refusals import invalid

_COLUMNS: Mapping[str, Callable[[Task], object]] = {
    "filter:tasks:id": lambda task: task.id,
    "filter:tasks:updated_at": lambda task: datetime.fromisoformat(task.updated_at),
    "filter:tasks:total_annotations": lambda task: task.total(cancelled=False),
    "filter:tasks:cancelled_annotations": lambda task: task.total(cancelled=True),
    "filter:tasks:draft_exists": lambda task: bool(task.drafts),
}
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "equal": lambda held, wanted: bool(held == wanted),
    "not_equal": lambda held, wanted: bool(held != wanted),
    "less": lambda held, wanted: bool(held < wanted),
    "greater": lambda held, wanted: bool(held > wanted),
    "less_or_equal": lambda held, wanted: bool(held <= wanted),
    "greater_or_equal": lambda held, wanted: bool(held >= wanted),
    "in": lambda held, wanted: bool(wanted["min"] <= held <= wanted["max"]),
}
_READ: Mapping[str, Callable[[Any], object]] = {
    "Number": lambda value: value if isinstance(value, dict) else float(value),
    "Boolean": lambda value: str(value).lower() in ("true", "1"),
    "Datetime": lambda value: datetime.fromisoformat(str(value)),
}


def chosen(tasks: Iterable[Task], asked: Mapping[str, Any]) -> list[Task]:
    """Return the tasks that a query or an action's body selects, by id; no selection means all.

    Raises:
        Refused: a filter that the fake does not know.
    """
    filters = asked.get("filters") or {}
    tests = [_test(item) for item in filters.get("items", ())]
    all_of = all if filters.get("conjunction", "and") == "and" else any
    selected = asked.get("selectedItems") or {}
    included, excluded = set(selected.get("included") or ()), set(selected.get("excluded") or ())
    found = [task for task in tasks if not tests or all_of(test(task) for test in tests)]
    if selected and not selected.get("all") and included:
        found = [task for task in found if task.id in included]
    elif selected.get("all") and excluded:
        found = [task for task in found if task.id not in excluded]
    return sorted(found, key=lambda task: task.id)


def _test(item: Mapping[str, Any]) -> Callable[[Task], bool]:
    try:
        column, operator = _COLUMNS[item["filter"]], _OPERATORS[item["operator"]]
        wanted = _READ[item["type"]](item["value"])
    except (KeyError, ValueError, TypeError) as error:
        raise invalid("filters", f"the fake server knows no such filter: {dict(item)}") from error
    return lambda task: operator(column(task), wanted)
