"""The companion script: added to every page that Label Studio shows a signed-in person, and served beside it.

The tag carries the page's nonce, since the content security policy forbids other scripts. The script is read once,
and the catalogues are put into it; its address holds its digest, so that a browser keeps it until it changes.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from django.http import HttpResponse

from .door import is_owner
from .pages.messages import RIGHT_TO_LEFT, catalogues, translated
from .routes import ME

ADDRESS = "/belebele/companion.js"
_CATALOGUES = "const CATALOGUES = {};"
_DIRECTIONS = "const RIGHT_TO_LEFT = [];"
_SAID = re.compile(r'gettext\(\s*"([^"]+)"')


@cache
def script() -> bytes:
    """Return the script, with the catalogues of what it says."""
    text = (Path(__file__).parent / "companion.js").read_text("utf-8")
    said = sorted(set(_SAID.findall(text)))
    found = {language: {one: translated(one, language) for one in said} for language in catalogues()}
    for place, value in ((_CATALOGUES, found), (_DIRECTIONS, sorted(RIGHT_TO_LEFT))):
        if text.count(place) != 1:
            raise ValueError(f"companion.js has no line “{place}”, where the catalogues go: put it back.")
        held = json.dumps(value, ensure_ascii=False, sort_keys=True)
        text = text.replace(place, f"{place[:-3]}{held};")
    return text.encode()


class Companion:
    """Middleware that serves the script and adds its tag to the pages of signed-in people."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self._next = get_response
        self._version = hashlib.sha256(script()).hexdigest()[:12]

    def __call__(self, request: Any) -> Any:
        if request.path_info == ADDRESS:
            answer = HttpResponse(script(), content_type="text/javascript; charset=utf-8")
            answer["Cache-Control"] = "public, max-age=31536000, immutable"
            return answer
        answer = self._next(request)
        if self._is_page(request, answer):
            self._add_tag(request, answer)
        return answer

    def _is_page(self, request: Any, answer: Any) -> bool:
        shown = answer.status_code == 200 and ADDRESS.encode() not in getattr(answer, "content", b"")
        shown = shown and answer.get("Content-Type", "").startswith("text/html")
        return bool(shown and not answer.streaming and request.user.is_authenticated)

    def _add_tag(self, request: Any, answer: Any) -> None:
        home = "" if is_owner(request.user) else f' data-home="{ME}"'
        tag = f'<script nonce="{request.csp_nonce}" src="{ADDRESS}?{self._version}"{home}></script></head>'
        answer.content = answer.content.replace(b"</head>", tag.encode(), 1)
        if answer.has_header("Content-Length"):
            answer["Content-Length"] = str(len(answer.content))
