"""Cells called unusual although nothing is wrong in them, and sources suspected by chance, in made-up campaigns.

    python benchmarks/translation/false_discoveries.py [--runs 200] [--languages 122]

Twenty checks judge items in every language, and each flags correct items at a rate of its own in each (log-normal
around .005, a factor of two apart). In a share of the cells five items in a hundred more are flagged. The regimes
differ in items a language, in that share, and in what is known of the rates: exactly (known); a bound that is not
passed (bound: twice the rate); estimated on as many other accepted items as there are (estimated); one figure for
all languages, as of checks that were measured on translations by people (pooled); a quarter of the rate, as of
learned checks where real options are stranger than passages (understated). `fdr` is the share of wrong ones
among cells called unusual, averaged over runs (none called: 0); `any` the share of runs without a worse cell in
which some cell is called unusual; `found` the share of the worse cells that are called so; `held` how many of all
items are held as suspect at their source, with nothing wrong.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from flows.calibrations.false_alarm_rates import jeffreys_mean
from flows.ledger_views.translations.suspect_sources import CERTAINTY, LEAST_LANGUAGES, moved_rate
from qc.set_statistics.expected_flags import FalseAlarms, FlagCount, RateSource, tail_of_many, unusual

Floats = npt.NDArray[np.float64]

CHECKS = 20
WORSE = 0.05


def rates(draw: np.random.Generator, languages: int) -> Floats:
    """Return the rates of all cells, checks by languages."""
    return np.clip(0.005 * np.exp(draw.normal(0, 0.7, (CHECKS, languages))), 1e-5, 0.2)


def known(how: str, true: Floats, items: int, draw: np.random.Generator) -> Floats:
    """Return what a report takes for the rates."""
    if how == "estimated":
        shares = draw.binomial(items, true) / items
        return np.array([[jeffreys_mean(float(one), items) for one in row] for row in shares])
    if how == "pooled":
        return np.repeat(true.mean(axis=1, keepdims=True), true.shape[1], axis=1)
    return true * {"bound": 2.0, "understated": 0.25}.get(how, 1.0)


def cells(flagged: npt.NDArray[np.int64], items: int, taken: Floats, how: str) -> list[FlagCount]:
    """Return the cells of a report."""

    def worth(rate: float) -> int | None:
        return {"estimated": items, "pooled": round(1 / rate) - 1}.get(how)

    return [
        FlagCount("c", "l", items, int(count), FalseAlarms(float(rate), RateSource.PASSAGES, worth(float(rate))))
        for count, rate in zip(flagged.ravel(), taken.ravel(), strict=True)
    ]


def measured(how: str, items: int, share: float, runs: int, languages: int) -> tuple[float, float, float, float]:
    """Return fdr, any, found and held of one regime."""
    draw = np.random.default_rng(0)
    wrong, found, any_called, held = [], [], [], []
    for _ in range(runs):
        true = rates(draw, languages)
        taken = known(how, true, items, draw)
        worse = draw.random(true.shape) < share
        flagged = draw.binomial(items, np.where(worse, np.minimum(true + WORSE, 1), true))
        odd = np.array(unusual(cells(flagged, items, taken, how)), bool).reshape(true.shape)
        wrong.append((odd & ~worse).sum() / max(1, odd.sum()))
        if worse.any():
            found.append(odd[worse].mean())
        else:
            any_called.append(odd.any())
        flags = draw.random((100, *true.shape)) < true  # a hundred items, each in every language
        counts = flags.sum(axis=2)
        speaks = np.zeros(counts.shape, bool)
        shown = zip(taken.tolist(), flagged.tolist(), strict=True)
        moved = [[moved_rate(one, n, items) for one, n in zip(*of, strict=True)] for of in shown]
        for place, row in enumerate(moved):
            for count in {int(one) for one in counts[:, place]}:
                if count >= LEAST_LANGUAGES and tail_of_many(count, row) < CERTAINTY:
                    speaks[counts[:, place] == count, place] = True
        held.append(float(speaks.any(axis=1).mean()))
    means = [float(np.mean(some)) if some else float("nan") for some in (wrong, any_called, found, held)]
    return means[0], means[1], means[2], means[3]


def main() -> list[Line]:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--runs", type=int, default=200)
    asked.add_argument("--languages", type=int, default=122)
    given = asked.parse_args()
    begun = perf_counter()
    print(f"{'rates':<10} {'items':>5} {'worse':>5} {'fdr':>6} {'any':>6} {'found':>6} {'held':>8}")
    for how in ("known", "bound", "estimated", "pooled", "understated"):
        for items in (200, 900):
            for share in (0.0, 0.02, 0.1):
                figures = measured(how, items, share, given.runs, given.languages)
                told = " ".join(f"{one:6.3f}" for one in figures[:3])
                print(f"{how:<10} {items:>5} {share:>5} {told} {figures[3]:8.5f}", flush=True)
    lines = [Line(f"{given.runs} runs of 30 regimes", perf_counter() - begun)]
    show(lines)
    return lines


if __name__ == "__main__":
    main()
