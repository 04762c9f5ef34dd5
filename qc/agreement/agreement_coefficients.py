"""Agreement beyond chance: Krippendorff's alpha, Gwet's AC1 and percent agreement, with clustered intervals.

Everything follows from one table: how many annotators gave a unit each label. A unit's part in a coefficient is a
few sums over its row, so resampling clusters of units (questions on one passage are not independent evidence) is a
product of weights with those sums, and two thousand resamplings cost milliseconds. That is why this is not left to
a library; the tests compare it with `krippendorff`, with the published examples and with irrCAC's.

Alpha and AC1 disagree where nearly all labels are the same: alpha then falls to 0 although nearly everybody
agrees, AC1 does not. A report gives both, and beside them the share of the rarer labels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Level = Literal["nominal", "ordinal"]

DRAWS = 2000
"""The number of resamplings for an interval."""

LEAST_CLUSTERS = 8
"""With fewer passages there is no interval: resampling so few says nothing about others."""

LEAST_RARE = 10
"""Labels other than the commonest that an interval of alpha needs; with fewer it covered .79 instead of .95."""


class Estimate(NamedTuple):
    """A figure and its interval; None where the data do not determine it.

    `low` and `high` may be None where `value` is not: too few clusters, or nobody disagreed.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Agreement:
    """The agreement of the annotators of one question.

    Attributes:
        units: how many have two labels or more.
        clusters: of units.
        labels: how often each label was given, in the order of the categories.
        percent: share of pairs of labels on one unit that are the same.
        alpha: Krippendorff's; None where all labels are the same.
        ac1: Gwet's.
    """

    units: int
    clusters: int
    labels: tuple[int, ...]
    percent: Estimate
    alpha: Estimate
    ac1: Estimate


class Sums(NamedTuple):
    """The sums over a set of units from which the coefficients follow; leading axes (…) are resamplings.

    Attributes:
        units: with two labels or more, (…).
        agreed: sum over them of the share of pairs that agree, (…).
        shares: sum over units with any label of each label's share, (…, k).
        coincidences: Krippendorff's coincidence matrix, (…, k, k).
    """

    units: Floats
    agreed: Floats
    shares: Floats
    coincidences: Floats


def label_counts(units: npt.ArrayLike, labels: npt.ArrayLike, categories: int) -> Ints:
    """Count how many annotators gave each unit each label.

    Args:
        units: (n,) number of the unit that a label was given to, from 0.
        labels: (n,) number of the label, from 0.
        categories: how many labels there are to give.

    Returns:
        (units, categories).
    """
    unit, label = np.asarray(units, np.int64), np.asarray(labels, np.int64)
    table = np.zeros((int(unit.max(initial=-1)) + 1, categories), np.int64)
    np.add.at(table, (unit, label), 1)
    return table


def agreement(
    counts: npt.ArrayLike,
    clusters: npt.ArrayLike | None = None,
    *,
    level: Level = "nominal",
    exchangeable: Sequence[int] = (),
    draws: int = DRAWS,
    seed: int = 0,
) -> Agreement:
    """Return alpha, AC1 and percent agreement with 95 % intervals.

    Args:
        counts: (units, categories): how many annotators gave each label.
        clusters: (units,) of numbers: units of one cluster are drawn together; by default each is its own.
        level: "ordinal" for labels in an order, such as keep, revise, drop; for alpha only.
        exchangeable: categories whose names mean nothing across units, such as the options of different questions:
            chance is computed as if they were named anew for each unit, so that authors who put the right answer
            first do not make people agree by chance.
        draws: resamplings of clusters.
        seed: of the resampling.
    """
    table = np.asarray(counts, np.float64)
    whose = np.arange(len(table)) if clusters is None else np.asarray(clusters)
    rated = table.sum(axis=1) >= 1  # a single label still shows how common it is (Gwet)
    numbers = np.unique(whose[rated], return_inverse=True)[1]
    parts = _gathered(sums(table[rated]), numbers)
    count = len(parts.units)
    whole = Sums(*(part.sum(axis=0) for part in parts))
    measures: tuple[Callable[[Sums], Any], ...] = (
        percent,
        lambda s: alpha(s, level, exchangeable),
        lambda s: ac1(s, exchangeable),
    )
    left = Sums(*(total - part for total, part in zip(whole, parts, strict=True)))
    estimates = [Estimate(_number_or_none(measure(whole))) for measure in measures]
    if count >= LEAST_CLUSTERS and whole.agreed < whole.units:
        weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws).astype(float)
        drawn = Sums(*(np.tensordot(weights, part, 1) for part in parts))
        estimates = [
            Estimate(one.value, *_bounds(measure(whole), measure(drawn), measure(left)))
            for one, measure in zip(estimates, measures, strict=True)
        ]
        if table[rated].sum() - table[rated].sum(axis=0).max() < LEAST_RARE:
            estimates[1] = Estimate(estimates[1].value)
    elif count >= LEAST_CLUSTERS:
        estimates[0] = Estimate(
            1.0, float(0.05 ** (1 / count)), 1.0
        )  # exact and one-sided, with one vote per cluster
    labels = tuple(int(n) for n in table[rated].sum(axis=0))
    return Agreement(int(whole.units), count, labels, *estimates)


def sums(table: npt.ArrayLike) -> Sums:
    """Return each unit's part in the coefficients.

    Args:
        table: (units, categories), each unit with two labels or more, or with one for `shares` only.
    """
    n = np.asarray(table, np.float64)
    raters = n.sum(axis=1)
    several = raters >= 2
    pairs = np.where(several, raters * (raters - 1), 1.0)
    agreed = np.where(several, (n * (n - 1)).sum(axis=1) / pairs, 0.0)
    crossed = n[:, :, None] * n[:, None, :] - n[:, :, None] * np.eye(n.shape[1])
    coincidences = crossed * (several / np.maximum(raters - 1, 1))[:, None, None]
    return Sums(several.astype(float), agreed, n / np.maximum(raters, 1)[:, None], coincidences)


def percent(of: Sums) -> Floats:
    """Return the share of pairs of labels on one unit that agree, averaged over units."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(of.agreed / of.units)


def ac1(of: Sums, exchangeable: Sequence[int] = ()) -> Floats:
    """Return Gwet's AC1 (2008, British Journal of Mathematical and Statistical Psychology 61, 29-48)."""
    shares = _levelled(of.shares, exchangeable)
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = shares / shares.sum(axis=-1, keepdims=True)
        chance = (shares * (1 - shares)).sum(axis=-1) / (shares.shape[-1] - 1)
        return np.asarray((percent(of) - chance) / (1 - chance))


def alpha(of: Sums, level: Level = "nominal", exchangeable: Sequence[int] = ()) -> Floats:
    """Return Krippendorff's alpha (Content Analysis, 4th ed. 2018, chapter 12)."""
    met = of.coincidences
    n = _levelled(met.sum(axis=-1), exchangeable)
    far = _distances(n, level)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = (met * far).sum(axis=(-2, -1))
        expected = (n[..., :, None] * n[..., None, :] * far).sum(axis=(-2, -1)) / (n.sum(axis=-1) - 1)
        return np.where(expected > 0, 1 - observed / expected, np.nan)


def _distances(n: Floats, level: Level) -> Floats:
    """Return squared distances of labels, (…, k, k); ordinal ones depend on the counts of labels between."""
    if level == "nominal":
        return 1 - np.eye(n.shape[-1])
    up_to = n.cumsum(axis=-1) - n / 2  # a label's middle rank
    return np.asarray((up_to[..., :, None] - up_to[..., None, :]) ** 2)


def _levelled(n: Floats, exchangeable: Sequence[int]) -> Floats:
    if not exchangeable:
        return n
    levelled = n.copy()
    alike = list(exchangeable)
    levelled[..., alike] = n[..., alike].mean(axis=-1, keepdims=True)
    return levelled


def _gathered(of: Sums, numbers: Ints) -> Sums:
    """Return the sums of each cluster."""
    count = int(numbers.max(initial=-1)) + 1
    gathered = []
    for part in of:
        total = np.zeros((count, *part.shape[1:]))
        np.add.at(total, numbers, part)
        gathered.append(total)
    return Sums(*gathered)


def _bounds(value: Floats, drawn: Floats, left: Floats) -> tuple[float, float] | tuple[None, None]:
    """Return a 95 % interval, bias-corrected and accelerated (Efron 1987)."""
    known = drawn[np.isfinite(drawn)]
    pulls = left.mean() - left
    if not np.isfinite(value) or not np.isfinite(left).all() or not pulls.any() or not len(known):
        return None, None
    from scipy.special import ndtr, ndtri  # here, since `status` takes as long as what it loads

    z = ndtri(0.975)
    below = (known < value).mean() + (known == value).mean() / 2
    bias = ndtri(np.clip(below, 0.5 / len(known), 1 - 0.5 / len(known)))
    acceleration = (pulls**3).sum() / (6 * (pulls**2).sum() ** 1.5)
    places = [ndtr(bias + (bias + end) / (1 - acceleration * (bias + end))) for end in (-z, z)]
    low, high = np.quantile(known, places)
    return float(low), float(high)


def _number_or_none(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
