"""Events about messages: what was to be sent, and what became of it. They name codes only, never an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class MessagesSwitched(Event):
    """People began, or ceased, to be told by a channel. Subject: its name, as "mail".

    Attributes:
        on: whether they are told. What was open when it began counts as known.
        upto: the ledger's sequence up to which work counts as known.
        number: from 1, of the channel.
    """

    KIND = "messages_switched"
    on: bool
    upto: int
    number: int


@dataclass(frozen=True)
class MessageIntended(Event):
    """A message is about to be sent. Subject: the code of whom it is for; "lead" for the lead.

    Attributes:
        channel: by which.
        day: in the schedule's time zone, ISO 8601.
        about: "new", "returned", or a stage and its deadline; for the lead, digests of what waits.
        upto: the ledger's sequence up to which work is told.
        attempt: from 1, of those of this day to this person by this channel.
    """

    KIND = "message_intended"
    channel: str
    day: str
    about: Sequence[str]
    upto: int
    attempt: int


@dataclass(frozen=True)
class MessageEnded(Event):
    """What became of a message; without one nobody knows whether it was sent. Subject: the event of its intention.

    Attributes:
        outcome: "sent", "refused" for good, or "not taken", which is tried again.
        code: the server's answer, a number.
    """

    KIND = "message_ended"
    outcome: str
    code: int | None = optional()


@dataclass(frozen=True)
class MessageSettled(Event):
    """The lead has seen to a message that may not have arrived. Subject: the code of whom it was for.

    Attributes:
        again: whether all that is open is told once more.
        number: from 1, of the person.
    """

    KIND = "message_settled"
    again: bool
    number: int
