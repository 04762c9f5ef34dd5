"""A request to the fake server and its answer, without the connection that they travel on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from annotation.labelstudio.fake.refusals import Refused

JSON = "application/json"
HTML = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request, taken apart."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    authorization: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    def said(self) -> dict[str, Any]:
        """The body's JSON.

        Raises:
            Refused: with 400, if it is none.
        """
        try:
            return json.loads(self.body or b"{}")  # type: ignore[no-any-return]
        except ValueError as error:
            raise Refused(400, f"JSON parse error - {error}") from error


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: object = None
    """Made into JSON, unless it is text of a page; None for no body."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> tuple[str, bytes]:
        """Its type and bytes.

        Raises:
            ValueError: it holds half a character or a number without end, over which Label Studio fails as well.
        """
        if isinstance(self.body, str):
            return HTML, self.body.encode()
        text = "" if self.body is None else json.dumps(self.body, ensure_ascii=False, allow_nan=False)
        return JSON, text.encode()
