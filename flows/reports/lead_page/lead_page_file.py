"""The lead's page on disk and on the server: where the user says, and, after every advance that did something, in
the state folder and at /lead, where our layer shows it to the lead's account alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data import storage
from data.campaign.campaign import Campaign
from data.errors import ServerError
from data.ledger import Ledger
from data.output_files import Outputs
from flows.campaign_state import State
from flows.reports.lead_page.lead_facts import lead_facts
from flows.services.running_servers import servers_of
from flows.services.schedule import room
from qc.reports.lead_report.lead_report_page import page

NAME = "lead.html"
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


def kept_page(address: str) -> Path:
    """Return the path of the page that every advance renews, in this machine's state folder."""
    return room(address) / NAME


def keep_page(address: str) -> dict[str, Any]:
    """Renew the page in the state folder and return what it says, as of `lead_facts.lead_facts`."""
    facts = lead_facts(State(Campaign.load(address), Ledger(address)), address)
    storage.write_text(str(kept_page(address).parent), NAME, page(facts), mode=0o600)
    return facts


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
