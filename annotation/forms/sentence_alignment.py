"""Which sentences of two passages stand for each other, where one has more than the other.

Sentence by sentence is right for sources that keep the count, as FLORES does. Where a translation joins or parts
sentences, lengths alone tell well enough what belongs together (Gale and Church 1993): long sentences become long
ones. Nothing is asked of the languages, and a reader sees at a glance where the guess is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

_BEADS = {(1, 1): 0.0, (1, 2): 2.0, (2, 1): 2.0, (2, 2): 3.5, (1, 3): 4.0, (3, 1): 4.0, (0, 1): 4.5, (1, 0): 4.5}
"""How many sentences of either side go together, and what that costs: −log of about how rare it is beside 1:1."""

_VARIANCE = 6.8  # of the target's length per character of the source, as Gale and Church measured it


def aligned(source: Sequence[str], target: Sequence[str]) -> list[tuple[range, range]]:
    """Runs of sentences that stand for each other, in order, covering both sides.

    Args:
        source: sentences.
        target: sentences; the counts may differ.

    Returns:
        Pairs of ranges of places, from 0; one of the two may be empty.

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
    """−log of how likely such a difference in length is by chance, both sides."""
    off = abs(found - expected) / math.sqrt(_VARIANCE * max((expected + found) / 2, 1))
    return -math.log(max(math.erfc(off / math.sqrt(2)), 1e-12))
