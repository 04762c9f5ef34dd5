"""Handlers for the fake server's requests: those of the client and of people, and no others."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from annotation.labelstudio.fake import bulk
from annotation.labelstudio.fake.accounts import Account, Accounts
from annotation.labelstudio.fake.conditions import chosen
from annotation.labelstudio.fake.contents import Annotation, Contents, Task
from annotation.labelstudio.fake.exchange import Answer, Request
from annotation.labelstudio.fake.own_pages import OwnPages
from annotation.labelstudio.fake.refusals import VERSION, Refused, invalid
from annotation.labelstudio.server_layer import layer_digest

Handler = Callable[["Endpoints", Request, Account, Sequence[int]], Answer]


class Endpoints:
    """The endpoints of one server.

    Args:
        accounts: of the server.
        contents: of the server.
        layer: whether it has what our layer adds.
    """

    def __init__(self, accounts: Accounts, contents: Contents, *, layer: bool = False) -> None:
        self.invited: dict[int, str] = {}
        self.members: dict[str, list[int]] | None = {} if layer else None
        self.skip_reasons: dict[str, dict[str, str]] = {}
        self.own_pages = OwnPages()
        self.copies: dict[str, dict[str, Any]] = {}
        self.accounts = accounts
        self.contents = contents

    def answer(self, request: Request) -> Answer:
        """Handle a request, or refuse it."""
        try:
            if page := _PAGES.get(request.path):
                return page(self, request)
            for (method, pattern), handler in _API.items():
                if method == request.method and (found := re.fullmatch(pattern, request.path)):
                    writes = method != "GET"
                    account = self.accounts.who(
                        request.authorization, request.cookies.get("sessionid", ""), writes=writes
                    )
                    return handler(self, request, account, [int(number) for number in found.groups()])
            raise Refused(501, f"The fake server knows no {request.method} {request.path}: use a real one for it.")
        except Refused as refused:
            return Answer(refused.status, refused.body())

    # Pages

    def health(self, _: Request) -> Answer:
        return Answer(200, '{"status": "UP"}')

    def sign_up(self, request: Request) -> Answer:
        """Serve the page at the invitation link and handle its form."""
        if request.method == "GET":
            return _form(request)
        token = request.query.get("token")
        if token and token != self.accounts.invitation:
            raise Refused(403, "Permission denied")
        entered = _entered(request, self.accounts.sign_up)
        if request.query.get("person"):
            self.invited[max(self.accounts.by_id)] = request.query["person"]
        return entered

    def log_in(self, request: Request) -> Answer:
        """Serve the login page and handle its form."""
        return _form(request) if request.method == "GET" else _entered(request, self.accounts.log_in)

    def refresh(self, request: Request) -> Answer:
        """Return a short-lived token for a personal one; this needs no other authentication."""
        return Answer(200, {"access": self.accounts.refresh(str(request.json_body().get("refresh")))})

    # Server

    def version(self, *_: object) -> Answer:
        return Answer(200, {"release": VERSION, "edition": "Community"})

    def whoami(self, _: Request, who: Account, __: Sequence[int]) -> Answer:
        return Answer(200, who.as_json())

    def invite(self, *_: object) -> Answer:
        token = self.accounts.invitation
        return Answer(200, {"token": token, "invite_url": f"/user/signup/?token={token}"})

    def users(self, *_: object) -> Answer:
        return Answer(200, [account.as_json() for account in self.accounts.by_id.values()])

    def personal_token(self, _: Request, who: Account, __: Sequence[int]) -> Answer:
        return Answer(201, {"token": self.accounts.personal_token(who)})

    # The layer

    def layer_members(self, *_: object) -> Answer:
        return Answer(200, {"projects": self._layer(), "invited": self.invited})

    def layer_invitation(self, request: Request, *_: object) -> Answer:
        self._layer()
        named = urlencode({"token": self.accounts.invitation, "person": request.query.get("person", "")})
        return Answer(200, {"invite_url": f"/user/signup/?{named}"})

    def admit(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        self._layer().update(request.json_body()["projects"])
        return self.layer_members()

    def layer_version(self, *_: object) -> Answer:
        self._layer()
        return Answer(200, {"layer": 3, "label_studio": VERSION, "digest": layer_digest()})

    def layer_skips(self, *_: object) -> Answer:
        self._layer()
        return Answer(200, self.skip_reasons)

    def layer_pages(self, request: Request, *_: object) -> Answer:
        self._layer()
        return Answer(200, self.own_pages.standing(request.query.get("campaign", "")))

    def layer_put_pages(self, request: Request, *_: object) -> Answer:
        self._layer()
        return Answer(200, self.own_pages.put(request.json_body()))

    def layer_put_lead(self, request: Request, *_: object) -> Answer:
        self._layer()
        return Answer(200, self.own_pages.put_lead(request.json_body()))

    def layer_copy(self, request: Request, *_: object) -> Answer:
        self._layer()
        asked = request.json_body()
        held = self.copies.get(asked["campaign"])
        mine, looks = (asked["copy"], *asked["follows"]), not asked["run"]
        later = held is not None and held["copy"] in mine and (looks or held["run"] < asked["run"])
        fits = held is None or asked["take"] or held["token"] == asked["token"] or later
        if fits and asked["run"]:
            self.copies[asked["campaign"]] = {**asked, "at": "2026-01-31T00:00:00+00:00"}
        return Answer(200, {"fits": fits, "held": held})

    def layer_put(self, request: Request, who: Account, _: Sequence[int]) -> Answer:
        self._layer()
        return Answer(200, bulk.put(self.contents, _small(request), who))

    def layer_changes(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        self._layer()
        return Answer(200, bulk.changes(self.contents, _small(request)))

    def _layer(self) -> dict[str, list[int]]:
        if self.members is None:
            raise Refused(404, "Not found.")
        return self.members

    # Projects

    def projects(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        title, ids = request.query.get("title", "").lower(), request.query.get("ids", "")
        found = [one for one in reversed(self.contents.projects.values()) if title in one.title.lower()]
        found = [one for one in found if not ids or str(one.id) in ids.split(",")]
        page, size = _page(request, len(found), usual=30, most=100)
        shown = [_narrowed(one.as_json(), request) for one in found[(page - 1) * size : page * size]]
        following = "/api/projects/?page=" + str(page + 1) if page * size < len(found) else None
        return Answer(200, {"count": len(found), "next": following, "previous": None, "results": shown})

    def make_project(self, request: Request, who: Account, _: Sequence[int]) -> Answer:
        return Answer(201, self.contents.create(request.json_body(), who).as_json())

    def project(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        return Answer(200, self.contents.project(at[0]).as_json())

    def change_project(self, request: Request, _: Account, at: Sequence[int]) -> Answer:
        project = self.contents.project(at[0])
        self.contents.change(project, request.json_body())
        return Answer(200, project.as_json())

    def remove_project(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        del self.contents.projects[self.contents.project(at[0]).id]
        return Answer(204)

    def bring(self, request: Request, who: Account, at: Sequence[int]) -> Answer:
        tasks, annotations = self.contents.bring(self.contents.project(at[0]), request.json_body(), who)
        return Answer(201, {"task_count": tasks, "annotation_count": annotations, "prediction_count": 0})

    def views(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        return Answer(200, self.contents.project(_number(request.query.get("project"), "project")).views)

    def make_view(self, request: Request, who: Account, _: Sequence[int]) -> Answer:
        body = request.json_body()
        project = self.contents.project(_number(body.get("project"), "project"))
        view = {"id": self.contents.number("view"), "project": project.id, "user": who.id, "data": body["data"]}
        project.views.append(view)
        return Answer(201, view)

    # Tasks

    def tasks(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        project = self.contents.project(_number(request.query.get("project"), "project"))
        found = chosen(project.tasks.values(), json.loads(request.query.get("query", "{}")))
        page, size = _page(request, len(found), usual=100)
        listed = found[(page - 1) * size : page * size]
        total = sum(task.total(cancelled=False) for task in found)
        shown = [_narrowed(_listed(task, request), request) for task in listed]
        return Answer(
            200, {"total": len(found), "total_annotations": total, "total_predictions": 0, "tasks": shown}
        )

    def task(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        task = self.contents.task(at[0])
        people = self.accounts.by_id
        annotations = [
            {**one.as_json(), "completed_by": people[one.completed_by].as_completed_by()}
            for one in task.annotations.values()
        ]
        return Answer(200, {**task.as_json(), "annotations": annotations, "predictions": []})

    def change_task(self, request: Request, who: Account, at: Sequence[int]) -> Answer:
        task = self.contents.task(at[0])
        task.data = request.json_body().get("data", task.data)
        task.marked = request.json_body().get("is_labeled", task.marked)
        task.touch(who)
        shown = [one.as_json() for one in task.annotations.values()]
        return Answer(200, {**task.as_json(), "updated_by": who.id, "annotations": shown, "predictions": []})

    def remove_task(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        task = self.contents.task(at[0])
        del self.contents.projects[task.project].tasks[task.id]
        return Answer(204)

    def act(self, request: Request, who: Account, _: Sequence[int]) -> Answer:
        """Apply an action to many tasks at once."""
        project = self.contents.project(_number(request.query.get("project"), "project"))
        action = request.query.get("id")
        found = chosen(project.tasks.values(), request.json_body())
        if action == "delete_tasks":
            for task in found:
                del project.tasks[task.id]
            return Answer(200, {"processed_items": len(found), "detail": f"Deleted {len(found)} tasks"})
        if action == "delete_tasks_annotations":
            doomed = [one for task in found for one in task.annotations.values()]
            for one in doomed:
                self.contents.take_back(one, who)
            return Answer(200, {"processed_items": len(doomed), "detail": f"Deleted {len(doomed)} annotations"})
        raise Refused(501, f"The fake server knows no action {action!r}: use a real one for it.")

    # Annotations

    def annotations(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        held = self.contents.task(at[0]).annotations.values()
        return Answer(200, [one.as_json() for one in held if not one.was_cancelled])

    def submit(self, request: Request, who: Account, at: Sequence[int]) -> Answer:
        body = request.json_body()
        if self.members is not None and body.get("was_cancelled") and body.get("comment"):
            self.skip_reasons.setdefault(str(at[0]), {})[str(who.id)] = body["comment"]
        return Answer(201, self.contents.submit(self.contents.task(at[0]), body, who).as_json())

    def drafts(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        return Answer(200, self.contents.task(at[0]).drafts)

    def draft(self, request: Request, who: Account, at: Sequence[int]) -> Answer:
        return Answer(201, self.contents.draft(self.contents.task(at[0]), request.json_body(), who))

    def annotation(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        return Answer(200, self.contents.annotation(at[0]).as_json())

    def edit(self, request: Request, who: Account, at: Sequence[int]) -> Answer:
        annotation = self.contents.annotation(at[0])
        self.contents.edit(annotation, request.json_body(), who)
        return Answer(200, annotation.as_json())

    def take_back(self, _: Request, who: Account, at: Sequence[int]) -> Answer:
        self.contents.take_back(self.contents.annotation(at[0]), who)
        return Answer(204)

    # Webhooks: stored, but nothing is ever sent

    def webhooks(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        wanted = request.query.get("project")
        found = [one for one in self.contents.webhooks.values() if wanted is None or one["project"] == int(wanted)]
        return Answer(200, found)

    def make_webhook(self, request: Request, _: Account, __: Sequence[int]) -> Answer:
        body = request.json_body()
        hook = {
            "id": self.contents.number("webhook"), "url": body["url"], "project": body.get("project"),
            "is_active": body.get("is_active", True), "send_payload": body.get("send_payload", True),
        }  # fmt: skip
        self.contents.webhooks[int(hook["id"])] = hook
        return Answer(201, hook)

    def remove_webhook(self, _: Request, __: Account, at: Sequence[int]) -> Answer:
        if self.contents.webhooks.pop(at[0], None) is None:
            raise Refused(404, "No Webhook matches the given query.")
        return Answer(204)

    def backends(self, *_: object) -> Answer:
        return Answer(200, [])


_PAGES: Mapping[str, Callable[[Endpoints, Request], Answer]] = {
    "/health": Endpoints.health,
    "/user/signup/": Endpoints.sign_up,
    "/user/login/": Endpoints.log_in,
    "/api/token/refresh/": Endpoints.refresh,
}

_API: Mapping[tuple[str, str], Handler] = {
    ("GET", r"/api/version/"): Endpoints.version,
    ("GET", r"/belebele/layer"): Endpoints.layer_version,
    ("GET", r"/belebele/members"): Endpoints.layer_members,
    ("GET", r"/belebele/skips"): Endpoints.layer_skips,
    ("GET", r"/belebele/invitation"): Endpoints.layer_invitation,
    ("PUT", r"/belebele/members"): Endpoints.admit,
    ("PUT", r"/belebele/copy"): Endpoints.layer_copy,
    ("PUT", r"/belebele/tasks"): Endpoints.layer_put,
    ("POST", r"/belebele/changes"): Endpoints.layer_changes,
    ("GET", r"/belebele/pages"): Endpoints.layer_pages,
    ("PUT", r"/belebele/pages"): Endpoints.layer_put_pages,
    ("PUT", r"/belebele/lead"): Endpoints.layer_put_lead,
    ("GET", r"/api/current-user/whoami"): Endpoints.whoami,
    ("GET", r"/api/invite"): Endpoints.invite,
    ("GET", r"/api/users/"): Endpoints.users,
    ("POST", r"/api/token/"): Endpoints.personal_token,
    ("GET", r"/api/projects/"): Endpoints.projects,
    ("POST", r"/api/projects/"): Endpoints.make_project,
    ("GET", r"/api/projects/(\d+)/"): Endpoints.project,
    ("PATCH", r"/api/projects/(\d+)/"): Endpoints.change_project,
    ("DELETE", r"/api/projects/(\d+)/"): Endpoints.remove_project,
    ("POST", r"/api/projects/(\d+)/import"): Endpoints.bring,
    ("GET", r"/api/dm/views/"): Endpoints.views,
    ("POST", r"/api/dm/views/"): Endpoints.make_view,
    ("POST", r"/api/dm/actions/"): Endpoints.act,
    ("GET", r"/api/tasks/"): Endpoints.tasks,
    ("GET", r"/api/tasks/(\d+)/"): Endpoints.task,
    ("PATCH", r"/api/tasks/(\d+)/"): Endpoints.change_task,
    ("DELETE", r"/api/tasks/(\d+)/"): Endpoints.remove_task,
    ("GET", r"/api/tasks/(\d+)/annotations/"): Endpoints.annotations,
    ("POST", r"/api/tasks/(\d+)/annotations/"): Endpoints.submit,
    ("GET", r"/api/tasks/(\d+)/drafts"): Endpoints.drafts,
    ("POST", r"/api/tasks/(\d+)/drafts"): Endpoints.draft,
    ("GET", r"/api/annotations/(\d+)/"): Endpoints.annotation,
    ("PATCH", r"/api/annotations/(\d+)/"): Endpoints.edit,
    ("DELETE", r"/api/annotations/(\d+)/"): Endpoints.take_back,
    ("GET", r"/api/webhooks/"): Endpoints.webhooks,
    ("POST", r"/api/webhooks/"): Endpoints.make_webhook,
    ("DELETE", r"/api/webhooks/(\d+)/"): Endpoints.remove_webhook,
    ("GET", r"/api/ml/"): Endpoints.backends,
}


def _small(request: Request) -> dict[str, Any]:
    if len(request.body) > bulk.MOST_BYTES:
        raise Refused(413, f"A body of more than {bulk.MOST_BYTES} bytes is not read.")
    return request.json_body()


def _form(request: Request) -> Answer:
    token = request.cookies.get("csrftoken") or secrets.token_urlsafe(24)
    page = f'<form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="{token}"></form>'
    return Answer(200, page, {"Set-Cookie": f"csrftoken={token}; Path=/; SameSite=Lax"})


def _entered(request: Request, enter: Callable[[str, str], str]) -> Answer:
    form = request.form
    if not form.get("csrfmiddlewaretoken") or form["csrfmiddlewaretoken"] != request.cookies.get("csrftoken"):
        return Answer(403, "<h1>Forbidden</h1><p>CSRF verification failed.</p>")
    session = enter(form.get("email", ""), form.get("password", ""))
    if not session:
        return _form(request)
    return Answer(302, None, {"Location": "/", "Set-Cookie": f"sessionid={session}; Path=/; HttpOnly"})


def _page(request: Request, total: int, *, usual: int, most: int | None = None) -> tuple[int, int]:
    page, size = int(request.query.get("page", 1)), int(request.query.get("page_size", usual))
    size = min(size, most or size)
    if page > 1 and (page - 1) * size >= total:
        raise Refused(404, "Invalid page.")
    return page, size


def _narrowed(shown: dict[str, object], request: Request) -> dict[str, object]:
    """Return only the fields that were asked for."""
    wanted = request.query.get("include")
    return {name: shown[name] for name in wanted.split(",") if name in shown} if wanted else shown


def _listed(task: Task, request: Request) -> dict[str, object]:
    """Return a task of a list; its annotations only if all fields are asked for, with the fields asked for."""
    if request.query.get("fields") != "all":
        return task.as_json()
    return {**task.as_json(), "annotations": [_cut(one, request) for one in task.annotations.values()]}


def _cut(annotation: Annotation, request: Request) -> dict[str, object]:
    wanted = request.query.get("include")
    shown = annotation.as_json()
    return {name: shown[name] for name in ("id", *wanted.split(",")) if name in shown} if wanted else shown


def _number(value: object, field_name: str) -> int:
    try:
        return int(str(value))
    except ValueError as error:
        raise invalid(field_name, "This field is required.") from error
