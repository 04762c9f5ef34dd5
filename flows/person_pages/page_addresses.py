"""The address of a person's own page: the one that they need, whatever stage and server their work is on."""

from __future__ import annotations

from collections.abc import Mapping

from annotation.labelstudio.annotation_server import AnnotationServer
from data.campaign.campaign import Campaign
from data.campaign.settings import Person
from flows.campaign_state import State
from flows.inspection.account_separation import separations

ME = "/me"
"""Where our layer shows a signed-in account its own page (annotation/layer/routes.py)."""

LEAD = "/lead"
"""Where it shows the lead's page, to the account that owns the server."""

HOME = "main"
"""The server whose page a person is sent to where they have work on several; it links to the others."""


def page_server(campaign: Campaign, person: Person, layered: Mapping[str, AnnotationServer]) -> str:
    """Return the name of the server that has a person's own page; "" if none has.

    Args:
        campaign: the campaign.
        person: whose page.
        layered: the servers with our layer, by name.
    """
    theirs = [name for name in campaign.servers_for(person) if name in layered]
    return HOME if HOME in theirs else next(iter(theirs), "")


def page_address(campaign: Campaign, person: Person, layered: Mapping[str, AnnotationServer]) -> str:
    """Return the address of a person's own page, "" if no server has one; arguments as for `page_server`."""
    name = page_server(campaign, person, layered)
    return layered[name].url + ME if name else ""


def lead_page_address(state: State, servers: Mapping[str, AnnotationServer]) -> str:
    """Return the address of the lead's page, "" if the default server has none; no server is asked.

    Args:
        state: the campaign; its ledger tells which servers have our layer.
        servers: by name.
    """
    default = state.campaign.servers.default
    seen = separations(state).get(default, [])
    return servers[default].url + LEAD if default in servers and seen and seen[-1][1] else ""
