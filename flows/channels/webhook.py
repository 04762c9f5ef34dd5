"""Webhooks: each message as facts, posted to `BELEBELE_WEBHOOK_URL` and signed as Standard Webhooks lay down.

Source of the signature: Standard Webhooks, https://www.standardwebhooks.com. A receiver tells by it that the facts
come from us and were not sent earlier; by the identifier, that it has had them already.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from data.errors import UsageError
from data.server_ports import is_local
from flows.channels.channel import Outcome, Receipt, Recipient
from flows.channels.message import Message

PATIENCE = 10.0
"""Seconds for which the receiver may be silent."""


@dataclass(frozen=True)
class Webhook:
    """A receiver of facts.

    Attributes:
        url: its address.
        secret: known to it and us.
    """

    url: str
    secret: str = field(repr=False)

    name = "webhook"

    @property
    def where(self) -> str:
        """Where it leads: without what follows the host, which may hold a secret."""
        return httpx.URL(self.url).host

    @classmethod
    def named(cls, url: str, secret: str) -> Webhook:
        """Return the receiver at an address.

        Raises:
            UsageError: the address is none, or would be spoken to in the clear; or there is no secret.
        """
        try:
            parts = urlsplit(url)
            host = (httpx.URL(url).host and parts.hostname) or ""
        except (httpx.InvalidURL, ValueError):
            parts, host = urlsplit(""), ""
        if not host or (parts.scheme != "https" and not (parts.scheme == "http" and is_local(host))):
            raise UsageError(
                "BELEBELE_WEBHOOK_URL is no address that can be posted to: write https://…, or http://… if it is "
                "on this machine"
            )
        if not secret:
            raise UsageError(
                "BELEBELE_WEBHOOK_URL is set and BELEBELE_WEBHOOK_SECRET is not: set it to 16 or more letters, "
                "digits, - and _, and give the receiver the same"
            )
        return cls(url, secret)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenWebhook]:
        """Make a client; whether the receiver answers shows with the first message."""
        with httpx.Client(timeout=PATIENCE) as client:
            yield OpenWebhook(client, self)


@dataclass
class OpenWebhook:
    """A receiver that is ready."""

    client: httpx.Client
    webhook: Webhook

    def send(self, message: Message, to: Recipient, identifier: str) -> Receipt:
        """Post the facts of a message; as `OpenChannel.send`."""
        body = json.dumps({**message.facts, "person": to.code}, ensure_ascii=False, sort_keys=True).encode()
        headers = {
            "Content-Type": "application/json",
            **signed(identifier, int(time.time()), body, self.webhook.secret.encode()),
        }
        try:
            answer = self.client.post(self.webhook.url, content=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL):
            return Receipt(Outcome.NOT_TAKEN, broken=True)
        except httpx.HTTPError:  # it may have been read before the line broke
            return Receipt(Outcome.IN_DOUBT, broken=True)
        return Receipt(Outcome.SENT if answer.is_success else Outcome.NOT_TAKEN, answer.status_code)


def signed(identifier: str, timestamp: int, body: bytes, key: bytes) -> dict[str, str]:
    """Return the headers of a signed request.

    Args:
        identifier: of the message; the same for every attempt.
        timestamp: when it is sent, seconds since 1970.
        body: the bytes that are sent.
        key: the bytes of the secret.
    """
    content = f"{identifier}.{timestamp}.".encode() + body
    digest = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    return {"webhook-id": identifier, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{digest}"}
