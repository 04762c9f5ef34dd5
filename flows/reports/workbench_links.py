"""`belebele links`: where each person works and how much waits there, for the lead to send.

On servers with our layer everybody has one address, their own page. A bare Label Studio shows everybody's
workbenches to everybody, thirty a page and without a search, so there each workbench has its line. Whoever has no
account on a server that holds their work gets its invitation. A server that does not answer loses only its lines.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, cast
from urllib.parse import urlsplit

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench
from annotation.stages import page_of
from data.campaign.contacts import Contact, contacts
from data.campaign.settings import Person
from data.environment import server_variables
from data.errors import ServerError
from data.languages import language as find_language
from data.ledger.tables import Stage
from data.server_ports import is_local
from flows.campaign_state import State
from flows.inspection.account_ownership import accounts_of_people
from flows.person_pages.page_addresses import page_address, page_server
from flows.workbenches.placed_workbenches import placed_workbenches

Kind = Literal["sign up", "page", "work"]
"""An invitation, a person's own page, a workbench."""


@dataclass(frozen=True)
class Link:
    """One address for one person.

    Attributes:
        person: their code.
        email: where to send it; "" if it is not known on this machine.
        server: the name of the server.
        what: the work there, in words; "sign up" for the invitation, "their page" for a page of their own.
        url: the address.
        open: tasks that wait there; on a page of their own, wherever they wait.
        submitted: tasks that were done there.
        stage: of the work; "" for an invitation or a page.
        language: of the work.
        kind: of the address.
    """

    person: str
    email: str
    server: str
    what: str
    url: str
    open: int = 0
    submitted: int = 0
    stage: str = ""
    language: str = ""
    kind: Kind = "work"


def links(state: State, servers: Mapping[str, AnnotationServer], person: str = "") -> tuple[list[Link], list[str]]:
    """Return each person's addresses, and the problems in sentences.

    Args:
        state: the campaign.
        servers: by name.
        person: only this one's.

    Raises:
        UsageError: the campaign has no such person.
    """
    campaign, known = state.campaign, contacts(state.campaign.id)
    people = [campaign.person(person)] if person else list(campaign.people)
    layered: dict[str, AnnotationServer] = {}
    found: list[Link] = []
    problems = []
    for name, server in servers.items():
        try:
            if server.members() is not None:
                layered[name] = server
            there = [one for one in people if name in campaign.servers_for(one)]
            found += _on(state, name, server, there, known, apart=name in layered)
        except ServerError as error:
            problems.append(str(error))
    found += _pages(state, people, known, layered)
    order = {one.code: place for place, one in enumerate(people)}
    return sorted(found, key=lambda link: (order[link.person], link.kind != "sign up")), problems


def _pages(
    state: State, people: list[Person], known: Mapping[str, Contact], layered: Mapping[str, AnnotationServer]
) -> Iterator[Link]:
    """Yield each person's own page, if they were given work that is on a server with one."""
    for person in people:
        counts = [
            (waiting, done)
            for stage, _, waiting, done in _work(state, person.code)
            if state.campaign.server_for(stage, person.code) in layered
        ]
        if counts and (url := page_address(state.campaign, person, layered)):
            email = known[person.code].email if person.code in known else ""
            name = page_server(state.campaign, person, layered)
            waiting, done = (sum(column) for column in zip(*counts, strict=True))
            yield Link(person.code, email, name, "their page", url, waiting, done, kind="page")


def _on(
    state: State,
    name: str,
    server: AnnotationServer,
    people: list[Person],
    known: Mapping[str, Contact],
    *,
    apart: bool,
) -> Iterator[Link]:
    """Yield the invitations to one server for these people and, where it has no pages of theirs, workbenches."""
    invitation = ""
    signed_up = {code for code, _ in accounts_of_people(state.campaign, server)}
    benches: Mapping[str, Workbench] = {}
    if not apart:
        placed = placed_workbenches(state, name)
        benches = server.workbenches(f"{state.campaign.id}/", tidy=False, placed=placed)
    for person in people:
        email = known[person.code].email if person.code in known else ""
        if person.code not in signed_up:
            if apart or not invitation:  # each has their own there; elsewhere all have the same
                invitation = server.invitation(f"{state.campaign.id}/{person.code}")
            yield Link(person.code, email, server.name, "sign up", invitation, kind="sign up")
        for stage, language, waiting, done in _work(state, person.code):
            bench = benches.get(state.campaign.workbench_title(stage, language, person.code))
            if bench is not None and state.campaign.server_for(stage, person.code) == server.name:
                what = page_of(stage).title.format(find_language(language).name)
                url = f"{server.url}/projects/{bench.id}/data"
                yield Link(person.code, email, server.name, what, url, waiting, done, stage, language)


def _work(state: State, person: str) -> Iterator[tuple[Stage, str, int, int]]:
    """Yield stage and language of all work that a person was given, with how much is open and how much is done."""
    tasks = state.tasks[state.tasks["person"] == person]
    for (stage, language), mine in tasks.groupby(["stage", "language"], sort=False):
        yield cast("Stage", stage), str(language), int(mine["open"].sum()), int(mine["done"].sum())


def lines(found: list[Link]) -> Iterator[str]:
    """Yield one line per address for people, never broken, so that it can be copied."""
    named = len({link.server for link in found}) > 1
    whats = {link: f"{link.what} ({link.server})" if named else link.what for link in found}
    wide = max(map(len, whats.values()), default=0)
    person = max((len(link.person) for link in found), default=0)
    before = ""
    for link in found:
        code = link.person if link.person != before else ""
        count = f"{link.open} open" if link.open else f"{link.submitted} done" if link.submitted else ""
        yield f"{code:{person}}  {whats[link]:{wide}}  {count:>8}  {link.url}"
        before = link.person
    if nameless := list(dict.fromkeys(link.person for link in found if not link.email)):
        yield f"no address is known of {', '.join(nameless)}: belebele contact CODE --email ADDRESS"


def out_of_reach(found: list[Link]) -> list[str]:
    """Return the servers, by name, whose addresses only work on their own machine."""
    return sorted({link.server for link in found if is_local(urlsplit(link.url).hostname or "")})


def warnings(servers: list[str]) -> Iterator[str]:
    """Yield a warning about servers that only this machine can reach."""
    for name in servers:
        url, _ = server_variables(name)
        yield (
            f"only this machine reaches these addresses on {name!r}: start it with belebele up --host and an "
            f"address of this machine that others reach, or name a server that they do ({url})"
        )


def link_facts(found: list[Link]) -> list[dict[str, Any]]:
    """Return the links as plain data, for programs such as one that sends the letters."""
    return [asdict(link) for link in found]
