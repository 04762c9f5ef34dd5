"""What Label Studio itself decides about access, narrowed behind the door: its permissions, and two lists.

Managers are left as they are: Label Studio numbers new rows by the last row that it sees.
"""

from __future__ import annotations

from typing import Any

from .door import is_owner
from .internals import held, module
from .kept_file import folder
from .membership import Membership


def restrict() -> None:
    """Narrow them, once a process."""
    members = Membership(folder())
    _restrict_objects(members)
    _restrict_list("projects.api", "ProjectListAPI", lambda user: {"pk__in": members.projects(user.pk)})
    _restrict_list("projects.api", "ProjectCountsListAPI", lambda user: {"pk__in": members.projects(user.pk)})
    _restrict_list("users.api", "UserAPI", lambda user: {"pk": user.pk})
    _restrict_list("tasks.api", "AnnotationDraftListAPI", lambda user: {"user": user}, "filter_queryset")


def _restrict_objects(members: Membership) -> None:
    """Tasks, answers, drafts and columns are asked for their project's permission."""
    for place, name in (("projects.mixins", "ProjectMixin"), ("data_manager.models", "ProjectViewMixin")):
        owner = held(module(place), name)
        before = held(owner, "has_permission")

        def has_permission(self: Any, user: Any, before: Any = before) -> bool:
            number = self.project_id if hasattr(self, "project_id") else self.pk
            return bool(before(self, user) and (is_owner(user) or user.pk in members.accounts(number)))

        owner.has_permission = has_permission


def _restrict_list(place: str, name: str, own: Any, method: str = "get_queryset") -> None:
    view = held(module(place), name)
    before = held(view, method)

    def narrowed(self: Any, *arguments: Any) -> Any:
        found = before(self, *arguments)
        return found if is_owner(self.request.user) else found.filter(**own(self.request.user))

    setattr(view, method, narrowed)
