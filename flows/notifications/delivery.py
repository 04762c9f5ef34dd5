"""Delivery: the last step of an advance sends what is due, each message at most once.

The intention is written to the ledger first, the outcome after. A run that dies between the two leaves a message
of which nobody knows whether it left: it is not sent again, and stands on the lead's agenda. A server that cannot
be reached took nothing, so nothing is written and the next run tries again. No failure here stops an advance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from annotation.labelstudio.annotation_server import AnnotationServer
from data.campaign.contacts import LEAD, contacts
from data.errors import UsageError
from data.ledger import tables
from data.ledger.events import MessageEnded, MessageIntended, MessagesSwitched
from data.ledger.tables import Row, digest
from flows.campaign_state import State
from flows.channels.channel import Channel, ChannelDown, Outcome, Receipt, Recipient
from flows.channels.configured_channels import channels_or_trouble
from flows.channels.message import Message
from flows.ledger_views.sent_messages import Told, published_upto, settlements, switches, told
from flows.notifications.message_texts import to_lead, to_person
from flows.notifications.news import MOST_ATTEMPTS, PEOPLES_CHANNELS, News, news, today
from flows.person_pages.page_addresses import lead_page_address
from flows.reports.lead_agenda import for_the_lead
from flows.reports.workbench_links import Link, links
from flows.run_mode import Mode


@dataclass
class Delivered:
    """How many messages were sent, how many are due (in a look), and what failed, in sentences."""

    sent: int = 0
    unfinished: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Due:
    """A message to be sent: what is written of it, and how it is made once it is known that it can be sent."""

    to: Recipient
    intended: MessageIntended
    message: Message


def notify_people(
    state: State,
    servers: Mapping[str, AnnotationServer],
    mode: Mode = Mode.LIVE,
    now: datetime | None = None,
    known: int | None = None,
) -> Delivered:
    """Send what is due to people and to the lead; in a look only count what is due to people.

    Args:
        state: the campaign, on a ledger that this run alone writes to.
        servers: by name; asked for people's addresses only if there is something to send.
        mode: in a dry run nothing is done.
        now: the time, by default the clock's.
        known: where a channel begins, the ledger's sequence up to which work counts as known; by default all that
            stands on servers.
    """
    now = now or datetime.now(UTC)
    known = published_upto(state) if known is None else known
    enabled = state.campaign.notify.enabled
    if mode is Mode.DRY or (not enabled and not any(one.on for one in switches(state).values())):
        return Delivered()
    channels, problems = channels_or_trouble() if enabled else ({}, [])
    switched = list(_switched(state, channels, enabled, known))
    if mode is Mode.LOOK:
        due = sum(len(news(state, name, now)) for name in channels if name in PEOPLES_CHANNELS)
        return Delivered(unfinished=len(switched) + due)
    done = Delivered(problems=problems)
    state.ledger.append(tables.EVENTS, switched)
    state = state.fresh()
    if not enabled:
        return done
    waits = any(news(state, name, now) for name in channels if name in PEOPLES_CHANNELS)
    found, unreached = links(state, servers) if waits else ([], [])
    done.problems += unreached
    for name, channel in channels.items():
        if messages := list(messages_due(state, name, now, found, lead_page_address(state, servers))):
            _send(state, channel, messages, done)
    return done


def messages_due(
    state: State, channel: str, now: datetime, found: Sequence[Link], lead_page: str, since: int | None = None
) -> Iterator[Due]:
    """Yield what is to be sent by a channel now: to people, then to the lead.

    Args:
        state: the campaign.
        channel: its name.
        now: the time.
        found: everybody's addresses, as of `flows.reports.workbench_links.links`.
        lead_page: the address of the lead's page; "" if no server shows it.
        since: the ledger's sequence up to which work counts as known; by default, as the ledger says.
    """
    if channel in PEOPLES_CHANNELS:
        yield from _to_people(state, news(state, channel, now, since), found)
    yield from _to_lead(state, channel, now, lead_page, since)


def _switched(state: State, channels: Iterable[str], enabled: bool, upto: int) -> Iterator[Row]:
    """Yield that channels begin or cease; what is open when one begins counts as known.

    One that this machine does not name is left as it is while messages are wanted: another machine may name it.
    """
    known = switches(state)
    wanted = dict.fromkeys(channels, True) | ({} if enabled else dict.fromkeys(known, False))
    for name, on in wanted.items():
        before = known.get(name)
        if (before.on if before else False) != on:
            yield MessagesSwitched(on, upto, before.number + 1 if before else 1).row(name)


def _to_people(state: State, waiting: Sequence[News], found: Sequence[Link]) -> Iterator[Due]:
    """Yield the messages to people; none to those whose pages' address is not known now."""
    lead = contacts(state.campaign.id).get(LEAD)
    for one in waiting:
        mine = [link for link in found if link.person == one.person]
        if mine:
            intended = MessageIntended(one.channel, one.day.isoformat(), one.about, one.upto, one.attempt)
            to = Recipient(one.person, one.email, lead.email if lead else "")
            yield Due(to, intended, to_person(state, one, mine))


def _to_lead(state: State, channel: str, now: datetime, page: str, since: int | None) -> Iterator[Due]:
    """Yield the lead's message of the day, if something new waits for their word."""
    day, hour = today(state.campaign, now)
    switch, lead = switches(state).get(channel), contacts(state.campaign.id).get(LEAD)
    since = switch.upto if since is None and switch and switch.on else since
    if since is None or hour < state.campaign.notify.from_hour:
        return
    if channel == "mail" and (lead is None or not lead.mail):
        return
    before = told(state, channel, since, day.isoformat()).get(LEAD, Told(since))
    if before.today or before.attempts >= MOST_ATTEMPTS:
        return
    points = list(for_the_lead(state))
    about = {digest(str(point))[:8]: point for point in points}
    new = [name for name in about if name not in before.last]
    if new:
        ordered = [*(about[name] for name in new), *(point for name, point in about.items() if name not in new)]
        intended = MessageIntended(
            channel, day.isoformat(), sorted(about), published_upto(state), before.begun + 1
        )
        message = to_lead(state, ordered, len(new), state.ledger.address, page)
        yield Due(Recipient(LEAD, lead.email if lead else ""), intended, message)


def _send(state: State, channel: Channel, messages: Sequence[Due], done: Delivered) -> None:
    """Send messages by one channel, each written down before and after."""
    ended: list[Row] = []
    try:
        with channel.open() as ready:
            for number, one in enumerate(messages, start=1):
                row = one.intended.row(one.to.code)
                state.ledger.append(tables.EVENTS, [*ended, row])
                receipt = ready.send(one.message, one.to, identifier(state, one))
                ended = list(_outcome(row, receipt))
                if told_of := _problem(channel, one, receipt, len(messages) - number):
                    done.problems.append(told_of)
                done.sent += receipt.outcome is Outcome.SENT
                if receipt.broken:
                    break
    except (ChannelDown, UsageError) as error:
        done.problems.append(str(error))
    finally:
        state.ledger.append(tables.EVENTS, ended)


def identifier(state: State, due: Due) -> str:
    """Return what a message is known by: the same for every attempt at it, another one if it is told again."""
    said, settled = due.intended, settlements(state).get(due.to.code)
    told_again = settled.number if settled and settled.again else 0
    return digest(state.campaign.id, due.to.code, said.channel, said.day, told_again)


def _outcome(row: Row, receipt: Receipt) -> Iterator[Row]:
    """Yield what became of a message; nothing if that is in doubt."""
    if receipt.outcome is not Outcome.IN_DOUBT:
        yield MessageEnded(receipt.outcome.value, receipt.code).row(tables.EVENTS.event_id(row))


def _problem(channel: Channel, due: Due, receipt: Receipt, left: int) -> str:
    """Return what went wrong with a message, with what happens next; "" if nothing did."""
    rest = f"; {left} more wait for the next run" if receipt.broken and left else ""
    answer = f" ({receipt.code})" if receipt.code else ""
    match receipt.outcome:
        case Outcome.SENT:
            return ""
        case Outcome.REFUSED:
            return f"the {channel.name} to {due.to.code} was refused{answer}: is their address right?{rest}"
        case Outcome.NOT_TAKEN:
            return f"the {channel.name} to {due.to.code} was not taken{answer}: the next run tries again{rest}"
        case _:
            return f"the {channel.name} to {due.to.code} broke off and may not have arrived: belebele status{rest}"
