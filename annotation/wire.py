"""The line to a Label Studio server: one request at a time, and every way in which it can go wrong.

Reads are repeated while the line is bad; a write is sent once, since it may have arrived although its answer was
lost, and only who sent it can look whether it did. Whatever goes wrong becomes one of three errors that say which
server, what it was asked for and what to do. A token is never part of a message.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx

from data.errors import ServerError, ServerRefused, ServerUnreachable, UsageError

_TRIES = 4
_PAUSE = 0.2  # seconds before the second try; doubles with each

T = TypeVar("T")


class Wire:
    """Requests to one server in the name of one account; arguments as for `annotation.client.LabelStudio`."""

    def __init__(self, url: str, token: str, name: str, timeout: float) -> None:
        self.url = url.rstrip("/")
        self.name = name
        if not token.isascii() or not token.strip():
            raise UsageError(
                f"The token for Label Studio server {name!r} is empty or has been mangled: copy it anew."
            )
        self._token = token.strip()
        self._personal = self._token.count(".") == 2  # a signed web token, to be exchanged for a short-lived one
        # Label Studio's own server sends headers and body apart; on a connection that is kept open the second part
        # waits 40 ms for the first one's acknowledgement, on a fresh one it does not. Behind TLS (and so behind a
        # proper web server) the handshake costs more than that.
        kept = 0 if self.url.startswith("http://") else 10
        limits = httpx.Limits(max_keepalive_connections=kept)
        try:
            self._http = httpx.Client(base_url=self.url, timeout=timeout, limits=limits)
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is no address of a Label Studio server ({error}): correct it.") from error
        if self._http.base_url.scheme not in ("http", "https") or not self._http.base_url.host:
            raise UsageError(f"{url!r} is no address of a Label Studio server: begin it with http:// or https://.")
        if not self._personal:
            self._http.headers["Authorization"] = f"Token {self._token}"

    def close(self) -> None:
        """Lets go of the connections."""
        self._http.close()

    @property
    def who(self) -> str:
        """The server, for messages."""
        return f"Label Studio server {self.name!r} at {self.url}"

    def ask(
        self, path: str, asked: str, read: Callable[[Any], T], query: Mapping[str, Any] | None = None
    ) -> tuple[T, datetime | None]:
        """One reading, repeated while the line is bad: what `read` makes of the answer, and the server's time."""

        def once() -> tuple[T, datetime | None]:
            answer = self._send("GET", path, asked, query=query)
            return self._sense(answer, asked, read), _server_time(answer)

        for attempt in range(_TRIES - 1):
            try:
                return once()
            except ServerRefused:
                raise
            except ServerError:
                time.sleep(_PAUSE * 2**attempt)
        return once()

    def write(self, method: str, path: str, asked: str, body: object = None) -> None:
        """One write, sent once; that it came back well is all that is learnt from it."""
        answer = self._send(method, path, asked, body=body)
        if answer.content:
            self._sense(answer, asked, lambda said: said)

    def _sense(self, answer: httpx.Response, asked: str, read: Callable[[Any], T]) -> T:
        try:
            return read(answer.json())
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ServerError(
                f"{self.who}, asked for {asked}, gave an answer that is none ({_excerpt(answer)}): is it a Label "
                "Studio, and does nothing between here and there change what it says?"
            ) from error

    def _send(
        self, method: str, path: str, asked: str, *, query: Mapping[str, Any] | None = None, body: object = None
    ) -> httpx.Response:
        try:
            if self._personal and "Authorization" not in self._http.headers:
                self._authorise()
            answer = self._http.request(method, path, params=query, json=body)
            if answer.status_code == 401 and self._personal:
                self._authorise()
                answer = self._http.request(method, path, params=query, json=body)
        except httpx.HTTPError as error:
            raise ServerUnreachable(
                f"{self.who} does not answer when asked for {asked} ({type(error).__name__}: {error}): start it "
                "with `belebele up`, or correct its address."
            ) from error
        if answer.status_code == 401:
            raise ServerRefused(
                f"{self.who} does not take the token when asked for {asked} (401): take a valid "
                "one from that server's page Account & Settings."
            )
        if 400 <= answer.status_code < 500:
            raise ServerRefused(f"{self.who} refuses {asked} ({answer.status_code}): {_excerpt(answer)}")
        if not answer.is_success:
            raise ServerError(
                f"{self.who}, asked for {asked}, answers {answer.status_code} ({_excerpt(answer)}): try again, "
                "and look into its log if that lasts."
            )
        return answer

    def _authorise(self) -> None:
        """Exchanges the personal access token for one that lives some minutes."""
        self._http.headers.pop("Authorization", None)
        answer = self._http.post("/api/token/refresh", json={"refresh": self._token})
        if not answer.is_success:
            raise ServerRefused(
                f"{self.who} does not take the personal access token ({answer.status_code}): make a new one on "
                "that server's page Account & Settings."
            )
        access = self._sense(answer, "a short-lived token", lambda said: str(said["access"]))
        self._http.headers["Authorization"] = f"Bearer {access}"


def _server_time(answer: httpx.Response) -> datetime | None:
    said = answer.headers.get("Date")
    return parsedate_to_datetime(said) if said else None


def _excerpt(answer: httpx.Response) -> str:
    text = " ".join(answer.text.split())
    return (text[:200] + "…") if len(text) > 200 else text or "an empty page"
