"""What proofreaders found in drafts, as figures: MQM error scores, edit rates and shares, each with an interval.

MQM's error score (themqm.org) weighs each error by its severity and divides by the words of the source, so that
languages that write few words are not flattered. An item's errors, and items on one passage, are not independent
evidence, so every interval is clustered by passage: shares as in `qc.agreement.human_accuracy`, a score as a ratio
estimator (Cochran 1977, chapter 6) on the logarithmic scale, a median by Woodruff's method (1952, Journal of the
American Statistical Association 47, 635-646). Below `LEAST_CLUSTERS` passages there is no interval, and below
`LEAST_DRAFTS` drafts no figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from qc.agreement.agreement_coefficients import LEAST_CLUSTERS, Estimate
from qc.agreement.human_accuracy import clustered, student_quantile

WEIGHTS = {"neutral": 0.0, "minor": 1.0, "major": 5.0, "critical": 25.0}
"""MQM's weight of an error by its severity."""

LEAST_DRAFTS = 5
"""With fewer drafts a figure would speak of these texts and not of who wrote them."""

NO_ESTIMATE = Estimate(None)


class Spread(NamedTuple):
    """A median with its 95 % interval, and the quartiles; None where too few drafts tell them."""

    value: float | None
    low: float | None = None
    high: float | None = None
    quartiles: tuple[float, float] | None = None


def error_points(errors: Iterable[str] | None) -> float | None:
    """Return the sum of the weights of a draft's errors; None if nobody was asked, or a severity is unknown.

    Args:
        errors: "category/severity" each; empty for a draft that was accepted, None from before they were asked
            for.

    >>> error_points(["style/minor", "omission/critical"]), error_points([]), error_points(None)
    (26.0, 0.0, None)
    >>> error_points(["style/minor", "style"]) is None
    True
    """
    if errors is None:
        return None
    weights = [WEIGHTS.get(error.rpartition("/")[2]) for error in errors]
    known = [weight for weight in weights if weight is not None]
    return sum(known, 0.0) if len(known) == len(weights) else None


def error_score(points: npt.ArrayLike, words: npt.ArrayLike, passages: npt.ArrayLike | None = None) -> Estimate:
    """Return the error points per 100 words of the source, with a 95 % interval clustered by passage.

    Where nothing was found there is no interval, since what one error would have weighed is not known.

    Args:
        points: (n,) of each draft.
        words: (n,) of each draft's source.
        passages: (n,) of each draft; None for no interval.
    """
    y, x = np.asarray(points, np.float64), np.asarray(words, np.float64)
    if len(y) < LEAST_DRAFTS or not x.sum():
        return NO_ESTIMATE
    value = 100 * float(y.sum() / x.sum())
    if passages is None:
        return Estimate(value)
    where = _numbered(passages)
    clusters = int(where.max()) + 1
    if clusters < LEAST_CLUSTERS or not value:
        return Estimate(value)
    ratio = y.sum() / x.sum()
    error = np.sqrt(clustered(y - ratio * x, where)) / x.mean() / ratio  # of the ratio's logarithm
    factor = float(np.exp(student_quantile(clusters - 1) * error))
    return Estimate(value, value / factor, value * factor)


def spread(values: npt.ArrayLike, passages: npt.ArrayLike | None = None) -> Spread:
    """Return the median with a 95 % interval clustered by passage, and the quartiles.

    Args:
        values: (n,).
        passages: (n,) of each value; None for no interval.
    """
    y = np.asarray(values, np.float64)
    if len(y) < LEAST_DRAFTS:
        return Spread(None)
    first, value, third = (float(one) for one in np.quantile(y, [0.25, 0.5, 0.75]))
    if passages is None:
        return Spread(value, quartiles=(first, third))
    where = _numbered(passages)
    clusters = int(where.max()) + 1
    if clusters < LEAST_CLUSTERS:
        return Spread(value, quartiles=(first, third))
    below = (y < value) + (y == value) / 2
    reach = float(student_quantile(clusters - 1) * np.sqrt(clustered(below - below.mean(), where)))
    reach = max(reach, 1 / len(y))  # between neighbours, where every passage is alike
    low, high = np.quantile(y, [max(0.0, 0.5 - reach), min(1.0, 0.5 + reach)])
    return Spread(value, float(low), float(high), (first, third))


def _numbered(passages: npt.ArrayLike) -> npt.NDArray[np.int64]:
    numbers: npt.NDArray[np.int64] = np.unique(np.asarray(passages), return_inverse=True)[1]
    return numbers
