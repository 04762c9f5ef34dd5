"""The assistant: what answers, while an author writes, each time a box is left.

Label Studio's editor asks an ML backend after every committed field and shows what comes back in place, so the
assistant speaks that protocol, as an ASGI app: `/health`, `/setup`, `/versions`, `/predict`, `/webhook`. What it
says comes from a callable that is handed in; here is only what keeps that callable safe. Whoever reaches the port
is a stranger without a workbench's password (`annotation.labelstudio.assistant_passwords`), compared in constant
time; a stranger learns nothing, not even that there is something. It comes as a password since Label Studio keeps
one to itself, while everybody with an account may read an address. Bodies are bounded in size and in time, answers
in time: when the callable is late or fails, the page says so and the author writes on. What the page shows already
is not sent again, since whatever comes makes the editor draw all boxes anew.

Label Studio hands `/setup` a token of its own; that is left unread. So would be the submissions that it sends to
`/webhook`, but no local server makes that webhook, and `annotation.labelstudio.assistant_connections` takes it
away from others.
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

from annotation.forms.submitted_form import ABOUT, FEEDBACK, feedback
from annotation.labelstudio.assistant_passwords import Keyring

LIMIT = 256_000
"""Bytes of a request; a task with its passage and all fields has some ten thousand."""

PATIENCE = 0.25
"""Seconds that one answer may take: what comes after 300 ms is taken for a page that hangs."""

_RECEIVING = 5.0  # seconds that a request may take to arrive
_WORKERS = 2
_LONGEST = 2_000  # characters of one field that are looked at
_LONGEST_KEY = 200  # of a task's key: thousands are remembered

LATE = "The assistant had no answer in time. Your work is safe; leave another box to ask again."
BROKEN = "The assistant could not read this. Your work is safe."

_log = logging.getLogger("belebele.assistant")


@dataclass(frozen=True)
class Asked:
    """What an author's page holds at the moment.

    Attributes:
        task_key: of the task.
        sentences: of the passage.
        fields: by name, those that are filled in: text, or the choice; as the page came with them, if nothing else
            was put down since.
        shown: what the assistant said last, as the page shows it; "" for nothing.
        workbench: whose password was given, by title; "" for the program's own.
    """

    task_key: str
    sentences: tuple[str, ...]
    fields: Mapping[str, str]
    shown: str = ""
    workbench: str = ""


Answer = Callable[[Asked], tuple[list[str], float]]
"""What to say, one sentence each, and a number from 0 to 1 that Label Studio keeps beside it."""


def app(
    keyring: Keyring, answer: Answer, version: Callable[[], str], *, limit: int = LIMIT, patience: float = PATIENCE
) -> ASGIApp:
    """The assistant. It is one function and no router, which would tell strangers what methods there are.

    Args:
        keyring: the passwords, without one of which nothing is answered.
        answer: says something about a page; called in a thread, and may take too long or fail.
        version: of what it says things by.
        limit: bytes of a request.
        patience: seconds that one answer may take.
    """
    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="assistant")

    async def predict(request: Request, workbench: str) -> Response:
        body = await _body(request, limit)
        if isinstance(body, Response):
            return body
        try:
            asked = read(json.loads(body))
        except (ValueError, RecursionError):
            return Response(status_code=400)
        if asked is None:  # a batch, which is no author at work
            return JSONResponse({"results": []})
        if not asked.fields:  # the next task was opened: nothing is written yet
            return _said([], 0.0, version())
        work = asyncio.get_running_loop().run_in_executor(pool, answer, replace(asked, workbench=workbench))
        try:
            sentences, score = await asyncio.wait_for(work, patience)
        except TimeoutError:
            return _said([LATE], 0.0, version())
        except Exception:  # noqa: BLE001  a bug there must not stop an author; the log holds it
            _log.exception("no answer on %r", asked.task_key)
            return _said([BROKEN], 0.0, version())
        if "\n".join(sentences) == asked.shown:
            return _said(None, score, version())
        return _said(sentences, score, version())

    async def answered(request: Request) -> Response:
        workbench = keyring.holder(request.headers.get("authorization", ""))
        if workbench is None:
            return Response(status_code=404, headers={"connection": "close"})
        match request.method, request.scope["path"].removeprefix("/"):
            case "GET", "health" | "":
                return JSONResponse({"status": "UP", "model_class": "belebele"})
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
            await (await answered(Request(scope, receive)))(scope, receive, send)

    return serve


def read(request: object) -> Asked | None:
    """What a request to predict asks about; None if it comes from no page.

    Raises:
        ValueError: it is none.
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
    """The fields that the page came with: boxes that were filled before are no part of what the editor tells."""
    names = ("question", *(f"{what}_{n}" for what in ("answer", "note") for n in range(1, 5)))
    held = {name: _whole(data[name]).strip()[:_LONGEST] for name in names if isinstance(data.get(name), str)}
    keys = data.get("keys")
    for one in keys if isinstance(keys, list) else ():
        if isinstance(one, dict) and one.get("selected") is True:
            held["key"] = str(one.get("value"))[:_LONGEST]
    return {name: text for name, text in held.items() if text}


def _field(entry: object) -> tuple[str, str] | None:
    """A field of the page with its text or choice; None for what is none, or is our own."""
    if not isinstance(entry, dict) or not isinstance(name := entry.get("from_name"), str) or name == FEEDBACK:
        return None
    value = entry.get("value")
    given = (value.get("text") or value.get("choices")) if isinstance(value, dict) else None
    first = given[0] if isinstance(given, list) and given else given
    return (
        (_whole(name)[:40], _whole(first).strip()[:_LONGEST]) if isinstance(first, str) and first.strip() else None
    )


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON may hold and no answer can."""
    return text.encode("utf-8", "replace").decode()


def _said(sentences: list[str] | None, score: float, version: str) -> Response:
    """An answer; None leaves the page as it is, an empty one would still have it drawn anew."""
    entry = {
        "id": FEEDBACK,
        "from_name": FEEDBACK,
        "to_name": ABOUT,
        "type": "textarea",
        "value": {"text": ["\n".join(sentences or ())]},
    }
    told = {"result": [entry] if sentences else None, "score": score, "model_version": version}
    return JSONResponse({"results": [told], "model_version": version})


async def _body(request: Request, limit: int) -> bytes | Response:
    """The request's body, or what to answer when it is too long or too slow."""
    told = request.headers.get("content-length", "0")
    if not told.isdecimal() or len(told) > 12 or int(told) > limit:
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
