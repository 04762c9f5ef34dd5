"""What the lead asks of messages: tell somebody again, take one for seen, try the channels, send what is due."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from annotation.labelstudio.annotation_server import AnnotationServer
from data.campaign.campaign import Campaign
from data.campaign.contacts import LEAD, contacts
from data.errors import UsageError
from data.ledger import Ledger, tables
from data.ledger.events import MessageSettled
from data.ledger.tables import digest
from flows.campaign_state import State
from flows.channels.channel import ChannelDown, Outcome, Recipient
from flows.channels.configured_channels import NONE_NAMED, configured_channels
from flows.ledger_views.sent_messages import settlements
from flows.notifications.delivery import Delivered, notify_people
from flows.notifications.message_texts import trial

EVERYBODY = "all"
"""What stands for all people where one is named."""


def settle(state: State, people: Sequence[str], *, again: bool) -> list[str]:
    """Note that the lead has seen to people's messages.

    Args:
        state: the campaign.
        people: codes, or "all".
        again: tell them once more of all that is open, with the next advance.

    Returns:
        The people's codes.

    Raises:
        UsageError: the campaign has no such person.
    """
    named = [one.code for one in state.campaign.people] if EVERYBODY in people else list(people)
    codes = [code if code == LEAD else state.campaign.person(code).code for code in dict.fromkeys(named)]
    before = settlements(state)
    numbers = {code: before[code].number + 1 if code in before else 1 for code in codes}
    rows = [MessageSettled(again, number).row(code) for code, number in numbers.items()]
    state.ledger.append(tables.EVENTS, rows)
    return codes


def send_now(address: str, servers: Mapping[str, AnnotationServer]) -> Delivered:
    """Send what is due, as the last step of an advance does.

    Args:
        address: the campaign's folder or object-store address.
        servers: by name.

    Raises:
        UsageError: messages are switched off, or no channel is named.
        CampaignBusy: another run is at it; it sends them itself.
    """
    campaign = Campaign.load(address)
    if not campaign.notify.enabled:
        raise UsageError(
            f"{campaign.id} tells nobody: set enabled = true below [notify] in campaign.toml. "
            "What would be sent then: belebele notify --dry-run"
        )
    if not configured_channels():
        raise UsageError(NONE_NAMED)
    with Ledger(address).lease() as ledger:
        return notify_people(State(campaign, ledger), servers)


def try_channels(campaign: Campaign) -> list[str]:
    """Send a trial message to the lead by every channel, whether messages are switched on or not.

    Returns:
        A line for each channel.

    Raises:
        UsageError: no channel is named, or one wrongly, or not all can be tried.
        ChannelDown: one does not take it.
    """
    channels, lead = configured_channels(), contacts(campaign.id).get(LEAD)
    if not channels:
        raise UsageError(NONE_NAMED)
    if "mail" in channels and lead is None:
        raise UsageError("no address of the lead is known: belebele contact lead --email ADDRESS")
    lines = []
    for name, channel in channels.items():
        with channel.open() as ready:
            to = Recipient(LEAD, lead.email if lead else "")
            number = digest(campaign.id, name, time.time())
            receipt = ready.send(trial(campaign.about.title, campaign.id), to, number)
        if receipt.outcome is not Outcome.SENT:
            answer = f" (it answered {receipt.code})" if receipt.code else ""
            raise ChannelDown(f"the {name} by {channel.where} was {receipt.outcome.value}{answer}")
        lines.append(f"the {name} by {channel.where} was taken")
    return lines
