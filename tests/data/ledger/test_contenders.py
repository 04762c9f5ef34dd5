"""Thirty runs want one campaign, and some die while they hold it: one holds it at a time, each has its turn."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from data.errors import CampaignBusy, LeaseLost
from data.ledger import Ledger
from data.ledger import lease as leases
from data.ledger.tables import EVENTS, LEASES
from tests.object_store_fixture import object_store

CONTENDERS = 30
DYING = ("machine-3:1", "machine-17:1")
SILENT = 6.0
"""Seconds of silence after which a holder is taken for dead."""


@dataclass
class Contest:
    """The contenders, and what was seen of them."""

    address: str
    until: float
    pause: float
    """About how many seconds each waits before it tries again."""
    inside: set[str] = field(default_factory=set)
    met: list[set[str]] = field(default_factory=list)
    turns: list[tuple[int, str]] = field(default_factory=list)
    refused: int = 0
    overtaken: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def contend(self, number: int) -> Ledger | None:
        """Try until the campaign was held once; return the ledger of a holder that died."""
        owner, chance = f"machine-{number}:1", random.Random(number)
        while time.monotonic() < self.until:
            ledger = Ledger(self.address)
            try:
                with ledger.lease(owner):
                    return self._hold(ledger, owner)
            except LeaseLost:  # this machine held up its signs of life; nothing was written
                with self.guard:
                    self.overtaken += 1
                    self.inside.discard(owner)
            except CampaignBusy:
                with self.guard:
                    self.refused += 1
                time.sleep(chance.uniform(0.4, 1.6) * self.pause)
        raise AssertionError(f"{owner} never had its turn")

    def _hold(self, ledger: Ledger, owner: str) -> Ledger | None:
        with self.guard:
            self.inside.add(owner)
            self.met.append(set(self.inside))
        assert ledger.epoch is not None
        ledger.append(EVENTS, [{"kind": "query", "subject": owner, "language": "", "detail": ""}])
        with self.guard:
            self.turns.append((ledger.epoch, owner))
            self.inside.discard(owner)
        if owner not in DYING:
            return None
        epoch, left = ledger.epoch, Ledger(self.address)
        left.epoch = epoch  # as the dead one would go on if it woke up
        return left


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    if request.param == "folder":
        yield str(tmp_path / "wells")
        return
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with object_store(monkeypatch) as store:
        yield f"{store}/campaigns/wells"


@pytest.fixture(autouse=True)
def some_die(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those who die neither give a sign of life nor give the lease back."""
    monkeypatch.setattr(leases, "LEASE_SECONDS", SILENT)
    beat, release = leases.Lease._beat, leases.Lease._release

    def beats(self: leases.Lease, stop: threading.Event) -> None:
        if self.owner not in DYING:
            beat(self, stop)

    def releases(self: leases.Lease, heart: threading.Thread, stop: threading.Event) -> None:
        if self.owner not in DYING:
            release(self, heart, stop)

    monkeypatch.setattr(leases.Lease, "_beat", beats)
    monkeypatch.setattr(leases.Lease, "_release", releases)


@pytest.mark.slow
@pytest.mark.parametrize(("address", "pause"), [("folder", 0.2), ("object store", 5.0)], indirect=["address"])
def test_thirty_contenders_hold_it_one_at_a_time_and_all_have_their_turn(address: str, pause: float) -> None:
    Ledger.create(address)
    contest = Contest(address, time.monotonic() + 400, pause)
    with ThreadPoolExecutor(CONTENDERS) as pool:
        left = [one for one in pool.map(contest.contend, range(CONTENDERS)) if one is not None]
    assert max(map(len, contest.met)) == 1 or contest.overtaken
    assert sorted(owner for _, owner in contest.turns) == sorted(f"machine-{n}:1" for n in range(CONTENDERS))
    assert contest.refused > CONTENDERS, "they did contend"
    rows = Ledger(address).read(EVENTS)
    assert list(rows["subject"]) == [owner for _, owner in sorted(contest.turns)], "in the order of their turns"
    epochs = Ledger(address).read(LEASES).groupby("epoch")["owner"].nunique()
    assert epochs.max() == 1
    assert list(epochs.index) == list(range(1, len(epochs) + 1))
    assert len(left) == len(DYING)
    last = max(epoch for epoch, _ in contest.turns)
    for dead in left:
        if dead.epoch is not None and dead.epoch < last:
            with pytest.raises(LeaseLost):
                dead.append(EVENTS, [{"kind": "query", "subject": "late", "language": "", "detail": ""}])
    assert "late" not in set(Ledger(address).read(EVENTS)["subject"])
