"""What the program asks of the layer itself, under /belebele: who works where, invitations, tasks, pages.

Only the lead's and the program's accounts are answered, and of those many tasks are given and taken only with an
access token: no page that somebody opens in a browser can ask for them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, JsonResponse

from . import audit, bulk
from .campaign_copies import Asked, CampaignCopies
from .door import asked_by, is_owner
from .internals import VERSION
from .invitations import Invitations
from .kept_file import folder
from .layer_digest import own_digest
from .membership import Membership
from .pages.kept_pages import KeptPages
from .routes import PROGRAM
from .skip_reasons import SkipReasons

LAYER_VERSION = 3
"""Of what the program may ask. 2: many tasks at once; 3: pages, copies of campaigns, health, metrics."""

MOST_BYTES = 32 * 2**20
"""The longest body that is read."""

_OWN = {(one.method, one.path): one for one in PROGRAM}
_PATHS = frozenset(one.path for one in PROGRAM)


class Refused(Exception):
    """A status, and why a request is refused."""


class ProgramRequests:
    """Middleware that answers what the program asks of the layer."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._next = get_response
        self._members = Membership(folder())
        self._invitations = Invitations(folder())
        self._skips = SkipReasons(folder())
        self._pages = KeptPages(folder())
        self._copies = CampaignCopies(folder())
        self._digest = own_digest()  # of what this process runs, whatever lies there later

    def __call__(self, request: Any) -> Any:
        if request.path_info not in _PATHS:
            return self._next(request)
        user = asked_by(request)
        if user is None or not is_owner(user):
            return JsonResponse({"detail": "Only the program asks this."}, status=403)
        own = _OWN.get((request.method, request.path_info))
        if own is None:
            return JsonResponse({"detail": "Nothing is done this way."}, status=405)
        if own.by_token and "HTTP_AUTHORIZATION" not in request.META:
            return JsonResponse({"detail": "Only an access token asks this."}, status=403)
        try:
            return getattr(self, own.handler)(request, user)
        except Refused as refused:
            status, why = refused.args
            return JsonResponse({"detail": why}, status=status)

    def layer(self, _: Any, __: Any) -> Any:
        """Tell the versions, and the digest of the layer's files."""
        return JsonResponse({"layer": LAYER_VERSION, "label_studio": VERSION, "digest": self._digest})

    def skips(self, _: Any, __: Any) -> Any:
        """Tell why tasks were skipped, by the numbers of task and account."""
        return JsonResponse(self._skips.all())

    def members(self, _: Any, __: Any) -> Any:
        """Tell who works where, and whom accounts were made for."""
        projects = {str(one): sorted(ones) for one, ones in self._members.all().items()}
        return JsonResponse({"projects": projects, "invited": self._invitations.people()})

    def invitation(self, request: Any, user: Any) -> Any:
        """Give an invitation for one person."""
        token = user.active_organization.token
        return JsonResponse({"invite_url": self._invitations.address(request.GET.get("person", ""), token)})

    def admit(self, request: Any, user: Any) -> Any:
        """Set who works in some workbenches: {"projects": {"12": [3]}}, numbers of projects and accounts."""
        try:
            asked = _body(request)["projects"]
            projects = {int(number): [int(one) for one in accounts] for number, accounts in asked.items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(400, 'Due is {"projects": {"12": [3]}}.') from None
        self._members.write(projects)
        _note(request, user, projects=sorted(projects))
        return JsonResponse({"projects": len(projects)})

    def copy(self, request: Any, user: Any) -> Any:
        """Note which copy of a campaign works here, as `campaign_copies` says."""
        try:
            asked = Asked.parse(_body(request))
        except ValueError:
            raise Refused(400, "Due are campaign, copy, follows, run, token, owner, take.") from None
        said = self._copies.ask(asked)
        before = said["held"]
        if asked.run and said["fits"] and before and before["copy"] != asked.copy:
            _note(request, user, campaign=asked.campaign, copy=asked.copy, before=before["copy"])
        return JsonResponse(said)

    def put(self, request: Any, user: Any) -> Any:
        """Put tasks on a workbench, and change what they show, as `bulk.Putting` says."""
        asked = _body(request)
        try:
            done = bulk.Putting(user, asked).done()
        except bulk.Unfit as why:
            raise Refused(400, str(why)) from None
        if done["added"] or done["changed"]:
            _note(request, user, projects=[int(asked["project"])], added=len(done["added"]),
                  tasks=len(done["changed"]))  # fmt: skip
        return JsonResponse(done)

    def changes(self, request: Any, _: Any) -> Any:
        """Tell what changed on some workbenches, as `bulk.changes` says."""
        try:
            return HttpResponse(bulk.changes(_body(request)), content_type="application/json")
        except bulk.Unfit as why:
            raise Refused(400, str(why)) from None

    def pages(self, request: Any, _: Any) -> Any:
        """Tell what a campaign's last delivery of pages was made from, and the digest of each account's page."""
        return JsonResponse(self._pages.standing(request.GET.get("campaign", "")))

    def put_pages(self, request: Any, user: Any) -> Any:
        """Set a campaign's pages: {"campaign", "seal", "accounts": all, "pages": {account: one that differs}}."""
        asked = _body(request)
        try:
            campaign, seal = str(asked["campaign"]), str(asked["seal"])
            accounts = [int(one) for one in asked["accounts"]]
            pages = {int(account): dict(page) for account, page in asked["pages"].items()}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Refused(400, "Due is {campaign, seal, accounts, pages}.") from None
        self._pages.put(campaign, seal, accounts, pages)
        _note(request, user, pages=len(pages))
        return JsonResponse({"pages": len(pages)})

    def put_lead(self, request: Any, user: Any) -> Any:
        """Set a campaign's page for the lead: {"campaign", "title", "html"}."""
        asked = _body(request)
        if not all(isinstance(asked.get(name), str) for name in ("campaign", "title", "html")):
            raise Refused(400, "Due is {campaign, title, html}.")
        self._pages.put_lead(asked["campaign"], asked["title"], asked["html"])
        _note(request, user)
        return JsonResponse({"campaign": asked["campaign"]})


def _body(request: Any) -> Mapping[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise Refused(413, f"A body of more than {MOST_BYTES} bytes is not read.")
    try:
        asked = json.loads(request.body)
    except ValueError:
        asked = None
    if not isinstance(asked, dict):
        raise Refused(400, "The body is no JSON object.")
    return asked


def _note(request: Any, user: Any, **more: object) -> None:
    what = {"method": request.method, "path": request.path_info, "outcome": "changed", **more}
    audit.note(folder(), user.pk, what)
