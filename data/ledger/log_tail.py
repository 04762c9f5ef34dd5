"""The newest end of a table in a folder: checked before every append, and synced to the disk before it returns.

`deltalake` writes a version and syncs nothing. A power cut may then empty, shorten or remove whatever was not yet
on the disk, and the next append would bury the hole. So each append first checks that the last acknowledged
version is unchanged; what follows it is either whole (a run died before it could acknowledge it, and it counts
from now on) or torn. A torn version was never acknowledged, so it is moved aside and reported. Nothing is deleted.

An object store needs none of this: there a put is durable and whole when it is answered.
"""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from data.errors import LedgerDamaged, LedgerError
from data.ledger.opened_table import file_facts
from data.ledger.version_record import Acknowledged, Print, Record, sync_folder, together

SUMMED_UP = 10
"""Versions after which a table's log gets a checkpoint, so that opening it reads at most this many small files."""

_log = logging.getLogger(__name__)


class Tail:
    """The newest end of one table.

    Args:
        ledger: the folder that holds the tables.
        name: the table's.
    """

    def __init__(self, ledger: Path, name: str) -> None:
        self.ledger = ledger
        self.name = name
        self.folder = ledger / name
        self.log = self.folder / "_delta_log"
        self.record = Record(ledger / "acknowledged" / f"{name}.jsonl")
        self.aside = ledger / "aside" / name

    def entry(self, version: int) -> Path:
        """Return the path of a version's entry in the table's log."""
        return self.log / f"{version:020}.json"

    def checkpoint(self, version: int) -> Path:
        """Return the path of the log's checkpoint at this version, whether it exists or not."""
        return self.log / f"{version:020}.checkpoint.parquet"

    def whole(self, last: Acknowledged | None) -> Acknowledged | None:
        """Return the last acknowledged version after checking its log entry; None if nothing is recorded.

        Raises:
            LedgerDamaged: the entry is gone or changed.
        """
        if last is not None and (wrong := _differs(self.entry(last.version), last.log)):
            raise damaged(self.folder, f"version {last.version} is lost: its log entry {wrong}")
        return last

    def settle(self, *, own: bool = False) -> Acknowledged:
        """Acknowledge whole versions after the last acknowledged one, and move torn ones aside.

        Call it only while the record is `held`.

        Args:
            own: whether this process has just written them, so that they need no reading.

        Returns:
            The last acknowledged version.

        Raises:
            LedgerDamaged: acknowledged data is gone or changed.
        """
        last = self.whole(self._at_home()) or self._adopted()
        while self.entry(last.version + 1).exists() or self.checkpoint(last.version + 1).exists():
            if torn := "" if own else self._torn(last.version + 1):
                self._put_aside(last.version + 1, torn)
                break
            last = self.acknowledge(last)
        return last

    def acknowledge(self, last: Acknowledged) -> Acknowledged:
        """Sync the version after this one with all its files to the disk, and record it.

        Raises:
            LedgerError: the disk refuses.
        """
        version = last.version + 1
        try:
            added, removed, sequence = actions(self.entry(version))
            summed_up = self._sum_up(version)
            prints = together(
                partial(Print.of, self.entry(version), synced=True),
                *(partial(Print.of, self.folder / path, rows, synced=True) for path, rows in added.items()),
                *(partial(sync_folder, folder) for folder in ((self.folder, self.log) if added else (self.log,))),
            )
            log, *files = [one for one in prints if one is not None]
            high = max(last.sequence, sequence)
            made = Acknowledged(version, log, dict(zip(added, files, strict=True)), removed, high, summed_up)
            self.record.add(made)
        except OSError as error:
            raise LedgerError(
                f"{self.folder}: version {version} was written, but the disk does not take it for good ({error}). "
                "Run it again: nothing is written twice."
            ) from error
        return made

    def open(self) -> DeltaTable:
        """Open the table at the last acknowledged version; at its newest if nothing is recorded.

        Raises:
            LedgerDamaged: acknowledged data is gone or changed.
            DeltaError: there is no table, or it cannot be opened.
        """
        last = self.standing()
        version = None if last is None else last.version
        try:
            return DeltaTable(str(self.folder), version=version)
        except (OSError, DeltaError) as error:
            if last is None and not self.log.is_dir():
                raise
            with self.record.held():
                if last is None:
                    version = self._adopted().version
                elif not self._forget_summaries():
                    raise damaged(self.folder, str(error).partition("\n")[0]) from error
            try:
                return DeltaTable(str(self.folder), version=version)
            except (OSError, DeltaError) as still:
                raise damaged(self.folder, str(still).partition("\n")[0]) from still

    def standing(self) -> Acknowledged | None:
        """Return the last acknowledged version after checking its log entry; None if nothing is recorded.

        Raises:
            LedgerDamaged: the entry is gone or changed.
        """
        return self.whole(self.last())

    def files(self, standing: Acknowledged) -> dict[str, int] | None:
        """Return the data files of an acknowledged version and their sizes, by path in the table's folder.

        The record lists them, so that a small table can be read without a library that parses its log.

        Returns:
            None where the record does not reach back to the first version (it cannot know what was lost before),
            or where the entries of the log since it was last summed up are not what was acknowledged: then opening
            the table tells what is wrong.
        """
        every = [one for one in self.record.every() if one.version <= standing.version]
        if [one.version for one in every] != list(range(standing.version + 1)):
            return None
        found: dict[str, int] = {}
        for one in every:
            found |= {path: file.size for path, file in one.files.items()}
            for path in one.removed:
                found.pop(path, None)
        log: list[tuple[Path, Print]] = []
        for one in every:
            log.append((self.entry(one.version), one.log))
            if one.checkpoint:
                log = [(self.checkpoint(one.version), one.checkpoint)]  # nothing before it is read
        whole = all(_is(path, wanted) for path, wanted in log)
        return found if whole else None

    def last(self) -> Acknowledged | None:
        """Return the last acknowledged version; of a copy, the newest that it holds whole."""
        last = self.record.last()
        if last is None or not self._elsewhere(last):
            return last
        try:
            with self.record.held():
                return self._at_home()
        except OSError:  # read-only, or the disk is full: what is whole is read all the same
            return self._standing(self.record.every())

    def _at_home(self) -> Acknowledged | None:
        """Return the last acknowledged version of a record written here; only while the record is `held`."""
        last = self.record.last()
        if last is None or not self._elsewhere(last):
            return last
        every = self.record.every()
        last = self._standing(every)
        kept = [one for one in every if one.version <= last.version]
        if gone := every[len(kept) :]:
            rows = sum(file.rows or 0 for one in gone if not one.removed for file in one.files.values())
            self.aside.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.record.path, free(self.aside / self.record.path.name))
            self._move_aside(self._behind(last.version))
            _log.warning(
                "%s is a copy that was taken while something wrote to it: it ends with version %d and is without "
                "the %d rows of the %d versions that came next; what came over of them lies in %s now",
                self.folder, last.version, rows, len(gone), self.aside,
            )  # fmt: skip
        self.record.begin_anew([self._without_summary(one) for one in kept])
        return kept[-1]

    def _without_summary(self, one: Acknowledged) -> Acknowledged:
        """Drop a version's checkpoint from the record if it was not copied; the log holds the same."""
        path = self.checkpoint(one.version)
        if one.checkpoint is None or not _differs(path, one.checkpoint):
            return one
        if path.exists():
            self._move_aside([path])
        return replace(one, checkpoint=None)

    def _elsewhere(self, last: Acknowledged) -> bool:
        return last.place is not None and last.place != self.record.place()

    def _standing(self, every: Sequence[Acknowledged]) -> Acknowledged:
        """Return the newest version that a copy holds whole; the newest of all if more than its end is missing."""
        stands = [self._stands(one) for one in every]
        if False not in stands[1:]:
            return every[-1]
        first = stands.index(False, 1)
        later = (one for one, whole in zip(every[first:], stands[first:], strict=True) if whole and one.files)
        return every[-1] if any(later) or not stands[0] else every[first - 1]

    def _stands(self, one: Acknowledged) -> bool:
        known = [(self.entry(one.version), one.log)]
        known += [(self.folder / path, file) for path, file in one.files.items()]
        return not any(_differs(path, wanted) for path, wanted in known)

    def _forget_summaries(self) -> int:
        """Move aside unreadable checkpoints of the log and the hint to them; the log holds the same."""
        bad = []
        for path in self.log.glob("*.checkpoint.parquet"):
            try:
                pq.read_table(path, memory_map=False)
            except (OSError, pa.ArrowException):
                bad.append(path)
        bad += [path for path in (self.log / "_last_checkpoint",) if path.exists()]
        self._move_aside(bad)
        if bad:
            names = ", ".join(path.name for path in bad)
            _log.warning(
                "%s: %s cannot be used and lies in %s now; nothing is lost", self.folder, names, self.aside
            )
        return len(bad)

    def _sum_up(self, version: int) -> Print | None:
        """Write a checkpoint of the log if one is due. It only saves time: a failure is logged and tried again."""
        path = self.checkpoint(version)
        if (version + 1) % SUMMED_UP and not path.exists():
            return None
        try:
            if not path.exists():
                DeltaTable(str(self.folder), version=version).create_checkpoint()
            hint = self.log / "_last_checkpoint"
            if hint.exists():
                Print.of(hint, synced=True)
            return Print.of(path, synced=True)
        except (OSError, DeltaError) as error:
            _log.warning("%s: what was written stands; its log could not be summed up: %s", self.folder, error)
            return None

    def _torn(self, version: int) -> str:
        """Return what is wrong with a version that was never acknowledged; "" if nothing is."""
        try:
            added, _, _ = actions(self.entry(version))
            for path in added:
                pq.read_table(self.folder / path, memory_map=False)
            if self.checkpoint(version).exists():
                pq.read_table(self.checkpoint(version), memory_map=False)
            DeltaTable(str(self.folder), version=version)
        except (OSError, ValueError, KeyError, DeltaError, pa.ArrowException) as error:
            return str(error).partition("\n")[0]
        return ""

    def _put_aside(self, first: int, why: str) -> None:
        """Move a version and everything after it aside: it was never acknowledged."""
        self._move_aside(self._behind(first - 1))
        _log.warning(
            "%s: version %d was torn before anybody was told of it (%s); it lies in %s now, "
            "and what was under way is done again",
            self.folder, first, why, self.aside,
        )  # fmt: skip

    def _behind(self, version: int) -> list[Path]:
        """Return the log's files of later versions, and the checkpoint hint if one of those is a checkpoint."""
        later = sorted(path for path in self.log.iterdir() if _version(path) > version)
        hint = self.log / "_last_checkpoint"
        return [*later, hint] if hint.exists() and any(path.suffix == ".parquet" for path in later) else later

    def _move_aside(self, paths: Sequence[Path]) -> None:
        self.aside.mkdir(parents=True, exist_ok=True)
        for path in paths:
            path.rename(free(self.aside / path.name))
        for folder in (self.log, self.aside, self.aside.parent, self.ledger):
            sync_folder(folder)

    def _adopted(self) -> Acknowledged:
        """Start a record for a table without one, with its newest readable version as the first line."""
        versions = sorted({_version(path) for path in self.log.iterdir()} - {-1}) if self.log.is_dir() else []
        if not versions:
            raise LedgerError(f"{self.folder} holds no table; restore the campaign's folder from a copy")
        for version in reversed(versions):
            if not (torn := self._torn(version)):
                break
        else:
            raise damaged(self.folder, f"none of its {len(versions)} versions can be read: {torn}")
        if version < versions[-1]:
            self._put_aside(version + 1, self._torn(version + 1))
        opened = DeltaTable(str(self.folder), version=version)
        there = [(unquote(str(path)), int(rows)) for path, rows in file_facts(opened, "path", "num_records")]
        files = {
            path: Print.of(self.folder / path, rows, synced=True)
            for path, rows in there
            if (self.folder / path).exists()
        }
        summed_up = [v for v in versions if v <= version and self.checkpoint(v).exists()]
        start = summed_up[-1] if summed_up else 0
        logs = [self.entry(number) for number in range(start, version + 1)] + [
            self.checkpoint(number) for number in summed_up[-1:]
        ]
        folders = (self.folder, self.log, self.ledger, self.ledger.parent, self.ledger.parent.parent)
        together(*(partial(Print.of, path, synced=True) for path in logs))
        together(*(partial(sync_folder, folder) for folder in folders))
        log = Print.of(self.entry(version))
        made = Acknowledged(version, log, files, sequence=highest(opened), adopted=version > 0)
        self.record.path.parent.mkdir(parents=True, exist_ok=True)
        self.record.add(made)
        sync_folder(self.ledger)
        return made


def highest(opened: DeltaTable) -> int:
    """Return the highest sequence in a table, from its files' statistics; 0 if there is none."""
    return max((int(high) for (high,) in file_facts(opened, "max.sequence") if high is not None), default=0)


def damaged(folder: Path, what: str) -> LedgerDamaged:
    """Return the error for this damage, with the cure."""
    return LedgerDamaged(
        f"{folder}: {what}. It was written and acknowledged before. Put the campaign's folder back from a copy; "
        "without one, belebele check --deep tells all that is lost, "
        "and with --mend it is given up and the campaign goes on."
    )


def free(path: Path) -> Path:
    """Return the path, or a similar one that is not taken."""
    number, found = 1, path
    while found.exists():
        number, found = number + 1, path.with_name(f"{path.name}.{number}")
    return found


def actions(entry: Path) -> tuple[Mapping[str, int], tuple[str, ...], int]:
    """Return what a version added (path to rows) and removed, and the highest sequence in it.

    Raises:
        ValueError: the entry is torn.
        OSError: it cannot be read.
    """
    lines = [json.loads(line) for line in entry.read_text("utf-8").split("\n") if line.strip()]
    if not lines or not any("commitInfo" in line for line in lines):
        raise ValueError(f"{entry.name} is empty or not whole")
    added, sequence = {}, 0
    for line in lines:
        if add := line.get("add"):
            stats = json.loads(add["stats"]) if add.get("stats") else {}
            added[unquote(add["path"])] = int(stats.get("numRecords", 0))
            sequence = max(sequence, int(stats.get("maxValues", {}).get("sequence") or 0))
    return added, tuple(unquote(line["remove"]["path"]) for line in lines if "remove" in line), sequence


def _differs(path: Path, wanted: Print) -> str:
    """Return how a file's size differs from its record; "" if it does not."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return f"{path.name} is gone"
    return "" if size == wanted.size else f"{path.name} has {size} bytes and had {wanted.size}"


def _is(path: Path, wanted: Print) -> bool:
    """Return whether a file is the one that was acknowledged, to the byte."""
    try:
        found = Print.of(path)
    except FileNotFoundError:
        return False
    return (found.size, found.sha256) == (wanted.size, wanted.sha256)


def _version(path: Path) -> int:
    number = path.name.partition(".")[0]
    return int(number) if number.isdigit() else -1
