"""How long a translation is for its source: the usual ratio of a language, and how far a text is from it.

Learned from parallel sentences and their cuts. Short texts scatter more than long ones, so each size of source has
its own middle and spread, and what is too far out is told by a calibrated threshold, not by a number here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from qc.text.words import length
from qc.translation_models.meaning.parallel_cuts import ParallelText

_BOUNDS = (10, 20, 40, 80, 160)  # graphemes of the source


class LengthRatios:
    """The ratios of one language.

    Args:
        texts: parallel texts, short and long.
    """

    def __init__(self, texts: Sequence[ParallelText]) -> None:
        by_class: list[list[float]] = [[] for _ in range(len(_BOUNDS) + 1)]
        for one in texts:
            by_class[_class_of(one.source)].append(_log_ratio(one.source, one.target))
        everything = [ratio for ratios in by_class for ratio in ratios] or [0.0]
        self._middle, self._spread = [], []
        for ratios in by_class:
            known = np.array(ratios if len(ratios) >= 30 else everything)
            low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
            self._middle.append(float(middle))
            self._spread.append(max(0.05, float(high - low) / 1.349))

    def expected(self, source: str) -> float:
        """Return the usual ratio of the translation's length to this source's, in graphemes."""
        return math.exp(self._middle[_class_of(source)])

    def score(self, source: str, target: str) -> float:
        """Return the distance from the usual ratio in spreads, negative: 0 is usual, -5 far too long or short."""
        at = _class_of(source)
        return -abs(_log_ratio(source, target) - self._middle[at]) / self._spread[at]


def _class_of(source: str) -> int:
    return int(np.searchsorted(_BOUNDS, length(source)))


def _log_ratio(source: str, target: str) -> float:
    return math.log((length(target) + 1) / (length(source) + 1))
