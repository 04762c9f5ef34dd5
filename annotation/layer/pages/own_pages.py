"""The layer's pages at addresses of their own: /me and what belongs to it, and /lead.

They answer a signed-in account about itself, and the lead's page answers the lead's account alone. The address
says nothing of who is meant, so there is nothing in it that could name somebody else.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string

from .. import audit
from ..door import asked_by, is_owner
from ..kept_file import folder
from ..membership import Membership
from ..routes import ME, OWN_PAGES
from . import messages, replaced_pages
from .kept_pages import KeptPages
from .open_work import benches
from .person_page import PersonPage

_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGES = {one.path: one for one in OWN_PAGES}


class OwnPages:
    """Middleware that answers at these addresses."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._next = get_response
        self._members = Membership(folder())
        self._kept = KeptPages(folder())

    def __call__(self, request: Any) -> Any:
        own = _PAGES.get(request.path_info.rstrip("/"))
        if own is None:
            return self._next(request)
        if request.method not in ("GET", "HEAD"):
            return JsonResponse({"detail": "This page is only read."}, status=405)
        user = asked_by(request)
        if user is None:
            return HttpResponseRedirect(f"/user/login/?next={quote(request.get_full_path())}")
        if not is_owner(user) and "HTTP_AUTHORIZATION" in request.META:
            return self._refused(request, user, "only the lead and the program use access tokens")
        if set(request.GET) - own.query:
            return self._refused(request, user, "the query has other fields")
        return getattr(self, own.handler)(request, user)

    def me(self, request: Any, user: Any) -> Any:
        """Show everything that is open for the account."""
        facts = self._page(request, user).facts()
        return _shown("belebele/me.html", {**facts, "owner": is_owner(user)})

    def next(self, request: Any, user: Any) -> Any:
        """Go to the account's next piece of work, whatever stage it is in."""
        without = _number(request.GET.get("after", ""))
        found = self._page(request, user).upcoming(without, phone="phone" in request.GET)
        if found is None or found.project == without:
            return HttpResponseRedirect(ME)
        return HttpResponseRedirect(f"/projects/{found.project}/data?labeling=1")

    def open(self, request: Any, user: Any) -> Any:
        """Tell how many tasks wait on one of the account's workbenches."""
        number = _number(request.GET.get("project", ""))
        if user.pk not in self._members.accounts(number):
            return self._refused(request, user, f"project {number} is not theirs")
        found = benches([number]).get(number)
        return JsonResponse({"open": found.open if found else 0})

    def guidelines(self, request: Any, user: Any) -> Any:
        """Show the guidelines of one of the account's workbenches."""
        number = _number(request.GET.get("project", ""))
        projects: Any = apps.get_model("projects", "Project").objects
        found = projects.filter(pk=number).values_list("expert_instruction", flat=True).first()
        if found is None or user.pk not in self._members.accounts(number):
            return self._refused(request, user, f"project {number} is not theirs")
        page = self._page(request, user)
        title = next((one.title for one in page.work() if one.project == number), "")
        return _shown("belebele/guidelines.html", {"words": page.words(), "heading": title, "guideline": found})

    def lead(self, request: Any, user: Any) -> Any:
        """Show the lead's page: of the only campaign, of the one that is asked for, or a list of them."""
        if not is_owner(user):
            return self._refused(request, user, "this is the lead's page")
        held = self._kept.leads()
        asked = request.GET.get("campaign") or (next(iter(held)) if len(held) == 1 else "")
        if asked in held:
            return _guarded(HttpResponse(held[asked]["html"]))
        language = messages.language_of(request)
        words = {"language": language, "direction": messages.direction_of(language)}
        none = messages.translated(NO_LEAD_PAGE, language)
        return _shown("belebele/leads.html", {"words": words, "held": sorted(held.items()), "none": none})

    def _page(self, request: Any, user: Any) -> PersonPage:
        language = messages.language_of(request)
        return PersonPage(self._kept.of(user.pk), self._members.projects(user.pk), language)

    def _refused(self, request: Any, user: Any, why: str) -> Any:
        what = {"method": request.method, "path": request.path_info, "outcome": "refused", "why": why}
        audit.note(folder(), user.pk, what)
        return replaced_pages.refused(request, 403)


def _number(text: str) -> int:
    """Return the number that a field says, 0 for anything else."""
    return int(text) if re.fullmatch("[0-9]{1,15}", text) else 0


def _shown(template: str, facts: dict[str, Any]) -> Any:
    nonce = secrets.token_urlsafe(16)
    return _guarded(HttpResponse(render_to_string(template, {**facts, "nonce": nonce})), nonce)


def _guarded(answer: Any, nonce: str = "") -> Any:
    """Return a page with rules for the browser: nothing from elsewhere, no script but ours, kept by nobody."""
    answer["Content-Security-Policy"] = _POLICY.format(nonce=nonce or secrets.token_urlsafe(16))
    answer["Cache-Control"] = "no-store"
    answer["Referrer-Policy"] = "same-origin"
    return answer


def gettext(text: str) -> str:
    """Mark a text for the catalogues; it is translated when it is shown."""
    return text


NO_LEAD_PAGE = gettext("There is no page here yet: the next belebele advance that does something brings one.")
