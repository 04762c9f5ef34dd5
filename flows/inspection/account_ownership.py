"""Account ownership: whose work an annotation is, by the account that wrote it and the owner of that account.

The client chooses in whose name an annotation is stored; the server separately notes which account wrote it last.
It counts only if both belong to the same person. An account becomes a person's by the invitation that it was
made with, on a server with our layer, and otherwise by its sign-up e-mail address. Label Studio does not verify
addresses, so somebody who knows a colleague's address can sign up with it first.
Therefore only a person's first account on a server is theirs automatically; a further one, or one that already
belongs to somebody, waits for the lead's decision, and its work waits with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import pandas as pd

from annotation.labelstudio.annotation_server import AnnotationServer
from data.campaign.campaign import Campaign
from data.campaign.contacts import contacts
from data.ledger import tables
from data.ledger.events import AccountClaimed, AccountLinked, Became, Read, Rejected, details_of, fact
from data.ledger.tables import Row
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State, among, by_key
from flows.inspection.agenda_point import AgendaPoint

Owners = Mapping[tuple[str, str], str]
"""(server, account) to the code of the account's owner."""

_NAMED = 3  # tasks named in a line


@dataclass(frozen=True)
class AccountClaim:
    """An account that has a person's address but is not automatically theirs."""

    event: str
    person: str
    server: str
    account: str

    @property
    def name(self) -> str:
        """The lead's name for it: the account's number on the server, and the server."""
        return f"{number(self.account)}@{self.server}"


def number(account: str) -> str:
    """Return the account's number on its server."""
    return account.partition(" ")[0]


def account_owners(state: State) -> dict[tuple[str, str], str]:
    """Return the owner of each account, as linked by sign-up or by the lead."""
    links = state.events(AccountLinked)
    owners: dict[tuple[str, str], str] = {}
    for person, link in zip(links["subject"], details_of(links, AccountLinked), strict=True):
        owners[link.server, link.account] = person
    return owners


def is_foreign(owners: Owners, server: str, account: str, writer: object) -> bool:
    """Whether the server saw nobody, or somebody other than the named person, write this.

    Args:
        owners: the owner of each account.
        server: by its name in campaign.toml.
        account: in whose name the annotation is stored.
        writer: the account that wrote it, "" for none; null if recorded before writers were asked for.
    """
    if pd.isna(writer) or writer == account:  # type: ignore[call-overload]
        return False
    mine, theirs = owners.get((server, account)), owners.get((server, str(writer)))
    return mine is None or mine != theirs


# Accounts ----------------------------------------------------------------------------------------------------


def link_accounts(state: State, servers: Mapping[str, AnnotationServer]) -> dict[str, frozenset[str]]:
    """Link accounts that signed up by a person's invitation, or with their address, to their code.

    Records only accounts and codes: the addresses stay in the contacts file. Asks the server even when everybody
    is linked, since on a server that was set up again they have other accounts, which then wait for the lead.

    Returns:
        All accounts on each server where somebody may have one, by the server's name.
    """
    owners = account_owners(state)
    known = {(server, person) for (server, _), person in owners.items()}
    claimed = {(claim.person, claim.server, claim.account) for claim in _claims(state)}
    rows: list[Row] = []
    there: dict[str, frozenset[str]] = {}
    for name, server in servers.items():
        accounts = _accounts(state.campaign, server)
        there |= {name: frozenset(accounts.by_email.values())} if accounts else {}
        for code, account in _of_people(state.campaign, accounts) if accounts else ():
            if owners.get((name, account)) == code or (code, name, account) in claimed:
                continue
            waits = (name, code) in known or (name, account) in owners
            event = AccountClaimed(name, account) if waits else AccountLinked(name, account)
            rows.append(event.row(code))
    state.ledger.append(tables.EVENTS, rows)
    return there


def accounts_of_people(campaign: Campaign, server: AnnotationServer) -> list[tuple[str, str]]:
    """Return the accounts of a campaign's people on a server, each as (code, account).

    An account is the person's whose invitation it was made with, and otherwise theirs whose address it has.
    """
    accounts = _accounts(campaign, server)
    return _of_people(campaign, accounts) if accounts else []


class _Accounts(NamedTuple):
    """The accounts on a server.

    Attributes:
        by_email: them, by address.
        invited: whom they were made for, by number.
        people: the campaign's people, by address.
    """

    by_email: Mapping[str, str]
    invited: Mapping[int, str]
    people: Mapping[str, str]


def _accounts(campaign: Campaign, server: AnnotationServer) -> _Accounts | None:
    """Ask a server for its accounts; None if none of them can be known to be somebody's."""
    people = {contact.email.casefold(): code for code, contact in contacts(campaign.id).items()}
    invited = server.invited()
    return _Accounts(server.accounts(), invited, people) if people or invited else None


def _of_people(campaign: Campaign, accounts: _Accounts) -> list[tuple[str, str]]:
    by_invitation = {f"{campaign.id}/{person.code}": person.code for person in campaign.people}
    found = []
    for email, account in accounts.by_email.items():
        person = accounts.invited.get(int(number(account)), "")
        code = by_invitation.get(person) or accounts.people.get(email.casefold())
        if code:
            found.append((code, account))
    return found


def _claims(state: State) -> Iterator[AccountClaim]:
    """Yield every claim ever made, in the order of recording."""
    found = state.events(AccountClaimed)
    claimed = details_of(found, AccountClaimed)
    for event, person, facts in zip(found["event_id"], found["subject"], claimed, strict=True):
        yield AccountClaim(event, person, facts.server, facts.account)


def claims(state: State) -> list[AccountClaim]:
    """Return the claims that wait for the lead; one per account, the latest, since it has one address."""
    owners, rejected = account_owners(state), set(state.events(Rejected)["subject"])
    latest = {(claim.server, claim.account): claim for claim in _claims(state)}
    return [
        claim
        for place, claim in latest.items()
        if owners.get(place) != claim.person and claim.event not in rejected
    ]


def confirm(state: State, wanted: Sequence[AccountClaim]) -> int:
    """Give these accounts to the people who claim them; return how many."""
    links = state.events(AccountLinked)
    rows = []
    for claim in wanted:
        link = AccountLinked(claim.server, claim.account)
        before = int(((links["subject"] == claim.person) & (links["detail"] == link.detail())).sum())
        rows.append(replace(link, confirmed=before + 1).row(claim.person))  # so that A→B→A stays three events
    return state.ledger.append(tables.EVENTS, rows)


# For the lead -------------------------------------------------------------------------------------------------


def for_the_lead(state: State, waiting: pd.DataFrame) -> Iterator[AgendaPoint]:
    """Yield the accounts that wait for the lead, and the work that does not count because of who wrote it.

    Args:
        state: the campaign.
        waiting: the annotations that are not interpreted yet.
    """
    owners, open_claims = account_owners(state), claims(state)
    waiting = waiting[waiting["server"] != "file"]
    yield from _claimed(open_claims, owners, waiting)
    yield from _unclaimed(open_claims, owners, waiting)
    yield from _foreign(state, owners)


def _claimed(open_claims: Sequence[AccountClaim], owners: Owners, waiting: pd.DataFrame) -> Iterator[AgendaPoint]:
    for server in sorted({claim.server for claim in open_claims}):
        mine = sorted((c for c in open_claims if c.server == server), key=lambda claim: claim.person)
        if len(mine) > _NAMED:
            people = ", ".join(f"{claim.person} ({number(claim.account)})" for claim in mine)
            yield AgendaPoint(
                f"{len(mine)} accounts on {server} have the addresses of people who had others there: {people}. "
                "If it was set up anew",
                "belebele accept accounts",
            )
        for claim in mine if len(mine) <= _NAMED else ():
            held = owners.get((server, claim.account))
            count = int(((waiting["server"] == server) & (waiting["account"] == claim.account)).sum())
            whose = f"is {held}'s and now has" if held else "has"
            work = f"; {count} submitted by it wait" if count and not held else ""
            yield AgendaPoint(
                f"account {number(claim.account)} on {server} {whose} {claim.person}'s address, who has another "
                f"account there{work}. Ask {claim.person}",
                f"belebele accept {claim.name}, or belebele reject {claim.name}",
            )


def _unclaimed(
    open_claims: Sequence[AccountClaim], owners: Owners, waiting: pd.DataFrame
) -> Iterator[AgendaPoint]:
    if waiting.empty:
        return
    claimed = {(claim.server, claim.account) for claim in open_claims}
    for place, found in waiting.groupby(["server", "workbench", "account"]):
        server, workbench, account = map(str, place)
        if (server, account) not in owners and (server, account) not in claimed:
            person, count = WorkbenchTitle.parse(workbench).person, found["annotation_id"].nunique()
            yield AgendaPoint(
                f"{workbench}: {count} submitted by account {number(account)}, which is nobody's yet. "
                f"If it is {person}'s",
                f"belebele contact {person} --email ADDRESS",
            )


def foreign_annotations(state: State) -> pd.DataFrame:
    """Return the annotations, with `outcome`, that never count because of their writer, unless the lead
    saw them.
    """
    read = state.events(Read)
    outcome = fact(read, Read, "outcome")
    read = read.assign(outcome=outcome)[outcome.isin([Became.OTHERS_BENCH, Became.OTHERS_HAND])]
    read = read[~among(read["subject"], state.events(Rejected)["subject"])]
    columns = ["event_id", "task_key", "server", "workbench", "account", "written_by"]
    made = state.annotations[among(state.annotations["event_id"], read["subject"])][columns]
    return made.merge(read[["subject", "outcome"]].rename(columns={"subject": "event_id"}), on="event_id")


def _foreign(state: State, owners: Owners) -> Iterator[AgendaPoint]:
    found = foreign_annotations(state)
    found = found[among(found["task_key"], state.tasks["task_key"])]  # the ledger may have lost tasks
    if found.empty:
        return
    tasks = by_key(state.tasks[among(state.tasks["task_key"], found["task_key"])], "task_key")
    found = found.assign(
        person=[tasks[key]["person"] for key in found["task_key"]],
        hand=[
            account if outcome == Became.OTHERS_BENCH else writer
            for account, writer, outcome in zip(
                *(found[c] for c in ("account", "written_by", "outcome")), strict=True
            )
        ],
    )
    for place, mine in found.groupby(["workbench", "server", "outcome", "hand", "account"], sort=True):
        workbench, server, outcome, hand, account = map(str, place)
        keys = sorted(mine["task_key"].unique())
        what = ", ".join(keys[:_NAMED]) + (", …" if len(keys) > _NAMED else "")
        person, count = mine["person"].iloc[0], mine["event_id"].nunique()
        again = f"None of it counts; {person} gets again what was not done before"
        who = _named(owners, server, hand)
        if outcome == Became.OTHERS_BENCH:
            yield AgendaPoint(
                f"{workbench}: {count} submitted by {who} on {person}'s workbench ({what}). {again}. Tell "
                f"{who} where to work",
                f"belebele reject {workbench}",
            )
        elif hand:
            name = owners.get((server, account), "") or f"account {number(account)}"
            yield AgendaPoint(
                f"{workbench}: {count} in {name}'s name written by {who} ({what}). {again}. See that {who} "
                f"does not write on {server} as somebody else",
                f"belebele reject {workbench}",
            )
        else:
            yield AgendaPoint(
                f"{workbench}: {count} that nobody was seen to write, as by an import ({what}). {again}. See who "
                f"has an account on {server}",
                f"belebele reject {workbench}",
            )


def _named(owners: Owners, server: str, account: str) -> str:
    """Name an account for the lead: its owner's code with the number, or the number alone."""
    if not account:
        return "nobody"
    code = owners.get((server, account))
    return f"{code} (account {number(account)} on {server})" if code else f"account {number(account)} on {server}"
