"""The lease: one run at a time changes a campaign, and a dead one is taken over.

A holder is alive if its beat, a number, keeps growing; dates are not used, because clocks of two machines need not
agree. A run that meets another's lease notes its beat with its own machine's uptime; a run that sees the same beat
a lease's length later takes over. Nobody waits for that: the next scheduled run is the second look. A holder on
this machine whose process is gone is dead at once; after the machine's own restart it is seen to be silent first.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError

from data import storage
from data.environment import state_dir
from data.errors import CampaignBusy, LedgerError
from data.ledger.opened_table import file_facts
from data.ledger.tables import Row, digest

LEASE_SECONDS = 60.0
"""A lease whose beat was seen unchanged for this long is dead and may be taken over."""

_log = logging.getLogger(__name__)


class Leases(Protocol):
    """The part of the ledger that a lease uses."""

    address: str

    def named(self, doing: str) -> Any:
        """Return a context that turns errors of a disk or an object store into ours."""

    def rows(self, opened: DeltaTable, epoch: int) -> pa.Table:
        """Return the rows of an epoch."""

    def write(self, opened: DeltaTable, row: Row, epoch: int) -> None:
        """Write a row; raise CommitFailedError if somebody wrote since the table was opened."""


class Lease:
    """A campaign that is held, or about to be.

    Args:
        leases: writes to the ledger's table of leases.
        opened: that table, kept open so that another look reads only what is new.
        owner: the holder, as of `this_process`.
    """

    def __init__(self, leases: Leases, opened: DeltaTable, owner: str) -> None:
        self._leases = leases
        self._opened = opened
        self.owner = owner
        self.epoch = 0

    @contextmanager
    def taken(self, mark: Callable[[int], None]) -> Iterator[int]:
        """Hold the campaign.

        Args:
            mark: marks every table with the epoch, so that writes of a run that was taken over conflict.

        Yields:
            The epoch.

        Raises:
            CampaignBusy: another run holds it.
        """
        self.epoch = self._acquire(mark)
        stop = threading.Event()
        heart = threading.Thread(target=self._beat, args=(stop,), daemon=True)
        heart.start()
        try:
            yield self.epoch
        except BaseException as error:
            try:
                self._release(heart, stop)
            except LedgerError as also:
                error.add_note(f"(The lease could not be given back either: {also})")
            raise
        self._release(heart, stop)

    def _acquire(self, mark: Callable[[int], None]) -> int:
        last = self._last()  # a commit by another run since the tables were opened is a conflict
        if last is not None and not last["released"] and not is_dead(self._leases.address, last):
            raise CampaignBusy(
                f"{self._leases.address} is being advanced by {last['owner']} "
                f"(last sign of life {last['beat_at']:%Y-%m-%d %H:%M:%S} UTC, by its clock). "
                "Nothing to do: it will finish the work. If it gives no further sign of life, a run that begins "
                f"{LEASE_SECONDS:.0f} seconds from now takes over."
            )
        epoch = 1 if last is None else int(last["epoch"]) + 1
        try:
            self._write(epoch, beat=0, released=False)
        except CommitFailedError:
            raise CampaignBusy(
                f"{self._leases.address} was taken by another run this moment. Nothing to do."
            ) from None
        if last is not None and not last["released"]:
            mark(epoch)
        return epoch

    def _beat(self, stop: threading.Event) -> None:
        beat = 0
        while not stop.wait(LEASE_SECONDS / 4):
            beat += 1
            try:
                if not self._renew(beat=beat, released=False):
                    return  # taken over: the next append will notice
            except LedgerError as error:
                _log.warning("no sign of life could be written, the next is due soon: %s", error)

    def _release(self, heart: threading.Thread, stop: threading.Event) -> None:
        stop.set()
        heart.join()
        self._renew(beat=-1, released=True)

    def _renew(self, *, beat: int, released: bool) -> bool:
        """Write a beat, or the last one; return False if another run took the campaign over."""
        for _ in range(5):
            with self._leases.named("open"):
                self._opened.update_incremental()
            if self._newest_epoch() > self.epoch:
                return False
            try:
                self._write(self.epoch, beat=beat, released=released)
                return True
            except CommitFailedError:
                continue  # somebody wrote since it was opened; look again
        raise LedgerError(f"cannot write the lease of {self._leases.address}: another process keeps changing it")

    def _newest_epoch(self) -> int:
        """Return the highest epoch in the table, by its files' statistics; 0 if nobody ever held the campaign."""
        with self._leases.named("read"):
            epochs = [epoch for (epoch,) in file_facts(self._opened, "max.epoch") if epoch is not None]
            return max(epochs, default=0)

    def _last(self) -> dict[str, Any] | None:
        epoch = self._newest_epoch()
        if not epoch:
            return None
        with self._leases.named("read"):
            rows = self._leases.rows(self._opened, epoch)
        latest = rows.sort_by([(column, "descending") for column in ("epoch", "released", "beat")]).slice(0, 1)
        return next(iter(latest.to_pylist()), None)

    def _write(self, epoch: int, *, beat: int, released: bool) -> None:
        now = datetime.now(UTC)
        row = {"epoch": epoch, "owner": self.owner, "beat": beat, "released": released, "beat_at": now}
        self._leases.write(self._opened, row, epoch)


def this_process() -> str:
    """Return how this process is called as a holder: its machine and its number there."""
    return f"{this_machine()}:{os.getpid()}"


@cache
def this_machine() -> str:
    """Return the name of the place in which process numbers mean what they mean here.

    The host's name is not enough: containers and copied machines may share one. So a digest of this start of the
    machine and of the space of process numbers stands beside it, where the system tells them (Linux).
    """
    try:
        started = Path("/proc/sys/kernel/random/boot_id").read_text("ascii")
        return f"{socket.gethostname()}/{digest(started, str(Path('/proc/self/ns/pid').readlink()))[:8]}"
    except OSError:
        return socket.gethostname()


def is_dead(address: str, lease: Mapping[str, Any]) -> bool:
    """Return whether the holder of a lease is dead, as far as this machine has seen, and note what it sees now."""
    machine, _, pid = str(lease["owner"]).rpartition(":")
    if machine == this_machine() and pid.isdigit() and not _is_running(int(pid)):
        return True
    return _silent(address, lease) >= LEASE_SECONDS


def _silent(address: str, lease: Mapping[str, Any]) -> float:
    """Return how long ago this machine first saw this beat, in seconds of its own uptime; 0 at the first look."""
    beat = [str(lease["owner"]), int(lease["epoch"]), int(lease["beat"])]
    folder = str(state_dir() / "leases")
    name = f"{digest(storage.absolute(address))}.json"
    now = time.monotonic()  # after a restart of the machine this is too low, which only waits longer
    noted = _noted(folder, name)
    known = noted.get("beat") == beat and noted.get("machine") == this_machine()
    if known and float(noted["at"]) <= now:
        return now - float(noted["at"])
    storage.write_text(folder, name, json.dumps({"beat": beat, "machine": this_machine(), "at": now}))
    return 0.0


def _noted(folder: str, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads(storage.read_text(folder, name)))
    except (FileNotFoundError, ValueError):
        return {}  # no look so far, or a half-written note


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)  # signal 0 only checks
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # somebody else's process
    return True
