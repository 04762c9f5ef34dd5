"""The record of a table's acknowledged versions: one line each, synced before an append returns.

A Delta table does not know its own newest version: if the last entry of its log is lost, it opens as if those rows
had never existed. This record knows it, with size and digest of every file of the version, so that any loss is
noticed and named. A power cut may tear the last line; then that version was not acknowledged.

Each line also says where it was written. A copy of the folder taken during a write may hold the line of a version
without the version; the place distinguishes it from a disk that lost the version: the copy is merely older.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from data.errors import LedgerError

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that a writer waits for another writer of the same table."""

_TAIL = 8192


@dataclass(frozen=True)
class Print:
    """A file's fingerprint: its size in bytes and its SHA-256; for a data file also its number of rows."""

    size: int
    sha256: str
    rows: int | None = None

    @classmethod
    def of(cls, path: Path, rows: int | None = None, *, synced: bool = False) -> Print:
        """Return the fingerprint of a file.

        Args:
            path: the file.
            rows: number of rows in a data file.
            synced: sync the file to the disk first.
        """
        with path.open("rb") as file:
            if synced:
                os.fsync(file.fileno())
            found = hashlib.file_digest(file, "sha256").hexdigest()
            return cls(file.tell(), found, rows)


@dataclass(frozen=True)
class Acknowledged:
    """One acknowledged version of a table.

    Attributes:
        version: the table's.
        log: the version's entry in the table's log.
        files: the data files that it added, by path in the table's folder; in the first line all files at that
            time.
        removed: the data files that it merged into others. They stay on the disk.
        sequence: the highest in the table so far.
        checkpoint: the log's checkpoint at this version, if there is one.
        adopted: written before there was a record; anything earlier is known by this line only.
        place: `Record.place` where the line was written; None in lines from before this was recorded.
    """

    version: int
    log: Print
    files: Mapping[str, Print]
    removed: tuple[str, ...] = ()
    sequence: int = 0
    checkpoint: Print | None = None
    adopted: bool = field(default=False)
    place: str | None = None

    def line(self) -> bytes:
        """Return the line for the record."""
        facts: dict[str, Any] = {
            "version": self.version,
            "log": _as_list(self.log),
            "files": {path: _as_list(one) for path, one in self.files.items()},
            "sequence": self.sequence,
        }
        if self.removed:
            facts["removed"] = list(self.removed)
        if self.checkpoint:
            facts["checkpoint"] = _as_list(self.checkpoint)
        if self.adopted:
            facts["adopted"] = True
        if self.place is not None:
            facts["place"] = self.place
        return json.dumps(facts, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def of(cls, line: bytes) -> Acknowledged | None:
        """Parse a line; return None for a torn one."""
        try:
            facts = json.loads(line)
            return cls(
                int(facts["version"]),
                Print(*facts["log"]),
                {path: Print(*one) for path, one in facts["files"].items()},
                tuple(facts.get("removed", ())),
                int(facts["sequence"]),
                Print(*facts["checkpoint"]) if "checkpoint" in facts else None,
                bool(facts.get("adopted")),
                facts.get("place"),
            )
        except (ValueError, KeyError, TypeError):
            return None


def _as_list(one: Print) -> list[object]:
    return [one.size, one.sha256] if one.rows is None else [one.size, one.sha256, one.rows]


class Record:
    """The record of one table.

    Args:
        path: its file, which is created with the first line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def last(self) -> Acknowledged | None:
        """Return the newest acknowledged version; None if nothing is recorded."""
        return next(self._newest_first(), None)

    def since(self, known: Acknowledged) -> list[Acknowledged] | None:
        """Return the versions after a known one, in order; None if the record does not hold the known one."""
        found: list[Acknowledged] = []
        for one in self._newest_first():
            if one.version <= known.version:
                return found[::-1] if one == known else None
            found.append(one)
        return None

    def _newest_first(self) -> Iterator[Acknowledged]:
        """Yield every acknowledged version, reading from the end of the file no more than is asked for."""
        try:
            with self.path.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                reach, told = _TAIL, 0
                while True:
                    file.seek(max(end - reach, 0))
                    lines = file.read(min(end, reach)).split(b"\n")[:-1]  # text after the last line end is torn
                    whole = lines if reach >= end else lines[1:]
                    for line in whole[::-1][told:]:
                        if (found := Acknowledged.of(line)) is not None:
                            yield found
                    told = len(whole)
                    if reach >= end:
                        return
                    reach *= 8
        except FileNotFoundError:
            return

    def every(self) -> list[Acknowledged]:
        """Return every acknowledged version, in order."""
        if not self.path.exists():
            return []
        lines = self.path.read_bytes().split(b"\n")[:-1]
        return [found for line in lines if (found := Acknowledged.of(line)) is not None]

    def place(self) -> str:
        """Return the inode numbers of this file and its folder, which distinguish them from every copy."""
        return f"{self.path.parent.stat().st_ino}-{self.path.stat().st_ino}"

    def add(self, one: Acknowledged) -> None:
        """Add a version and sync it; only while the record is `held`."""
        begun = self.path.exists() and self.path.stat().st_size > 0
        with self.path.open("ab") as file:
            whole = file.tell()
            if begun and not self._ends_whole():
                file.write(b"\n")  # a torn line stays, and is ignored
            file.write(replace(one, place=self.place()).line())
            file.flush()
            try:
                os.fsync(file.fileno())
            except OSError:
                os.ftruncate(file.fileno(), whole)
                raise
        if not begun:
            sync_folder(self.path.parent)

    def begin_anew(self, lines: Sequence[Acknowledged]) -> None:
        """Rewrite the record for this place; only while it is `held`."""
        new = self.path.with_suffix(".new")
        with new.open("wb") as file:
            here = f"{self.path.parent.stat().st_ino}-{os.fstat(file.fileno()).st_ino}"
            file.writelines(replace(one, place=here).line() for one in lines)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.path)
        sync_folder(self.path.parent)

    def _ends_whole(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes and threads from writing to the table meanwhile.

        Raises:
            LedgerError: another one has been writing for a minute.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("ab") as file:
            until = time.monotonic() + PATIENCE
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise LedgerError(
                            f"another process has been writing to {self.path.stem} of {self.path.parents[2]} for "
                            f"{PATIENCE:.0f} s; is one stopped? Run it again when that has ended. Nothing is lost."
                        ) from None
                    time.sleep(0.002)
            yield


def together(*jobs: Callable[[], T]) -> list[T]:
    """Run jobs that wait for the disk at the same time, which takes little longer than one of them."""
    if len(jobs) < 2:
        return [job() for job in jobs]
    with ThreadPoolExecutor(min(len(jobs), 8)) as pool:
        return list(pool.map(lambda job: job(), jobs))


def sync_folder(folder: Path) -> None:
    """Sync the names of the files in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
