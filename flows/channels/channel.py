"""What a channel is: opened for some messages, it says of each what became of it.

A channel never says "sent" unless the other side confirmed it, and never "not taken" unless that is certain. What
lies between (the line broke after the message had left) is in doubt, and is not sent again.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from data.errors import BelebeleError
from flows.channels.message import Message


class Outcome(StrEnum):
    """What became of a message."""

    SENT = "sent"
    REFUSED = "refused"
    NOT_TAKEN = "not taken"
    IN_DOUBT = "in doubt"


@dataclass(frozen=True)
class Receipt:
    """What the other side said of one message.

    Attributes:
        outcome: what became of it.
        code: its answer, a number; None if it gave none. Its words are left out, since they may name an address.
        broken: whether nothing more can be sent before the channel is opened again.
    """

    outcome: Outcome
    code: int | None = None
    broken: bool = False


@dataclass(frozen=True)
class Recipient:
    """Whom a message is for.

    Attributes:
        code: of the person; "lead" for the lead.
        email: their address; "" where the channel needs none.
        reply_to: the address that answers go to; "" for the sender's.
    """

    code: str
    email: str = ""
    reply_to: str = ""


class ChannelDown(BelebeleError):
    """A channel cannot be opened now, and took nothing; says which, and why."""


class OpenChannel(Protocol):
    """A channel that is ready."""

    def send(self, message: Message, to: Recipient, identifier: str) -> Receipt:
        """Send a message.

        Args:
            message: what to say.
            to: whom.
            identifier: the same for every attempt at one message, so that the other side may tell a second one.
        """
        ...


class Channel(Protocol):
    """A way by which messages leave."""

    @property
    def name(self) -> str:
        """Its name in the ledger: "mail", "webhook" or "chat"."""
        ...

    @property
    def where(self) -> str:
        """Where it leads, in words, without a secret."""
        ...

    def open(self) -> AbstractContextManager[OpenChannel]:
        """Make it ready.

        Raises:
            ChannelDown: it cannot be.
        """
        ...
