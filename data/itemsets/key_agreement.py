"""The agreement of two lists of items in their keys, which gives away languages and copies of one set.

An item in eight languages is one item. If a set does not say which of its items are the same, each would count
eight times, and chance would look like a finding. The keys give them away: row by row they are the same, far more
often than the frequency of each key explains. So does the number of options, if it differs between items.

Lists that agree for another reason must not be taken for copies: keys that are sorted, or run A, B, C, D, A, …,
also agree when one list is shifted along the other. The expected share of agreement is therefore the largest of
the share that the frequencies of the keys explain and the shares found when a list is shifted by a few rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEYOND_CHANCE = 1e-6
"""Agreement less probable than this by chance, over all comparisons of a set, is not taken for chance."""

_OFF = 12
"""Rows, at most, by which lists are shifted to find other reasons for agreement; keys have shorter cycles."""

_NO_SIGN = 1e-3
"""Agreement more probable than this by the frequencies of the keys alone needs no other reason."""

_LIKE_ONE_SET = 0.75
"""The least share of equal keys in languages of one set, unless the options were shuffled for each language."""

Marks = NDArray[np.int64]
"""The key and the number of options of each item in a list, as one number an item."""


@dataclass(frozen=True)
class Agreement:
    """The extent to which two lists agree.

    Attributes:
        same: the number of rows that agree.
        of: the number of rows that were compared.
        expected: the share that would agree by chance, or for another reason.
        p: the probability that at least as many agree by chance.
        p_same: the probability that no more than these agree, if the lists are one set.
    """

    same: int
    of: int
    expected: float
    p: float
    p_same: float

    @property
    def apart(self) -> bool:
        """Whether the lists are certainly not one set."""
        return self.p > BEYOND_CHANCE and self.p_same < BEYOND_CHANCE


def marks(keys: Sequence[int], options: Sequence[int]) -> Marks:
    """Return the key (counted from 0, -1 for none) and the number of options of each item as one number."""
    return np.asarray(keys, dtype=np.int64) * 64 + np.asarray(options, dtype=np.int64)


def agreement(one: Marks, other: Marks, *, whole: bool = False) -> Agreement:
    """Return how far two lists of the same length agree, row by row.

    Args:
        one: a list.
        other: the other list.
        whole: whether the lists are complete; if complete lists agree in every row, a shift is not tried, since
            sorted or cyclic keys would explain only a part of that.
    """
    size = len(one)
    same = int((one == other).sum())
    expected = _by_numbers(one, other)
    explained = (whole and same == size) or _as_many(same, size, expected) > _NO_SIGN
    for off in () if explained else range(1, min(_OFF, size // 4) + 1):
        for left, right in ((one[off:], other[:-off]), (one[:-off], other[off:])):
            expected = max(expected, float((left == right).mean()))
    p = _as_many(same, size, expected)
    from scipy.special import bdtr  # loading this takes longer than refusing a bad file

    p_same = float(bdtr(same, size, max(_LIKE_ONE_SET, expected))) if size else 1.0
    return Agreement(same, size, expected, p, p_same)


def repeats_within(one: Marks) -> tuple[str, int, Agreement] | None:
    """Return how a list repeats its items, as whole blocks or each item several times in a row.

    Returns:
        "blocks" or "runs", the length of one block or run, and the agreement; None if the list repeats nothing.
    """
    size = len(one)
    most = BEYOND_CHANCE / max(size, 1)
    same = _same_by_distance(one)
    for distance in (int(n) for n in np.argsort(-same, kind="stable")[:8] if n):
        found = agreement(one[:-distance], one[distance:])
        if found.p < most and found.of >= size / 3:
            return "blocks", distance, found
    lengths = range(2, min(200, size // 4) + 1)
    runs = [(length, run) for length in lengths if (run := _runs(one, length)) is not None]
    if runs and (best := min(runs, key=lambda run: (run[1].p, -run[0])))[1].p < most:
        return "runs", best[0], best[1]
    return None


def _runs(one: Marks, length: int) -> Agreement | None:
    """Return how far neighbours agree within runs of a length, compared with those across the runs' borders."""
    if len(one) % length:
        return None
    rows = one.reshape(-1, length)
    within = rows[:, 1:] == rows[:, :-1]
    if within.mean() < _LIKE_ONE_SET:
        return None
    from scipy.special import betaincinv

    same, borders = int((rows[1:, 0] == rows[:-1, -1]).sum()), len(rows) - 1
    across = float(betaincinv(same + 1, borders - same, 0.999)) if same < borders else 1.0
    expected = max(across, _by_numbers(one, one))
    matched = int(within.sum())
    return Agreement(matched, within.size, expected, _as_many(matched, within.size, expected), 1.0)


def _as_many(same: int, of: int, expected: float) -> float:
    """Return the probability that at least `same` of `of` rows agree if each does with probability `expected`."""
    from scipy.special import bdtrc

    return float(bdtrc(same - 1, of, expected)) if same and expected < 1 else 1.0


def _by_numbers(one: Marks, other: Marks) -> float:
    """Return the share of rows that would agree on average if each list were in random order."""
    if not len(one):
        return 1.0
    left, right = (dict(zip(*np.unique(marks_, return_counts=True), strict=True)) for marks_ in (one, other))
    return sum(int(count) * int(right.get(mark, 0)) for mark, count in left.items()) / len(one) ** 2


def _same_by_distance(one: Marks) -> NDArray[np.float64]:
    """Return the z-score of a list's agreement with itself, for each shift from 0 to half its length."""
    size = len(one)
    width = 1 << max(2 * size - 1, 1).bit_length()
    total = np.zeros(size // 2 + 1)
    if size < 2:
        return total
    for mark in np.unique(one):
        spectrum = np.fft.rfft((one == mark).astype(float), width)
        total += np.fft.irfft(spectrum * spectrum.conj(), width)[: size // 2 + 1]
    compared = size - np.arange(size // 2 + 1)
    chance = _by_numbers(one, one)
    spread = np.sqrt(np.maximum(compared * chance * (1 - chance), 1e-9))
    scores: NDArray[np.float64] = (total - compared * chance) / spread
    return scores
