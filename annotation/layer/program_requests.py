"""What the program asks of the layer itself, under /belebele: whether it is there, who works where, invitations.

Only the lead's and the program's accounts are answered.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.http import JsonResponse

from . import audit
from .door import asked_by, is_owner
from .internals import VERSION
from .invitations import Invitations
from .kept_file import folder
from .membership import Membership

LAYER = "/belebele/layer"
MEMBERS = "/belebele/members"
INVITATION = "/belebele/invitation"

LAYER_VERSION = 1
"""Of what the program may ask."""


class ProgramRequests:
    """Middleware that answers what the program asks of the layer."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._next = get_response
        self._members = Membership(folder())
        self._invitations = Invitations(folder())

    def __call__(self, request: Any) -> Any:
        if request.path_info not in (LAYER, MEMBERS, INVITATION):
            return self._next(request)
        user = asked_by(request)
        if user is None or not is_owner(user):
            return JsonResponse({"detail": "Only the program asks this."}, status=403)
        if request.path_info == LAYER and request.method == "GET":
            return JsonResponse({"layer": LAYER_VERSION, "label_studio": VERSION})
        if request.path_info == MEMBERS and request.method == "GET":
            projects = {str(one): sorted(ones) for one, ones in self._members.all().items()}
            return JsonResponse({"projects": projects, "invited": self._invitations.people()})
        if request.path_info == INVITATION and request.method == "GET":
            token = user.active_organization.token
            return JsonResponse({"invite_url": self._invitations.address(request.GET.get("person", ""), token)})
        if request.path_info == MEMBERS and request.method == "PUT":
            return self._admit(request, user)
        return JsonResponse({"detail": "Nothing is done this way."}, status=405)

    def _admit(self, request: Any, user: Any) -> Any:
        """Set who works in some workbenches: {"projects": {"12": [3]}}, numbers of projects and accounts."""
        try:
            asked = json.loads(request.body)["projects"]
            projects = {int(number): [int(one) for one in accounts] for number, accounts in asked.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            return JsonResponse({"detail": 'Due is {"projects": {"12": [3]}}.'}, status=400)
        self._members.write(projects)
        asked = {"method": "PUT", "path": MEMBERS, "outcome": "changed", "projects": sorted(projects)}
        audit.note(folder(), user.pk, asked)
        return JsonResponse({"projects": len(projects)})
