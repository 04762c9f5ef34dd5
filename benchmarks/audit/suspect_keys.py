"""The quality of the list of suspect keys: planted key errors, found among the first places.

    python benchmarks/audit/suspect_keys.py [--runs 10] [--items 900]

Solvers of many abilities answer items of many difficulties, and some keys are changed after the fact. For each
regime the table shows: the share of the first 5, 10, 20 and 40 places that are planted errors (at most as many as
there are); the share of false ones that the list itself expects at the last of these places, beside the true
share; the number of planted errors in the whole list; and the number that the flag at q <= .05 finds. Beside it is
the same precision of a list by the test's p alone, the only order available before.

The regimes: few and many solvers; distractors that attract everybody who errs (attractive); hard sets; two
options; and, to show the limits of any list, a share of questions that mislead the strong (tricky), where a
distractor attracts the able as a right option would.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
from scipy.special import expit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from qc.audit.solvers.solver_answers import Agreement, agreement, answers
from qc.set_statistics.options import Options

FIRST = (5, 10, 20, 40)


@dataclass(frozen=True)
class Regime:
    """A world of solvers and items, in logits."""

    name: str
    solvers: int = 11
    wrong: float = 0.03
    options: int = 4
    able: float = 1.5
    spread: float = 1.0
    hard: float = 1.2
    evenness: float = 1.0
    tricky: float = 0.0


REGIMES = (
    Regime("11 solvers, 3 % wrong"),
    Regime("6 solvers", solvers=6),
    Regime("40 solvers", solvers=40),
    Regime("1 % wrong", wrong=0.01),
    Regime("none wrong", wrong=0.0),
    Regime("attractive distractors", evenness=0.15),
    Regime("a hard set", able=0.3, hard=1.5),
    Regime("alike solvers", spread=0.3),
    Regime("two options", options=2),
    Regime("attractive and hard", able=0.3, hard=1.5, evenness=0.15),
    Regime("tricky 1 %", tricky=0.01),
)


def answered(
    regime: Regime, items: int, seed: int
) -> tuple[Agreement, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    """Return the findings on one drawn set, and whether each of its keys is wrong."""
    random = np.random.default_rng(seed)
    most = regime.options
    difficulty, correct = random.normal(0, regime.hard, items), random.integers(0, most, items)
    pull = np.cumsum(random.dirichlet([regime.evenness] * (most - 1), items), axis=1)[:, :-1]
    ability = random.normal(regime.able, regime.spread, regime.solvers)
    bad = random.random(items) < regime.wrong
    told = np.where(bad, (correct + random.integers(1, most, items)) % most, correct)
    tricky = random.random(items) < regime.tricky
    drawn = np.where(tricky, (correct + 1) % most, correct)  # the option that able solvers choose
    right = random.random((regime.solvers, items)) < 1 / most + (1 - 1 / most) * expit(
        ability[:, None] - difficulty
    )
    other = (random.random((regime.solvers, items))[..., None] > pull).sum(axis=-1) + 1
    chosen = np.where(right, drawn, (drawn + other) % most)
    ids = np.array([f"i{line:04}" for line in range(items)])
    frame = pd.DataFrame({"item_id": ids, "language": "", "group": ids, "passage": "", "question": ""})
    options = Options.of(frame.assign(options=pd.Series([list("wxyz")[:most]] * items), key=told))
    responses = pd.concat(
        [
            pd.DataFrame({"solver": f"s{who:03}", "item_id": ids, "language": "", "chosen": line})
            for who, line in enumerate(chosen)
        ],
        ignore_index=True,
    )
    return agreement(answers(responses, {"": options})), bad.tolist()


def measured(regime: Regime, items: int, runs: int) -> str:
    """Return one line of the table."""
    found: dict[str, list[float]] = {}

    def note(name: str, value: float) -> None:
        found.setdefault(name, []).append(value)

    for seed in range(runs):
        heard, bad = answered(regime, items, seed)
        lines = heard.items.sort_values("item_id", ignore_index=True)
        wrong = pd.Series(bad)
        listed = lines[lines["key_place"].notna()].sort_values("key_place")
        by_p = lines[lines["key_p"].notna()].sort_values("key_p", kind="stable")
        for first in FIRST:
            at_most = min(first, sum(bad))
            if at_most:
                note(f"list {first}", wrong[listed.index[:at_most]].sum() / at_most)
                note(f"p {first}", wrong[by_p.index[:at_most]].sum() / at_most)
        held = listed.head(20)
        if len(held):
            note("said", float(held["key_false"].iloc[-1]))
            note("is", 1 - float(wrong[held.index].mean()))
        note("long", len(listed))
        note("held", wrong[listed.index].sum())
        note("wrong", sum(bad))
        note("flagged", int(lines["suspect_key"].fillna(False).sum()))
        note("flagged right", int((lines["suspect_key"].fillna(False) & wrong).sum()))

    def mean(name: str) -> float:
        return float(np.mean(found[name])) if name in found else float("nan")

    precision = "/".join(f"{mean(f'list {first}'):.2f}" for first in FIRST)
    before = "/".join(f"{mean(f'p {first}'):.2f}" for first in FIRST)
    return (
        f"{regime.name:24} {precision:20} {before:20} {mean('said'):5.2f} {mean('is'):5.2f}"
        f" {mean('held'):6.1f} of {mean('wrong'):4.1f} {mean('long'):6.1f}"
        f" {mean('flagged right'):6.1f} of {mean('flagged'):4.1f}"
    )


def main() -> list[Line]:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--runs", type=int, default=10)
    wanted.add_argument("--items", type=int, default=900)
    wanted.add_argument("--only", default="", help="Regimes that hold this word.")
    given = wanted.parse_args()
    print(f"precision among the first {FIRST}: by the list, by p alone; share of false ones among its first 20:")
    print("said, and as it is; planted errors in the list, and its length; flagged at q <= .05: right of all")
    lines = []
    for regime in REGIMES:
        if given.only in regime.name:
            began = perf_counter()
            print(measured(regime, given.items, given.runs), flush=True)
            lines.append(Line(regime.name, perf_counter() - began))
    return lines


if __name__ == "__main__":
    show(main())
