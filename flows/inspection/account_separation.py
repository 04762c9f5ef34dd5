"""Account separation: which servers let each account reach its own workbenches only, and who is let in where.

A server does so if our layer runs inside it (annotation/layer). Since when is in the ledger, so that exposure can
be counted from it. Who works in which workbench follows from its title and the accounts linked to that person; the
layer is told of it, and what it has is compared, so that nothing is written where nothing changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow.compute as pc

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.client import Workbench
from annotation.labelstudio.workbenches.workbench_members import Members
from data.errors import ServerError
from data.ledger import tables
from data.ledger.events import AccountsKeptApart, details_of
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State
from flows.inspection.account_ownership import account_owners, number
from flows.run_mode import Mode


@dataclass
class Separation:
    """What the servers with our layer hold, which of their workbenches were out of order, and what failed."""

    members: dict[str, Members] = field(default_factory=dict)
    unfinished: int = 0
    problems: list[str] = field(default_factory=list)


def record_separation(state: State, servers: Mapping[str, AnnotationServer]) -> Separation:
    """Record which servers began or ceased to keep accounts apart; return what those that do hold."""
    found = Separation()
    events = state.events(AccountsKeptApart)
    known: dict[str, AccountsKeptApart] = {}
    for server, event in zip(events["subject"], details_of(events, AccountsKeptApart), strict=True):
        known[server] = event
    for name, server in servers.items():
        try:
            members = server.members()
        except ServerError as error:
            found.problems.append(str(error))
            continue
        if members is not None:
            found.members[name] = members
        before = known.get(name, AccountsKeptApart(apart=False, number=0))
        now = AccountsKeptApart(
            members is not None, before.number + 1
        )  # numbered, so that A→B→A stays three events
        if now.apart != before.apart:
            state.ledger.append(tables.EVENTS, [now.row(name)])
    return found


def separations(state: State) -> dict[str, list[tuple[datetime, bool]]]:
    """Return when each server was seen to begin or cease to keep accounts apart, by its name, in order."""
    columns, wanted = ["subject", "detail", "recorded_at"], pc.field("kind") == AccountsKeptApart.KIND
    events = state.ledger.read(tables.EVENTS, columns, wanted)
    found: dict[str, list[tuple[datetime, bool]]] = {}
    said = details_of(events, AccountsKeptApart)
    for server, at, one in zip(events["subject"], events["recorded_at"], said, strict=True):
        found.setdefault(server, []).append((at, one.apart))
    return found


def kept_apart(known: list[tuple[datetime, bool]], since: datetime, until: datetime) -> bool:
    """Return whether a server kept accounts apart all of this time.

    Args:
        known: of that server, from `separations`.
        since: the beginning.
        until: the end.
    """
    before = [apart for at, apart in known if at <= since]
    return bool(before) and before[-1] and all(apart for at, apart in known if since < at <= until)


def admit_people(
    state: State,
    servers: Mapping[str, AnnotationServer],
    held: Mapping[str, Members],
    accounts: Mapping[str, Collection[str]],
    standing: Mapping[str, Mapping[str, Workbench]],
    mode: Mode = Mode.LIVE,
) -> Separation:
    """Let everybody reach their workbenches on the servers that keep accounts apart.

    What it compares was read by the steps before it, so it asks a server for nothing more, unless nobody asked for
    its accounts; and what is out of order is written in one request.

    Args:
        state: the campaign.
        servers: by name.
        held: who works where on those servers, from `record_separation`.
        accounts: those on each server, from `link_accounts`; a server set up anew gives old numbers to others.
        standing: the workbenches on each server that could be listed, by title.
        mode: if not live, nothing is written.
    """
    found = Separation()
    owners = account_owners(state)
    for name, members in held.items():
        if name not in standing:
            continue  # it did not answer, which has been told
        try:
            there = accounts[name] if name in accounts else servers[name].accounts().values()
            wanted = _wanted(owners, name, there, standing[name])
            due = {bench: people for bench, people in wanted.items() if people != members.get(bench, frozenset())}
            found.unfinished += len(due)
            if due and mode is Mode.LIVE:
                servers[name].admit(due)
        except ServerError as error:
            found.problems.append(str(error))
    return found


def _wanted(
    owners: Mapping[tuple[str, str], str], name: str, there: Collection[str], standing: Mapping[str, Workbench]
) -> dict[int, frozenset[int]]:
    """Return the accounts of the person of each workbench on a server, by numbers."""
    mine: dict[str, set[int]] = {}
    for (server, account), person in owners.items():
        if server == name and account in there:
            mine.setdefault(person, set()).add(int(number(account)))
    return {
        bench.id: frozenset(mine.get(WorkbenchTitle.parse(title).person, ())) for title, bench in standing.items()
    }
