"""Whether the sentences of one language stand beside the wrong ones of the others: a line lost, another doubled.

A line that is lost early in a file and made up for later leaves everything between one line off, with the right
number of lines. Two things show it without reading: the numbers that a sentence names, and its length, which in a
translation follows the length of what it renders. For every sentence the evidence that it is the one before or
after is written as a logarithm of a likelihood ratio, and the stretch with the greatest sum is looked for, as in a
test for a change (CUSUM, Page 1954): where nothing is off the sums run downwards, and seldom climb far.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NUMBER = 5.0
"""What a number is worth that stands in the neighbouring sentence of the others and not in this one."""

LENGTH = 2.0
"""What a sentence's length is worth at most."""

SPREAD = 0.25
"""The usual difference of a translation's length from what is expected, as a logarithm."""

Numbers = Sequence[frozenset[str]]
"""Per sentence the numbers that it names."""


@dataclass(frozen=True, slots=True)
class Shift:
    """A stretch of sentences that match their neighbours in the other languages.

    Attributes:
        first: its first sentence, counted from 0.
        last: its last one.
        by: 1 where they match the next sentence of the others, -1 where they match the one before.
        score: the sum of the evidence.
    """

    first: int
    last: int
    by: int
    score: float


def shift_of(
    lengths: NDArray[np.float64],
    expected: NDArray[np.float64],
    numbers: Numbers,
    others: Numbers,
    *,
    least: float = 8.0,
    fewest: int = 3,
) -> Shift | None:
    """The stretch of a language that is off by one, None where there is none.

    Args:
        lengths: per sentence the logarithm of its length; NaN for an empty one.
        expected: the same in the other languages.
        numbers: per sentence the numbers in it.
        others: the numbers that most of the other languages have there.
        least: evidence that a stretch must have.
        fewest: sentences that it must have.
    """
    usual = np.nanmedian(lengths - expected) if np.isfinite(lengths - expected).any() else 0.0
    own = lengths - usual
    found = [
        one
        for by in (1, -1)
        if (one := _best(_evidence(own, expected, numbers, others, by), by)).score >= least
        and one.last - one.first + 1 >= fewest
    ]
    return max(found, key=lambda one: one.score, default=None)


def common_numbers(languages: Sequence[Numbers], share: float = 0.5) -> list[frozenset[str]]:
    """Per sentence the numbers that at least a share of languages have in it."""
    made = []
    for some in zip(*languages, strict=True):
        counts = Counter(number for one in some for number in one)
        made.append(frozenset(number for number, times in counts.items() if times >= share * len(some)))
    return made


def _evidence(
    own: NDArray[np.float64], expected: NDArray[np.float64], numbers: Numbers, others: Numbers, by: int
) -> NDArray[np.float64]:
    """Per sentence how much more it looks like the neighbour `by` than like its own."""
    beside = np.full(len(expected), np.nan)
    if by > 0:
        beside[:-1] = expected[1:]
    else:
        beside[1:] = expected[:-1]
    gain = ((own - expected) ** 2 - (own - beside) ** 2) / (2 * SPREAD**2)
    told: NDArray[np.float64] = np.clip(np.nan_to_num(gain, nan=0.0), -LENGTH, LENGTH)
    for place, mine in enumerate(numbers):
        there = others[place + by] if 0 <= place + by < len(others) else frozenset()
        here = others[place]
        if (mine & there) - here and not mine & here:
            told[place] += NUMBER
        elif (mine & here) - there:
            told[place] -= NUMBER
    told[-1 if by > 0 else 0] = min(told[-1 if by > 0 else 0], 0.0)  # it has no such neighbour
    return told


def _best(evidence: NDArray[np.float64], by: int) -> Shift:
    """The stretch with the greatest sum."""
    best, start, total = Shift(0, -1, by, 0.0), 0, 0.0
    for place, value in enumerate(evidence.tolist()):
        if total <= 0:
            start, total = place, 0.0
        total += value
        if total > best.score:
            best = Shift(start, place, by, total)
    return best
