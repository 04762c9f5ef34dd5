"""A test of whether keys are placed at random: Pearson's chi-square, with a simulated distribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def position_test(keys: Sequence[int], sizes: Sequence[int], draws: int = 20_000, seed: int = 0) -> float:
    """Return the probability of places at least as uneven as these if keys are placed at random.

    Args:
        keys: the place of each item's key, from 1.
        sizes: the number of options of each item.
        draws: how often all keys are drawn; the p-value cannot be less than 1 / (draws + 1).
        seed: the seed of the draws.

    >>> position_test([1, 2, 3, 4] * 10, [4] * 40, 999) > 0.9, position_test([1] * 40, [4] * 40, 999)
    (True, 0.001)
    """
    lot = np.random.default_rng(seed)
    places, size = np.asarray(keys) - 1, np.asarray(sizes)
    observed, drawn = 0.0, np.zeros(draws)
    for count in sorted(set(sizes)):
        own = places[size == count]
        expected = len(own) / count
        observed += float((((np.bincount(own, minlength=count) - expected) ** 2) / expected).sum())
        table = lot.multinomial(len(own), [1 / count] * count, size=draws)
        drawn += (((table - expected) ** 2) / expected).sum(axis=1)
    return float((1 + (drawn >= observed - 1e-9).sum()) / (draws + 1))
