"""The fake server on a port of this machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from annotation.labelstudio.fake.accounts import Accounts
from annotation.labelstudio.fake.contents import Contents
from annotation.labelstudio.fake.endpoints import Endpoints
from annotation.labelstudio.fake.exchange import Answer, Request
from annotation.labelstudio.fake.refusals import Refused
from data.server_ports import LOOPBACK

FIRST_USER = "lead@belebele.local"
"""E-mail address of the account that owns a fake server; the same as on a local real one."""


class FakeLabelStudio:
    """A fake Label Studio server; a context manager that starts and stops it.

    After stop and start it has the same address and contents. To play a server that was lost and set up anew, make
    another one.

    Args:
        port: where to answer; by default any free port.
        layer: whether it says who works where, as a server with our layer does; it keeps nobody out.
    """

    def __init__(self, port: int = 0, *, layer: bool = False) -> None:
        self.accounts = Accounts(FIRST_USER)
        self.contents = Contents()
        self._port = port
        self._endpoints = Endpoints(self.accounts, self.contents, layer=layer)
        self._one_at_a_time = threading.Lock()
        self._listener: _Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """The server's address, once started."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def token(self) -> str:
        """The access token of the first account."""
        return self.accounts.first.token

    @property
    def password(self) -> str:
        """The password of the first account."""
        return self.accounts.first.password

    def __enter__(self) -> FakeLabelStudio:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start to answer; return when it does."""
        if self._listener is None:
            self._listener = _Listener((LOOPBACK, self._port), _handler(self._answer))
            self._port = self._listener.server_port
            self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.02,), daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Stop answering; the contents stay."""
        listener, self._listener = self._listener, None
        if listener and self._thread:
            listener.shutdown()
            listener.server_close()
            self._thread.join()

    def _answer(self, request: Request) -> tuple[Answer, str, bytes]:
        with self._one_at_a_time:
            answer = self._endpoints.answer(request)
            try:
                return (answer, *answer.content())
            except ValueError as error:  # what was written stays written, as on the real server
                failed = Answer(500, Refused(500, f"{type(error).__name__} while the answer was written").body())
                return (failed, *failed.content())


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


def _handler(answer: Callable[[Request], tuple[Answer, str, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        wbufsize = -1  # head and body in one write

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            is_form = "urlencoded" in self.headers.get("Content-Type", "")
            cookies = SimpleCookie(self.headers.get("Cookie", ""))
            request = Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query, keep_blank_values=True)),
                body=b"" if is_form else body,
                authorization=self.headers.get("Authorization", ""),
                cookies={name: held.value for name, held in cookies.items()},
                form=dict(parse_qsl(body.decode(), keep_blank_values=True)) if is_form else {},
            )
            answered, kind, content = answer(request)
            self.send_response_only(answered.status)
            self.send_header("Date", self.date_time_string())
            for name, value in answered.headers.items():
                self.send_header(name, value)
            if answered.status != 204:
                self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - names that the library calls

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    return Handler
