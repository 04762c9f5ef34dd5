"""Languages are dealt out to processes: the same results in the same order, and a clear word if one is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from data.errors import UsageError, WorkerDied
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.runners.worker_processes import PROCESSES, WORTH, in_each_language, most_processes


def reckoned(seconds: float) -> tuple[int, str]:
    time.sleep(seconds)
    return os.getpid(), os.environ.get("OPENBLAS_NUM_THREADS", "")


def ended(part: str) -> str:
    if part == "fatal":
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def failed(part: str) -> str:
    raise UsageError(f"{part} cannot be read")


def test_each_language_is_done_in_another_process_in_one_thread_and_the_order_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    parts = {"swh_Latn": 0.6, "arb_Arab": 0.0, "khm_Khmr": 0.0, "jpn_Jpan": 0.0}
    found = list(in_each_language(reckoned, parts, WORTH))
    assert [language for language, _ in found] == list(parts)
    processes = {process for _, (process, _) in found}
    assert os.getpid() not in processes and 1 <= len(processes) <= 2
    assert {threads for _, (_, threads) in found} == {"1"}
    assert "OPENBLAS_NUM_THREADS" not in os.environ


@pytest.mark.parametrize(
    ("amount", "apart", "given"), [(WORTH - 1, True, "2"), (WORTH, False, "2"), (WORTH, True, "1")]
)
def test_little_work_or_work_on_what_only_this_process_knows_stays_here(
    amount: int, apart: bool, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PROCESSES, given)
    found = list(in_each_language(reckoned, {"swh_Latn": 0.0, "arb_Arab": 0.0}, amount, apart=apart))
    assert {process for _, (process, _) in found} == {os.getpid()}


@pytest.mark.parametrize(
    ("choice", "amount", "asked"),
    [
        (RunnerChoice("dask", standing=True), WORTH - 1, False),
        (RunnerChoice("dask", standing=True), WORTH, True),
        (RunnerChoice("dask", "tcp://127.0.0.1:8786", standing=True), 1, True),
        (RunnerChoice("dask"), 1, True),
    ],
)
def test_no_cluster_is_started_for_the_little_that_most_runs_do(
    choice: RunnerChoice, amount: int, asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.runners.runner_choice.find_spec", lambda _: object())
    monkeypatch.setattr("flows.runners.spread_languages.spread", lambda *_: iter([("swh_Latn", "spread")]))
    with chosen(choice):
        ((_, found),) = in_each_language(reckoned, {"swh_Latn": 0.0}, amount)
    assert (found == "spread") is asked


def test_a_process_that_is_killed_is_named_with_its_languages_and_a_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    parts = {"swh_Latn": "well", "arb_Arab": "fatal", "khm_Khmr": "well"}
    with pytest.raises(WorkerDied, match=r"arb_Arab.* memory .*BELEBELE_PROCESSES=1"):
        list(in_each_language(ended, parts, WORTH))


def test_an_error_of_a_process_is_the_one_that_was_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, "2")
    with pytest.raises(UsageError, match=r"^well cannot be read$"):
        list(in_each_language(failed, {"swh_Latn": "well", "arb_Arab": "fatal"}, WORTH))


@pytest.mark.parametrize("given", ["0", "two", "-1"])
def test_a_number_of_processes_that_is_none_is_refused(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PROCESSES, given)
    with pytest.raises(UsageError, match=PROCESSES):
        most_processes()


CALLER = """
import sys
from flows.runners.worker_processes import WORTH, in_each_language
from tests.flows.runners.test_worker_processes import told
if __name__ == "__main__":
    list(in_each_language(told, {"swh_Latn": sys.argv[1], "arb_Arab": sys.argv[1]}, WORTH))
"""


def told(folder: str) -> None:
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(60)


def running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def awaited(fact: Callable[[], bool]) -> bool:
    until = time.monotonic() + 30
    while not (there := fact()) and time.monotonic() < until:
        time.sleep(0.05)
    return there


def test_no_process_outlives_the_one_that_started_it(tmp_path: Path) -> None:
    script = tmp_path / "caller.py"
    script.write_text(CALLER)
    folder = tmp_path / "told"
    folder.mkdir()
    surroundings = {**os.environ, PROCESSES: "2", "PYTHONPATH": str(Path.cwd())}
    caller = subprocess.Popen([sys.executable, str(script), str(folder)], env=surroundings)
    try:
        assert awaited(lambda: len(list(folder.iterdir())) == 2)
    finally:
        caller.kill()
        caller.wait()
    processes = [int(file.name) for file in folder.iterdir()]
    assert awaited(lambda: not any(map(running, processes)))
