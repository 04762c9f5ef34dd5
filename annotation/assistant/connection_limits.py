"""Connection limits of the assistant's port: idle connections that somebody holds open block nobody else.

Until a request's head has arrived, nobody knows whether it carries the secret, so a waiting connection must cost
next to nothing: it has a few seconds, and when too many wait, the oldest is dropped for the newest. A caller with
the secret sends it at once. A server that only counted connections and refused those beyond a limit could be
blocked by a stranger who opens that many and sends nothing. Input that is not HTTP is not answered.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 10.0
"""Seconds allowed for a request, from the connection or the previous answer to the end of its own answer."""

MOST = 400
"""Connections that may wait without a complete request head; a process can open about a thousand files."""

_waiting: dict[Gate, None] = {}


def waiting() -> int:
    """Return how many connections wait without a complete request head."""
    return len(_waiting)


class Gate(H11Protocol):
    """A connection to the assistant."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            _waiting.pop(self, None)

    def on_response_complete(self) -> None:
        self._wait()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._leave()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - input that is not HTTP gets no answer
        self.transport.abort()

    def _wait(self) -> None:
        self._leave()
        self._end = self.loop.call_later(SECONDS, self.transport.abort)
        _waiting[self] = None
        if len(_waiting) > MOST:
            next(iter(_waiting)).transport.abort()

    def _leave(self) -> None:
        _waiting.pop(self, None)
        if self._end is not None:
            self._end.cancel()
