"""Webhooks: facts arrive signed, by the recipe in the guide; what is known when the receiver fails."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from data.errors import UsageError
from data.server_ports import free_port
from flows.channels.channel import Outcome, Recipient
from flows.channels.message import Message
from flows.channels.webhook import Webhook, signed
from tests.mail_and_webhook_servers import webhook_receiver

SECRET = "a-secret-of-16-letters"
MESSAGE = Message("", [], facts={"type": "work.waiting", "campaign": "small"})
GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "messages.md"


def verified(headers: dict[str, str], body: bytes, secret: str, now: float) -> bool:
    """What the guide's recipe says of a request."""
    (recipe,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(recipe, names)
    return names["is_genuine"](headers, body, secret, now)  # type: ignore[operator]


def test_a_request_is_genuine_by_the_guides_recipe_and_a_changed_or_old_one_is_not() -> None:
    with webhook_receiver() as posted, Webhook.named(posted.url, SECRET).open() as ready:
        assert ready.send(MESSAGE, Recipient("t1"), "abc").outcome is Outcome.SENT
        ((headers, body),) = posted.requests
    assert posted.facts == [{"type": "work.waiting", "campaign": "small", "person": "t1"}]
    now = float(headers["webhook-timestamp"])
    assert headers["webhook-id"] == "abc"
    assert verified(headers, body, SECRET, now)
    assert not verified(headers, body + b" ", SECRET, now)
    assert not verified(headers, body, "another-secret-of-16", now)
    assert not verified(headers, body, SECRET, now + 3600)
    assert not verified({**headers, "webhook-timestamp": str(int(now) + 3600)}, body, SECRET, now + 3600)


def test_the_signature_is_that_of_the_standard() -> None:
    """The example with which the standard's own libraries are tested."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    made = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}', key)
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("status", "outcome"), [(200, Outcome.SENT), (500, Outcome.NOT_TAKEN), (0, Outcome.IN_DOUBT)]
)
def test_what_an_answer_means(status: int, outcome: Outcome) -> None:
    with webhook_receiver() as posted, Webhook.named(posted.url, SECRET).open() as ready:
        posted.status = status
        assert ready.send(MESSAGE, Recipient("t1"), "abc").outcome is outcome


def test_a_receiver_that_is_down_took_nothing() -> None:
    with Webhook.named(f"http://127.0.0.1:{free_port()}/", SECRET).open() as ready:
        receipt = ready.send(MESSAGE, Recipient("t1"), "abc")
    assert (receipt.outcome, receipt.broken) == (Outcome.NOT_TAKEN, True)


def test_nothing_goes_out_in_the_clear_or_unsigned() -> None:
    for url in ("http://hooks.example.org/a", "hooks.example.org", "https://", "https://[a", "ftp://localhost"):
        with pytest.raises(UsageError, match="write https://"):
            Webhook.named(url, SECRET)
    with pytest.raises(UsageError, match="BELEBELE_WEBHOOK_SECRET"):
        Webhook.named("https://hooks.example.org/a", "")
    assert SECRET not in repr(Webhook.named("https://hooks.example.org/a", SECRET))
