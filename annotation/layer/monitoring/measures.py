"""How the server fares: what /belebele/health tells anybody, and /belebele/metrics the program and Prometheus.

Anybody learns whether the server works, and no more. Metrics tell how much work there is and how the server
answers; they name no account, no workbench and no task. A workbench counts for the stage that its title names, or
for "other".
"""

from __future__ import annotations

import base64
import hmac
import os
import re
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import Error, connection
from django.db.models import Count
from django.http import HttpResponse, JsonResponse

from .. import audit
from ..door import asked_by, is_owner
from ..internals import VERSION, held, module
from ..kept_file import folder
from ..program_requests import LAYER_VERSION
from ..routes import WATCHED
from .tallies import Tallies, family, lines, tallies_of

STAGES = (
    "qualifying", "authoring", "guessing", "answering", "judging", "adjudicating", "wording", "translating",
    "proofreading",
)  # fmt: skip
"""The stages that workbenches are for."""

USER = "belebele"
"""The name that goes with the password of metrics, as the assistant's."""

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LEAST_FREE = 64 * 2**20
"""Bytes that must be free where the layer's files lie: below that, nothing can be relied on."""

_PATHS = {one.path: one for one in WATCHED}
_TITLE = re.compile(r"[^/]+/([a-z]+)/[^/]+/[^/]+")  # campaign/stage/language/person


class Measures:
    """Middleware that counts what the server answers, in front of everything else of ours, and tells it."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._next = get_response
        self._folder = folder()
        self._tallies = tallies_of(self._folder)
        self._password = metrics_password(self._folder)

    def __call__(self, request: Any) -> Any:
        begun = time.perf_counter()
        answer = self._own(request) if request.path_info in _PATHS else self._next(request)
        self._tallies.request(request.method, answer.status_code, time.perf_counter() - begun)
        return answer

    def _own(self, request: Any) -> Any:
        if request.method != "GET":
            return JsonResponse({"detail": "Nothing is done this way."}, status=405)
        own = getattr(self, _PATHS[request.path_info].handler)
        answer = own(request)
        answer["Cache-Control"] = "no-store"
        return answer

    def health(self, request: Any) -> Any:
        """Tell whether the server works; what is wrong is told by the metrics and the log."""
        found = ailments(self._folder)
        told: dict[str, object] = {"status": "not ok" if found else "ok"}
        if not found and _is_program(request):  # who asks is known from the database
            told |= {"layer": LAYER_VERSION, "label_studio": VERSION}
        return JsonResponse(told, status=503 if found else 200)

    def metrics(self, request: Any) -> Any:
        """Tell the metrics to whoever has their password, or an access token of the lead's or the program's."""
        if not self._may_measure(request):
            answer = JsonResponse(
                {"detail": "This takes the password of metrics, or an access token."}, status=401
            )
            answer["WWW-Authenticate"] = 'Basic realm="metrics"'
            return answer
        return HttpResponse(metrics(self._folder, self._tallies, LAYER_VERSION), content_type=CONTENT_TYPE)

    def _may_measure(self, request: Any) -> bool:
        given = request.META.get("HTTP_AUTHORIZATION", "")
        wanted = base64.b64encode(f"{USER}:{self._password}".encode()).decode()
        if hmac.compare_digest(given.encode("utf-8", "replace"), f"Basic {wanted}".encode()):
            return True
        return bool(given) and _is_program(request)


def _is_program(request: Any) -> bool:
    user = asked_by(request)
    return user is not None and is_owner(user)


def metrics_password(place: Path) -> str:
    """Return the password of metrics, which the first process makes; only the folder's owner can read it.

    Args:
        place: the layer's folder; Prometheus takes the file `metrics_password` there as it is.
    """
    file = place / "metrics_password"
    if not file.exists():
        part = place / f"metrics_password.{os.getpid()}"
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(32), "ascii")
        with suppress(FileExistsError):  # if several make one at once, the first counts
            os.link(part, file)
        part.unlink()
    return file.read_text("ascii").strip()


def ailments(folder: Path) -> list[str]:
    """Return what is wrong with the server, in words; nothing if it works.

    Args:
        folder: where the layer keeps its files.
    """
    found = []
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        found.append(f"the database does not answer ({type(error).__name__})")
    if not os.access(folder, os.W_OK):
        found.append("the layer's folder cannot be written to")
    if (free := shutil.disk_usage(folder).free) < LEAST_FREE:
        found.append(f"{free} bytes are free where the layer's files lie")
    return found


def metrics(folder: Path, tallies: Tallies, layer_version: int) -> str:
    """Return all metrics as text.

    Args:
        folder: where the layer keeps its files.
        tallies: the server's counts.
        layer_version: of the layer.
    """
    return "".join(f"{line}\n" for line in _lines(folder, tallies, layer_version))


def _lines(folder: Path, tallies: Tallies, layer_version: int) -> Iterator[str]:
    known = f'version="{layer_version}",label_studio="{VERSION}"'
    yield from family("belebele_layer_info", "gauge", "The layer's version and Label Studio's.", [(known, 1)])
    sick = len(ailments(folder))
    says = "What is wrong with the server; 0 if it works."
    yield from family("belebele_layer_ailments", "gauge", says, [("", sick)])
    yield from lines(tallies.all())
    free = shutil.disk_usage(folder).free
    yield from family("belebele_layer_disk_free_bytes", "gauge", "Free where the layer's files lie.", [("", free)])
    logged = sum(file.stat().st_size for file in folder.glob(f"{audit.CHANGES}*.jsonl"))
    yield from family("belebele_layer_audit_log_bytes", "gauge", "Size of the audit log.", [("", logged)])
    if not sick:  # the rest is asked of the database
        yield from _work_lines()


def _work_lines() -> Iterator[str]:
    stages = _stages()
    for name, says, counts in _work(stages):
        rows = [(f'stage="{stage}"', counts[stage]) for stage in (*STAGES, "other")]
        yield from family(f"belebele_layer_{name}", "gauge", says, rows)
    accounts = held(module("users.models"), "User").objects.filter(is_active=True).count()
    yield from family("belebele_layer_accounts", "gauge", "Accounts that may sign in.", [("", accounts)])


def _stages() -> dict[int, str]:
    """Return the stage of every project."""
    titles = held(module("projects.models"), "Project").objects.values_list("pk", "title")
    return {number: _stage(title) for number, title in titles}


def _stage(title: str) -> str:
    found = _TITLE.fullmatch(title)
    return found[1] if found and found[1] in STAGES else "other"


def _work(stages: dict[int, str]) -> Iterator[tuple[str, str, Counter[str]]]:
    models = module("tasks.models")
    answers, drafts = held(models, "Annotation").objects, held(models, "AnnotationDraft").objects
    counted = (
        ("tasks", "Tasks on workbenches.", held(models, "Task").objects, "project"),
        ("submissions", "Answers on workbenches.", answers.filter(was_cancelled=False), "task__project"),
        ("skips", "Skipped tasks on workbenches.", answers.filter(was_cancelled=True), "task__project"),
        ("drafts", "Drafts on workbenches.", drafts, "task__project"),
    )
    for name, says, rows, place in counted:
        found: Counter[str] = Counter()
        for number, many in rows.order_by().values_list(place).annotate(Count("pk")):
            found[stages.get(number, "other")] += many
        yield name, says, found
