"""Languages go through a real Dask cluster of two worker processes, one of which is killed, and through Ray."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from data.errors import UsageError, WorkerDied
from flows.cli.commands import main
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.runners.worker_processes import in_each_language
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
