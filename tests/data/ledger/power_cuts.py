"""A machine that loses power: what of a folder is on the disk, and what a cut may leave of the rest.

Every `os.fsync` of this process is noted instead of done. A file that was not synced since it changed may be found
as it was when it was synced, as it is, emptied, cut off, or full of zeros (where it only grew, from there on). A
name that came or went since its folder was synced may be there or not. What was synced stays. A cut may come
before any sync.
"""

from __future__ import annotations

import logging
import os
import random
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from data.ledger import Ledger, compaction
from data.ledger.lease import this_machine
from data.ledger.tables import EVENTS, VERDICTS

GONE = f"{this_machine()}:{2**22 + 1}"
"""A process of this machine that is not there any more."""


class PowerCut(BaseException):
    """The machine is off."""


class Disk:
    """What of a folder is on the disk.

    Args:
        root: the folder.
        chance: what a cut leaves is drawn by it.
    """

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.root = root
        self.chance = chance
        self.left = -1  # syncs before the cut; below 0 for none
        self._lock = threading.Lock()
        self._held: dict[int, int] = {}  # inodes kept open, so that no other file gets their number
        self._contents: dict[int, bytes] = {}
        self._names: dict[Path, dict[str, int]] = {}
        self.rest()

    def rest(self) -> None:
        """All that is there is on the disk."""
        for handle in self._held.values():
            os.close(handle)
        self._held, self._contents, self._names = {}, {}, {}
        for folder, _, files in os.walk(self.root):
            self._names[Path(folder)] = _names(Path(folder))
            for name in files:
                self._hold(Path(folder, name))

    def _hold(self, path: Path) -> None:
        number = path.stat().st_ino
        if number not in self._held:
            self._held[number] = os.open(path, os.O_RDONLY)
        self._contents[number] = path.read_bytes()

    def sync(self, handle: int) -> None:
        """Note what `os.fsync` was asked for, or cut the power instead."""
        with self._lock:
            if self.left == 0:
                raise PowerCut
            self.left -= 1
            path = Path(f"/proc/self/fd/{handle}").readlink()
            if path.is_relative_to(self.root):
                if path.is_dir():
                    self._names[path] = _names(path)
                else:
                    self._hold(path)

    @contextmanager
    def running(self, syncs: int) -> Iterator[None]:
        """The machine runs until so many syncs are done, or to the end; then the power is cut."""
        self.left = syncs
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", self.sync)
            with suppress(PowerCut):
                yield
        self.left = -1
        self.cut()

    def cut(self) -> None:
        """Leave what a cut may leave."""
        left = dict(self._left(self.root))
        for path in sorted(self.root.rglob("*"), reverse=True):  # what stays keeps its number
            if path not in left:
                path.rmdir() if path.is_dir() else path.unlink()
        for path, content in left.items():
            if content is None:
                path.mkdir(exist_ok=True)
            else:
                path.write_bytes(content)
        self.rest()

    def _left(self, folder: Path) -> Iterator[tuple[Path, bytes | None]]:
        now = _names(folder) if folder.is_dir() else {}
        before = self._names.get(folder, {})
        for name in sorted(now.keys() | before.keys()):
            path = folder / name
            number = self.chance.choice([now.get(name), before.get(name)])
            if number is None:
                continue
            if path.is_dir() or path in self._names:
                yield path, None
                yield from self._left(path)
                continue
            current = path.read_bytes() if now.get(name) == number else None
            yield path, self._content(current, self._contents.get(number))

    def _content(self, now: bytes | None, synced: bytes | None) -> bytes:
        if now is None or now == synced:
            return synced or b""
        kept = synced if synced and now.startswith(synced) else b""  # of a file that only grew
        grown = now[len(kept) :]
        cut_off = grown[: self.chance.randrange(len(grown) + 1)]
        return self.chance.choice([now, synced or b"", kept, kept + cut_off, kept + b"\0" * len(grown)])


def _names(folder: Path) -> dict[str, int]:
    return {one.name: one.inode() for one in os.scandir(folder)}


@dataclass
class Life:
    """A ledger that is written to and loses power, again and again.

    Attributes:
        address: the campaign's folder, with a ledger in it.
        seed: what happens follows from it.
    """

    address: Path
    seed: int
    told: set[str] = field(default_factory=set)
    """What was acknowledged."""
    tried: set[str] = field(default_factory=set)
    """What was to be written."""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.disk = Disk(self.address, self.chance)

    def lose_power(self) -> None:
        """Write for a while, lose power on the way, and look whether everything that was told of is there."""
        leased = self.chance.random() < 0.3  # the lease is taken over from the dead, and every table marked
        with self.disk.running(self.chance.randrange(1, 120 if leased else 45)):
            self._work(leased)
        found = self.found()
        assert self.told <= found.keys(), f"lost: {sorted(self.told - found.keys())}"
        assert found.keys() <= self.tried
        self.told |= found.keys()  # what was read is promised from now on
        self.disk.rest()

    def found(self) -> Mapping[str, int]:
        """The events that are there, as a new process reads them, and their sequence."""
        ledger, found = Ledger(str(self.address)), {}
        for table in (EVENTS, VERDICTS):
            read = ledger.read(table, ["subject", "sequence"])
            found |= dict(zip(read["subject"], read["sequence"].astype(int), strict=True))
        return found

    def _work(self, leased: bool) -> None:
        ledger = Ledger(str(self.address))
        if leased:
            with ledger.lease(GONE):
                self._append(ledger)
        else:
            self._append(ledger)

    def _append(self, ledger: Ledger) -> None:
        for _ in range(self.chance.randrange(1, 8)):
            table = self.chance.choice([EVENTS, EVENTS, VERDICTS])
            names = [f"{table.name}-{len(self.tried) + n}" for n in range(self.chance.randrange(1, 4))]
            about = {"kind": "query", "language": self.chance.choice(["fra_Latn", "swh_Latn"])}
            self.tried.update(names)
            ledger.append(table, [{**about, "subject": name} for name in names])
            self.told.update(names)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compaction, "COMPACT_AT", 6)
            patch.setattr(compaction, "SORTED_FROM", self.chance.choice([0, 2**40]))
            ledger.compact()


@contextmanager
def quiet() -> Iterator[None]:
    """Without the ledger's words about what it put aside."""
    logger = logging.getLogger("data.ledger")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(before)
