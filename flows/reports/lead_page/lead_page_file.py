"""The lead's page on disk and on the server: where the user says, and, after every advance that did something, in
the state folder and at /lead, where our layer shows it to the lead's account alone. Once an hour a run that did
nothing tells there how the schedule stands, so that a page that says "a week ago" means that no run has come.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data import storage
from data.campaign.campaign import Campaign
from data.errors import ServerError
from data.ledger import Ledger
from data.output_files import Outputs
from flows.campaign_state import State
from flows.program_digest import program_digest
from flows.reports.lead_page.kept_lead_page import FACTS, NAME, is_old, kept_page
from flows.reports.lead_page.lead_facts import at_this_hour, lead_facts
from flows.services import schedule
from flows.services.running_servers import servers_of
from qc.reports.lead_report.lead_report_page import page

COMMAND = "status"


def write_lead_page(state: State, campaign: str, file: str) -> None:
    """Write the page for the user.

    Args:
        state: the campaign.
        campaign: its name on the command line.
        file: the path to write; a page of this command's there is replaced.

    Raises:
        UsageError: somebody else's file is there.
        OutputFailed: the disk refuses.
    """
    outputs = Outputs.of_file(file, COMMAND, option="--html")
    name = Path(file).name
    outputs.check([name])
    outputs.write({name: page(lead_facts(state, campaign)).encode()})


def keep_page(address: str) -> dict[str, Any]:
    """Renew the page in the state folder and return what it says, as of `lead_facts.lead_facts`."""
    facts = lead_facts(State(Campaign.load(address), Ledger(address)), address)
    _keep(address, facts)
    return facts


def renew_page(address: str, now: datetime | None = None) -> list[str]:
    """Tell on the page of the state folder how the schedule stands now, after a run that did nothing.

    No table is read for it, unless another version of the program made the page; once an hour at most.

    Args:
        address: the campaign's.
        now: the time, by default the clock's.

    Returns:
        What failed.
    """
    now = now or datetime.now(UTC)
    if not is_old(address, now):
        return []
    kept = json.loads(storage.read_text(str(kept_page(address).parent), FACTS))
    try:
        if kept["program"] != program_digest():
            keep_page(address)  # what another version kept may lack what the page says now
        else:
            plan = schedule.standing_facts(schedule.standing(address, now), Campaign.load(address).schedule)
            _keep(address, at_this_hour(kept["facts"], plan, address, now))
    except OSError as error:
        return [f"the lead's page cannot be written to {kept_page(address)}: {error.strerror}; free some space"]
    return deliver_page(address)


def _keep(address: str, facts: dict[str, Any]) -> None:
    folder = str(kept_page(address).parent)
    storage.write_text(folder, NAME, page(facts), mode=0o600)
    kept = {"program": program_digest(), "facts": facts}
    storage.write_text(folder, FACTS, json.dumps(kept, ensure_ascii=False), mode=0o600)


def deliver_page(address: str) -> list[str]:
    """Put the page of the state folder on the default server, if that has our layer; return what failed."""
    campaign = Campaign.load(address)
    html = kept_page(address).read_text("utf-8")
    server = servers_of(campaign).get(campaign.servers.default)
    try:
        if server is not None:
            server.put_lead_page(campaign.id, campaign.about.title, html)
    except ServerError as error:
        return [str(error)]
    return []
