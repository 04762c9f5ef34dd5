"""Tests by permuted keys: how unusual a statistic is, if every option of an item is equally likely to be the key.

A statistic here is a sum over items of the values of the options taken for the keys. Its mean and variance under
permutation are known exactly, so each statistic can be studentised before the largest of a family is taken (max-T,
Westfall & Young 1993): rare and frequent cues then compete on the same terms, and correlated ones cost nothing.
p-values are (1 + hits) / (1 + permutations) (Phipson & Smyth 2010), never 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from qc.set_statistics.options import Floats, Ints, Options


def sums_at(worth: Floats | sp.csr_array, labellings: Ints) -> Floats:
    """Return the sum of the keys' values, for every labelling.

    Args:
        worth: (n options, k), dense or sparse: the value of each option for each of k statistics.
        labellings: (n items, 1 + B), as `Options.labellings` returns them.

    Returns:
        (k, 1 + B).
    """
    items, count = labellings.shape
    columns = np.repeat(np.arange(count)[None, :], items, axis=0).ravel()
    chosen = sp.csr_array(
        (np.ones(labellings.size, np.float32), (labellings.ravel(), columns)), shape=(worth.shape[0], count)
    )
    if isinstance(worth, sp.csr_array):
        return np.asarray((worth.T.tocsr() @ chosen).todense(), dtype=np.float64)
    return np.asarray((chosen.T @ worth).T, dtype=np.float64)


def studentised(options: Options, worth: Floats | sp.csr_array, labellings: Ints) -> Floats:
    """Return (sum at the keys − its mean) / its standard deviation, both exact under permutation within items.

    Args and shape as `sums_at`; a statistic that no permutation can change is 0 throughout.
    """
    sizes = options.sizes[options.item_of]
    if isinstance(worth, sp.csr_array):
        rows = sp.csr_array(
            (1 / sizes, (options.item_of, np.arange(len(sizes)))), shape=(len(options), len(sizes))
        )
        means = rows @ worth
        mean = np.asarray(means.sum(axis=0)).ravel()
        squares = np.asarray((rows @ worth.power(2)).sum(axis=0)).ravel()
        variance = squares - np.asarray(means.power(2).sum(axis=0)).ravel()
    else:
        dense = np.asarray(worth)
        means = options.per_item(dense / sizes[:, None])
        mean = means.sum(axis=0)
        variance = (options.per_item(dense**2 / sizes[:, None]) - means**2).sum(axis=0)
    sd = np.sqrt(np.where(variance > 1e-9, variance, np.inf))
    return np.asarray((sums_at(worth, labellings) - mean[:, None]) / sd[:, None])


@dataclass(frozen=True)
class Family:
    """A family of statistics, tested together.

    Attributes:
        p: (k,): the two-sided p of each alone.
        adjusted: (k,): within the family, by single-step max-T.
    """

    p: Floats
    adjusted: Floats


def max_t(statistics: Floats, *, two_sided: bool = True) -> Family:
    """Test a family of statistics (k, 1 + B), the observed one in column 0, on a comparable scale.

    Args:
        statistics: studentised, so that their null distributions resemble each other.
        two_sided: whether small values count as well as large ones.
    """
    sizes = np.abs(statistics) if two_sided else statistics
    observed, permuted = sizes[:, :1], sizes[:, 1:]
    count = permuted.shape[1]
    alone = (1 + (permuted >= observed - 1e-9).sum(axis=1)) / (1 + count)
    largest = np.sort(permuted.max(axis=0)) if len(sizes) else np.zeros(count)
    hits = count - np.searchsorted(largest, observed[:, 0] - 1e-9, side="left")
    return Family(alone, (1 + hits) / (1 + count))
