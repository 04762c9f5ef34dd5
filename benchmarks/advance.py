"""What `belebele advance` costs on a large campaign when there is nothing to do, and what little work costs there.

    python benchmarks/advance.py [--languages 117] [--items 900] [--keep FOLDER]

The campaign: 117 languages, 900 items in each with 30 verdicts, 240 workbenches on a real Label Studio, Prefect's
server up. It is made once (some minutes) and kept in the temporary folder for the next run. Times are those of
whole processes, from the shell's point of view; the median of some runs counts.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from annotation.client import LabelStudio
from annotation.server import LocalLabelStudio
from benchmarks.large.campaign import ID, Plan, make
from benchmarks.large.workbenches import fill
from data.campaign import state_dir
from flows.servers import free_port, local_prefect, prefect_environment

ROOT = Path(__file__).resolve().parents[1]
TURNS = 5


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", type=int, default=117)
    wanted.add_argument("--items", type=int, default=900)
    wanted.add_argument("--keep", type=Path)
    given = wanted.parse_args()
    plan = Plan(given.languages, given.items)
    folder = given.keep or Path(tempfile.gettempdir()) / f"belebele-large-{plan.languages}x{plan.items}"
    environments = state_dir()
    address = made(plan, folder, environments)
    with servers(folder, environments) as environment:
        measure(address, folder, environment)


def made(plan: Plan, folder: Path, environments: Path) -> str:
    """The campaign, made unless it stands there complete."""
    address, complete = folder / "campaign", folder / "complete"
    if complete.exists():
        return str(address)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.perf_counter()
    print(f"making a campaign of {plan.languages} languages x {plan.items} items in {folder} (once)", flush=True)
    make(plan, folder)
    print(f"  ledger: {time.perf_counter() - began:.0f} s", flush=True)
    began = time.perf_counter()
    fill(plan, LocalLabelStudio(environments, data_dir=folder / "label-studio"))
    print(f"  workbenches: {time.perf_counter() - began:.0f} s", flush=True)
    (folder / "port").write_text(str(free_port()))  # marks are kept by address
    with servers(folder, environments) as environment:
        began = time.perf_counter()
        print(run("advance", str(address), environment))
        print(f"  first advance, reads every workbench: {time.perf_counter() - began:.0f} s", flush=True)
    complete.touch()
    return str(address)


@contextlib.contextmanager
def servers(folder: Path, environments: Path) -> Iterator[dict[str, str]]:
    """Both servers; gives the environment in which commands find them."""
    os.environ["BELEBELE_STATE_DIR"] = str(folder / "state")
    with (
        LocalLabelStudio(
            environments, int((folder / "port").read_text()), data_dir=folder / "label-studio"
        ) as studio,
        local_prefect(folder / "prefect") as api,
    ):
        yield {
            **os.environ,
            **prefect_environment(folder / "prefect", api),
            "BELEBELE_LABEL_STUDIO_URL": studio.url,
            "BELEBELE_LABEL_STUDIO_TOKEN": studio.token,
        }


def measure(address: str, folder: Path, environment: Mapping[str, str]) -> None:
    run("advance", address, environment)
    for turn in range(3):
        print(f"{timed(run, 'advance', address, environment):.2f}")


def run(command: str, address: str, environment: Mapping[str, str], *more: str) -> str:
    words = [sys.executable, "-m", "flows.cli", command, address, *more]
    done = subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, text=True)
    print(done.stdout + done.stderr)
    if done.returncode:
        sys.exit(f"belebele {command}: {done.stdout}{done.stderr}")
    return done.stdout


def timed(work, *arguments) -> float:
    began = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
