"""The difference between correct and wrong options of the same item in a cue: Cohen's d for pairs.

An item is its own control: the difference is the key's score less the mean score of the other options. Scores are
standardised within the item, so that a long item counts as much as a short one. Cohen's (1988) d_z is the mean of
these differences over their standard deviation; its interval inverts the noncentral t distribution (Cumming &
Finch 2001). Questions on one passage that resemble each other count as fewer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr
from scipy.stats import chi2

from qc.set_statistics.certificates.accuracy_bounds import clustered_variance
from qc.set_statistics.options import Floats, Ints, Options


def differences(options: Options, standardised: Floats) -> Floats:
    """Return the key's score less the mean of the wrong options', (n items, k).

    Args:
        options: the set.
        standardised: (n options, k), of mean 0 in every item.
    """
    sizes = options.sizes[:, None]
    return np.asarray(standardised[options.keys] * sizes / (sizes - 1))


def effect_sizes(found: Floats, groups: Sequence[str] | Ints) -> Floats:
    """Return Cohen's d_z of every column and its 95 % interval.

    Args:
        found: (n items, k): paired differences.
        groups: (n items,): the group of each item; the passage.

    Returns:
        (k, 3): d_z, lower and upper end; NaN where nothing differs.
    """
    items = len(found)
    mean, sd = found.mean(axis=0), found.std(axis=0, ddof=1) if items > 1 else np.zeros(found.shape[1])
    design = np.maximum(1.0, clustered_variance(found, groups) / np.where(sd > 0, sd**2, np.inf))
    made = np.full((found.shape[1], 3), np.nan)
    for column in np.flatnonzero(sd > 1e-9):
        size = float(mean[column] / sd[column])
        made[column] = size, *interval(size, items / float(design[column]))
    return made


@cache
def _rule() -> tuple[Floats, Floats]:
    """Return Gauss and Legendre's rule; finding its roots takes longer than everything that uses them."""
    at, weight = np.polynomial.legendre.leggauss(200)
    return at, weight


def interval(size: float, items: float, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a d_z, by inverting the noncentral t distribution.

    Args:
        size: d_z.
        items: the number of independent items, which need not be whole.
        level: the confidence level.

    >>> tuple(round(end, 3) for end in interval(0.5, 30))
    (0.116, 0.876)
    """
    root, tail = math.sqrt(items), (1 - level) / 2
    observed = size * root
    # a noncentral t is a normal over a chi: mean over the chi's quantiles, by Gauss and Legendre's rule
    at, weight = _rule()
    chi = np.sqrt(chi2.ppf((at + 1) / 2, items - 1) / (items - 1))

    def centre(share: float) -> float:
        """Return the noncentrality under which this share of t lies below the observed value."""
        reach = 10 + abs(observed)
        return float(
            brentq(
                lambda noncentral: float(weight @ ndtr(observed * chi - noncentral)) / 2 - share,
                observed - reach,
                observed + reach,
            )
        )

    return centre(1 - tail) / root, centre(tail) / root
