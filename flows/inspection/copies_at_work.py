"""Two copies of a campaign on one Label Studio: one of them works there, and the other is told.

A copy is a ledger of its own. One that was restored from a backup follows the one that was backed up and may go on
where that one stopped; if that one has gone on since, the two would undo each other's work. A folder that somebody
copied has the same number as its original, but the runs of the two are counted apart, so the server has seen a run
of the same count. Only a server with our layer (annotation/layer) keeps note of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.server_layer import CopyHeld
from data.campaign.campaign import Campaign
from data.errors import ServerError, UsageError
from data.ledger import Ledger, ledger_format
from data.ledger.lease import this_process
from flows.campaign_state import State
from flows.run_mode import Mode


def hold_servers(state: State, servers: Mapping[str, AnnotationServer], mode: Mode = Mode.LIVE) -> None:
    """Let the servers know that this copy of the campaign works there, before anything else is asked of them.

    Args:
        state: the campaign.
        servers: by name; one that does not answer is told by the steps after this one.
        mode: if not live, nothing is noted.

    Raises:
        UsageError: another copy of the campaign works on one of them.
    """
    for name, server in servers.items():
        try:
            held = _note(state.campaign, state.ledger, server, live=mode is Mode.LIVE)
        except ServerError:
            continue
        if held is not None and not held.fits:
            raise UsageError(
                f"Label Studio {name!r} at {server.url}: another copy of this campaign works there (its last run, "
                f"number {held.run}, by {held.owner}, was at {held.at}). Nothing was collected or handed out. "
                "Stop one of the two; if the other is gone for good, this one takes its place with: "
                "belebele advance --take-over"
            )


def take_over(campaign: Campaign, address: str, servers: Mapping[str, AnnotationServer]) -> list[str]:
    """Put this copy of a campaign in the place of another on all servers; return what to tell, for each server.

    Raises:
        CampaignBusy: a run holds this copy.
        ServerError: a server does not answer.
    """
    told = []
    with Ledger(address).lease() as ledger:
        for name, server in servers.items():
            held = _note(campaign, ledger, server, live=True, take=True)
            if held is None:
                told.append(f"Label Studio {name!r} keeps no note of copies: our layer does not run there")
            elif held.owner:
                told.append(f"Label Studio {name!r} is this copy's now; before, {held.owner} ran (at {held.at})")
    return told


def _note(
    campaign: Campaign, ledger: Ledger, server: AnnotationServer, *, live: bool, take: bool = False
) -> CopyHeld | None:
    copy = ledger_format.copy_of(ledger.address)
    if copy is None:
        return None  # a look at a ledger of an earlier format, which the next run brings up to date
    return server.note_copy(
        {
            "campaign": campaign.id,
            "copy": copy.id,
            "follows": list(copy.follows),
            "run": (ledger.epoch or 0) if live else 0,
            "token": secrets.token_hex(8),
            "owner": this_process(),
            "take": take,
        }
    )
