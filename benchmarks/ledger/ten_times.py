"""A ledger of ten times the size: what an idle advance and a reading of one language cost there (Linux).

    python benchmarks/ledger/ten_times.py [--languages 117] [--items 900] [--times 10] [--keep FOLDER]

A campaign of 117 languages x 900 items is made as in `benchmarks/ledger/advance.py`, without a server, and
advanced until nothing is left to do. Then all that its ledger says of each language is written again for nine
invented ones, which gives 1,170 languages and more than thirty million verdicts. Both are kept in the temporary
folder for the next time. Costs are of whole processes, the interpreter's start included.

At ten times the size nobody looks at everything first, which would take ten times the memory of the smaller one:
the note of an idle run (`flows.idle_note`) is left as such a run would leave it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.large.campaign import Plan, make
from benchmarks.table import Line, show
from data.campaign.campaign import Campaign
from data.ledger import Ledger, tables
from data.ledger.opened_table import file_facts
from data.ledger.tables import Table
from flows.advance import advance, idle_progress
from flows.idle_note import IdleNote
from flows.progress import Progress

ROOT = Path(__file__).resolve().parents[2]
TURNS = 3
BATCH = 2**19
"""Rows that are copied at a time."""

COPIED = (
    tables.PASSAGES, tables.TASKS, tables.ANNOTATIONS, tables.TRANSLATIONS, tables.DECISIONS, tables.EVENTS,
    tables.VERDICTS,
)  # fmt: skip

Cost = Mapping[str, float]


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--languages", type=int, default=117)
    wanted.add_argument("--items", type=int, default=900)
    wanted.add_argument("--times", type=int, default=10)
    wanted.add_argument("--keep", type=Path)
    wanted.add_argument("--step", nargs=2, metavar=("NAME", "ADDRESS"), help=argparse.SUPPRESS)
    given = wanted.parse_args()
    if given.step:
        step(*given.step)
        return []
    plan = Plan(given.languages, given.items)
    folder = given.keep or Path(tempfile.gettempdir()) / f"belebele-ten-times-{plan.languages}x{plan.items}"
    os.environ["BELEBELE_STATE_DIR"] = str(folder / "state")
    once, often = made(plan, folder / "once"), folder / f"times-{given.times}"
    repeated(once, often, given.times)
    sizes = {name: rows(str(place / "campaign")) for name, place in (("once", once), ("often", often))}
    for name, place in (("once", once), ("often", often)):
        held = sum(file.stat().st_size for file in (place / "campaign").rglob("*.parquet"))
        every = sum(sizes[name].values())
        print(f"{name}: {sizes[name]['verdicts']:,} verdicts, {every:,} rows, {held / 2**30:.1f} GiB with history")
    return measure(str(once / "campaign"), str(often / "campaign"), plan, given.times)


def made(plan: Plan, folder: Path) -> Path:
    """Make the campaign, unless the folder has it complete; return the folder."""
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        print(
            f"making a campaign of {plan.languages} languages x {plan.items} items in {folder} (once)", flush=True
        )
        address = make(plan, folder)
        cost = process("advance", address)
        print(
            f"  advance with work to do: {cost['busy']:.1f} s of processor time, {cost['memory']:,.0f} MB",
            flush=True,
        )
        while not advance(address, {}).idle:
            pass
        (folder / "complete").touch()
    return folder


def repeated(once: Path, folder: Path, times: int) -> None:
    """Make a campaign whose ledger says all of one again for so many times the languages, unless it is there."""
    if (folder / "complete").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    began = time.perf_counter()
    shutil.copytree(once / "campaign", folder / "campaign")
    source, ledger = Ledger(str(once / "campaign")), Ledger(str(folder / "campaign"))
    for table in COPIED:
        whole = source.opened(table).to_pyarrow_dataset(schema=table.schema).to_table()
        parts = -(-len(whole) // BATCH)
        for place in range(parts):  # each with a part of every language, as work comes in
            part = whole.take(pa.array(range(place, len(whole), parts)))
            for number in range(1, times):
                ledger.restore(table, renamed(table, part, number))
        del whole
        print(f"  {table.name}: after {time.perf_counter() - began:.0f} s", flush=True)
    before = process("language", str(folder / "campaign"))
    print(f"one language, unsorted: {before['seconds']:.2f} s, {before['busy']:.2f} s of processor time")
    began, busy = time.perf_counter(), time.process_time()
    names = ", ".join(ledger.compact())
    took, busy = time.perf_counter() - began, time.process_time() - busy
    print(f"merged or sorted: {names}; {took:.0f} s, {busy:.0f} s of processor time", flush=True)
    (folder / "complete").touch()


def renamed(table: Table, part: pa.Table, number: int) -> pa.Table:
    """Return rows as they would be said of other languages."""
    mark = str(number)
    texts = {"task_key", "workbench", "subject", "language"} & set(part.column_names)
    ids = {"event_id", "annotation", "origin"} & set(part.column_names)
    if table is tables.EVENTS:
        ids |= {"subject"}  # of the marks of annotations
    for name in (*texts, *ids):
        at, found = part.column_names.index(name), part[name]
        if name in texts:
            found = pc.replace_substring_regex(found, r"\b([a-z]{3}_[A-Z][a-z]{3})\b", rf"\1{mark}")
        if name in ids:
            found = pc.replace_substring_regex(found, "^[0-9a-f]([0-9a-f]{31})$", rf"{chr(ord('g') + number)}\1")
        part = part.set_column(at, part.schema.field(name), found)
    return part


def rows(address: str) -> dict[str, int]:
    """Return how many rows each table has, by its files' statistics."""
    ledger = Ledger(address)
    return {
        table.name: sum(count for (count,) in file_facts(ledger.opened(table), "num_records")) for table in COPIED
    }


def measure(once: str, often: str, plan: Plan, times: int) -> list[Line]:
    small, large = f"{plan.languages} languages", f"{times * plan.languages:,} languages"
    for note in Path(os.environ["BELEBELE_STATE_DIR"]).glob("idle/*"):
        note.unlink()
    whole = process("look", once)  # leaves the note
    IdleNote(Campaign.load(often), often, {}).leave(Progress(), rows(often)["annotations"])
    costs = {
        f"idle advance, {small}, all is looked at": whole,
        f"idle advance, {small}": process("look", once, TURNS),
        f"idle advance, {large}": process("look", often, TURNS),
        f"verdicts of one language of {small}": process("language", once, TURNS),
        f"verdicts of one language of {large}": process("language", often, TURNS),
        f"verdicts of all of {small}": process("languages", once),
    }
    for name, one in costs.items():
        print(f"{name:54} {one['seconds']:6.2f} s {one['busy']:6.2f} s of CPU {one['memory']:6,.0f} MB")
    looked, idle, idle_large, single, single_large, every = (cost["busy"] for cost in costs.values())
    print("as processor time, which other work on the machine changes least:")
    return [
        Line(f"idle advance, {small}", idle, looked, "the same without its note"),
        Line(f"idle advance, {large}", idle_large, idle, f"the same for {small}"),
        Line(f"verdicts of one language, {small}", single, every, "of all of them"),
        Line(f"verdicts of one language, {large}", single_large, single, f"one of {small}"),
    ]


def process(name: str, address: str, turns: int = 1) -> Cost:
    """Return what a step costs as a process of its own, that of the median time."""
    found = []
    for _ in range(turns):
        began = time.perf_counter()
        command = [sys.executable, __file__, "--step", name, address]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        if done.returncode:
            sys.exit(f"{name}:\n{done.stdout}{done.stderr}")
        found.append({**json.loads(done.stdout.splitlines()[-1]), "seconds": time.perf_counter() - began})
    return sorted(found, key=lambda one: one["seconds"])[turns // 2]


def step(name: str, address: str) -> None:
    """Do one step and print what it cost: processor time in s, peak memory in MB."""
    STEPS[name](address)
    status = Path("/proc/self/status").read_text("ascii").split()
    peak = (
        int(status[status.index("VmHWM:") + 1]) / 1024
    )  # of this process alone: `ru_maxrss` begins with its parent's
    print(json.dumps({"busy": time.process_time(), "memory": peak}))


def look(address: str) -> None:
    if idle_progress(address, {}) is None:
        sys.exit("there should be nothing to do")


def one_language(address: str) -> None:
    language = Campaign.load(address).languages.targets[-1]
    found = Ledger(address).read(tables.VERDICTS, None, pc.field("language") == language)
    if found.empty or set(found["language"]) != {language}:
        sys.exit(f"there should be verdicts in {language}")


def all_languages(address: str) -> None:
    Ledger(address).read(tables.VERDICTS)


def work(address: str) -> None:
    advance(address, {})


STEPS: Mapping[str, Callable[[str], None]] = {
    "look": look, "advance": work, "language": one_language, "languages": all_languages,
}  # fmt: skip


if __name__ == "__main__":
    show(main())
