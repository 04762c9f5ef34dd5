"""Languages go through a real Dask cluster of two worker processes, one of which is killed, and through Ray."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from data.errors import UsageError, WorkerDied
from flows.cli.commands import main
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.runners.worker_processes import in_each_language
from tests.flows.small_campaign import at
from tests.object_store_fixture import object_store, stored_names
from tests.qc.audited import made

pytestmark = pytest.mark.slow

LANGUAGES = ("aaa_Latn", "bbb_Latn", "ccc_Latn", "ddd_Latn")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with object_store(monkeypatch) as address:
        yield f"{address}/work"


def once_killed(folder: str, language: str) -> tuple[str, int]:
    """Kill the worker the first time that it comes to one language."""
    mark = Path(folder) / "killed"
    with (Path(folder) / language).open("a") as file:
        file.write(f"{os.getpid()}\n")
    if language == LANGUAGES[1] and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return language.upper(), os.getpid()


def always_killed(language: str) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    return language


def refused(language: str) -> str:
    raise UsageError(f"{language} is not wanted")


def test_a_killed_worker_costs_its_shard_and_nothing_is_lost_or_doubled(
    own_state: Path, bucket: str, tmp_path: Path
) -> None:
    parts = {language: language for language in LANGUAGES}
    work = partial(once_killed, str(tmp_path))
    with chosen(RunnerChoice("dask", shared=bucket)):
        found = dict(in_each_language(work, parts, 1))
    assert {language: text for language, (text, _) in found.items()} == {one: one.upper() for one in LANGUAGES}
    assert list(found) == list(LANGUAGES)
    tries = {language: len((tmp_path / language).read_text().split()) for language in LANGUAGES}
    assert tries[LANGUAGES[1]] == 2
    assert all(process != os.getpid() for _, process in found.values())
    assert stored_names() == []
    with chosen(RunnerChoice("dask")), pytest.raises(UsageError, match=r"^aaa_Latn is not wanted$"):
        list(in_each_language(refused, {"aaa_Latn": "aaa_Latn"}, 1))


def test_a_language_of_which_every_worker_dies_is_named(own_state: Path) -> None:
    with chosen(RunnerChoice("dask")), pytest.raises(WorkerDied, match=r"the work on aaa_Latn was lost .*goes on"):
        list(in_each_language(always_killed, {"aaa_Latn": "aaa_Latn"}, 1))


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """A Dask cluster of others: a scheduler and one worker, each a process; its address."""
    note = folder / "scheduler.json"
    note.unlink(missing_ok=True)
    common = ["--scheduler-file", str(note), "--no-dashboard"]
    with (folder / "cluster.log").open("a") as log, ExitStack() as stack:

        def started(*words: str) -> subprocess.Popen[bytes]:
            one = subprocess.Popen([sys.executable, "-m", "dask", *words], stdout=log, stderr=log)
            stack.callback(one.wait)
            stack.callback(one.kill)
            return one

        scheduler = started("scheduler", "--host", "127.0.0.1", "--port", "0", *common)
        (folder / "scheduler.pid").write_text(str(scheduler.pid))
        until = time.monotonic() + 120
        while not note.exists() and time.monotonic() < until:
            time.sleep(0.1)
        started("worker", "--nthreads", "1", "--no-nanny", *common)
        yield json.loads(note.read_text())["address"]


def once_headless(folder: str, language: str) -> str:
    """Kill the cluster's scheduler the first time that the work comes to one language."""
    with (Path(folder) / language).open("a") as file:
        file.write("x")
    mark = Path(folder) / "headless"
    if language == LANGUAGES[1] and not mark.exists():
        mark.touch()
        os.kill(int((Path(folder) / "scheduler.pid").read_text()), signal.SIGKILL)
    return language.upper()


def test_a_scheduler_that_dies_ends_the_run_and_the_next_goes_on_from_there(
    own_state: Path, tmp_path: Path
) -> None:
    parts = {language: language for language in LANGUAGES}
    work = partial(once_headless, str(tmp_path))
    lost = pytest.raises(WorkerDied, match="the same command goes on")
    with cluster(tmp_path) as address, chosen(RunnerChoice("dask", scheduler=address)), lost:
        list(in_each_language(work, parts, 1))
    with cluster(tmp_path) as address, chosen(RunnerChoice("dask", scheduler=address)):
        assert dict(in_each_language(work, parts, 1)) == {one: one.upper() for one in LANGUAGES}
    assert (tmp_path / LANGUAGES[0]).read_text() == "x"


@pytest.mark.parametrize("runner", ["dask", "ray"])
def test_a_spread_audit_is_the_local_one_to_the_byte(own_state: Path, tmp_path: Path, runner: str) -> None:
    items = made(60, languages=LANGUAGES[:3], longest=0.3)
    pd.DataFrame(items).to_parquet(tmp_path / "set.parquet", index=False)
    line = ["audit", str(tmp_path / "set.parquet"), "--permutations", "199", "--name", "set", "--answer-from", "0"]
    for name in ("local", runner):
        ran = CliRunner().invoke(main, [*line, "--out", str(tmp_path / name), "--runner", name])
        assert ran.exit_code in (0, 1), ran.output
    for file in ("report.json", "items.parquet", "report.html"):
        assert (tmp_path / runner / file).read_bytes() == (tmp_path / "local" / file).read_bytes(), file


def test_a_spread_release_is_the_local_one_to_the_byte(own_state: Path, tmp_path: Path) -> None:
    small = at("accepted", tmp_path)
    for name in ("local", "processes", "dask"):
        out = tmp_path / name
        words = ["release", small.address, "--version", "1.0.0", "--out", str(out), "--uncertified", "a test"]
        ran = CliRunner().invoke(main, [*words, "--runner", name])
        assert ran.exit_code == 0, ran.output
    whole = {one.relative_to(tmp_path / "local") for one in (tmp_path / "local").rglob("*") if one.is_file()}
    assert len(whole) > 10
    for name in ("processes", "dask"):
        for file in whole:
            assert (tmp_path / name / file).read_bytes() == (tmp_path / "local" / file).read_bytes(), file
