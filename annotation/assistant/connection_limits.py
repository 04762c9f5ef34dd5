"""The gate of the assistant's port: connections that somebody holds open stand in nobody's way.

Before a request's head has come nobody knows whether it holds the secret, so until then a connection may cost
next to nothing: it has a few seconds, and where many wait, who has waited longest makes room for the newest. Who
has the secret sends it at once. A server that counted connections instead, and turned away whoever comes beyond
some number, could be shut by a stranger who opens so many and says nothing. Noise that is no request is not
answered.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 10.0
"""How long a request may take, from the connection or the answer before to the end of its answer."""

MOST = 400
"""Connections that may wait with no whole request's head; a process may have a thousand files open or so."""

_waiting: dict[Gate, None] = {}


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

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - nothing is said to who speaks no HTTP
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
