"""A person at a Label Studio server, as an ordinary user: signs up, works, edits, skips.

The demo and rehearsals play people with it. It signs up at the invitation link and keeps a session, as a browser
does, instead of using an access token, so that the server sees the same kind of work, with the same traces, as
from people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from annotation.labelstudio.http_connection import patiently, trusted
from data.errors import ServerError, ServerRefused, ServerUnreachable


@dataclass(frozen=True)
class OpenTask:
    """A task that waits for this person."""

    id: int
    key: str
    data: Mapping[str, Any]
    """What the task shows."""
    workbench: int
    """The id of the project that it is in."""


class SignedInUser:
    """A signed-in person; create one with `SignedInUser.sign_up`."""

    def __init__(self, url: str, email: str, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self.email = email
        self.account = 0
        """The server's number for this person."""
        # Connections are not kept open, for the reason given in annotation/labelstudio/http_connection.py.
        self._http = httpx.Client(
            base_url=self.url,
            verify=trusted(),
            timeout=timeout,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @classmethod
    def sign_up(cls, url: str, invitation: str, email: str, password: str) -> SignedInUser:
        """Create an account at the invitation link, or log in if the person has one.

        Args:
            url: the server's address.
            invitation: as `LabelStudio.invitation` returns it.
            email: anything that looks like an address.
            password: eight characters or more.

        Raises:
            ServerRefused: neither works; the message holds what the page says.
        """
        user = cls(url, email)
        person = {"email": email, "password": password}

        def once() -> None:
            complaint = user._submit_form(invitation, person)
            if complaint and user._submit_form("/user/login/", {**person, "persist_session": "on"}):
                raise ServerRefused(f"{url} neither signs {email} up nor logs them in: {complaint}")

        patiently(once)  # a second try logs in, if the first created the account but its answer was lost
        user.account = int(user._ask("GET", "/api/current-user/whoami")["id"])
        return user

    def __enter__(self) -> SignedInUser:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the session."""
        self._http.close()

    def open_tasks(self, title: str, workbench: int | None = None) -> list[OpenTask]:
        """Return the tasks in the workbench of this title that hold no annotation yet, by id.

        Args:
            title: of the workbench.
            workbench: its id, if known.
        """
        workbench = workbench or self._workbench(title)
        if workbench is None:
            return []
        include = "id,data,total_annotations,cancelled_annotations"
        query = {"project": workbench, "page_size": 2000, "resolve_uri": "false", "include": include}
        tasks = self._ask("GET", "/api/tasks/", query)["tasks"]
        return [
            OpenTask(task["id"], str(task["data"].get("task_key", "")), task["data"], workbench)
            for task in tasks
            if not task["total_annotations"] and not task["cancelled_annotations"]
        ]

    def _workbench(self, title: str) -> int | None:
        query = {"title": title, "page_size": 100, "include": "id,title"}
        projects = self._ask("GET", "/api/projects/", query)["results"]
        return min((int(project["id"]) for project in projects if project["title"] == title), default=None)

    def submit(self, task_id: int, result: Sequence[Mapping[str, Any]], seconds: float = 60.0) -> int:
        """Submit an annotation and return its number. `seconds` is how long the work took."""
        body = {"result": list(result), "lead_time": seconds}
        return int(self._ask("POST", f"/api/tasks/{task_id}/annotations/", body=body)["id"])

    def assistant(self, workbench: int) -> int | None:
        """Return the id of the assistant that a workbench's pages ask; None if they ask none."""
        held: Any = self._ask("GET", "/api/ml/", {"project": workbench})
        asked = [int(one["id"]) for one in held if one["is_interactive"]]
        return asked[0] if asked else None

    def ask(
        self, assistant: int, task_id: int, result: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]] | None:
        """Ask the assistant as the editor does when a box is left; return the boxes that it would fill in.

        Args:
            assistant: as `assistant` returned it.
            task_id: of the task whose page it is.
            result: everything on the page so far.

        Returns:
            None if the page stays as it is, which is also so when the assistant does not answer in time.
        """
        path = f"/api/ml/{assistant}/interactive-annotating"
        answer = self._send("POST", path, body={"task": task_id, "context": {"result": list(result)}})
        if answer.status_code >= 500:
            return None
        reply = self._read(answer, "POST", path)
        found: list[dict[str, Any]] | None = (reply.get("data") or {}).get("result")
        return found

    def skip(self, task_id: int, why: str = "") -> int:
        """Skip a task, on a server with our layer with a reason; return the number of the annotation for it."""
        body = {"result": [], "was_cancelled": True, "lead_time": 1.0, **({"comment": why} if why else {})}
        return int(self._ask("POST", f"/api/tasks/{task_id}/annotations/", body=body)["id"])

    def edit(self, annotation_id: int, result: Sequence[Mapping[str, Any]]) -> None:
        """Change a submitted annotation."""
        self._ask("PATCH", f"/api/annotations/{annotation_id}/", body={"result": list(result)})

    def delete(self, annotation_id: int) -> None:
        """Take back an annotation."""
        self._ask("DELETE", f"/api/annotations/{annotation_id}/")

    def _submit_form(self, address: str, fields: Mapping[str, str]) -> str:
        """Fill in a page's form; return the page's complaint, or "" when it lets the person in."""
        page = self._send("GET", address)
        if page.status_code == 403:  # an invitation serves once
            return "the invitation is not taken"
        hidden = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        if not hidden:
            raise ServerError(f"{self.url}{page.url.path} shows no form: is it a Label Studio?")
        form = {**fields, "csrfmiddlewaretoken": hidden[1]}
        answer = self._send("POST", address, form=form)
        if answer.is_redirect:
            return ""
        if answer.status_code >= 500:
            raise self._failure(answer, "POST", address)
        complaints = re.findall(r'class="[^"]*(?:error|alert)[^"]*"[^>]*>\s*([^<]+)', answer.text)
        return " ".join(part.strip() for part in complaints) or f"the form came back ({answer.status_code})"

    def _ask(
        self, method: str, path: str, query: Mapping[str, Any] | None = None, body: object = None
    ) -> dict[str, Any]:
        """Return the server's answer; reads are retried while the server fails, as a person would reload."""

        def once() -> dict[str, Any]:
            return self._read(self._send(method, path, query=query, body=body), method, path)

        return patiently(once) if method == "GET" else once()

    def _read(self, answer: httpx.Response, method: str, path: str) -> dict[str, Any]:
        if answer.status_code == 204:
            return {}
        if 400 <= answer.status_code < 500 or answer.is_redirect:
            raise ServerRefused(f"{self.url} refuses {method} {path} to {self.email}: {answer.text[:200]}")
        if not answer.is_success or "json" not in answer.headers.get("Content-Type", ""):
            raise self._failure(answer, method, path)
        body: dict[str, Any] = answer.json()
        return body

    def _failure(self, answer: httpx.Response, method: str, path: str) -> ServerError:
        text = " ".join(answer.text.split())[:200]
        return ServerError(f"{self.url} answers {method} {path} with {answer.status_code}: {text}")

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        try:
            return self._http.request(
                method, path, params=query, json=body, data=form, headers={"Referer": self.url}
            )
        except httpx.HTTPError as error:
            raise ServerUnreachable(f"{self.url} does not answer {method} {path}: {error}") from error
