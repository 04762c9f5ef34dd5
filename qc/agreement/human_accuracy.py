"""Human accuracy, with an interval that generalises to other people and other passages.

Answers of one person are correlated, and so are answers to questions on one passage, so there is far less
independent evidence than there are answers: intervals that ignore this covered .75 to .86 in a simulation where
.95 was wanted. The variance is clustered both ways (Cameron, Gelbach and Miller 2011, Journal of Business and
Economic Statistics 29, 238-249), on the scale of log odds, with Student's t at one less than the smaller number of
clusters; that covers .945 to .997, more with fewer people. A bootstrap over both came close at a hundred times the
cost and fell to .94 with three people.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from qc.agreement.agreement_coefficients import LEAST_CLUSTERS, Estimate, Floats

LEAST_PEOPLE = 3
"""The least people for an interval that generalises to others."""


def accuracy(right: npt.ArrayLike, people: npt.ArrayLike, passages: npt.ArrayLike) -> Estimate:
    """Return the share of right answers, with a 95 % interval clustered by person and passage.

    Args:
        right: (n,) of 0 and 1.
        people: (n,) who answered; any distinct values.
        passages: (n,) the passage of the question.
    """
    y = np.asarray(right, np.float64)
    who, where = (np.unique(np.asarray(one), return_inverse=True)[1] for one in (people, passages))
    if not len(y) or who.max() + 1 < LEAST_PEOPLE or where.max() + 1 < LEAST_CLUSTERS:
        return Estimate(float(y.mean()) if len(y) else None)
    smaller = min(int(who.max()) + 1, int(where.max()) + 1)
    return _around(float(y.mean()), variance(y - y.mean(), who, where), smaller)


def share(right: npt.ArrayLike, passages: npt.ArrayLike) -> Estimate:
    """Return one person's share of right answers, with a 95 % interval for that person, clustered by passage.

    Args:
        right: (n,) of 0 and 1.
        passages: (n,) the passage of each question.
    """
    y = np.asarray(right, np.float64)
    where = np.unique(np.asarray(passages), return_inverse=True)[1]
    if not len(y) or where.max() + 1 < LEAST_CLUSTERS:
        return Estimate(float(y.mean()) if len(y) else None)
    return _around(float(y.mean()), clustered(y - y.mean(), where), int(where.max()) + 1)


def _around(value: float, variance: float, clusters: int) -> Estimate:
    """Return an interval on the scale of log odds; if all answers are alike, the exact one-sided bound."""
    if value in (0.0, 1.0):
        far = float(0.05 ** (1 / clusters))
        return Estimate(value, far, 1.0) if value else Estimate(value, 0.0, 1 - far)
    from scipy.special import expit, logit  # here, since `status` takes as long as what it loads

    reach = float(student_quantile(clusters - 1) * np.sqrt(variance) / (value * (1 - value)))
    return Estimate(value, float(expit(logit(value) - reach)), float(expit(logit(value) + reach)))


def student_quantile(freedom: int) -> float:
    """Return the .975 quantile of Student's t.

    >>> round(student_quantile(7), 4)
    2.3646
    """
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 0.975))


def variance(residuals: Floats, who: npt.NDArray[np.int64], where: npt.NDArray[np.int64]) -> float:
    """Return the variance of a mean, clustered two ways; the larger one-way variance if the two-way one comes out
    smaller.

    Args:
        residuals: (n,) values less their mean.
        who: (n,) number of the first kind of cluster.
        where: (n,) number of the second.
    """
    both = np.unique(who * (int(where.max()) + 1) + where, return_inverse=True)[1]
    first, second, crossed = (clustered(residuals, one) for one in (who, where, both))
    return max(first + second - crossed, first, second)


def clustered(residuals: Floats, whose: npt.NDArray[np.int64]) -> float:
    """Return the variance of a mean, clustered one way.

    Args:
        residuals: (n,) values less their mean.
        whose: (n,) number of the cluster.
    """
    totals = np.bincount(whose, residuals)
    count = len(totals)
    return float((totals**2).sum() / len(residuals) ** 2 * count / (count - 1)) if count > 1 else 0.0
