"""Randomly broken sets, given to the readers and to whole commands: no traceback, and no item lost silently.

Each input begins in one of the known layouts and is cut, mixed, retyped and sprinkled with accidental contents of
files (`tests/data/itemsets/mutated_sets.py`). The readers get most of them, in this process; some go through whole
commands, whose exit codes are checked too: only 0, 1 (a finding) and 2 (bad input) may occur.

python benchmarks/sets/broken_sets.py [INPUTS [COMMANDS [SEED]]]
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from flows.cli.commands import main as belebele
from tests.data.itemsets.mutated_sets import COLUMNS, broken, judged

INPUTS, COMMANDS = 100_000, 1_000
_SHOWN = 40


def at_readers(number: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Read broken sets; return the outcomes, and the failures."""
    return _each(number, seed, lambda folder, draw: judged(folder, draw.choice(COLUMNS)))


def whole_commands(number: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Run commands on broken sets, half of them only to describe the set."""
    runner = CliRunner()

    def run(folder: Path, draw: random.Random) -> str:
        ends = (
            ["--describe"]
            if draw.random() < 0.5
            else ["--out", str(folder.parent / "out"), "--layers", "heuristics", "--permutations", "99"]
        )
        ran = runner.invoke(belebele, ["audit", str(folder), *ends])
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        assert ran.exit_code in (0, 1, 2), f"exit code {ran.exit_code}: {ran.output[-300:]}"
        assert "Traceback" not in ran.output
        shutil.rmtree(folder.parent / "out", ignore_errors=True)
        return f"exit {ran.exit_code}"

    return _each(number, seed, run)


def _each(number: int, seed: int, judge: Callable[[Path, random.Random], str]) -> tuple[Counter[str], list[str]]:
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    root = Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    try:
        for place in range(number):
            draw = random.Random(f"{seed} {place}")
            folder = root / "set"
            folder.mkdir()
            name = broken(folder, draw)
            try:
                outcomes[judge(folder, draw)] += 1
            except Exception as error:  # noqa: BLE001 - the benchmark looks for any exception
                outcomes["wrong"] += 1
                if len(wrong) < 20:
                    where = traceback.extract_tb(error.__traceback__)[-1]
                    wrong.append(
                        f"{place} ({name}): {type(error).__name__}: {error} [{where.name}:{where.lineno}]"
                    )
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return outcomes, wrong


def main() -> list[Line]:
    """Print the outcomes of the inputs; return the lines of the table."""
    inputs, commands, seed = ([int(one) for one in sys.argv[1:]] + [INPUTS, COMMANDS, 0][len(sys.argv) - 1 :])[:3]
    lines = []
    for what, number, run in (
        ("at the readers", inputs, at_readers),
        ("whole commands", commands, whole_commands),
    ):
        began = time.perf_counter()
        outcomes, wrong = run(number, seed)
        seconds = time.perf_counter() - began
        told = ", ".join(f"{count:,} {name}" for name, count in sorted(outcomes.items()))
        print(f"{number:,} {what}: {told}; {seconds:.0f} s")
        print(*wrong, sep="\n")
        lines.append(Line(f"{number:,} broken sets {what}, {outcomes['wrong']} gone wrong", seconds))
    return lines


if __name__ == "__main__":
    show(main())
