"""The lead's page on disk: where the user says, and in the state folder after every advance that did something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data import storage
from data.campaign.campaign import Campaign
from data.ledger import Ledger
from data.output_files import Outputs
from flows.campaign_state import State
from flows.reports.lead_page.lead_facts import lead_facts
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
