"""The door: who asks, and whether Label Studio's views are reached at all.

It stands where the view is known and has not run. The lead and the program, whose accounts are administrators,
pass, and what they change is noted. Everybody else gets what `routes` lists, if every number that they name is of
their own workbenches. A request in a form that Label Studio might read otherwise than we do is refused: a field
twice, a number not written in digits, a body that is no JSON object, a body where none is due.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from django.http import HttpResponseRedirect, JsonResponse

from . import audit
from .internals import held, module
from .invitations import Invitations
from .kept_file import folder
from .membership import Membership
from .monitoring.tallies import tallies_of
from .ownership import Ownership
from .pages import replaced_pages
from .routes import ENTRANCES, FILES, HOMES, ME, NUMBERS, Route, allowed
from .skip_reasons import SkipReasons

_READS = frozenset({"GET", "HEAD"})
_NUMBER = re.compile(r"[0-9]{1,15}")
_JSON = re.compile(r"application/json(; *charset=utf-8)?", re.IGNORECASE)
_NOBODY = ("", "0", "null", "undefined", 0, None)  # how the front end writes that there is none
_INVITATION = "belebele_invitation"  # in the session
_SUBMITTING = "tasks:api:task-annotations"  # also skipping
_COMMENT = 60  # letters of a reason to skip that are noted
_HIDDEN = ("email", "first_name", "last_name", "username", "initials", "phone", "avatar")


class Refused(Exception):
    """What is wrong with a request, for the audit log; who asked is told nothing of it."""


class Door:
    """Middleware in front of every view."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._next = get_response
        self._folder = folder()
        self._members = Membership(self._folder)
        self._invitations = Invitations(self._folder)
        self._skips = SkipReasons(self._folder)
        self._tallies = tallies_of(self._folder)

    def __call__(self, request: Any) -> Any:
        answer = self._next(request)
        owner = request.__dict__.pop("belebele_owner", None)
        if owner is not None:
            self._note(request, owner, "changed", status=answer.status_code)
        person = request.__dict__.pop("belebele_invited", None)
        if person is not None and request.user.is_authenticated:
            self._invitations.use(person, request.user.pk)
        who = getattr(request, "belebele_annotator", None)
        if who is not None:
            without_others(answer, who)
        return answer

    def process_view(self, request: Any, view: Any, arguments: Any, named: Mapping[str, Any]) -> Any:
        """Let a request through by returning None, or answer it."""
        del view, arguments
        match = request.resolver_match
        if match.view_name == "user-login":
            request.belebele_words = replaced_pages.words_of_log_in(request)
        if match.route in FILES:
            return None if request.method in _READS else self._refused(request, None, "a file is only read")
        user = asked_by(request)
        if user is None:
            return self._nobody(request, match.view_name)
        if is_owner(user):
            if request.method not in _READS:
                request.belebele_owner = user.pk
            return None
        request.belebele_annotator = user
        if match.view_name in HOMES and request.method in _READS:
            return HttpResponseRedirect(ME)
        try:
            self._look(request, user, match.view_name, named)
        except Refused as why:
            return self._refused(request, user.pk, str(why))
        return None

    def _look(self, request: Any, user: Any, name: str, named: Mapping[str, Any]) -> None:
        method = "GET" if request.method == "HEAD" else request.method
        route = allowed(name, method)
        if route is None:
            raise Refused(f"no annotator does this: {method} {name}")
        if "HTTP_AUTHORIZATION" in request.META:
            raise Refused("only the lead and the program use access tokens")
        own = Ownership(user.pk, self._members, method != "GET")
        body = _body(request, route)
        query = _query(request, route)
        for kind, number in (*_in_path(route, named), *_in_fields(query), *_in_fields(body)):
            if not own.holds(kind, number):
                raise Refused(f"{kind} {number} is not theirs")
        if name == "data_manager:dm-actions" and method == "POST" and query.get("id") != "next_task":
            raise Refused("no annotator has the task list do this")
        if body.get("was_cancelled") and body.get("comment"):
            self._note(request, user.pk, "skipped", comment=str(body["comment"])[:_COMMENT])
            if name == _SUBMITTING:
                self._skips.keep(int(named["pk"]), user.pk, str(body["comment"]))

    def _nobody(self, request: Any, name: str) -> Any:
        if request.method in ENTRANCES.get(name, ()):
            return self._sign_up(request) if name == "user-signup" else None
        if request.method in _READS and not request.path_info.startswith("/api/"):
            return HttpResponseRedirect(f"/user/login/?next={quote(request.get_full_path())}")
        return self._refused(request, None, "not signed in", 401)

    def _sign_up(self, request: Any) -> Any:
        """Let somebody sign up with an invitation; the page's form drops it, so the session holds it meanwhile."""
        if "seal" in request.GET:
            request.session[_INVITATION] = [request.GET.get("person", ""), request.GET["seal"]]
        person, seal = request.session.get(_INVITATION, ["", ""])
        if not self._invitations.is_open(person, seal):
            return self._refused(request, None, "no invitation, or one that was used")
        if request.method == "POST":
            request.belebele_invited = person
            request.POST = request.POST.copy()
            request.POST["allow_newsletters"] = "false"
        request.belebele_words = replaced_pages.words_of_sign_up(request)
        return None

    def _refused(self, request: Any, account: int | None, why: str, status: int = 403) -> Any:
        self._note(request, account, "refused", why=why)
        self._tallies.refused("nobody" if account is None else "annotator")
        if request.path_info.startswith("/api/"):
            return JsonResponse({"detail": replaced_pages.NOT_YOURS}, status=status)
        return replaced_pages.refused(request, status)

    def _note(self, request: Any, account: int | None, outcome: str, **more: object) -> None:
        what = {"method": request.method, "path": request.path_info, "outcome": outcome, **more}
        audit.note(self._folder, account, what)


def asked_by(request: Any) -> Any:
    """Return the account in whose name Label Studio's views would act, None for nobody.

    A header with a token counts before the session, as it does in the views.
    """
    if "HTTP_AUTHORIZATION" in request.META and not getattr(request, "is_jwt", False):
        try:
            found = held(module("jwt_auth.auth"), "TokenAuthenticationPhaseout")().authenticate(request)
        except held(module("rest_framework.exceptions"), "AuthenticationFailed"):
            return None
        if found is not None:
            return found[0]
    return request.user if request.user.is_authenticated else None


def is_owner(user: Any) -> bool:
    """Return whether an account is the program's or the lead's."""
    return bool(user.is_active and user.is_superuser)


def without_others(answer: Any, user: Any) -> None:
    """Take other people's names and addresses out of an answer."""
    if answer.streaming:
        return
    kind, owner = answer.get("Content-Type", ""), getattr(user.active_organization, "created_by", None)
    if kind.startswith("text/html") and owner is not None:  # the page of an account names the owner
        answer.content = answer.content.replace(owner.email.encode(), b"")
    elif kind.startswith("application/json") and (
        b'"email"' in answer.content or b'"created_user' in answer.content
    ):
        answer.content = json.dumps(_hidden(json.loads(answer.content), user), ensure_ascii=False).encode()
    else:
        return
    if answer.has_header("Content-Length"):
        answer["Content-Length"] = str(len(answer.content))


def _hidden(value: Any, user: Any) -> Any:
    if isinstance(value, list):
        return [_hidden(one, user) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _hidden(one, user) for name, one in value.items()}
    if value.get("email") not in (None, user.email):
        kept |= {name: "" for name in _HIDDEN if isinstance(value.get(name), str)}
    if not str(value.get("created_username") or "").endswith(f"{user.email}, {user.pk}"):
        kept |= {"created_username": ""} if "created_username" in value else {}
    return kept


def _in_path(route: Route, named: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    if set(named) != set(route.path):
        raise Refused("another path")
    for name, kind in route.path.items():
        if kind != "text":
            yield kind, _number(name, named[name])


def _in_fields(fields: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in fields.items():
        if name in NUMBERS and value not in _NOBODY:
            yield NUMBERS[name], _number(name, value)


def _number(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)) or not _NUMBER.fullmatch(str(value)):
        raise Refused(f"{name} is no number")
    return int(value)


def _query(request: Any, route: Route) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, values in request.GET.lists():
        if name not in route.query or len(values) != 1:
            raise Refused(f"the query has {name}" if len(values) == 1 else f"the query has {name} several times")
        found[name] = values[0]
    if route.one_of and not any(found.get(name) not in _NOBODY for name in route.one_of):
        raise Refused(f"the query has no {' or '.join(route.one_of)}")
    return found


def _body(request: Any, route: Route) -> dict[str, Any]:
    text = request.body
    if not text:
        return {}
    if not _JSON.fullmatch(request.META.get("CONTENT_TYPE", "")):
        raise Refused("the body is no JSON")
    try:
        found = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except ValueError:
        raise Refused("the body is no JSON") from None
    if not isinstance(found, dict):
        raise Refused("the body is no JSON object")
    if more := sorted(set(found) - route.body):
        raise Refused(f"the body has {', '.join(more)}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Refused("the body has a field twice")
    return found
