"""A proxy that spoils the line to a server, as told: for tests of what happens when answers get lost.

    with FaultyLine(server.url) as line:
        line.spoil = lambda method, path: "lost" if method == "POST" else ""
        LabelStudio(line.url, token)

Each request gets the fault that `spoil` names: "" none; "down" dropped before it arrives; "lost" it arrives and
its answer does not; "500" it arrives and the answer is an error page; "refused" an error page instead of
arriving; "garbage" it arrives and the answer makes no sense; "slow" the answer comes after `delay` seconds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import httpx

FAULTS = ("down", "lost", "500", "refused", "garbage", "slow")
_PASSED_ON = ("content-type", "date", "etag", "last-modified", "location", "set-cookie")
_OURS = ("host", "connection", "content-length", "transfer-encoding")  # of our own request


class FaultyLine:
    def __init__(self, target: str, delay: float = 0.5) -> None:
        self.spoil: Callable[[str, str], str] = lambda method, path: ""
        self.seen: list[tuple[str, str, str]] = []  # method, path, fault
        self.under_way: set[int] = set()  # numbers of the threads that are about a request
        self._http = httpx.Client(base_url=target, limits=httpx.Limits(max_keepalive_connections=0), timeout=60)
        line = self

        class Handler(BaseHTTPRequestHandler):
            def _pass_on(self) -> None:
                line.under_way.add(threading.get_ident())
                try:
                    self._spoil_and_pass_on()
                except (BrokenPipeError, ConnectionResetError):
                    pass  # who asked has given up waiting
                finally:
                    line.under_way.discard(threading.get_ident())

            def _spoil_and_pass_on(self) -> None:
                fault = line.spoil(self.command, self.path)
                line.seen.append((self.command, self.path, fault))
                body = self._body()
                if fault == "down":
                    return  # the connection closes without a word
                if fault == "refused":
                    self._answer(503, b"<html>Service Unavailable</html>")
                    return
                if fault == "slow":
                    time.sleep(delay)
                headers = {k: v for k, v in self.headers.items() if k.lower() not in _OURS}
                answer = line._http.request(self.command, self.path, content=body, headers=headers)
                if fault == "lost":
                    return
                if fault == "500":
                    self._answer(500, b"<html>Internal Server Error</html>")
                elif fault == "garbage":
                    self._answer(200, b'{"results": [{"id": nothing')
                else:
                    kept = [(k, v) for k, v in answer.headers.multi_items() if k.lower() in _PASSED_ON]
                    if self.command == "HEAD":
                        kept += [(k, v) for k, v in answer.headers.items() if k == "content-length"]
                    self._answer(answer.status_code, answer.content, kept)

            def _body(self) -> bytes:
                if "chunked" not in self.headers.get("Transfer-Encoding", ""):
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                parts = []
                while size := int(self.rfile.readline(), 16):
                    parts.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(parts)

            do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _pass_on  # noqa: N815

            def _answer(self, status: int, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> None:
                self.send_response_only(status)
                told = any(name.lower() == "content-length" for name, _ in headers)
                for name, value in (*headers, *(() if told else [("Content-Length", str(len(body)))])):
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> FaultyLine:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._http.close()
