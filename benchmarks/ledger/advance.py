"""The cost of `belebele advance` on a large campaign: without any work to do, and with one new submission.

    python benchmarks/ledger/advance.py [--languages 117] [--items 900] [--keep FOLDER]

The campaign has 117 languages, 900 items in each with 30 verdicts each, and 240 workbenches with 213,000 pieces of
work on a real Label Studio; Prefect's server is running. It is made once, which takes some minutes, and kept in
the temporary folder for the next time. Times are of whole processes, including the interpreter's start; medians
count. The peer is a script as one would write it in a notebook: it reads every table with pandas and asks every
workbench.
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
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from benchmarks.large.campaign import Plan, make
from benchmarks.large.done_work import fill, mark_as_read, work_once
from benchmarks.table import Line, show, timed
from data.environment import state_dir
from data.server_ports import free_port
from flows.services.prefect_server import PrefectServer, prefect_environment

ROOT = Path(__file__).resolve().parents[2]
TURNS = 5

Environment = Mapping[str, str]


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", type=int, default=117)
    wanted.add_argument("--items", type=int, default=900)
    wanted.add_argument("--keep", type=Path)
    given = wanted.parse_args()
    plan = Plan(given.languages, given.items)
    folder = given.keep or Path(tempfile.gettempdir()) / f"belebele-large-{plan.languages}x{plan.items}"
    environments = state_dir()
    made(plan, folder, environments)
    with standing(folder, environments) as environment:
        return measure(plan, folder, environment)


def made(plan: Plan, folder: Path, environments: Path) -> None:
    """Make the campaign, unless the folder has it complete."""
    complete = folder / "complete"
    if complete.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    print(f"making a campaign of {plan.languages} languages x {plan.items} items in {folder} (once)", flush=True)
    print(f"  its ledger: {timed(lambda: make(plan, folder)):.0f} s", flush=True)
    local = LocalLabelStudio(environments, data_dir=folder / "label-studio")
    print(f"  its workbenches: {timed(lambda: fill(plan, local)):.0f} s", flush=True)
    (folder / "port").write_text(str(free_port()))  # the marks of read workbenches are stored by address
    with standing(folder, environments) as environment:
        mark_as_read(str(folder / "campaign"), studio_of(environment))
        print("  " + belebele(folder, environment, "advance").strip(), flush=True)  # the last pieces of work
    complete.touch()


@contextlib.contextmanager
def standing(folder: Path, environments: Path) -> Iterator[Environment]:
    """Run both servers while the block lasts; yield the environment in which commands find them."""
    port = int((folder / "port").read_text())
    with (
        own_state(folder / "state"),
        LocalLabelStudio(environments, port, data_dir=folder / "label-studio") as studio,
        contextlib.closing(PrefectServer(folder / "prefect")) as prefect,
    ):
        yield {
            **prefect_environment(folder / "prefect", prefect.api_url),
            "BELEBELE_LABEL_STUDIO_URL": studio.url,
            "BELEBELE_LABEL_STUDIO_TOKEN": studio.token,
        }


@contextlib.contextmanager
def own_state(folder: Path) -> Iterator[None]:
    """Use the campaign's own state folder while the block lasts; other benchmarks have theirs."""
    before = os.environ.get("BELEBELE_STATE_DIR")
    os.environ["BELEBELE_STATE_DIR"] = str(folder)
    try:
        yield
    finally:
        os.environ.pop("BELEBELE_STATE_DIR")
        if before is not None:
            os.environ["BELEBELE_STATE_DIR"] = before


def measure(plan: Plan, folder: Path, environment: Environment) -> list[Line]:
    size = f"{plan.languages} languages"
    for _ in range(2):
        belebele(folder, environment, "advance")  # finishes an interrupted run, and fills the disk's cache
    said = belebele(folder, environment, "advance")
    if "nothing to do" not in said:
        sys.exit(f"there should be nothing to do, but: {said}")
    idle = median(lambda: belebele(folder, environment, "advance"))
    plain = [str(ROOT / "benchmarks" / "large" / "plain.py"), str(folder / "campaign")]
    plain += [environment[f"BELEBELE_LABEL_STUDIO_{name}"] for name in ("URL", "TOKEN")]
    peer = median(lambda: python(environment, *plain), 3)
    parts(environment, idle)
    lines = [
        Line(f"advance, {size}, nothing to do", idle, peer, "pandas reads all tables, each workbench is asked"),
        Line(f"status, {size}", median(lambda: belebele(folder, environment, "status"), 3)),
    ]
    with tempfile.TemporaryDirectory() as out:
        whole = ("release", "--version", "1.0.0", "--drop-incomplete", "--out", f"{out}/release")
        lines.append(Line(f"release, {size}", timed(lambda: belebele(folder, environment, *whole))))
    work_once(plan, studio_of(environment))
    lines.append(Line(f"advance, {size}, one submission", timed(lambda: belebele(folder, environment, "advance"))))
    return lines


def parts(environment: Environment, idle: float) -> None:
    """Print how the time of an idle advance is spent."""
    start = median(lambda: python(environment, "-c", "import flows.flow_runs"))
    prefect = median(lambda: python(environment, "-c", "import flows.deployments"), 3) - start
    with studio_of(environment) as studio:
        polls = median(lambda: (studio.workbenches("large/"), studio.accounts()))
    print(f"advance with nothing to do: {idle:.2f} s, the median of {TURNS}")
    print(f"  interpreter and imports   {start:5.2f} s  {start / idle:4.0%}")
    print(f"  asking Label Studio       {polls:5.2f} s  {polls / idle:4.0%}")
    print(f"  reading the ledger        {idle - start - polls:5.2f} s  {1 - (start + polls) / idle:4.0%}")
    print(f"  (importing Prefect takes {prefect:.2f} s; that is left until there is something to record)")


def belebele(folder: Path, environment: Environment, command: str, *options: str) -> str:
    return python(environment, "-m", "flows.cli.commands", command, str(folder / "campaign"), *options)


def python(environment: Environment, *words: str) -> str:
    done = subprocess.run([sys.executable, *words], env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def studio_of(environment: Environment) -> LabelStudio:
    return LabelStudio(environment["BELEBELE_LABEL_STUDIO_URL"], environment["BELEBELE_LABEL_STUDIO_TOKEN"])


def median(work: Callable[[], object], turns: int = TURNS) -> float:
    return statistics.median(timed(work) for _ in range(turns))


if __name__ == "__main__":
    show(main())
