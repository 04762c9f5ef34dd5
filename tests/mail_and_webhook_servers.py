"""A mail server and a receiver of webhooks on this machine, for tests: both keep what they are given."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from data.server_ports import free_port


@dataclass
class Mailbox:
    """What a mail server was given, and how it is to behave.

    Attributes:
        mails: in order.
        answers: by recipient, what is said instead of taking a mail: at RCPT.
        breaks: whether the line breaks once a mail was given, before it is answered.
        url: of the server.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    url: str = ""

    async def handle_RCPT(  # noqa: N802 the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.mails.append(cast(EmailMessage, message_from_bytes(cast(bytes, envelope.content), policy=default)))
        if self.breaks:
            assert server.transport is not None
            server.transport.close()
        return "250 taken"

    def to(self, address: str) -> list[EmailMessage]:
        """The mails to one address."""
        return [mail for mail in self.mails if mail["To"] == address]


@contextmanager
def mail_server(login: tuple[str, str] | None = None, *, plain: bool = False) -> Iterator[Mailbox]:
    """Run a mail server for the duration of the block; with a login, it wants one; plain, it knows ASCII alone."""
    box = Mailbox()
    asks: dict[str, Any] = {}
    if login:
        user, password = login

        def known(server: object, session: object, envelope: object, mechanism: str, given: Any) -> AuthResult:
            right = (given.login, given.password) == (user.encode(), password.encode())
            return AuthResult(success=right, handled=False)

        asks = {"authenticator": known, "auth_required": True, "auth_require_tls": False}
    controller = Controller(box, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=not plain, **asks)
    controller.start()
    box.url = f"smtp://{f'{login[0]}@' if login else ''}127.0.0.1:{controller.port}"
    try:
        yield box
    finally:
        controller.stop()


@dataclass
class Posted:
    """What a receiver of webhooks was given, and how it is to answer.

    Attributes:
        requests: headers and body of each.
        status: what it answers with; 0 to read the request and break the line.
        url: of the receiver.
    """

    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    status: int = 204
    url: str = ""

    @property
    def facts(self) -> list[dict[str, Any]]:
        """The bodies."""
        return [json.loads(body) for _, body in self.requests]


@contextmanager
def webhook_receiver() -> Iterator[Posted]:
    """Run a receiver of webhooks for the duration of the block."""
    posted = Posted()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if posted.status:
                self.send_response(posted.status)
                self.send_header("Content-Length", "0")
                self.end_headers()
            else:
                self.connection.close()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        posted.url = f"http://127.0.0.1:{server.server_port}/hook"
        try:
            yield posted
        finally:
            server.shutdown()
            thread.join()
