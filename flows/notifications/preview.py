"""`belebele notify --dry-run`: exactly what the next advance would send, to whom, and who would get nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from annotation.labelstudio.annotation_server import AnnotationServer
from data.campaign.contacts import LEAD, contacts
from flows.campaign_state import State
from flows.channels.channel import Channel, Recipient
from flows.channels.configured_channels import NONE_NAMED, channels_or_trouble
from flows.channels.message import Message
from flows.ledger_views.sent_messages import switches
from flows.notifications.delivery import Due, messages_due
from flows.person_pages.page_addresses import lead_page_address
from flows.reports.workbench_links import links


@dataclass(frozen=True)
class Preview:
    """What would be sent.

    Attributes:
        messages: each with its channel.
        notes: what else the lead should know, in sentences.
        problems: what is wrong.
    """

    messages: list[tuple[str, Recipient, Message]]
    notes: list[str]
    problems: list[str]


def preview(state: State, servers: Mapping[str, AnnotationServer], now: datetime) -> Preview:
    """Return what would be sent now; while messages are off, what would be if all that is open had just come.

    Args:
        state: the campaign; nothing is written to it.
        servers: by name.
        now: the time.
    """
    channels, problems = channels_or_trouble()
    notes = list(_notes(state, channels))
    found, unreached = links(state, servers)
    page = lead_page_address(state, servers)
    messages: list[tuple[str, Recipient, Message]] = []
    begun = switches(state)
    for name in channels or ("mail",):
        on = state.campaign.notify.enabled and name in begun and begun[name].on
        due: Iterator[Due] = messages_due(state, name, now, found, page, since=None if on else -1)
        messages += [(name, one.to, one.message) for one in due]
    return Preview(messages, notes, [*problems, *unreached])


def _notes(state: State, channels: Mapping[str, Channel]) -> Iterator[str]:
    """Yield whether anything would be sent at all, and who cannot be told."""
    campaign, begun = state.campaign, switches(state)
    known, waiting = contacts(campaign.id), set(state.tasks["person"][state.tasks["open"]])
    if not campaign.notify.enabled:
        yield "nothing is sent: set enabled = true below [notify] in campaign.toml"
    if not channels:
        yield f"{NONE_NAMED}; shown as if mail were"
    for name in channels or ("mail",):
        if not campaign.notify.enabled or name not in begun or not begun[name].on:
            yield (
                f"the {name} begins with the first advance that finds it switched on: what is open then counts as "
                "known. Shown is what would be sent if it had just come; belebele notify --again all tells it"
            )
    if "mail" in channels or not channels:
        nameless = [one.code for one in campaign.people if one.code in waiting and one.code not in known]
        silent = [one.code for one in campaign.people if one.code in known and not known[one.code].mail]
        if nameless:
            yield f"no address is known of {', '.join(nameless)}: belebele contact --file TABLE"
        if silent:
            yield f"no mail is wanted by {', '.join(silent)}"
        if LEAD not in known:
            yield "no address is known of the lead: belebele contact lead --email ADDRESS"


def lines(made: Preview) -> Iterator[str]:
    """Yield the preview for a terminal."""
    for channel, to, message in made.messages:
        address = f" <{to.email}>" if to.email else ""
        yield from (f"--- {channel} to {to.code}{address}", message.subject, "", *message.plain().split("\n"))
    if not made.messages:
        yield "nothing would be sent now"
    yield from (f"· {note}" for note in made.notes)


def facts(made: Preview) -> dict[str, object]:
    """Return the preview as plain data."""
    return {
        "messages": [
            {
                "channel": channel,
                "person": to.code,
                "email": to.email,
                "subject": message.subject,
                "text": message.plain(),
                "html": message.html(),
                "facts": dict(message.facts),
            }
            for channel, to, message in made.messages
        ],
        "notes": made.notes,
        "problems": made.problems,
    }
