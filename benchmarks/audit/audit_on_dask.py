"""A whole audit on two Dask workers of this machine beside the plain loop: processor time, and seconds.

    python benchmarks/audit/audit_on_dask.py [--languages 24] [--items 900]

Processor time counts the workers, the scheduler and Prefect's server. What the start and the end of these cost
is measured apart, on the same cluster with nothing to do, and is taken off: it does not grow with the set. The sets
are those of `audit_languages.py`, and both reports are compared byte for byte.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.audit.audit_languages import ROOT, built
from benchmarks.table import Line, show, timed

NOTHING = """
from flows.runners.runner_choice import RunnerChoice, chosen
from flows.runners.worker_processes import in_each_language
if __name__ == "__main__":
    with chosen(RunnerChoice("dask")):
        list(in_each_language(len, {"one": "1", "two": "2"}, 2))
"""


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", type=int, default=24)
    wanted.add_argument("--items", type=int, default=900)
    given = wanted.parse_args()
    shared = Path(os.environ.get("BELEBELE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    archive = shared / "flores200_dataset.tar.gz"
    if not archive.exists() or find_spec("prefect_dask") is None:
        print(f"left out: it takes {archive} and belebele-maker[dask]")
        return []
    with tempfile.TemporaryDirectory() as scratch:
        os.environ |= {"BELEBELE_STATE_DIR": str(Path(scratch) / "state"), "BELEBELE_PROCESSES": "2"}
        file = Path(scratch) / "set.parquet"
        built(archive, given.languages, given.items).to_parquet(file, index=False)
        loop, loop_busy = audited(file, "local")
        spread, spread_busy = audited(file, "dask")
        _, idle_busy = cost([sys.executable, "-c", NOTHING])
        reports = [(Path(scratch) / name / "report.json").read_bytes() for name in ("local", "dask")]
    what = f"audit, {given.languages} languages x {given.items} items"
    print(
        f"{what}: {loop_busy:.0f} s of processor time in a loop, {spread_busy:.0f} s on two Dask workers, "
        f"{idle_busy:.0f} s of them to start and end it: {(spread_busy - idle_busy) / loop_busy - 1:+.1%}; "
        f"reports {'equal' if reports[0] == reports[1] else 'DIFFER'}"
    )
    return [
        Line(f"{what}: processor time, without the start", spread_busy - idle_busy, loop_busy, "the plain loop"),
        Line(f"{what}: seconds", spread, loop, "the plain loop"),
    ]


def audited(file: Path, runner: str) -> tuple[float, float]:
    """Return the seconds and the processor time of `belebele audit` by a runner."""
    command = [sys.executable, "-m", "flows.cli.commands", "audit", str(file), "--out", str(file.parent / runner)]
    return cost(
        [*command, "--source-language", "eng_Latn", "--answer-from", "0", "--name", "x", "--runner", runner]
    )


def cost(command: list[str]) -> tuple[float, float]:
    """Return the seconds and the processor time of a command with all processes that it starts and awaits."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)

    def run() -> None:
        done = subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        if done.returncode not in (0, 1):
            sys.exit(f"{' '.join(command[:4])} ended with {done.returncode}")

    seconds = timed(run)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    show(main())
