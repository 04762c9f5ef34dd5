"""Languages judged by processes of their own get the rows that one process writes, and all of them or none."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from data.errors import WorkerDied
from data.ledger import tables
from flows.runners import worker_processes
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.steps.checks_and_decisions import check
from flows.steps.submission_outcomes import interpret
from tests.flows.small_campaign import BOATS, FRENCH, SWAHILI, TEXTS, Small, at


def translated(folder: Path) -> Small:
    """A campaign with a draft in each of two languages that nobody has judged; one of them has a fault."""
    small = at("translating", folder)
    faulty = f"{TEXTS[BOATS, FRENCH]['answers'][3]} ("
    small.submit(*small.keys("translating", FRENCH, BOATS), answer4=faulty)
    small.submit(*small.keys("translating", SWAHILI, BOATS))
    interpret(small.state)
    return small


def rows(small: Small, table: tables.Table) -> pd.DataFrame:
    clocks = ["judged_at", "recorded_at", "sequence"]
    return small.state.ledger.read(table).drop(columns=clocks, errors="ignore")


def test_two_processes_write_what_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, dealt = translated(tmp_path / "alone"), translated(tmp_path / "dealt")
    monkeypatch.setattr(worker_processes, "WORTH", 1)
    started: list[int] = []
    apart = worker_processes._apart
    monkeypatch.setattr(worker_processes, "_apart", lambda *given: started.append(given[2]) or apart(*given))
    monkeypatch.setenv(worker_processes.PROCESSES, "1")
    said = check(alone.state)
    assert not started
    monkeypatch.setenv(worker_processes.PROCESSES, "2")
    assert check(dealt.state) == said
    assert started == [2]
    for table in (tables.VERDICTS, tables.FINDINGS, tables.CHECKS):
        pd.testing.assert_frame_equal(rows(alone, table), rows(dealt, table))
    assert len(rows(dealt, tables.FINDINGS)) > 0
    assert check(dealt.state.fresh()).items == 0


@pytest.mark.slow
def test_a_cluster_writes_what_one_process_writes(tmp_path: Path, own_state: Path) -> None:
    alone, dealt = translated(tmp_path / "alone"), translated(tmp_path / "dealt")
    with chosen(RunnerChoice("local")):
        said = check(alone.state)
    with chosen(RunnerChoice("dask")):
        assert check(dealt.state) == said
    for table in (tables.VERDICTS, tables.FINDINGS, tables.CHECKS):
        pd.testing.assert_frame_equal(rows(alone, table), rows(dealt, table))
    assert len(rows(dealt, tables.FINDINGS)) > 0


def children() -> set[int]:
    """The processes of this one that were started to work."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told, line = (folder / "stat").read_text(), (folder / "cmdline").read_text()
        except OSError:  # it has ended meanwhile
            continue
        if int(told.rpartition(")")[2].split()[1]) == os.getpid() and "spawn_main" in line:
            found.add(int(folder.name))
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are found by /proc")
def test_a_lost_process_leaves_no_language_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = translated(tmp_path / "campaign")
    before = rows(small, tables.VERDICTS)
    monkeypatch.setattr(worker_processes, "WORTH", 1)
    monkeypatch.setenv(worker_processes.PROCESSES, "2")

    def kill() -> None:
        until = time.monotonic() + 30
        while not (there := children()) and time.monotonic() < until:
            time.sleep(0.01)
        os.kill(min(there), signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(WorkerDied, match=f"{FRENCH}.*memory"):
        check(small.state)
    killer.join()
    assert len(rows(small, tables.VERDICTS)) == len(before)
    done = check(small.state.fresh())
    assert done.items == 2
    counts = Counter(rows(small, tables.VERDICTS)["language"])
    assert counts[FRENCH] == counts[SWAHILI] > 0
