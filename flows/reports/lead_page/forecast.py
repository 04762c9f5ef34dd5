"""When the rest of some work will be done, from how much was done on each day so far.

Days are drawn anew from the days so far, idle ones included, until the rest is done. So that few days do not look
surer than they are, each run first draws which days it goes by (the Bayesian bootstrap: weights from a flat
Dirichlet distribution; Rubin 1981). The interval holds the middle 80 % of the runs. It says what happens if people
go on as they did, and nothing of holidays to come. Its coverage is simulated in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qc.set_statistics.options import Floats

DAYS = 28
"""The most days that are looked back on."""

LEAST_DAYS, LEAST_DONE = 3, 5
"""Fewer days with work, or fewer pieces of it, tell nothing."""

LONGEST = 3650
"""Days after which a run is given up."""

_RUNS = 400
_MIDDLE = (10, 50, 90)


@dataclass(frozen=True)
class Forecast:
    """The days that the rest takes.

    Attributes:
        low: as many or fewer in one run of ten.
        middle: in half of the runs.
        high: in nine of ten; None if these took longer than `LONGEST`.
    """

    low: int
    middle: int
    high: int | None


def forecast(done: Sequence[int], rest: int, seed: int = 0) -> Forecast | None:
    """Return how many days the rest takes, today being the last that counts as past.

    Args:
        done: pieces done on each day since the first, idle days included; the last `DAYS` count.
        rest: pieces that remain.
        seed: of the draws.

    Returns:
        None if nothing remains, or if too little was done to tell.
    """
    days = np.asarray(done[-DAYS:], dtype=float)
    if rest <= 0 or int((days > 0).sum()) < LEAST_DAYS or days.sum() < LEAST_DONE:
        return None
    dice = np.random.default_rng(seed)
    weights = dice.dirichlet(np.ones(len(days)), _RUNS)
    took = np.array([_run(days, weight, rest, dice) for weight in weights])
    low, middle, high = np.percentile(took, _MIDDLE, method="inverted_cdf")
    if middle > LONGEST:
        return None
    return Forecast(int(low), int(middle), int(high) if high <= LONGEST else None)


def _run(days: Floats, weight: Floats, rest: int, dice: np.random.Generator) -> int:
    """Return the days until the rest is done, in one run."""
    pace = float(days @ weight)
    left, past = float(rest), 0
    while left > 0 and past <= LONGEST:
        some = min(LONGEST + 1 - past, max(8, int(1.3 * left / max(pace, 1e-9)) + 1))
        sums = np.cumsum(dice.choice(days, some, p=weight))
        reached = int(np.searchsorted(sums, left))
        if reached < some:
            return past + reached + 1
        left -= float(sums[-1])
        past += some
    return LONGEST + 1
