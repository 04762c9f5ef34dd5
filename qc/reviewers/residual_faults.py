"""Residual faults: two estimates of how many faults remain in what was accepted, each with an interval.

The first comes from plants (`estimate`). Planted faults and sound copies show reviewers' recall and false alarms;
with these, the rate of objections to real questions shows how many of those are faulty (Rogan and Gladen 1978).
Bayes' rule then gives the probability that an accepted question with so many readers and objections is faulty.
Recall is taken by kind, with real kinds mixed as the planted ones are, because a mean recall would hide that the
faults that remain are those that are hard to see. Uncertainty is propagated by draws: Jeffreys' posterior for
every recall and for false alarms, the Bayesian bootstrap (Rubin 1981) over questions for the rate of objections,
and a draw of the faults themselves.

It assumes what no plant can test: that planted faults are as hard to see as real ones. Machine-made ones are
easier, if anything, and then the estimate is too low. Hence the second (`audited`): an expert judges a random
share of what was accepted again, with the exact interval for a finite set (hypergeometric, tails inverted). It
assumes only that the expert sees what there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma

import numpy as np
import numpy.typing as npt

from data.ledger.tables import FaultKind

LEAST_PLANTS = 20
"""The least readings of faulty plants for an estimate."""

LEAST_KIND = 5
"""The least readings of a kind for it to be part of the mixture."""

LEAST_ALARMS = 10
"""The least readings of sound items for an estimate."""

LEAST_VALID = 0.95
"""The least share of draws in which reviewers object to faults more often than to sound items."""

DRAWS = 4000

ObjectionCount = tuple[int, int]
"""The number of readings of an item that objected, and of all its readings."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class PlantEstimate:
    """Faults that remain in what was accepted, estimated from the plants.

    Attributes:
        accepted: how many items were accepted.
        share: estimated share of them that are faulty; None where there is no estimate.
        low: lower end of the 95 % interval.
        high: upper end.
        prevalence: share of all reviewed revisions that were faulty, with low and high.
        why_not: why there is no estimate; "".
    """

    accepted: int
    share: float | None = None
    low: float | None = None
    high: float | None = None
    prevalence: tuple[float, float, float] | None = None
    why_not: str = ""


def estimate(
    recall: Mapping[FaultKind, ObjectionCount],
    alarms: ObjectionCount,
    reviewed: Sequence[ObjectionCount],
    accepted: Sequence[ObjectionCount],
    *,
    seed: int = 0,
) -> PlantEstimate:
    """Estimate the faults that remain in what was accepted, from the plants.

    Args:
        recall: by kind of fault, how many readings of such plants objected, of how many.
        alarms: how many readings of sound items objected, of how many.
        reviewed: for every reviewed revision of a question, of its first two readings.
        accepted: for every accepted question, of all its readings, including an adjudicator's.
        seed: of the draws.
    """
    kinds = {kind: counts for kind, counts in recall.items() if counts[1] >= LEAST_KIND}
    readings = sum(of for _, of in kinds.values())
    if why := _why_not(readings, alarms[1], len(reviewed), len(accepted)):
        return PlantEstimate(len(accepted), why_not=why)
    random = np.random.default_rng(seed)
    mix = np.array([of / readings for _, of in kinds.values()])
    sees = np.column_stack([_jeffreys(random, *counts) for counts in kinds.values()])
    false = _jeffreys(random, *alarms)
    objected = _objected(random, reviewed)
    surplus = sees @ mix - false
    valid = surplus > 0
    if valid.mean() < LEAST_VALID:
        return PlantEstimate(
            len(accepted), why_not="reviewers object to faults hardly more often than to sound items"
        )
    sees, false, objected, surplus = sees[valid], false[valid], objected[valid], surplus[valid]
    prevalence = np.clip((objected - false) / surplus, 0.0, 1.0)
    expected, drawn = _faulty(random, prevalence, sees, mix, false, accepted)
    low, high = np.quantile(drawn, [0.025, 0.975])
    least, most = np.quantile(prevalence, [0.025, 0.975])
    return PlantEstimate(
        accepted=len(accepted),
        share=float(np.mean(expected)),
        low=float(low),
        high=float(high),
        prevalence=(float(np.mean(prevalence)), float(least), float(most)),
    )


def _why_not(plants: int, alarms: int, reviewed: int, accepted: int) -> str:
    if accepted == 0 or reviewed == 0:
        return "nothing was accepted so far"
    if plants < LEAST_PLANTS:
        return f"too few readings of plants: {plants}, and {LEAST_PLANTS} are needed ({LEAST_KIND} of a kind)"
    if alarms < LEAST_ALARMS:
        return f"too few readings of what is known to be sound: {alarms}, and {LEAST_ALARMS} are needed"
    return ""


def _jeffreys(random: np.random.Generator, met: int, of: int) -> Floats:
    return random.beta(met + 0.5, of - met + 0.5, DRAWS)


def _objected(random: np.random.Generator, reviewed: Sequence[ObjectionCount]) -> Floats:
    """Draw the rate of objections by question, since two readings of one are not independent evidence."""
    groups = Counter(reviewed)
    weights = np.column_stack([random.gamma(count, 1.0, DRAWS) for count in groups.values()])
    met = np.array([objecting for objecting, _ in groups], float)
    of = np.array([readings for _, readings in groups], float)
    return np.asarray((weights @ met) / (weights @ of))


def _faulty(
    random: np.random.Generator,
    prevalence: Floats,
    sees: Floats,
    mix: Floats,
    false: Floats,
    accepted: Sequence[ObjectionCount],
) -> tuple[Floats, Floats]:
    """Return the accepted items' faulty share per draw: as expected, and with the faults themselves drawn."""
    groups = Counter(accepted)
    expected, drawn = np.zeros(len(false)), np.zeros(len(false))
    for (met, of), count in groups.items():
        faulty = prevalence * ((sees**met * (1 - sees) ** (of - met)) @ mix)
        sound = (1 - prevalence) * false**met * (1 - false) ** (of - met)
        chance = faulty / np.maximum(faulty + sound, np.finfo(float).tiny)
        expected += count * chance
        drawn += random.binomial(count, np.clip(chance, 0.0, 1.0))
    return expected / len(accepted), drawn / len(accepted)


@dataclass(frozen=True)
class RecheckEstimate:
    """Faults that remain in what was accepted, after a random share of it was judged again.

    Attributes:
        accepted: how many were accepted.
        judged: how many of them were judged again.
        faulty: how many of these should not be kept as they are.
        share: faulty / judged; None while nothing was judged.
        low: lower end of the exact 95 % interval for the share of all accepted items.
        high: upper end.
    """

    accepted: int
    judged: int
    faulty: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


def audited(accepted: int, judged: int, faulty: int, level: float = 0.95) -> RecheckEstimate:
    """Return the share of faults in a finite set, from a random part of it.

    The interval contains every number of faults in the set for which as many, or as few, in the part are not rarer
    than (1 - level) / 2.

    >>> a = audited(100, 20, 1)
    >>> a.share, round(100 * a.low), round(100 * a.high)
    (0.05, 1, 22)
    """
    if judged == 0:
        return RecheckEstimate(accepted, 0, 0)
    tail = (1 - level) / 2
    possible = range(faulty, accepted - (judged - faulty) + 1)
    low = next((k for k in possible if _at_least(faulty, accepted, k, judged) > tail), faulty)
    high = next((k for k in reversed(possible) if _at_most(faulty, accepted, k, judged) > tail), possible[-1])
    return RecheckEstimate(accepted, judged, faulty, faulty / judged, low / accepted, high / accepted)


def _at_most(met: int, whole: int, bad: int, drawn: int) -> float:
    return sum(_hypergeometric(x, whole, bad, drawn) for x in range(met + 1))


def _at_least(met: int, whole: int, bad: int, drawn: int) -> float:
    return 1.0 - _at_most(met - 1, whole, bad, drawn) if met else 1.0


def _hypergeometric(met: int, whole: int, bad: int, drawn: int) -> float:
    """Return the probability of `met` bad items among `drawn` from `whole` that contain `bad`."""
    if not max(0, drawn - (whole - bad)) <= met <= min(drawn, bad):
        return 0.0
    return exp(_choose(bad, met) + _choose(whole - bad, drawn - met) - _choose(whole, drawn))


def _choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
