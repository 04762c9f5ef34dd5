"""Conditions on a list of tasks, in the terms of Label Studio's Data Manager.

The same conditions narrow a list request and an action on many tasks, such as their removal.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

Condition = tuple[str, str, str, object]
"""Column, operator, type of the value, value."""

UNANNOTATED: tuple[Condition, ...] = (
    ("total_annotations", "equal", "Number", 0),
    ("cancelled_annotations", "equal", "Number", 0),
)
UNDRAFTED: Condition = ("draft_exists", "equal", "Boolean", "false")
DRAFTED: Condition = ("draft_exists", "equal", "Boolean", "true")


def since(time: str) -> Condition:
    """Select tasks changed at this time or later, ISO 8601."""
    return ("updated_at", "greater_or_equal", "Datetime", time)


def between(ids: Sequence[int]) -> Condition:
    """Select tasks from the first of these ids to the last; a list of ids would be too long for an address."""
    return ("id", "in", "Number", {"min": ids[0], "max": ids[-1]})


def filters(*conditions: Condition) -> dict[str, object]:
    """Return the conjunction of conditions in the form of a request body."""
    items = [
        {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
        for column, operator, kind, value in conditions
    ]
    return {"conjunction": "and", "items": items}


def query(*conditions: Condition) -> dict[str, str]:
    """Return the conjunction of conditions in the form of a query on a task list; empty without conditions."""
    return {"query": json.dumps({"filters": filters(*conditions)})} if conditions else {}
