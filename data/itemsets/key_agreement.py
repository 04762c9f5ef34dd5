"""Whether two lists of items have the same keys: the mark of languages and copies of one set.

An item in eight languages is one item. Where a set does not say which of its items are the same, they would count
eight times, and chance would look like a finding. Their keys give them away: row by row they are the same, far
beyond what the numbers of each key explain. So does the number of options, where it differs between items.

What agrees for another reason must not be taken for copies: keys that are sorted, or run A, B, C, D, A, … agree
when one list is moved along the other, too. The share of agreements that is expected is therefore the largest of
what the numbers of keys explain and of what is found a few rows off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEYOND_CHANCE = 1e-6
"""The probability, over all comparisons of a set, up to which agreement is taken for chance."""

_OFF = 12
"""Rows by which lists are moved to see what agrees for another reason; keys that go round have shorter periods."""

_NO_SIGN = 1e-3
"""What is as probable as this by the numbers of keys alone needs no other reason."""

_LIKE_ONE_SET = 0.75
"""The share of equal keys that languages of one set have at the very least, options shuffled anew set aside."""

Marks = NDArray[np.int64]
"""A list's keys and numbers of options, one number an item."""


@dataclass(frozen=True)
class Agreement:
    """How far two lists agree.

    Attributes:
        same: rows that agree.
        of: rows that were compared.
        expected: the share that would agree by chance, or for another reason.
        p: the probability of as many by chance.
        p_same: the probability of as few, if the lists were one set.
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
    """Keys (counted from 0, -1 for none) and numbers of options as one number each."""
    return np.asarray(keys, dtype=np.int64) * 64 + np.asarray(options, dtype=np.int64)


def agreement(one: Marks, other: Marks, *, whole: bool = False) -> Agreement:
    """How far two lists of the same length agree, row by row.

    Args:
        one: a list.
        other: the other.
        whole: whether they are whole lists; if these are the same from end to end, what would explain a part of it
            (that both are sorted, or go round) explains little.
    """
    size = len(one)
    same = int((one == other).sum())
    expected = _by_numbers(one, other)
    explained = (whole and same == size) or _as_many(same, size, expected) > _NO_SIGN
    for off in () if explained else range(1, min(_OFF, size // 4) + 1):
        for left, right in ((one[off:], other[:-off]), (one[:-off], other[off:])):
            expected = max(expected, float((left == right).mean()))
    p = _as_many(same, size, expected)
    from scipy.special import bdtr  # takes longer to load than a bad file to refuse

    p_same = float(bdtr(same, size, max(_LIKE_ONE_SET, expected))) if size else 1.0
    return Agreement(same, size, expected, p, p_same)


def repeats_within(one: Marks) -> tuple[str, int, Agreement] | None:
    """Whether a list holds its items several times: one after the other as a whole, or each at once.

    Returns:
        "blocks" and the length of one, or "runs" and the length of one, with the agreement; None if it does not.
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
    """How far items agree with the next one in runs of a length, beyond items at the runs' borders."""
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
    """The probability that so many of some rows agree, or more, where a share is expected to."""
    from scipy.special import bdtrc

    return float(bdtrc(same - 1, of, expected)) if same and expected < 1 else 1.0


def _by_numbers(one: Marks, other: Marks) -> float:
    """The share of rows that would agree if the order of each list were drawn by lot."""
    if not len(one):
        return 1.0
    left, right = (dict(zip(*np.unique(marks_, return_counts=True), strict=True)) for marks_ in (one, other))
    return sum(int(count) * int(right.get(mark, 0)) for mark, count in left.items()) / len(one) ** 2


def _same_by_distance(one: Marks) -> NDArray[np.float64]:
    """By distance from 0 to half the list: by how much more than by lot a list agrees with itself so far on."""
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
