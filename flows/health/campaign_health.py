"""`belebele health`: whether what a campaign lives on is sound, one line each, for people and for monitoring.

It asks what must hold every day of a year: the ledger, its lease, the schedule, the servers, the disks. What stops
the next advance is told by `belebele check`, which looks longer. `health.schema.json` beside this file describes
the document.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from annotation.labelstudio.annotation_server import AnnotationServer
from data import storage
from data.campaign.campaign import Campaign
from data.environment import state_dir
from data.errors import BelebeleError, LedgerMissing
from data.ledger import Ledger
from data.ledger.lease import LEASE_SECONDS, is_dead
from data.ledger.tables import LEASES
from flows.campaign_state import State
from flows.health.advance_record import advance_record
from flows.progress import counted
from flows.reports.preflight_check import ROOM
from flows.services import schedule
from flows.services.running_servers import prefect_api, servers_of

FORMAT = 1
"""The version of the document; a field that goes or changes its meaning counts it on."""

Standing = Literal["sound", "note", "trouble"]


@dataclass(frozen=True)
class Sign:
    """One line.

    Attributes:
        about: what it is about; "server", "layer" and "disk" may come several times, with their `name`.
        standing: "sound", "note" (worth knowing, and nothing is wrong) or "trouble".
        says: what it is like, in words, with the cure if it is in trouble.
        name: which one of its kind; "" if there is one only.
        facts: the same for programs.
    """

    about: str
    standing: Standing
    says: str
    name: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        """✓, · or ✗."""
        return {"sound": "✓", "note": "·", "trouble": "✗"}[self.standing]

    @property
    def line(self) -> str:
        """The line for people."""
        return f"{self.mark} {f'{self.about} {self.name}'.strip():<18} {self.says}"


@dataclass(frozen=True)
class Health:
    """What was found of a campaign at one moment."""

    campaign: str
    at: datetime
    signs: tuple[Sign, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is in trouble."""
        return all(sign.standing != "trouble" for sign in self.signs)

    def document(self) -> dict[str, Any]:
        """Return all of it as `schema` describes it."""
        signs = json.loads(json.dumps([asdict(sign) for sign in self.signs], default=str))
        return {
            "format": FORMAT,
            "campaign": self.campaign,
            "at": self.at.isoformat(timespec="seconds"),
            "sound": self.sound,
            "signs": signs,
        }


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the document."""
    text = files("flows.health").joinpath("health.schema.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def health(address: str) -> Health:
    """Look at everything that a campaign's service needs.

    Args:
        address: the campaign's folder or object-store address.

    Raises:
        CampaignError: campaign.toml is wrong or missing.
        LedgerMissing: nothing was ever advanced here.
    """
    campaign = Campaign.load(address)
    signs = [
        *_told("ledger", lambda: _ledger(campaign, address)),
        *_told("lease", lambda: _lease(address)),
        *_schedule(campaign, address),
        *_problems(address),
        *_servers(campaign),
        *_assistant(campaign, address),
        *_disks(address),
    ]
    return Health(campaign.id, datetime.now(UTC), tuple(signs))


def _told(about: str, look: Callable[[], Sign]) -> Iterator[Sign]:
    try:
        yield look()
    except LedgerMissing:
        raise
    except BelebeleError as error:
        yield Sign(about, "trouble", _in_one_line(error))


def _ledger(campaign: Campaign, address: str) -> Sign:
    ledger = Ledger(address)
    tables = len(ledger.version())
    tasks = State(campaign, ledger).tasks
    facts = {"tables": tables, "tasks": len(tasks), "open_tasks": int(tasks["open"].sum())}
    says = f"{tables} tables can be read; {counted(facts['tasks'], 'task')}, {facts['open_tasks']} open"
    return Sign("ledger", "sound", says, facts=facts)


def _lease(address: str) -> Sign:
    leases = Ledger(address).read(LEASES)
    if leases.empty:
        return Sign("lease", "sound", "nobody has held the campaign yet", facts={"held": False})
    last = leases.sort_values(["epoch", "released", "beat"]).to_dict("records")[-1]
    if last["released"]:
        return Sign("lease", "sound", f"free; last held until {_at(last['beat_at'])}", facts={"held": False})
    dead = is_dead(address, {str(name): value for name, value in last.items()})
    facts = {"held": True, "dead": dead, "owner": str(last["owner"]), "beat_at": last["beat_at"]}
    if dead:
        says = f"{last['owner']} held it and is gone since {_at(last['beat_at'])}; the next advance takes it over"
        return Sign("lease", "note", says, facts=facts)
    silent = f"if that is more than {LEASE_SECONDS:.0f} s ago, look again in a minute"
    says = f"held by {last['owner']}, which gave a sign of life at {_at(last['beat_at'])}; {silent}"
    return Sign("lease", "sound", says, facts=facts)


def _schedule(campaign: Campaign, address: str) -> Iterator[Sign]:
    """Yield what the last run did and when the next is due."""
    told = schedule.standing(address)
    facts = schedule.standing_facts(told, campaign.schedule)
    if told.trouble or (told.last and told.last.outcome in ("failed", "cut short")):
        says = schedule.trouble_in_words(told, campaign.schedule)
        yield Sign("schedule", "trouble", says or schedule.standing_in_words(told, campaign.schedule), facts=facts)
        return
    standing: Standing = "sound" if told.kept else "note"
    yield Sign("schedule", standing, schedule.standing_in_words(told, campaign.schedule), facts=facts)


def _problems(address: str) -> Iterator[Sign]:
    record = advance_record(address)
    facts = {"open": record.problems, "ended": record.ended, "succeeded": record.succeeded}
    if record.ended is None:
        yield Sign("problems", "note", "no advance has run on this machine", facts=facts)
    elif record.problems:
        says = f"the last advance, at {_at(record.ended)}, left {counted(record.problems, 'problem')}: "
        yield Sign("problems", "trouble", f"{says}belebele advance names them", facts=facts)
    else:
        yield Sign("problems", "sound", f"the last advance, at {_at(record.ended)}, left none", facts=facts)


def _servers(campaign: Campaign) -> Iterator[Sign]:
    api_url = prefect_api()
    if api_url is None:
        yield Sign("prefect", "note", "no server answers here, so advance runs without a record")
    else:
        yield Sign("prefect", "sound", f"answers at {api_url}", facts={"url": api_url})
    try:
        servers = servers_of(campaign)
    except BelebeleError as error:
        yield Sign("server", "trouble", _in_one_line(error))
        return
    for name, server in servers.items():
        yield from _server(name, server)


def _server(name: str, server: AnnotationServer) -> Iterator[Sign]:
    try:
        version = server.check()
        layer = server.layer()
    except BelebeleError as error:
        yield Sign("server", "trouble", _in_one_line(error), name)
        return
    facts = {"url": server.url, "version": version}
    yield Sign("server", "sound", f"Label Studio {version} answers at {server.url}", name, facts)
    known = {"version": layer.version if layer else None, "own": layer.own if layer else False}
    if layer is None:
        says = "none, or one from before it told its version: belebele check tells more"
        yield Sign("layer", "note", says, name, known)
    elif layer.own:
        yield Sign("layer", "sound", f"version {layer.version}, this program's own", name, known)
    else:
        says = f"version {layer.version}, not the one that this program came with: copy it again and restart"
        yield Sign("layer", "note", f"{says} (docs/guides/team-server.md)", name, known)


def _assistant(campaign: Campaign, address: str) -> Iterator[Sign]:
    if not campaign.assistant.enabled:
        return
    from flows.services.assistant_process import address_of, answers  # slow to import

    place = address_of(campaign, address)
    facts = {"url": place}
    if place and answers(place):
        yield Sign("assistant", "sound", f"answers at {place}", facts=facts)
    else:
        where = f"does not answer at {place}" if place else "was never started on this machine"
        yield Sign("assistant", "trouble", f"{where}: belebele assistant", facts=facts)


def _disks(address: str) -> Iterator[Sign]:
    places = {"state": state_dir()}
    if not storage.is_remote(address):
        places["ledger"] = Path(address)
    for name, where in places.items():
        free = shutil.disk_usage(where).free
        says = f"{free / 1024**3:.1f} GiB free"
        facts = {"free_bytes": free, "wanted_bytes": ROOM}
        if free > ROOM:
            yield Sign("disk", "sound", says, name, facts)
        else:
            yield Sign("disk", "trouble", f"only {says}: make room for {ROOM / 1024**3:.0f} GiB", name, facts)


def _in_one_line(error: BelebeleError) -> str:
    return " ".join(str(error).split())


def _at(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"
