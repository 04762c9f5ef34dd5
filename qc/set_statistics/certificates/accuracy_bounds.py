"""One-sided upper bounds of an accuracy, and the number of items that they require.

The bound is that of Clopper and Pearson (1934) at the effective number of items (Korn and Graubard 1998). Three
things lower that number. First, two questions on one passage may stand or fall together. Second, a cross-fitted
learner's folds share training items, so its pooled accuracy spreads wider than a binomial one, as the permuted
labellings of this very set show. Third, where natural cues were planted, the bound may have had to be wider to
cover the truth. Ties share an item's credit, which only narrows the spread, so the binomial is safe there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.special import betainc
from scipy.stats import beta, binom, norm, t

from qc.set_statistics.options import Floats, Ints, Options

POWERS = (0.8, 0.9)
"""The probabilities with which a set without any cue should pass, for the required number of items."""


def upper_bound(accuracy: float, effective: float, alpha: float = 0.05) -> float:
    """Return the one-sided upper bound of a share, after Clopper and Pearson, for any effective number of items.

    Args:
        accuracy: the share of items; it may include fractional credits.
        effective: the number of independent items that they count for.
        alpha: the probability that the truth lies above the bound.
    """
    if accuracy >= 1 or effective <= 0:
        return 1.0
    return float(beta.ppf(1 - alpha, accuracy * effective + 1, (1 - accuracy) * effective))


def design_effect(earned: Floats, groups: Sequence[str] | Ints) -> Floats:
    """Return the ratio of the variance of mean credits to that of independent items, at least 1.

    Args:
        earned: (n items, k): the credit of every item, between 0 and 1.
        groups: (n items,): the group of each item; the passage.

    Returns:
        (k,).
    """
    if len(np.unique(np.asarray(groups))) < 2:
        return np.full(earned.shape[1], float(len(earned)))
    mean = earned.mean(axis=0)
    binomial = mean * (1 - mean)
    return np.asarray(
        np.maximum(1.0, clustered_variance(earned, groups) / np.where(binomial > 0, binomial, np.inf))
    )


def clustered_variance(values: Floats, groups: Sequence[str] | Ints) -> Floats:
    """Return the number of items times the variance of their mean, where items of a group stand or fall together.

    Args:
        values: (n items, k).
        groups: (n items,).

    Returns:
        (k,); 0 for one group alone, which says nothing of others.
    """
    codes = np.unique(np.asarray(groups), return_inverse=True)[1]
    count = int(codes.max()) + 1
    sums = np.zeros((count, values.shape[1]))
    np.add.at(sums, codes, values - values.mean(axis=0))
    return np.asarray((sums**2).sum(axis=0) * count / max(count - 1, 1) / len(values))


def effective_items(
    options: Options, *, design: float = 1.0, spread: float | None = None, reach: float = 1.0
) -> float:
    """Return the number of independent items that a set counts for in one cue's bound.

    Args:
        options: the options of one language.
        design: the result of `design_effect`.
        spread: the spread of a cross-fitted learner's accuracy over permuted labellings; None for a fixed rule.
        reach: the factor by which a bound had to be wider than a normal one to cover planted truths.
    """
    items = float(len(options))
    null_variance = float(np.mean(1 / options.sizes * (1 - 1 / options.sizes)))
    learned = items if not spread else null_variance / spread**2
    count = len(np.unique(options.items["group"].to_numpy(str)))
    few = t.isf(0.05, items - 1) / t.isf(0.05, count - 1) if count > 1 and items > 2 else 0.0
    return float(min(items, learned, items / design) * min(1.0, few) ** 2 / max(1.0, reach) ** 2)


def reach_of(planted: Floats, spread: float, chance: float, upto: float, alpha: float = 0.05) -> float:
    """Return the factor by which a learner's bound must be wider, from its accuracies where cues were planted.

    The bounded quantity is the mean of the accuracy over sets that are made alike; the replicates of a cell are
    such sets. Each one's shortfall is compared with the permuted labellings' spread, scaled to the accuracy at
    that mean.

    Args:
        planted: (cells, R): accuracy per replicate.
        spread: the spread over permuted labellings.
        chance: the accuracy of guessing.
        upto: cells with a mean accuracy above this say nothing about bounds near the margin and are left out.
        alpha: the one-sided error rate.

    Returns:
        At least 1; 1 as well if fewer than 100 replicates can be used.
    """
    truth = planted.mean(axis=1, keepdims=True)
    near = truth[:, 0] <= upto
    if near.sum() * planted.shape[1] < 100 or spread <= 0:
        return 1.0
    scaled = spread * np.sqrt(truth * (1 - truth) / (chance * (1 - chance)))
    small = math.sqrt(planted.shape[1] / (planted.shape[1] - 1))  # the mean follows its own replicates
    short = ((truth - planted) / scaled)[near].ravel() * small
    return max(1.0, float(np.quantile(short, 1 - alpha)) / float(norm.isf(alpha)))


def passing_power(limit: float, chance: float, effective: float, alpha: float = 0.05) -> float:
    """Return the probability that a cue without any effect stays within the limit.

    Args:
        limit: chance + margin.
        chance: the accuracy of guessing.
        effective: the number of independent items that the set counts for.
        alpha: the one-sided error rate of the bound.

    >>> round(passing_power(0.30, 0.25, 900), 2), round(passing_power(0.29, 0.25, 900), 2)
    (0.96, 0.85)
    """
    if limit >= 1:
        return 1.0
    if upper_bound(0.0, effective, alpha) > limit:
        return 0.0
    highest = brentq(lambda accuracy: upper_bound(accuracy, effective, alpha) - limit, 0.0, limit)
    hits = highest * effective
    whole = math.floor(hits + 1e-9) if float(effective).is_integer() else hits - 0.5
    return float(betainc(effective - whole, whole + 1, 1 - chance)) if whole > -1 else 0.0


def items_needed(chance: float, margin: float, alpha: float = 0.05, efficiency: float = 1.0) -> tuple[int, ...]:
    """Return the items needed for a set without any cue to pass with probability `POWERS`, one cue at a time.

    >>> items_needed(0.25, 0.03)
    (1352, 1859)
    """
    at_bound = math.sqrt((chance + margin) * (1 - chance - margin)) if chance + margin < 1 else 0.0
    at_chance = math.sqrt(chance * (1 - chance))
    return tuple(
        math.ceil(((norm.isf(alpha) * at_bound + norm.ppf(power) * at_chance) / margin) ** 2 / efficiency)
        for power in POWERS
    )


def best_by_luck(chance: float, items: int, languages: int) -> float:
    """Return the expected accuracy of the best of many languages if none has a cue.

    >>> round(best_by_luck(0.25, 900, 122), 3)
    0.288
    """
    below = binom.cdf(np.arange(items), items, chance)
    return float((1 - below**languages).sum() / items)
