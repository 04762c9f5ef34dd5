"""The record of the campaign.toml in force, so that the ledger shows by which settings work was done."""

from __future__ import annotations

from data.campaign.campaign import Campaign, compare
from data.errors import CampaignError
from data.ledger import tables
from data.ledger.events import CampaignChanged
from flows.campaign_state import State


def record_campaign(state: State) -> None:
    """Record the campaign.toml in force, if it is a new one.

    Raises:
        CampaignError: the change is not possible while certain work is open.
    """
    changes = state.events(CampaignChanged)
    campaign = state.campaign
    if len(changes):
        before = changes.iloc[-1]
        if before["subject"] == campaign.hash:
            return
        open_work = state.tasks[state.tasks["open"]][["stage", "language", "person"]]
        problems = compare(Campaign.from_json(before["detail"]), campaign, open_work, begun=len(state.tasks) > 0)
        if problems:
            raise CampaignError("campaign.toml changed in a way that cannot be while work is open", problems)
    state.ledger.append(
        tables.EVENTS,
        [CampaignChanged(campaign.to_json()).row(campaign.hash, str(len(changes)))],  # A→B→A stays three events
    )
