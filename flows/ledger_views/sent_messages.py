"""Messages: what was sent to whom, what may not have arrived, and up to where each person knows of their work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from data.campaign.contacts import LEAD
from data.ledger.events import (
    MessageEnded,
    MessageIntended,
    MessageSettled,
    MessagesSwitched,
    TaskPublished,
    by_subject,
    details_of,
)
from flows.campaign_state import State, ledger_view

NOT_TAKEN = "not taken"
"""The outcome of a message that surely did not leave, so that it is tried again."""


@dataclass(frozen=True)
class SentMessage:
    """A message that was begun.

    Attributes:
        event: of its intention.
        sequence: the ledger's, of its intention.
        person: the code of whom it is for.
        intended: what was to be sent.
        outcome: what became of it; "" if nobody knows.
        code: the server's answer, a number; None if there is none.
    """

    event: str
    sequence: int
    person: str
    intended: MessageIntended
    outcome: str
    code: int | None


@dataclass(frozen=True)
class Settlement:
    """The lead's last word on a person's messages: when, by the ledger's sequence, and whether to tell again."""

    sequence: int
    again: bool
    number: int


@ledger_view
def sent_messages(state: State) -> list[SentMessage]:
    """Return every message, in the order of writing."""
    ended = by_subject(state.events(MessageEnded), MessageEnded)
    found = state.events(MessageIntended)
    columns = (found[name] for name in ("event_id", "sequence", "subject"))
    return [
        SentMessage(event, int(sequence), person, one, end.outcome if end else "", end.code if end else None)
        for event, sequence, person, one in zip(*columns, details_of(found, MessageIntended), strict=True)
        for end in [ended.get(event)]
    ]


@ledger_view
def settlements(state: State) -> dict[str, Settlement]:
    """Return the lead's last word on each person's messages, by code."""
    found = state.events(MessageSettled)
    columns = zip(found["subject"], found["sequence"], details_of(found, MessageSettled), strict=True)
    return {person: Settlement(int(sequence), one.again, one.number) for person, sequence, one in columns}


def switches(state: State) -> dict[str, MessagesSwitched]:
    """Return whether people are told by each channel, and since when, by channel."""
    return by_subject(state.events(MessagesSwitched), MessagesSwitched)


def published_upto(state: State) -> int:
    """Return the ledger's sequence up to which work stands on servers; -1 if none does."""
    published = state.events(TaskPublished)["sequence"]
    return int(published.max()) if len(published) else -1


@dataclass(frozen=True)
class Told:
    """What a person was told by a channel.

    Attributes:
        upto: the ledger's sequence up to which they know of their work; -1 for nothing.
        about: everything that a message was about.
        last: what the last one was about.
        today: whether they were told today.
        attempts: messages of today that were surely not taken.
        begun: all messages of today, whatever became of them.
    """

    upto: int
    about: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    today: bool = False
    attempts: int = 0
    begun: int = 0

    def after(self, one: SentMessage, day: str) -> Told:
        """Return what they were told once this message was begun, too."""
        said, now = one.intended, one.intended.day == day
        if one.outcome == NOT_TAKEN:
            return replace(self, attempts=self.attempts + now, begun=self.begun + now)
        about = frozenset(said.about)
        return Told(
            max(self.upto, said.upto),
            self.about | about,
            about,
            self.today or now,
            self.attempts,
            self.begun + now,
        )


def told(state: State, channel: str, since: int, day: str) -> Mapping[str, Told]:
    """Return what each person was told by a channel; who is not in it was told nothing.

    Args:
        state: the campaign.
        channel: its name.
        since: the sequence from which it was on, as of `MessagesSwitched.upto`.
        day: today, ISO 8601.
    """
    again = {person: one.sequence for person, one in settlements(state).items() if one.again}
    found = {person: Told(-1) for person in again}
    for one in sent_messages(state):
        if one.intended.channel != channel:
            continue
        before = found.get(one.person, Told(since))
        if one.sequence < again.get(one.person, -1):  # since then the lead asked to tell them again
            found[one.person] = replace(before, begun=before.begun + (one.intended.day == day))
        else:
            found[one.person] = before.after(one, day)
    return found


def unsettled_messages(state: State) -> list[SentMessage]:
    """Return the messages that nobody knows to have arrived, or that were refused, the last of each person.

    A later one that was sent leads to all that is open, and so settles it.
    """
    last: dict[tuple[str, str], SentMessage] = {}
    seen = {person: one.sequence for person, one in settlements(state).items()}
    for one in sent_messages(state):
        if one.outcome != NOT_TAKEN and one.sequence > seen.get(one.person, -1):
            last[one.person, one.intended.channel] = one
    return [one for (person, _), one in last.items() if one.outcome in ("", "refused") and person != LEAD]
