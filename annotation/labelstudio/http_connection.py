"""The connection to a Label Studio server: one request at a time, and every way in which it can fail.

label-studio-sdk makes the requests, because it knows the server's paths and parameters. It is imported only here,
with the first request (a quarter of a second), on three terms. It sends through our HTTP client, with our time
limits. It retries nothing: reads are retried here while the connection fails; a write is sent once, because it may
have arrived although its answer was lost, and only the caller can check whether it did. And it holds no token: our
client signs each request as it goes out.

Answers are taken from our client before the library turns them into its models. Those models check nothing: a
missing field reads as None, text stays where a number is due, and a list of another shape ends in a TypeError
somewhere inside; and lists come without headers, whose date is the server's time. Answers are parsed strictly by
`annotation.labelstudio.server_records`.

Every failure becomes one of three errors that say which server, what it was asked for and what to do. A token is
never part of a message.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Generator
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from annotation.labelstudio.server_records import MISSHAPEN
from data.errors import ServerError, ServerRefused, ServerUnreachable, UsageError

if TYPE_CHECKING:
    pass

_TRIES = 4
_PAUSE = 0.2  # seconds before the second try; doubles each time
_RENEWAL = "/api/token/refresh/"

T = TypeVar("T")

Call = Callable[[], object]
"""One request by the library: `partial(wire.sdk.projects.delete, 7)`. Its return value is never used."""


def trusted() -> ssl.SSLContext:
    """Return the certificates that all our connections trust; reading them takes longer than many a request."""
    return _trusted(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@cache
def _trusted(*_: str | None) -> ssl.SSLContext:
    return httpx.create_ssl_context()


class Wire:
    """Requests to one server with one account; arguments as for `annotation.labelstudio.client.LabelStudio`."""

    def __init__(self, url: str, token: str, name: str, timeout: float) -> None:
        self.url = url.rstrip("/")
        self.name = name
        if not token.isascii() or not token.strip():
            raise UsageError(
                f"The token for Label Studio server {name!r} is empty or has been mangled: copy it anew."
            )
        self._token = token.strip()
        self._personal = self._token.count(".") == 2  # a signed web token, to be exchanged for a short-lived one
        self._signature = _Signature("" if self._personal else f"Token {self._token}")
        # Label Studio's own server sends headers and body apart; on a connection that is kept open the second part
        # waits 40 ms for the first one's acknowledgement, on a fresh one it does not. Behind TLS (and so behind a
        # proper web server) the handshake costs more than that.
        kept = 0 if self.url.startswith("http://") else 10
        try:
            self._http = httpx.Client(
                base_url=self.url,
                verify=trusted(),
                timeout=timeout,
                limits=httpx.Limits(max_keepalive_connections=kept),
                auth=self._signature,
                event_hooks={"response": [_hand_over]},
            )
        except httpx.InvalidURL as error:
            raise UsageError(f"{url!r} is no address of a Label Studio server ({error}): correct it.") from error
        if self._http.base_url.scheme not in ("http", "https") or not self._http.base_url.host:
            raise UsageError(f"{url!r} is no address of a Label Studio server: begin it with http:// or https://.")

    @cached_property
    def sdk(self) -> Any:  # its calls are untyped
        """label-studio-sdk, set up to send through this connection; pass its calls to `ask` or `write`."""
        from label_studio_sdk.base_client import LabelStudioBase  # slow to import, so only on first use

        unsigned = "signed by our client"
        return LabelStudioBase(base_url=self.url, api_key=unsigned, httpx_client=self._http, max_retries=0)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    @property
    def who(self) -> str:
        """The server, for messages."""
        return f"Label Studio server {self.name!r} at {self.url}"

    def ask(
        self, call: Call, asked: str, read: Callable[[Any], T], *, tries: int = _TRIES
    ) -> tuple[T, datetime | None]:
        """Read something, retrying while the connection fails; return the parsed answer and server time."""

        def once() -> tuple[T, datetime | None]:
            answer = self._send(call, asked)
            return self._sense(answer, asked, read), _server_time(answer)

        return patiently(once, tries)

    def write(self, call: Call, asked: str) -> Any:
        """Make a write request, once; return the answer's JSON, None for an empty answer."""
        answer = self._send(call, asked)
        return self._sense(answer, asked, lambda body: body) if answer.content else None

    def layer_call(self, method: str, path: str, body: object = None) -> Call:
        """Return a request to our layer inside the server, of which the library knows nothing."""
        return partial(self._http.request, method, path, json=body)

    def ask_layer(
        self, path: str, asked: str, read: Callable[[Any], T], *, method: str = "GET", body: object = None
    ) -> T | None:
        """Ask our layer inside the server for what may be asked twice; None if it has none, or an older one."""

        def once() -> T | None:
            answer = self._send(self.layer_call(method, path, body), asked, absent=True)
            return None if answer.status_code == 404 else self._sense(answer, asked, read)

        return patiently(once)

    def _sense(self, answer: httpx.Response, asked: str, read: Callable[[Any], T]) -> T:
        try:
            return read(answer.json())
        except MISSHAPEN as error:
            raise ServerError(
                f"{self.who}, asked for {asked}, gave an answer that is none ({_excerpt(answer)}): is it a Label "
                "Studio, and does nothing between here and there change what it says?"
            ) from error

    def _send(self, call: Call, asked: str, *, absent: bool = False) -> httpx.Response:
        """Return the answer to a request; one that there is no such thing only if `absent` is expected."""
        try:
            if self._personal and not self._signature.text:
                self._authorise()
            answer = self._answer(call)
            if answer.status_code == 401 and self._personal:
                self._authorise()
                answer = self._answer(call)
        except httpx.HTTPError as error:
            raise ServerUnreachable(
                f"{self.who} does not answer when asked for {asked} ({type(error).__name__}: {error}): start it "
                "with `belebele up`, or correct its address."
            ) from error
        if answer.status_code == 401:
            raise ServerRefused(
                f"{self.who} does not take the token when asked for {asked} (401): take a valid one from that "
                "server's page Account & Settings. If it was valid, somebody may have turned off its kind: on the "
                "page Organization, API Tokens Settings, switch Legacy Tokens on, or use a personal access token."
            )
        if absent and answer.status_code == 404:
            return answer
        if 400 <= answer.status_code < 500:
            raise ServerRefused(f"{self.who} refuses {asked} ({answer.status_code}): {_excerpt(answer)}")
        if not answer.is_success:
            raise ServerError(
                f"{self.who}, asked for {asked}, answers {answer.status_code} ({_excerpt(answer)}): try again, "
                "and look into its log if that lasts."
            )
        return answer

    def _answer(self, call: Call) -> httpx.Response:
        """Return the server's answer, whatever its status."""
        try:
            call()
        except _Heard as heard:
            return heard.answer
        raise RuntimeError("a call of the library that asked the server nothing")

    def _authorise(self) -> None:
        """Exchange the personal access token for one that lasts some minutes."""
        answer = self._answer(partial(self.sdk.tokens.refresh, refresh=self._token))
        if not answer.is_success:
            raise ServerRefused(
                f"{self.who} does not take the personal access token ({answer.status_code}): make a new one on "
                "that server's page Account & Settings."
            )
        access = self._sense(answer, "a short-lived token", lambda body: str(body["access"]))
        self._signature.text = f"Bearer {access}"


def patiently(once: Callable[[], T], tries: int = _TRIES) -> T:
    """Call a function that is safe to repeat, again while the server or the connection fails.

    Raises:
        ServerError: from the last try.
        ServerRefused: at once, since the answer would stay the same.
    """
    for attempt in range(tries - 1):
        try:
            return once()
        except ServerRefused:
            raise
        except ServerError:
            time.sleep(_PAUSE * 2**attempt)
    return once()


class _Signature(httpx.Auth):
    """Signs each request, except the one for a new short-lived token, in place of what the library put there."""

    def __init__(self, text: str) -> None:
        self.text = text

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers.pop("Authorization", None)
        if not request.url.path.endswith(_RENEWAL):
            request.headers["Authorization"] = self.text
        yield request


class _Heard(Exception):
    """Carries an answer past the library's models to the caller."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


def _hand_over(answer: httpx.Response) -> None:
    answer.read()
    raise _Heard(answer)


def _server_time(answer: httpx.Response) -> datetime | None:
    date = answer.headers.get("Date")
    return parsedate_to_datetime(date) if date else None


def _excerpt(answer: httpx.Response) -> str:
    text = " ".join(answer.text.split())
    return (text[:200] + "…") if len(text) > 200 else text or "an empty page"
