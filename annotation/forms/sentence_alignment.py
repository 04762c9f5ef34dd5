"""Align the sentences of two passages where one has more than the other.

Sources that keep the sentence count, such as FLORES, align one to one. Where a translation joins or splits
sentences, lengths alone show well enough what belongs together (Gale and Church 1993): long sentences become long
sentences. The method needs to know nothing about the languages, and a reader sees at a glance where it is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

_BEADS = {(1, 1): 0.0, (1, 2): 2.0, (2, 1): 2.0, (2, 2): 3.5, (1, 3): 4.0, (3, 1): 4.0, (0, 1): 4.5, (1, 0): 4.5}
"""Cost of aligning this many sentences of either side: −log of about how rare that is compared with 1:1."""

_VARIANCE = 6.8  # variance of the target's length per source character, as Gale and Church measured it


def aligned(source: Sequence[str], target: Sequence[str]) -> list[tuple[range, range]]:
    """Return aligned runs of sentences, in order, covering both sides.

    Args:
        source: sentences.
        target: sentences; the counts may differ.

    Returns:
        Pairs of ranges of indices, from 0; one of the two may be empty.

    >>> aligned(["Short.", "A much longer sentence."], ["Kurz.", "Ein sehr viel", "längerer Satz."])
    [(range(0, 1), range(0, 1)), (range(1, 2), range(1, 3))]
    """
    if len(source) == len(target):
        return [(range(place, place + 1), range(place, place + 1)) for place in range(len(source))]
    ours, theirs = [len(one) for one in source], [len(one) for one in target]
    ratio = max(sum(theirs), 1) / max(sum(ours), 1)

    @cache
    def best(i: int, j: int) -> tuple[float, tuple[tuple[int, int], ...]]:
        if (i, j) == (len(ours), len(theirs)):
            return 0.0, ()
        ways = []
        for (a, b), rarity in _BEADS.items():
            if i + a <= len(ours) and j + b <= len(theirs):
                rest, beads = best(i + a, j + b)
                cost = rarity + _misfit(sum(ours[i : i + a]) * ratio, sum(theirs[j : j + b]))
                ways.append((cost + rest, ((a, b), *beads)))
        return min(ways)

    runs, i, j = [], 0, 0
    for a, b in best(0, 0)[1]:
        runs.append((range(i, i + a), range(j, j + b)))
        i, j = i + a, j + b
    return runs


def _misfit(expected: float, found: float) -> float:
    """Return −log of the probability that lengths differ this much, either way, by chance."""
    off = abs(found - expected) / math.sqrt(_VARIANCE * max((expected + found) / 2, 1))
    return -math.log(max(math.erfc(off / math.sqrt(2)), 1e-12))
