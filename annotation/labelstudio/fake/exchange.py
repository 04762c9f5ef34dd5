"""A request to the fake server and its answer, independent of the connection."""

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
    """A parsed request."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    authorization: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)

    def json_body(self) -> dict[str, Any]:
        """Return the body's JSON.

        Raises:
            Refused: with 400, if the body is not JSON.
        """
        try:
            return json.loads(self.body or b"{}")  # type: ignore[no-any-return]
        except ValueError as error:
            raise Refused(400, f"JSON parse error - {error}") from error


@dataclass(frozen=True)
class Answer:
    """The answer to a request."""

    status: int
    body: object = None
    """Encoded as JSON, unless it is the text of a page; None for no body."""
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> tuple[str, bytes]:
        """Return the answer's content type and bytes.

        Raises:
            ValueError: the body holds a lone surrogate or an infinite number, on which Label Studio fails as well.
        """
        if isinstance(self.body, str):
            return HTML, self.body.encode()
        text = "" if self.body is None else json.dumps(self.body, ensure_ascii=False, allow_nan=False)
        return JSON, text.encode()
