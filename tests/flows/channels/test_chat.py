"""Chats, by apprise: a real receiver is told, and no address of one is shown."""

from __future__ import annotations

import pytest

from data.errors import UsageError
from data.server_ports import free_port
from flows.channels.channel import Outcome, Recipient
from flows.channels.chat import Chat
from flows.channels.message import Message, Part
from tests.mail_and_webhook_servers import webhook_receiver

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # apprise imports it

MESSAGE = Message("Small: something is wrong", [Part("The schedule does not run.")])


def test_a_chat_is_told() -> None:
    with webhook_receiver() as posted:
        address = posted.url.replace("http://", "json://")
        with Chat((address,)).open() as ready:
            assert ready.send(MESSAGE, Recipient("lead"), "abc").outcome is Outcome.SENT
        (facts,) = posted.facts
    assert facts["title"] == "Small: something is wrong"
    assert facts["message"].strip() == "The schedule does not run."


def test_a_chat_that_is_down_was_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Chat((f"json://user:passw0rd@127.0.0.1:{free_port()}/",)).open() as ready:
        assert ready.send(MESSAGE, Recipient("lead"), "abc").outcome is Outcome.NOT_TAKEN
    assert "passw0rd" not in "".join(capsys.readouterr())


def test_an_address_that_apprise_does_not_know_is_told_by_its_place_alone() -> None:
    said = "address 1 of BELEBELE_CHAT_URLS \\(nochat\\)"
    with pytest.raises(UsageError, match=said) as refused, Chat(("nochat://token-of-a-chat",)).open():
        pass
    assert "token-of-a-chat" not in str(refused.value)
    assert "token-of-a-chat" not in repr(Chat(("nochat://token-of-a-chat",)))
