"""Whose something is: from a number that a request names to the workbench that it belongs to, and its accounts."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from .membership import Membership

_PLACES = {
    "project": ("projects", "Project", "pk"),
    "task": ("tasks", "Task", "project_id"),
    "annotation": ("tasks", "Annotation", "task__project_id"),
    "skipped annotation": ("tasks", "Annotation", "task__project_id"),
    "draft": ("tasks", "AnnotationDraft", "task__project_id"),
    "prediction": ("tasks", "Prediction", "task__project_id"),
    "view": ("data_manager", "View", "project_id"),
    "backend": ("ml", "MLBackend", "project_id"),
}
"""What a number may be of: the app, the model, and the way to its project."""

_WRITERS = {"annotation": "completed_by_id", "skipped annotation": "completed_by_id", "draft": "user_id"}


class Ownership:
    """Decides for one account.

    Args:
        account: its number.
        members: who works where.
        writes: whether the request changes something; answers are changed by their writers only.
    """

    def __init__(self, account: int, members: Membership, writes: bool) -> None:
        self._account = account
        self._members = members
        self._writes = writes

    def holds(self, kind: str, number: int) -> bool:
        """Return whether something is the account's own; something that does not exist is nobody's."""
        if kind == "account":
            return number == self._account
        app, model, way = _PLACES[kind]
        found: Any = apps.get_model(app, model)._base_manager.filter(pk=number)
        if kind == "skipped annotation":
            found = found.filter(was_cancelled=True)
        row = found.values_list(way, _WRITERS.get(kind, way)).first()
        if row is None:
            return False
        project, writer = row
        accounts = self._members.accounts(project)
        own = kind not in _WRITERS or writer in accounts  # a person may have had another account before
        return self._account in accounts and (own or (kind == "annotation" and not self._writes))
