"""Delivery of people's own pages to the servers with our layer: what differs from what is there, and nothing else.

A delivery has a seal of what it was made from: campaign.toml, how far the ledger had come, and the servers. While
the seal on a server is the one of now, nothing is computed or sent, so a look costs one request a server.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench
from annotation.labelstudio.person_pages import page_digest
from data.errors import ServerError
from data.ledger.tables import digest
from flows.campaign_state import State
from flows.inspection.account_ownership import account_owners, number
from flows.person_pages.page_addresses import ME
from flows.person_pages.page_facts import Facts, PageFacts
from flows.run_mode import Mode

VERSION = 1
"""Of what pages say: a program that says more delivers all of them anew."""


@dataclass
class Delivered:
    """How many servers have pages that are out of date, and what failed."""

    unfinished: int = 0
    problems: list[str] = field(default_factory=list)


def deliver_pages(
    state: State,
    servers: Mapping[str, AnnotationServer],
    layered: Collection[str],
    accounts: Mapping[str, Collection[str]],
    standing: Mapping[str, Mapping[str, Workbench]],
    mode: Mode = Mode.LIVE,
) -> Delivered:
    """Bring everybody's own page up to date on the servers that keep accounts apart.

    Args:
        state: the campaign.
        servers: by name.
        layered: the names of the servers with our layer.
        accounts: those on each server, as `admit_people` has them.
        standing: the workbenches on each server that could be listed, by title.
        mode: if not live, nothing is written.
    """
    found = Delivered()
    there = {name: servers[name] for name in layered if name in standing}
    if not there:
        return found
    seal = _seal(state, servers, layered)
    facts: PageFacts | None = None
    for name, server in there.items():
        try:
            held = server.person_pages(state.campaign.id)
            if held is None or held.seal == seal:
                continue  # a layer from before there were pages, or nothing has changed
            found.unfinished += 1
            if mode is Mode.LIVE:
                facts = facts or PageFacts(state)
                known = accounts[name] if name in accounts else server.accounts().values()
                pages = _pages(facts, state, name, known, servers, layered, standing)
                differing = {
                    one: page for one, page in pages.items() if held.digests.get(one) != page_digest(page)
                }
                server.put_person_pages(state.campaign.id, seal, pages, differing)
        except ServerError as error:
            found.problems.append(str(error))
    return found


def _seal(state: State, servers: Mapping[str, AnnotationServer], layered: Collection[str]) -> str:
    places = sorted((name, server.url, name in layered) for name, server in servers.items())
    return digest(VERSION, state.campaign.hash, state.ledger.next_sequence(), places)


def _pages(
    facts: PageFacts,
    state: State,
    name: str,
    accounts: Collection[str],
    servers: Mapping[str, AnnotationServer],
    layered: Collection[str],
    standing: Mapping[str, Mapping[str, Workbench]],
) -> dict[int, Facts]:
    """Return the pages of a server's accounts, by their numbers."""
    benches = {title: bench.id for title, bench in standing[name].items()}
    others = {one: _way(servers[one], one in layered) for one in servers if one != name}
    people = {person.code for person in state.campaign.people}
    owners = {account: person for (server, account), person in account_owners(state).items() if server == name}
    return {
        int(number(account)): facts.page(person, name, benches, others)
        for account, person in sorted(owners.items())
        if account in accounts and person in people
    }


def _way(server: AnnotationServer, layered: bool) -> str:
    """Return where a person goes on another server: to their page, or to Label Studio's own list."""
    return server.url + (ME if layered else "/projects/")
