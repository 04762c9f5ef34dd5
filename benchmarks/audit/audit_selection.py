"""The claims that hold for a selected set: cross-fitting inside it, learners from outside it, selecting anew.

    python benchmarks/audit/audit_selection.py

The worlds have items whose options have binary features. Some features are named heuristics, which the selection
balances; in half of the worlds others are a cue that no heuristic knows. The truth is the accuracy of the same
learner on the selected items when it was trained on 20,000 others. Real items are selected as well, if Cosmos QA
is beside the checkout (BELEBELE_SHARED_DATA, or ../shared/data), for time and for the losses of a set with a
glaring cue.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from qc.audit.cues.heuristics import HEURISTICS, heuristic_scores
from qc.selection.final_set import SetWishes, choose
from qc.selection.post_selection import outside
from qc.set_statistics.options import Options
from tests.qc.selection.test_final_set import World, again, truth

SETS = 10
TESTS = 100
PERMUTATIONS = 19
KINDS: Mapping[str, Mapping[str, Any]] = {
    "no cue": {"known": 60},
    "a cue that no heuristic knows": {"known": 40, "hidden": 20, "strength": 0.25},
}
TESTED: Mapping[str, Mapping[str, Any]] = {
    "size": {"known": 10},
    "power": {"known": 10, "hidden": 10, "strength": 0.6},
}


def main() -> list[Line]:
    for name, kind in KINDS.items():
        readings = np.array([reading(seed, kind) for seed in range(SETS)])
        mean, sd = readings.mean(axis=0), readings.std(axis=0, ddof=1)
        print(f"900 of 1,800 items chosen, {name} ({SETS} sets; mean, sd):")
        for place, what in enumerate(("cross-fitted inside the set", "trained on what was left", "truth")):
            print(f"  {what:28} {mean[place]:.3f}  {sd[place]:.3f}")
    for name, kind in TESTED.items():
        hits = sum(again(kind, seed, PERMUTATIONS) <= 0.05 for seed in range(TESTS))
        low, high = binom.interval(0.95, TESTS, 0.05)
        wanted = f" (nominal 5 %: {low:.0f} to {high:.0f})" if name == "size" else ""
        print(f"choosing anew in each of {PERMUTATIONS} permutations, {name}: {hits} of {TESTS}{wanted}")
    return [*made_up(), *real()]


def reading(seed: int, kind: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return, for one world's selected set, the accuracy inside, outside, and the truth."""
    world = World(seed, 1800, **kind)
    chosen = world.choose(900, 0.01).lines
    left = outside(world.frame, chosen, world.learn)
    return world.crossfit(chosen, world.keys), left.accuracy, truth(world, chosen, **kind)


def made_up() -> list[Line]:
    world = World(0, 1800, known=60)
    return [Line("choose 900 of 1,800, 60 heuristics", timed(lambda: world.choose(900, 0.05)))]


def real() -> list[Line]:
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    file = Path(os.environ.get("BELEBELE_SHARED_DATA", beside)) / "cosmosqa" / "valid.csv"
    if not file.exists():
        return []
    read = pd.read_csv(file).rename(columns={"context": "passage"})
    texts = read[[f"answer{n}" for n in range(4)]].astype(str).to_numpy().tolist()
    items = pd.DataFrame(
        {"item_id": [f"{n:04}" for n in range(len(read))], "language": "eng_Latn", "group": read["passage"],
         "passage": read["passage"], "question": read["question"], "options": texts, "key": read["label"]}
    )  # fmt: skip
    options = Options.of(items)
    _, scores = heuristic_scores(options)
    credits = options.credits(scores[:, : len(HEURISTICS)])[options.keys]
    names = [rule.name for rule in HEURISTICS]
    lines = []
    for size in (900, 2000):
        chosen = choose(options.items, credits, names, SetWishes(size, per_passage=2))
        off = {name: abs(share - chosen.chance) for name, share in chosen.accuracy.items()}
        worst = max(off, key=lambda name: off[name])
        before = abs(credits.mean(axis=0) - options.chance).max()
        print(f"Cosmos QA, {size} of {len(items)}: farthest from chance {before:.3f} before, {off[worst]:.3f} ")
        print(f"  after ({worst}); gave up: {'; '.join(chosen.gave_up) or 'nothing'}")
        lines.append(
            Line(
                f"choose {size} of Cosmos QA's {len(items)}",
                timed(lambda size=size: choose(options.items, credits, names, SetWishes(size, per_passage=2))),  # type: ignore[misc]
            )
        )
    return lines


if __name__ == "__main__":
    show(main())
