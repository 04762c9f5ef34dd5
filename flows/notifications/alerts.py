"""Alerts: the lead is told once when a scheduled run fails or does not come, and again when that is over.

What was told is noted in the state folder, as the schedule's records are: a schedule belongs to a machine, and an
alert must leave where the campaign itself cannot be read. A trouble that nobody can date is told when two looks,
far enough apart, have seen it, since restarts are not troubles. As with all messages the intention is noted first.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc

from data.campaign.campaign import Campaign
from data.campaign.contacts import LEAD, contacts
from data.errors import BelebeleError, CampaignError, UsageError
from data.ledger import Ledger, tables
from data.ledger.events import CampaignChanged
from data.ledger.tables import digest
from data.storage import write_text
from flows.channels.channel import Channel, Outcome, Recipient
from flows.channels.configured_channels import channels_or_trouble
from flows.channels.message import Message
from flows.notifications.message_texts import trouble
from flows.services import schedule
from flows.services.assistant_process import address_of, answers
from flows.services.schedule import GRACE, room

LOOK = 60.0
"""Seconds between two looks for trouble, beside `belebele up`."""

NOTE = "alerts.json"


@dataclass(frozen=True)
class Trouble:
    """Something that does not work.

    Attributes:
        kind: what; one alert for each.
        says: in words, with the cure.
        since: since when, if that is known.
    """

    kind: str
    says: str
    since: datetime | None = None


@dataclass(frozen=True)
class Alert:
    """A trouble that was seen.

    Attributes:
        says: what it is, as it was told.
        seen: when it was seen first, ISO 8601.
        sending: by which channels it is being sent; those of which nobody knows whether it left stay here.
        told: by which channels the lead knows of it.
    """

    says: str
    seen: str
    sending: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def known(self) -> tuple[str, ...]:
        """The channels by which it is not to be sent again."""
        return (*self.told, *self.sending)


def alert(address: str, campaign: Campaign, now: datetime | None = None) -> list[str]:
    """Look for trouble, and tell the lead what has begun and what is over.

    Args:
        address: the campaign's folder or object-store address.
        campaign: the campaign at that address, as it was last read.
        now: the time, by default the clock's.

    Returns:
        What was told and what could not be, in sentences.

    Raises:
        UsageError: messages are switched off.
    """
    if not campaign.notify.enabled:
        raise UsageError(f"{campaign.id} tells nobody: set enabled = true below [notify] in campaign.toml")
    now = now or datetime.now(UTC)
    with _alone(room(address)) as mine:
        if not mine:
            return []
        found, undecided = troubles(address, campaign, now)
        noted = _read(room(address))
        channels, said = channels_or_trouble()
        for one in found:
            noted.setdefault(one.kind, Alert(one.says, now.isoformat()))
            begun = one.since or datetime.fromisoformat(noted[one.kind].seen)
            if one.kind == "failed" or now - begun > GRACE:
                said += _tell(address, campaign, noted, one.kind, channels, over=False)
        for kind in [kind for kind in noted if kind not in {one.kind for one in found} | undecided]:
            said += _tell(address, campaign, noted, kind, channels, over=True)
        _write(room(address), noted)
    return said


def campaign_or_last(address: str) -> Campaign:
    """Return the campaign as its file says or, where the file is wrong, as the ledger remembers it.

    Raises:
        CampaignError: the file is wrong, and nothing was advanced yet.
    """
    try:
        return Campaign.load(address)
    except CampaignError:
        known = Ledger(address).read(tables.EVENTS, ["detail"], pc.field("kind") == CampaignChanged.KIND)
        if known.empty:
            raise
        return Campaign.from_json(known["detail"].iloc[-1])


def troubles(address: str, campaign: Campaign, now: datetime) -> tuple[list[Trouble], set[str]]:
    """Return what does not work now, and the kinds of which this cannot be said now.

    While a run works, or makes way for another, nobody knows whether the last failure is over.
    """
    standing = schedule.standing(address, now)
    found, undecided = [], set()
    if standing.trouble:
        says = f"the schedule: {schedule.trouble_in_words(standing, campaign.schedule)}"
        found.append(Trouble(standing.trouble, says, standing.since))
    if standing.last is not None and standing.last.outcome in ("running", "busy"):
        undecided.add("failed")
    elif standing.trouble not in (None, "failed"):
        undecided.add("failed")  # another trouble hides it
    if campaign.assistant.enabled and (place := address_of(campaign, address)) and not answers(place):
        found.append(Trouble("assistant", f"the assistant at {place} does not answer: belebele assistant"))
    return found, undecided


def _tell(
    address: str,
    campaign: Campaign,
    noted: dict[str, Alert],
    kind: str,
    channels: dict[str, Channel],
    *,
    over: bool,
) -> list[str]:
    """Tell of one trouble by every channel that has not told it, or that it is over by those that have.

    A trouble that is over and that nobody was told of is forgotten.
    """
    one = noted[kind]
    lead = contacts(campaign.id).get(LEAD)
    to = Recipient(LEAD, lead.email if lead else "")
    wanted = [
        channel
        for name, channel in channels.items()
        if (name in one.told if over else name not in one.known) and (name != "mail" or to.email)
    ]
    if over and not wanted:
        del noted[kind]
        return []
    message = trouble(campaign.about.title, campaign.id, one.says, over=over)
    said = []
    for channel in wanted:
        noted[kind] = _begun(noted[kind], channel.name, over=over)
        _write(room(address), noted)  # before it is sent
        outcome, problem = _sent(channel, message, to, digest(campaign.id, kind, one.seen, over))
        noted[kind] = _ended(noted[kind], channel.name, outcome, over=over)
        said.append(problem or f"told the lead by {channel.name}: {message.subject}: {one.says}")
        _write(room(address), noted)
    if over and not noted[kind].told:
        del noted[kind]
    return said


def _begun(one: Alert, channel: str, *, over: bool) -> Alert:
    """Return an alert whose message by a channel is about to leave."""
    if over:  # a second word that it is over would be as much too much as a second alarm
        return replace(one, told=tuple(name for name in one.told if name != channel))
    return replace(one, sending=(*one.sending, channel))


def _ended(one: Alert, channel: str, outcome: Outcome, *, over: bool) -> Alert:
    """Return an alert of which a channel has said what became of its message."""
    if outcome is Outcome.IN_DOUBT:
        return one
    again = outcome is Outcome.NOT_TAKEN
    if over:
        return replace(one, told=(*one.told, channel)) if again else one
    sending = tuple(name for name in one.sending if name != channel)
    return replace(one, sending=sending, told=one.told if again else (*one.told, channel))


def _sent(channel: Channel, message: Message, to: Recipient, identifier: str) -> tuple[Outcome, str]:
    """Send a message; return what became of it, and what went wrong in a sentence."""
    try:
        with channel.open() as ready:
            receipt = ready.send(message, to, identifier)
    except BelebeleError as error:
        return Outcome.NOT_TAKEN, str(error)
    if receipt.outcome is Outcome.SENT:
        return Outcome.SENT, ""
    answer = f" ({receipt.code})" if receipt.code else ""
    return receipt.outcome, f"the {channel.name} to the lead was {receipt.outcome.value}{answer}"


@contextlib.contextmanager
def watched(address: str) -> Iterator[None]:
    """Look for trouble for the duration of the block, in a thread of its own, if the campaign tells its lead.

    Args:
        address: the campaign's folder or object-store address.
    """
    ended = threading.Event()
    campaign = Campaign.load(address)
    watcher = threading.Thread(target=_watch, args=(address, campaign, ended), daemon=True)
    if campaign.notify.enabled:
        watcher.start()
    try:
        yield
    finally:
        ended.set()


def _watch(address: str, campaign: Campaign, ended: threading.Event) -> None:
    while not ended.wait(LOOK):
        with contextlib.suppress(BelebeleError):  # the file is being edited: what it said before holds
            campaign = Campaign.load(address)
        if not campaign.notify.enabled:
            continue
        for line in alert(address, campaign):
            print(f"Alert         {line}", flush=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    """Be the only process that sends a campaign's alerts on this machine; yields whether it is."""
    with (folder / "alerts.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _read(folder: Path) -> dict[str, Alert]:
    try:
        read = json.loads((folder / NOTE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    return {
        kind: Alert(one["says"], one["seen"], tuple(one["sending"]), tuple(one["told"]))
        for kind, one in read.items()
    }


def _write(folder: Path, noted: dict[str, Alert]) -> None:
    text = json.dumps({kind: asdict(one) for kind, one in noted.items()}, ensure_ascii=False)
    write_text(str(folder), NOTE, text, mode=0o600)
