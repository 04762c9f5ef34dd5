"""`belebele check`: what would stop the next advance, and who has not signed up yet.

With --deep, whether the ledger is intact, byte for byte; with --mend, what cannot be recovered is given up and
named.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotation.guidelines import guideline_files
from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.words.catalogues import ENGLISH, unchecked, words_in
from data import sources, storage
from data.campaign import glossary, memory_files
from data.campaign.campaign import Campaign, compare, notes
from data.campaign.contacts import contacts, contacts_file
from data.environment import state_dir
from data.errors import BelebeleError, CampaignError, ServerError
from data.languages import language as find_language
from data.ledger import Ledger
from data.ledger.events import CampaignChanged, GivenUp, details_of
from data.ledger.references import dangling
from data.ledger.repair.integrity import damage
from data.ledger.repair.recovery import AGAIN, salvage, take_back
from data.ledger.tables import TABLES
from flows.campaign_state import State
from flows.inspection import ml_backends, webhooks
from flows.inspection.account_ownership import accounts_of_people
from flows.ledger_views.words_in_force import languages_of
from flows.offline.table_export import read_exported
from flows.services import schedule
from flows.services.running_servers import prefect_api, servers_of
from qc.reports.phrases import plural

ROOM = 2 * 1024**3
"""Bytes that should be free where the servers' data and the ledger are stored."""


@dataclass(frozen=True)
class Finding:
    """One line of the check."""

    text: str
    bad: bool = False
    note: bool = False  # worth knowing, but stops nothing

    @property
    def mark(self) -> str:
        """✓, · or ✗."""
        return "✗" if self.bad else "·" if self.note else "✓"


def examine(address: str) -> list[Finding]:
    """Check everything that an advance will need.

    Args:
        address: the campaign's folder or object-store address.
    """
    campaign = Campaign.load(address)
    state = State(campaign, Ledger(address))
    found = [Finding(f"campaign.toml of “{campaign.about.title}” is right")]
    found += [Finding(f"campaign.toml, {one}", note=True) for one in notes(address)]
    found += _changes(state)
    found += _source(campaign, address)
    found += [Finding(gap, note=True) for gap in (*campaign.gaps(), *campaign.unrecorded())]
    found += _glossary(campaign, address)
    found += _memory(campaign, address)
    found += _guidelines(campaign, address)
    found += _disk(address)
    found.append(_schedule(campaign, address))
    found += _aside(address)
    try:
        servers = servers_of(campaign)
    except BelebeleError as error:
        return [*found, Finding(str(error), bad=True)]
    found += _servers(campaign, servers)
    found += _redirected(state)
    return found


def examine_deeply(address: str) -> list[Finding]:
    """Compare every file of the ledger with what was acknowledged, and every event with what it rests on.

    Args:
        address: the campaign's folder or object-store address.
    """
    ledger = Ledger(address)
    found = [Finding(str(one), bad=True) for one in damage(ledger)]
    if found:
        cure = (
            "put the folder back from a copy; take what is lost from an older one, or from an exported table: "
            "belebele check --deep --mend --from COPY; or give it up: belebele check --deep --mend"
        )
        return [*found, Finding(f"the ledger is damaged; {cure}", bad=True)]
    losses = State(Campaign.load(address), ledger).events(GivenUp)
    given_up = dict(zip(losses["subject"], details_of(losses, GivenUp), strict=True))
    events = sum(len(ledger.read(table, ["event_id"])) for table in TABLES.values())
    whole = [Finding(f"all {events} events of the ledger are there, as they were written")]
    known = " (given up)" if given_up else ""
    for table, loss in given_up.items():
        lost = loss.lost
        if lost != 0 and (again := AGAIN.get(table)):
            many = "an unknown number of" if lost is None else lost
            whole.append(Finding(f"{table} had lost {many} rows (given up): {again}", note=True))
    return whole + [Finding(f"{one}{known}", bad=not given_up, note=True) for one in dangling(ledger)]


def mend(address: str, copy: str = "") -> list[Finding]:
    """Give up what the ledger lost and go on; name what was lost, and record it as an event.

    Args:
        address: the campaign's folder.
        copy: an older copy of it, or the parquet file of an exported table, from which what is lost now or was
            lost before is taken back.
    """
    made = salvage(Ledger(address))
    findings = [Finding(f"{one}; what was there lies in {one.aside}", note=True) for one in made]
    lost = [Finding(str(damaged), note=True) for one in made for damaged in one.damaged]
    exported = read_exported(Path(copy)) if Path(copy).is_file() else None
    back = take_back(Ledger(address), copy, exported) if copy else {}
    findings += [Finding(f"{name}: {count} rows are back from {copy}") for name, count in back.items()]
    if copy and not back:
        findings.append(Finding(f"{copy} holds nothing that the ledger lacks", note=True))
    return [*lost, *findings] or [Finding("nothing is damaged, so there is nothing to give up")]


def _changes(state: State) -> Iterator[Finding]:
    changes = state.events(CampaignChanged)
    if changes.empty:
        yield Finding("nothing was advanced yet", note=True)
        return
    before = Campaign.from_json(changes.iloc[-1]["detail"])
    open_work = state.tasks[state.tasks["open"]][["stage", "language", "person"]]
    for problem in compare(before, state.campaign, open_work, begun=len(state.tasks) > 0):
        yield Finding(problem, bad=True)


def _glossary(campaign: Campaign, address: str) -> Iterator[Finding]:
    if file := campaign.translation.glossary:
        try:
            terms = glossary.load(address, file).terms
        except CampaignError as error:
            yield from (Finding(f"the glossary {file}: {problem}", bad=True) for problem in error.problems)
            return
        yield Finding(f"the glossary {file} has {plural(len(terms), 'term')}")


def _memory(campaign: Campaign, address: str) -> Iterator[Finding]:
    targets = campaign.languages.targets
    for file in campaign.translation.memory:
        try:
            segments = memory_files.load(address, [file], campaign.source.language, targets)
        except CampaignError as error:
            yield from (Finding(f"the translation memory {problem}", bad=True) for problem in error.problems)
            continue
        languages = len({segment.language for segment in segments})
        held = f"{len(segments)} texts in {languages} of the {len(targets)} languages"
        yield Finding(f"the translation memory {file} has {held}", note=not segments)


def _guidelines(campaign: Campaign, address: str) -> Iterator[Finding]:
    if folder := campaign.guidelines.folder:
        people = [text for c in contacts(campaign.id).values() for text in (c.email, c.name) if text]
        try:
            found = guideline_files.load(address, campaign, people)
        except CampaignError as error:
            yield from (Finding(f"{folder}: {problem}", bad=True) for problem in error.problems)
            return
        questions = (
            f" (the quiz has {len(found.quiz.questions)} questions)" if guideline_files.QUIZ in found.own else ""
        )
        yield Finding(f"yours in {folder}: {', '.join(found.own) or 'nothing, so all are ours'}{questions}")
        yield from (Finding(f"{folder}: {problem}", note=True) for problem in found.unsaid)
    yield from _words(campaign, found.own if folder else ())


def _words(campaign: Campaign, own: Sequence[str]) -> Iterator[Finding]:
    """Tell whose pages speak words of ours that no native speaker has read."""
    spoken = {person.code: words_in(languages_of(person)).code for person in campaign.people}
    for code in unchecked() if {*spoken.values()} - {ENGLISH} else ():
        people = [person for person, speaks in spoken.items() if speaks == code]
        if people and f"words.{code}.po" not in own:
            name = find_language(code).name
            shown = f"{', '.join(people[:3])}{' …' if len(people) > 3 else ''}"
            yield Finding(
                f"pages in {name} ({shown}): we translated what they say, and no native speaker has checked it; "
                f"to correct it, put words.{code}.po among the guidelines",
                note=True,
            )


def _source(campaign: Campaign, address: str) -> Iterator[Finding]:
    path = campaign.source_path(address)
    try:
        there = set(sources.available(campaign.source.kind, path))
    except BelebeleError as error:
        yield Finding(str(error), bad=True)
        return
    missing = [code for code in campaign.text_languages if code not in there]
    if missing:
        yield Finding(f"{path} has no text in {', '.join(missing)}", bad=True)
    else:
        yield Finding(f"the source has text in all {len(campaign.text_languages)} languages")


def _disk(address: str) -> Iterator[Finding]:
    places = {"the servers' data": state_dir()}
    if not storage.is_remote(address):
        places["the ledger"] = Path(address)
    for what, where in places.items():
        free = shutil.disk_usage(where).free
        room = f"{free / 1024**3:.1f} GiB free for {what}"
        yield Finding(room if free > ROOM else f"only {room}; 2 GiB are wise", note=free <= ROOM)


def _schedule(campaign: Campaign, address: str) -> Finding:
    standing = schedule.standing(address)
    words = schedule.standing_in_words(standing, campaign.schedule)
    chosen = not standing.kept or standing.trouble == "paused"  # a person chose this and may have had a reason
    bad = standing.trouble is not None and not chosen
    return Finding(f"the schedule ({campaign.schedule.cron}): {words}", bad=bad, note=chosen)


def _aside(address: str) -> Iterator[Finding]:
    folder = Path(address, "ledger", "aside")
    if not storage.is_remote(address) and folder.is_dir():
        tables = ", ".join(sorted(one.name for one in folder.iterdir()))
        yield Finding(f"what a power cut left torn of {tables} lies in {folder}: it counts for nothing", note=True)


def _servers(campaign: Campaign, servers: Mapping[str, AnnotationServer]) -> Iterator[Finding]:
    api_url = prefect_api()
    if api_url is None:
        yield Finding("no Prefect server: advance runs without a record (belebele up starts one)", note=True)
    else:
        yield Finding(f"Prefect answers at {api_url}")
    for name, server in servers.items():
        try:
            yield Finding(f"Label Studio {server.check()} answers as {name!r} at {server.url}")
            yield _separation(name, server)
            yield from _people(campaign, name, server)
            standing = server.workbenches(f"{campaign.id}/", tidy=False)
            yield from (
                Finding(one.sentence(), note=True) for one in webhooks.campaign_webhooks(name, server, standing)
            )
        except ServerError as error:
            yield Finding(str(error), bad=True)


def _separation(name: str, server: AnnotationServer) -> Finding:
    if server.members() is not None:
        apart = f"{name!r} keeps accounts apart: each reaches its own workbenches only"
        layer = server.layer()
        if layer and layer.own:
            return Finding(f"{apart}; its layer, version {layer.version}, is this program's own")
        which = f"version {layer.version}" if layer else "from before it told its version"
        return Finding(
            f"{apart}; but its layer, {which}, is not the one that this program came with: restart `belebele up`, "
            "or on a team's server copy annotation/layer again and restart it (docs/guides/team-server.md)",
            note=True,
        )
    return Finding(
        f"{name!r} runs without our layer: every account there reaches everybody's work and keys "
        "(docs/guides/servers.md)",
        note=True,
    )


def _redirected(state: State) -> Iterator[Finding]:
    for title, asks in ml_backends.backend_records(state).items():
        if asks.changed:
            to = f", last to {', '.join(asks.found)}" if asks.found else ""
            yield Finding(f"somebody changed what {title} asks, {asks.changed} times{to}; put right", note=True)


def _people(campaign: Campaign, name: str, server: AnnotationServer) -> Iterator[Finding]:
    known = contacts(campaign.id)
    signed_up = {code for code, _ in accounts_of_people(campaign, server)}
    here = [person.code for person in campaign.people if name in campaign.servers_for(person)]
    unknown = [code for code in here if code not in known]
    absent = [code for code in here if code in known and code not in signed_up]
    if unknown:
        yield Finding(
            f"no address is known of {', '.join(unknown)}: belebele contact CODE --email ADDRESS "
            f"(they stay in {contacts_file(campaign.id)})",
            note=True,
        )
    if absent:
        each = "Each has an invitation: belebele links" if server.members() is not None else ""
        cure = each or f"Send them {server.invitation()}"
        yield Finding(f"not signed up on {name!r} yet: {', '.join(absent)}. {cure}", note=True)
    if not unknown and not absent:
        yield Finding(f"everybody who works there has signed up on {name!r}")
