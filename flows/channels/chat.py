"""Chats such as Slack, Teams, Matrix or Telegram, by apprise: `BELEBELE_CHAT_URLS` has their addresses.

A chat is the lead's and their team's: it is told what the lead is told, and nothing of single people. Apprise says
only whether all went well, so what it could not deliver counts as not taken.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from data.errors import UsageError
from flows.channels.channel import Outcome, Receipt, Recipient
from flows.channels.message import Message

if TYPE_CHECKING:
    from apprise import Apprise


@dataclass(frozen=True)
class Chat:
    """Some chats.

    Attributes:
        urls: their addresses, as apprise writes them; they hold passwords.
    """

    urls: tuple[str, ...] = field(repr=False)

    name = "chat"

    @property
    def where(self) -> str:
        """Where it leads: the kinds of chat."""
        return ", ".join(url.partition(":")[0] for url in self.urls)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenChat]:
        """Read the addresses.

        Raises:
            UsageError: apprise does not know one of them.
        """
        from apprise import Apprise  # slow to import
        from apprise.logger import logger

        logger.setLevel(logging.CRITICAL + 1)  # it would write addresses, which hold passwords
        chats = Apprise()
        for number, url in enumerate(self.urls, start=1):
            if not chats.add(url):
                kind = url.partition(":")[0]
                raise UsageError(
                    f"address {number} of BELEBELE_CHAT_URLS ({kind}) is none that apprise knows: see "
                    "https://github.com/caronc/apprise/wiki for how yours is written"
                )
        yield OpenChat(chats)


@dataclass
class OpenChat:
    """Chats that are ready."""

    chats: Apprise

    def send(self, message: Message, to: Recipient, identifier: str) -> Receipt:  # noqa: ARG002 chats know neither
        """Write a message into each chat; as `OpenChannel.send`."""
        taken = self.chats.notify(title=message.subject, body=message.plain(), body_format="text")
        return Receipt(Outcome.SENT if taken else Outcome.NOT_TAKEN, broken=not taken)
