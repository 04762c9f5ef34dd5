"""A copy of a campaign's folder, taken while something writes to it, is the campaign as it was a moment ago."""

from __future__ import annotations

import logging
import os
import random
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from data.errors import LedgerDamaged
from data.ledger import Ledger, compaction, log_tail, version_record
from data.ledger.log_tail import Tail
from data.ledger.repair.integrity import damage
from data.ledger.tables import EVENTS, VERDICTS
from data.ledger.version_record import Print, Record


def event(subject: object) -> dict[str, Any]:
    return {"kind": "query", "subject": str(subject)}


def subjects(ledger: Ledger) -> list[int]:
    found = ledger.read(EVENTS)
    return sorted(found["subject"][found["kind"] == "query"].astype(int))


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """Fourteen versions of events: a mark without rows, a checkpoint and a merging among them."""
    monkeypatch.setattr(compaction, "COMPACT_AT", 3)
    made = Ledger.create(str(tmp_path / "wells"))
    with made.lease():
        for n in range(11):
            made.append(EVENTS, [event(n)])
            if n == 5:
                made.compact()
    return Ledger(made.address)


def copied(ledger: Ledger, to: Path) -> Ledger:
    shutil.copytree(ledger.address, to)
    return Ledger(str(to))


def newest(ledger: Ledger, number: int) -> list[Path]:
    """What the newest versions of events are made of."""
    folder = Path(ledger.address, "ledger", "events")
    logs = sorted(folder.glob("_delta_log/*.json"))[-number:]
    files = sorted(folder.glob("*.parquet"), key=lambda path: path.stat().st_mtime_ns)[-number:]
    return [*logs, *files]


def test_a_whole_copy_is_whole_and_goes_on(
    ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = copied(ledger, tmp_path / "copy")
    with copy.lease():
        copy.append(EVENTS, [event(11)])
    assert subjects(copy) == list(range(12))
    assert damage(copy) == [] == damage(ledger)
    assert subjects(ledger) == list(range(11))
    assert not caplog.records


@pytest.mark.parametrize("lacking", ["logs", "files", "both", "one log", "one file"])
def test_a_copy_without_the_newest_versions_is_older(
    lacking: str, ledger: Ledger, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    copy = copied(ledger, tmp_path / "copy")
    *logs, _, _ = gone = newest(copy, 2)
    assert [path.suffix for path in gone] == [".json", ".json", ".parquet", ".parquet"]
    for path in {
        "logs": logs, "files": gone[2:], "both": gone, "one log": logs[-1:], "one file": gone[3:],
    }[lacking]:  # fmt: skip
        path.unlink()
    kept = 10 if lacking.startswith("one") else 9
    assert subjects(copy) == list(range(kept))
    assert f"without the {11 - kept} rows of the {11 - kept} versions that came next" in caplog.text
    with Ledger(copy.address).lease() as held:
        held.append(EVENTS, [event(n) for n in range(kept, 12)])
    assert subjects(copy) == list(range(12))
    assert damage(copy) == []
    assert len(caplog.records) == 1


def test_a_data_file_that_came_over_by_half_is_none(ledger: Ledger, tmp_path: Path) -> None:
    copy = copied(ledger, tmp_path / "copy")
    half = newest(copy, 1)[1]
    half.write_bytes(half.read_bytes()[:700])
    assert subjects(copy) == list(range(10))
    assert damage(copy) == []


def test_a_copy_that_can_only_be_read_is_read(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copied(ledger, tmp_path / "copy")
    newest(copy, 1)[0].unlink()

    def refused(self: Path, mode: str = "r", *args: Any, **options: Any) -> Any:
        if self.is_relative_to(copy.address) and mode != "rb" and mode != "r":
            raise OSError(30, "Read-only file system", str(self))
        return real(self, mode, *args, **options)

    real = Path.open
    monkeypatch.setattr(Path, "open", refused)
    assert subjects(copy) == list(range(10))
    assert not Path(copy.address, "ledger", "aside").exists()


def test_where_it_was_written_what_is_missing_was_lost(ledger: Ledger) -> None:
    moved = Path(ledger.address).rename(Path(ledger.address).with_name("fountains"))
    newest(Ledger(str(moved)), 1)[0].unlink()
    with pytest.raises(LedgerDamaged, match="is gone"):
        Ledger(str(moved)).read(EVENTS)


def test_what_is_missing_amid_a_copy_was_lost(ledger: Ledger, tmp_path: Path) -> None:
    """Whoever copies in the order of time has what is old."""
    copy = copied(ledger, tmp_path / "copy")
    log = newest(copy, 3)[0]
    log.unlink()
    assert f"_delta_log/{log.name}" in {one.file for one in damage(copy)}


WRITE = """
import sys
from data.ledger import Ledger, compaction, log_tail, version_record
from data.ledger.log_tail import Tail
from data.ledger.tables import EVENTS, VERDICTS
from data.ledger.version_record import Print, Record
compaction.COMPACT_AT = 8
ledger = Ledger(sys.argv[1])
with ledger.lease():
    print("begun", flush=True)
    for n in range(10**6):
        ledger.append(EVENTS, [{"kind": "query", "subject": str(n)}])
        ledger.append(VERDICTS, [{"subject": str(n), "check": "length"}])
        if n % 10 == 9:
            ledger.compact()
        print(n, flush=True)
"""


def copy_midway(source: Path, to: Path, chance: random.Random) -> None:
    """Copy file by file, in any order, as programs do: a folder's names are read once, files may vanish."""
    to.mkdir()
    entries = list(os.scandir(source))
    chance.shuffle(entries)
    for entry in entries:
        if entry.is_dir():
            copy_midway(Path(entry.path), to / entry.name, chance)
        else:
            try:
                shutil.copyfile(entry.path, to / entry.name)
            except FileNotFoundError:
                continue  # a file that the writer had for a moment only


def copies_hold(tmp_path: Path, number: int, seed: int) -> int:
    """Take copies while another process writes; returns how many were older than their record says."""
    chance, older = random.Random(seed), 0
    original = Ledger.create(str(tmp_path / "wells"))
    logging.getLogger("data.ledger").setLevel(logging.ERROR)
    with subprocess.Popen(
        [sys.executable, "-c", WRITE, original.address], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        told = [-1]
        writer.stdout.readline()
        follower = threading.Thread(target=lambda out=writer.stdout: told.extend(map(int, out)))
        follower.start()
        try:
            for n in range(number):
                before, to = told[-1], tmp_path / f"copy-{n}"
                copy_midway(Path(original.address), to, chance)
                copy = Ledger(str(to))
                found = subjects(copy)
                assert found == list(range(len(found)))
                assert len(found) > before  # whatever was acknowledged before the copying began is there
                assert damage(copy) == []
                copy.append(VERDICTS, [{"subject": "afterwards", "check": "length"}])
                copy.append(EVENTS, [event(10**6)])
                *later, mine = subjects(copy)  # what was written and not told of yet counts from now on
                assert mine == 10**6
                assert later == list(range(len(later)))
                assert len(later) >= len(found)
                assert damage(copy) == []
                older += (to / "ledger" / "aside").exists()
                shutil.rmtree(to)
        finally:
            writer.kill()
            follower.join()
    logging.getLogger("data.ledger").setLevel(logging.NOTSET)
    return older


def test_copies_that_are_taken_while_something_writes_hold(tmp_path: Path) -> None:
    copies_hold(tmp_path, 8, seed=5)


Moment = dict[Path, bytes]
"""Every file of a campaign's ledger, by its path in the folder."""


class Moments:
    """Every state of a ledger's folder while somebody writes to it: before each sync, record line and summary."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.all: list[Moment] = []
        self.told: list[int] = []
        """How many events were acknowledged at each moment."""
        self.written = 0
        for owner, name in ((version_record, "sync_folder"), (log_tail, "sync_folder"), (Record, "add"),
                            (Print, "of"), (Tail, "_sum_up"), (Tail, "acknowledge")):  # fmt: skip
            self._watch(monkeypatch, owner, name)

    def _watch(self, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def watched(*args: Any, **how: Any) -> Any:
            if threading.current_thread() is threading.main_thread():
                self.look()
            return real(*args, **how)

        monkeypatch.setattr(owner, name, staticmethod(watched) if name == "of" else watched)

    def look(self) -> None:
        now = {p.relative_to(self.folder): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}
        if not self.all or (now, self.written) != (self.all[-1], self.told[-1]):
            self.all.append(now)
            self.told.append(self.written)

    def copy(self, to: Path, chance: random.Random) -> tuple[int, int]:
        """Copy as programs do: each folder's names are read at one moment, each file at a later one.

        Returns:
            How many events had been acknowledged before the copying began, and how many when it ended.
        """
        begun = chance.randrange(len(self.all))
        end = min(len(self.all) - 1, begun + int(chance.expovariate(1 / 15)))
        folders = sorted({path.parent for state in self.all for path in state})
        for folder in folders:
            listed = chance.randint(begun, end)
            for path in (one for one in self.all[listed] if one.parent == folder):
                there = [self.all[n][path] for n in range(listed, end + 1) if path in self.all[n]]
                (to / path).parent.mkdir(parents=True, exist_ok=True)
                (to / path).write_bytes(chance.choice(there))
        return self.told[begun], self.told[end]


def test_a_copy_of_which_each_file_is_of_another_moment_is_merely_older(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compaction, "COMPACT_AT", 3)
    made = Ledger.create(str(tmp_path / "wells"))
    moments = Moments(tmp_path / "wells", monkeypatch)
    with made.lease():
        for n in range(14):
            made.append(EVENTS, [event(n)])
            moments.written = n + 1
            made.append(VERDICTS, [{"subject": str(n), "check": "length"}])
            if n % 5 == 4:
                made.compact()
            moments.look()
    monkeypatch.undo()
    assert len(moments.all) > 40
    logging.getLogger("data.ledger").setLevel(logging.ERROR)
    chance, ages = random.Random(11), set()
    for n in range(10):  # held for 60 as well
        before, after = moments.copy(tmp_path / f"copy-{n}", chance)
        copy = Ledger(str(tmp_path / f"copy-{n}"))
        found = subjects(copy)
        assert found == list(range(len(found))), "nothing is missing amid it"
        assert before <= len(found) <= after + 1, "one may be there that was about to be acknowledged"
        ages.add(after - len(found))
        judged = copy.read(VERDICTS)["subject"].astype(int).tolist()
        assert judged == list(range(len(judged)))
        assert damage(copy) == []
        if n % 5 == 0:
            copy.append(EVENTS, [event(10**6)])
            assert subjects(copy)[-1] == 10**6
            assert damage(copy) == []
        shutil.rmtree(tmp_path / f"copy-{n}")
    logging.getLogger("data.ledger").setLevel(logging.NOTSET)
    assert len(ages) > 2, "some are older than others"
