"""The note of a run that found nothing to do: while nothing has changed since then, there is nothing to do now.

Whether an advance has something to do follows from the ledger, campaign.toml and the files that it names, the
contacts of this machine, the program, and what the servers answer. Where people are sent messages, the hour of the
day and the environment decide too, and a note holds for an hour at most; no other step asks a clock. A run that
found nothing to do leaves a note with digests of all of these, taken before it began, and the next one compares.
That costs the same for thirty million verdicts as for thirty, because no table is read.

The note lies in the state folder and may be lost at any time: without it, or if anything differs, everything is
looked at as before. A run that asked a server for anything beyond what is compared here leaves none.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from annotation.labelstudio.server_layer import CopyHeld
from annotation.labelstudio.server_records import NOWHERE, Collected, Listing, Mark, Placed, Workbench
from data import sources, storage
from data.campaign.campaign import Campaign
from data.campaign.contacts import contacts
from data.campaign.named_files import named_files
from data.environment import state_dir
from data.errors import BelebeleError
from data.ledger import Ledger
from data.ledger.tables import digest
from flows.campaign_state import State
from flows.inspection.copies_at_work import hold_servers
from flows.program_digest import program_digest
from flows.progress import Progress
from flows.run_mode import Mode
from flows.steps.collection import nothing_new

if TYPE_CHECKING:
    from annotation.labelstudio.annotation_server import AnnotationServer

ASKED = frozenset({"accounts", "invited", "members", "webhooks"})
"""What a run asks every server for, beside its workbenches and submissions."""

ASKED_OF_CAMPAIGN = frozenset({"person_pages"})
"""What it asks every server for that is one campaign's."""


class ServerAnswers:
    """A server whose answers are digested on their way, in the place of the server itself.

    Args:
        server: that is asked.

    Attributes:
        answers: digests of what it answered, by method.
        placed: the workbenches by which it was asked to list its own.
        watched: the titles for which it was asked to read a workbench whole once a day.
        whole: digests of what stood in the workbenches that it read whole, by title.
        comparable: whether another run can ask the same again and so learn that nothing has changed.
    """

    def __init__(self, server: AnnotationServer) -> None:
        self._server = server
        self.url, self.name = server.url, server.name
        self.answers: dict[str, str] = {}
        self.placed: Mapping[int, Placed] = NOWHERE
        self.watched: Collection[str] = ()
        self.whole: dict[str, str] = {}
        self.comparable = True
        self._read = False

    def __getattr__(self, name: str) -> Any:
        """Ask for anything else. Only answers to methods of `ASKED` and `ASKED_OF_CAMPAIGN` can be compared."""
        asked = getattr(self._server, name)
        if name in ASKED_OF_CAMPAIGN:
            return lambda campaign: self._noted(name, partial(asked, campaign))
        if name not in ASKED:
            self.comparable = False
            return asked
        return lambda: self._noted(name, asked)

    def note_copy(self, asked: Mapping[str, object]) -> CopyHeld | None:
        """Ask which copy of the campaign works there; every run asks that first, also one that only compares."""
        return self._server.note_copy(asked)

    def listing(self, prefix: str, *, tidy: bool = True, placed: Mapping[int, Placed] = NOWHERE) -> Listing:
        """List the workbenches as the server does."""
        self.placed = placed
        found: Listing = self._noted("listing", lambda: self._server.listing(prefix, tidy=tidy, placed=placed))
        return found

    def submissions(
        self,
        workbenches: Iterable[Workbench],
        marks: Mapping[str, Mark] | None = None,
        *,
        full: bool = False,
        watched: Collection[str] = (),
    ) -> Collected:
        """Return what was submitted, as the server does. What is compared is what was read whole."""
        comparable, self.comparable = self.comparable and not full and not self._read, False
        found = self._server.submissions(workbenches, marks, full=full, watched=watched)
        whole = _read_whole(found)
        self.watched, self.whole, self._read = watched, whole or {}, True
        self.comparable = comparable and whole is not None
        return found

    def _noted(self, name: str, ask: Callable[[], Any]) -> Any:
        comparable, self.comparable = self.comparable, False
        answer = ask()  # a server that raises stays incomparable
        said = digest(_plain(answer))
        self.comparable = comparable and self.answers.get(name, said) == said
        self.answers[name] = said
        return answer


class IdleNote:
    """The note of one campaign, on this machine.

    Args:
        campaign: as campaign.toml has it now.
        address: its folder or object-store address.
        servers: by name, as the run will ask them.

    Attributes:
        servers: to be used in the run, in the place of those.
    """

    def __init__(self, campaign: Campaign, address: str, servers: Mapping[str, AnnotationServer]) -> None:
        self._campaign = campaign
        self._ledger = Ledger(address)
        self._given = servers
        self._answering = {name: ServerAnswers(server) for name, server in servers.items()}
        self.servers = cast("dict[str, AnnotationServer]", self._answering)
        self._folder = str(state_dir() / "idle")
        self._name = f"{digest(storage.absolute(address), campaign.id)}.json"
        self._noted = self._read()
        self._world = _world(campaign, self._ledger, self._noted)

    def holds(self) -> Progress | None:
        """Return what the run that left the note reported, if nothing has changed since; else None.

        How far the servers were read is noted, as after every look.
        """
        noted = self._noted
        if self._world is None or noted["world"] != self._world or set(noted["servers"]) != set(self._given):
            return None
        with suppress(BelebeleError):  # the look that follows will meet and tell it
            hold_servers(State(self._campaign, self._ledger), self._given, Mode.LOOK)
            if all(self._answers_the_same(name, noted) for name in self._given):
                return Progress(problems=list(noted["problems"]))
        return None

    def leave(self, progress: Progress, events: int) -> None:
        """Leave a note after a run that found nothing to do, if the next one can compare all that it rests on.

        Args:
            progress: what the run reported.
            events: how many annotation events the ledger holds.
        """
        if self._world is None or not all(one.comparable for one in self._answering.values()):
            return
        before = self._noted["servers"] if self._noted["world"] == self._world else {}
        note = {
            "world": self._world,
            "problems": progress.problems,
            "events": events,
            "servers": {
                name: {
                    "url": one.url,
                    "answers": one.answers,
                    "placed": [[number, *place] for number, place in one.placed.items()],
                    "watched": sorted(one.watched),
                    "whole": before.get(name, {}).get("whole", {}) | one.whole,
                }
                for name, one in self._answering.items()
            },
        }
        with suppress(OSError):  # a full disk, say: the next run looks at everything
            storage.write_text(self._folder, self._name, json.dumps(note), mode=0o600)

    def _read(self) -> dict[str, Any]:
        with suppress(OSError, ValueError):
            noted = json.loads(storage.read_text(self._folder, self._name))
            if isinstance(noted, dict) and isinstance(noted.get("world"), dict):
                return noted
        return {"world": {}, "servers": {}}  # there is none, or half of one

    def _answers_the_same(self, name: str, noted: Mapping[str, Any]) -> bool:
        server, told = self._given[name], noted["servers"][name]
        if server.url != told["url"] or "listing" not in told["answers"]:
            return False
        placed = {number: Placed(title, made) for number, title, made in told["placed"]}
        listing = server.listing(f"{self._campaign.id}/", placed=placed)
        known = set(told["answers"])
        asked = {method: getattr(server, method)() for method in sorted(ASKED & known)}
        of_campaign = {
            method: getattr(server, method)(self._campaign.id) for method in sorted(ASKED_OF_CAMPAIGN & known)
        }
        answers = {"listing": listing, **asked, **of_campaign}
        if any(digest(_plain(answer)) != told["answers"][method] for method, answer in answers.items()):
            return False
        is_known = partial(_is_known, told["whole"])
        return nothing_new(self._ledger, server, listing.workbenches, told["watched"], noted["events"], is_known)


def _read_whole(found: Collected) -> dict[str, str] | None:
    """Return digests of what stood in each workbench that was read whole; None if anything else was found."""
    shown: dict[str, list[object]] = {title: [] for title in found.complete}
    tasks = [(one.workbench, _plain(one)) for one in found.touched]
    for title, told in [*tasks, *((one.workbench, _plain(one)) for one in found.submissions)]:
        if title not in shown:
            return None
        shown[title].append(told)
    if found.unread or found.failed:
        return None
    return {title: digest(sorted(parts, key=repr)) for title, parts in shown.items()}


def _is_known(whole: Mapping[str, str], found: Collected) -> bool:
    """Return whether nothing was found but workbenches read whole that hold what they held the last time."""
    again = _read_whole(found)
    return again is not None and all(whole.get(title) == said for title, said in again.items())


def _world(campaign: Campaign, ledger: Ledger, noted: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what decides what is to be done, but for the servers, in digests; None if it cannot be known.

    Args:
        campaign: as it is now.
        ledger: the campaign's.
        noted: an earlier note.
    """
    address = ledger.address
    people = {code: _plain(one) for code, one in contacts(campaign.id).items()}
    with suppress(BelebeleError, OSError):
        source = sources.fingerprint(
            campaign.source.kind, campaign.source_path(address), list(campaign.text_languages)
        )
        named = [[path, list(_standing(path))] for path in named_files(campaign, address)]
        standing = ledger.standing(noted["world"].get("ledger", {}))
        return {
            "ledger": {name: list(one) for name, one in standing.items()},
            "rest": digest(
                "idle", program_digest(), campaign.to_json(), people, source, named, _what_tells(campaign)
            ),
        }
    return None


def _what_tells(campaign: Campaign) -> list[str]:
    """Return what decides, beside the ledger, whether somebody is to be sent a message now."""
    if not campaign.notify.enabled:
        return []
    hour = datetime.now(ZoneInfo(campaign.schedule.timezone)).strftime("%Y-%m-%d %H")
    return [
        hour,
        *(f"{name}={value}" for name, value in sorted(os.environ.items()) if name.startswith("BELEBELE_")),
    ]


def _standing(path: str) -> Iterator[list[Any]]:
    """Yield what tells whether a file, or those in a folder, were changed: in an object store their bytes."""
    if storage.is_remote(path):
        folder, _, name = path.rpartition("/")
        with suppress(FileNotFoundError):
            for one in storage.names(path):
                yield [one, digest(storage.read_bytes(path, one).hex())]
            return
        yield [name, digest(storage.read_bytes(folder, name).hex())]
        return
    root = Path(path)
    files = sorted(root.rglob("*")) if root.is_dir() else [root] if root.exists() else []
    for file in files:
        facts = file.stat()
        yield [str(file), facts.st_size, facts.st_mtime_ns, facts.st_ino]


def _plain(value: object) -> object:
    """Return a server's answer as values that have a canonical JSON: the same for equal answers."""
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, Mapping):
        return sorted(([_plain(key), _plain(one)] for key, one in value.items()), key=repr)
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(one) for one in value), key=repr)
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, datetime) else value
