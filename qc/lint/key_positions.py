"""Whether keys stand in their places as by lot: Pearson's chi-square, with its distribution drawn, not assumed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def position_test(keys: Sequence[int], sizes: Sequence[int], draws: int = 20_000, seed: int = 0) -> float:
    """The probability, if keys fall by lot, of places as uneven as these.

    Args:
        keys: per item the key's place, from 1.
        sizes: per item how many options it has.
        draws: how often all keys are drawn; the p-value cannot be less than 1 / (draws + 1).
        seed: of the draws.

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
