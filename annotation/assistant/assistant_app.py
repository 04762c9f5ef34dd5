"""The assistant: an ASGI app that comments on an author's work each time they leave a box.

Label Studio's editor asks an ML backend after every committed field and shows the reply in place, so the assistant
speaks that protocol: `/health`, `/setup`, `/versions`, `/predict`, `/webhook`. `/metrics` is for Prometheus,
with the program's own password. A callable passed to `app` decides what to say; this module only protects it.
A caller without a workbench's password (`annotation.labelstudio.assistant_passwords`) is a stranger and learns
nothing, not even that a service runs here; passwords are compared in constant time. The secret is a password, not
part of the address, because Label Studio keeps an ML backend's password to itself while every account can read its
address. Request bodies are limited in size and time, and so are answers: when the callable is late or fails, the
page says so and the author writes on.
Text that the page already shows is not sent again, because every reply makes the editor redraw all boxes.

Label Studio passes a token of its own to `/setup`; it is never read. Submissions posted to `/webhook` would not be
read either, but a local server never creates that webhook, and `annotation.labelstudio.assistant_connections`
deletes it on other servers.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from annotation.assistant.assistant_metrics import CONTENT_TYPE, AssistantMetrics
from annotation.forms.submitted_form import ABOUT, FEEDBACK, feedback
from annotation.labelstudio.assistant_passwords import Keyring

LIMIT = 256_000
"""Largest request in bytes; a task with its passage and all fields has about ten thousand."""

PATIENCE = 0.25
"""Seconds allowed for one answer: an editor that waits longer than 300 ms seems to hang."""

_RECEIVING = 5.0  # seconds allowed for a request to arrive
_WORKERS = 2
_LONGEST = 2_000  # characters of one field that are read
_LONGEST_KEY = 200  # characters of a task's key: thousands of keys are remembered

UNTRAINED = "none"
"""The version of a shortcut meter that there is not yet."""

LATE = "The assistant had no answer in time. Your work is safe; leave another box to ask again."
BROKEN = "The assistant could not read this. Your work is safe."

_log = logging.getLogger("belebele.assistant")


@dataclass(frozen=True)
class Asked:
    """The current state of an author's page.

    Attributes:
        task_key: key of the task.
        sentences: sentences of the passage.
        fields: non-empty fields by name: the text or the choice. Fields the author has not touched hold the values
            that the page started with.
        shown: what the assistant said last, as the page shows it; "" for nothing.
        workbench: title of the workbench whose password was given; "" for the program's own password.
    """

    task_key: str
    sentences: tuple[str, ...]
    fields: Mapping[str, str]
    shown: str = ""
    workbench: str = ""


Answer = Callable[[Asked], tuple[list[str], float]]
"""Returns sentences to show, and a number from 0 to 1 that Label Studio stores beside them."""


def app(
    keyring: Keyring, answer: Answer, version: Callable[[], str], *, limit: int = LIMIT, patience: float = PATIENCE
) -> ASGIApp:
    """Return the assistant as one ASGI function; a router would tell strangers which methods exist.

    Args:
        keyring: the passwords; a request without one of them gets no answer.
        answer: comments on a page; called in a thread, and may be slow or fail.
        version: returns the version of whatever produces the comments.
        limit: largest request in bytes.
        patience: seconds allowed for one answer.
    """
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="assistant")
    metrics = AssistantMetrics(lambda: version() != UNTRAINED)

    async def predict(request: Request, workbench: str) -> Response:
        body = await _read_body(request, limit)
        if isinstance(body, Response):
            return body
        try:
            asked = read(json.loads(body))
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if asked is None:  # a batch request, not an author at work
            return JSONResponse({"results": []})
        if not asked.fields:  # the author opened the next task and has written nothing yet
            return _response([], 0.0, version())
        work = asyncio.get_running_loop().run_in_executor(pool, answer, replace(asked, workbench=workbench))
        try:
            with metrics.answers.time():
                sentences, score = await asyncio.wait_for(work, patience)
        except TimeoutError:
            metrics.late.inc()
            return _response([LATE], 0.0, version())
        except Exception:  # noqa: BLE001  a bug there must not stop an author; the log holds it
            metrics.failed.inc()
            _log.exception("no answer on %r", asked.task_key)
            return _response([BROKEN], 0.0, version())
        if "\n".join(sentences) == asked.shown:
            return _response(None, score, version())
        return _response(sentences, score, version())

    async def answered(request: Request, workbench: str) -> Response:
        match request.method, request.scope["path"].removeprefix("/"):
            case "GET", "health" | "":
                return JSONResponse({"status": "UP", "model_class": "belebele"})
            case "GET", "metrics" if not workbench:
                return Response(metrics.page(), media_type=CONTENT_TYPE)
            case "GET", "versions":
                return JSONResponse({"versions": [version()]})
            case "POST", "setup":
                return JSONResponse({"model_version": version()})
            case "POST", "webhook":
                return JSONResponse({})
            case "POST", "predict":
                return await predict(request, workbench)
        return Response(status_code=404)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope, receive)
            workbench = keyring.holder(request.headers.get("authorization", ""))
            if workbench is None:
                asked, answer = "stranger", Response(status_code=404, headers={"connection": "close"})
            else:
                asked, answer = scope["path"].removeprefix("/"), await answered(request, workbench)
            metrics.request(asked, answer.status_code)
            await answer(scope, receive, send)

    return serve


def read(request: object) -> Asked | None:
    """Parse a predict request; return None if it does not come from an author's page.

    Raises:
        ValueError: the request is malformed.
    """
    asked = _dict(request)
    params = _dict(asked.get("params") or {})
    context = params.get("context")
    if context is None:
        return None
    tasks = asked.get("tasks")
    data = _dict(_dict(tasks[0]).get("data")) if isinstance(tasks, list) and tasks else {}
    result = _dict(context).get("result")
    entries = result if isinstance(result, list) else []
    written = dict(filter(None, map(_field, entries)))
    key, sentences = data.get("task_key"), data.get("sentences")
    return Asked(
        _whole(key)[:_LONGEST_KEY] if isinstance(key, str) else "",
        tuple(_whole(one) for one in sentences if isinstance(one, str)) if isinstance(sentences, list) else (),
        {**_began(data), **written} if written else {},
        feedback(entries),
    )


def _dict(given: object) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise ValueError("no object")
    return given


def _began(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields that the page started with: the editor does not report boxes that were prefilled."""
    names = ("question", *(f"{what}_{n}" for what in ("answer", "note") for n in range(1, 5)))
    held = {name: _whole(data[name]).strip()[:_LONGEST] for name in names if isinstance(data.get(name), str)}
    keys = data.get("keys")
    for one in keys if isinstance(keys, list) else ():
        if isinstance(one, dict) and one.get("selected") is True:
            held["key"] = str(one.get("value"))[:_LONGEST]
    return {name: text for name, text in held.items() if text}


def _field(entry: object) -> tuple[str, str] | None:
    """Return the name and value of one field; None if the entry is malformed or is the assistant's own."""
    if not isinstance(entry, dict) or not isinstance(name := entry.get("from_name"), str) or name == FEEDBACK:
        return None
    value = entry.get("value")
    given = (value.get("text") or value.get("choices")) if isinstance(value, dict) else None
    first = given[0] if isinstance(given, list) and given else given
    return (
        (_whole(name)[:40], _whole(first).strip()[:_LONGEST]) if isinstance(first, str) and first.strip() else None
    )


def _whole(text: str) -> str:
    """Replace lone surrogates, which JSON may contain but a response cannot."""
    return text.encode("utf-8", "replace").decode()


def _response(sentences: list[str] | None, score: float, version: str) -> Response:
    """Build a response; None leaves the page as it is, whereas an empty list would still redraw it."""
    entry = {
        "id": FEEDBACK,
        "from_name": FEEDBACK,
        "to_name": ABOUT,
        "type": "textarea",
        "value": {"text": ["\n".join(sentences or ())]},
    }
    prediction = {"result": [entry] if sentences else None, "score": score, "model_version": version}
    return JSONResponse({"results": [prediction], "model_version": version})


async def _read_body(request: Request, limit: int) -> bytes | Response:
    """Return the request's body, or the error response if it is too long or too slow."""
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 12 or int(declared) > limit:
        return Response(status_code=413)
    body = bytearray()
    try:
        async with asyncio.timeout(_RECEIVING):
            async for part in request.stream():
                body += part
                if len(body) > limit:
                    return Response(status_code=413)
    except TimeoutError:
        return Response(status_code=408)
    except ClientDisconnect:
        return Response(status_code=400)
    return bytes(body)
