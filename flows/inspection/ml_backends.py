"""ML backends: the assistant that each workbench asks while its author types, and any other that it asks instead.

Anybody with an account on a server can add an ML backend there, or redirect ours to an address of their own, and
from then on read what the author types. So every look asks the server for all backends of each workbench, except
workbenches that were never connected or whose assistant moved: those are due to be set anyway.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from annotation.labelstudio.annotation_server import AnnotationServer
from annotation.labelstudio.assistant_passwords import Credentials, Keyring
from annotation.labelstudio.client import Backend, Workbench
from data.errors import ServerError
from data.ledger import tables
from data.ledger.events import Assisted, details_of
from data.ledger.tables import digest
from data.ledger.task_keys import WorkbenchTitle
from flows.campaign_state import State

_LOOKS = 4  # workbenches looked at concurrently

Counted = Mapping[str, Mapping[str, Workbench]]
"""The workbenches on each server that answered, by title."""


@dataclass(frozen=True)
class BackendRecord:
    """The ledger's record of the assistant that a workbench asks.

    Attributes:
        mark: a fingerprint of the address and the password; "" for none.
        made: when the workbench that asks it was made, ISO 8601.
        generation: of its password.
        events: how many events there are of this workbench.
        changed: how often somebody had changed its backends.
        found: the addresses found there last.
    """

    mark: str = ""
    made: str = ""
    generation: int = 0
    events: int = 0
    changed: int = 0
    found: tuple[str, ...] = ()


def backend_records(state: State) -> dict[str, BackendRecord]:
    """Return what the ledger knows of the assistant that each workbench asks, by title."""
    known: dict[str, BackendRecord] = {}
    events = state.events(Assisted)
    for title, one in zip(events["subject"], details_of(events, Assisted), strict=True):
        before = known.get(title, BackendRecord())
        known[title] = BackendRecord(
            one.asks,
            one.made,
            one.generation or 0,
            before.events + 1,
            before.changed + (one.found is not None),
            tuple(one.found or before.found),
        )
    return known


@dataclass(frozen=True)
class WrongBackend:
    """A workbench that asks another assistant than it should, or more than one.

    Attributes:
        server: its server's name.
        bench: the workbench.
        changed: whether it was set correctly, so that somebody changed it since.
        found: the other addresses that it asks.
    """

    server: str
    bench: Workbench
    changed: bool = False
    found: tuple[str, ...] = ()

    def sentence(self) -> str:
        """The alteration and its consequences, in a sentence."""
        asked = ", ".join(self.found) or "the assistant no more, or not as it was"
        gone = ", and what was typed since the advance before may have gone there" if self.found else ""
        return (
            f"workbench {self.bench.title} asked {asked}: somebody with an account on server {self.server!r} "
            f"changed that{gone}. It is put right, with another password"
        )


class WantedBackends:
    """The assistant that each workbench of a campaign should ask, and the credentials for it.

    Args:
        state: the campaign.
        place: the assistant's address; "" for none.
        keyring: its passwords.
    """

    def __init__(self, state: State, place: str, keyring: Keyring) -> None:
        self.place = place
        self._keyring = keyring
        self._known = backend_records(state)

    def generation(self, title: str) -> int:
        """The password's current generation; a restored ledger can be behind what the assistant has seen."""
        return max(self._known.get(title, BackendRecord()).generation, self._keyring.latest(title), 1)

    def credentials(self, title: str, generation: int = 0) -> Credentials:
        """Return the credentials of a workbench, by default of the current generation."""
        return self._keyring.of(title, generation or self.generation(title))

    def due(self, bench: Workbench) -> bool:
        """Whether the workbench asks another assistant according to the ledger."""
        held = self._known.get(bench.title, BackendRecord())
        moved = bool(self.place) and held.made != bench.made.isoformat()
        return held.mark != self.mark(self.credentials(bench.title)) or moved

    def amiss(self, server: str, bench: Workbench, held: Sequence[Backend]) -> WrongBackend | None:
        """Return what is wrong with the backends of a workbench that, by the ledger, asks the right assistant."""
        credentials = self.credentials(bench.title)
        if [one.asks(self.place, credentials.user, credentials.seal) for one in held] == [True]:
            return None
        return WrongBackend(server, bench, True, tuple(sorted({one.url for one in held} - {self.place})))

    def mark(self, credentials: Credentials) -> str:
        """Return the fingerprint of these credentials, which does not reveal the password; "" for none."""
        identity = (self.place, credentials.user, credentials.seal)
        return digest("assistant", *identity)[:16] if self.place else ""


def note(state: State, one: WrongBackend, mark: str, generation: int) -> None:
    """Record that a workbench asks another assistant from now on.

    Args:
        state: the campaign.
        one: the workbench, and what was wrong with it.
        mark: of what it asks now; "" for none, or for what somebody else put there.
        generation: of the password from now on.
    """
    title = one.bench.title
    number = (
        backend_records(state.fresh()).get(title, BackendRecord()).events + 1
    )  # so that A→B→A stays three events
    found = list(one.found) if one.changed and not mark else None
    said = Assisted(mark, one.bench.made.isoformat(), number, generation, found)
    state.ledger.append(tables.EVENTS, [said.row(title)])


def look(
    wanted: WantedBackends, servers: Mapping[str, AnnotationServer], counted: Counted, problems: list[str]
) -> list[WrongBackend]:
    """Return the authoring workbenches that ask another assistant than they should, as each server reports now.

    Args:
        wanted: what they should ask.
        servers: by name.
        counted: the workbenches on each server that answered.
        problems: receives why a workbench could not be looked at.
    """
    benches = [
        (name, bench)
        for name, standing in counted.items()
        for title, bench in standing.items()
        if WorkbenchTitle.parse(title).stage == "authoring"
    ]
    due = [WrongBackend(name, bench) for name, bench in benches if wanted.due(bench)]

    def seen(one: tuple[str, Workbench]) -> WrongBackend | str | None:
        try:
            return wanted.amiss(*one, servers[one[0]].backends(one[1]))
        except ServerError as error:
            return str(error)

    with ThreadPoolExecutor(_LOOKS) as pool:
        there = [one for one in benches if wanted.place and not wanted.due(one[1])]
        found = list(pool.map(seen, there))
    problems += [one for one in found if isinstance(one, str)]
    return [*due, *(one for one in found if isinstance(one, WrongBackend))]
