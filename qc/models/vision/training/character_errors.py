"""The character error rate of what was read, by script, with intervals."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

RESAMPLES = 2000
LEVEL = 0.95


@dataclass(frozen=True)
class ErrorRate:
    """How much of some words was read wrongly.

    Attributes:
        script: ISO 15924 code; "" for all together.
        words: how many were read.
        rate: edits over characters; above 1 where more was written than stood there.
        low: of the interval, from words drawn anew with replacement (percentile bootstrap).
        high: likewise.
    """

    script: str
    words: int
    rate: float
    low: float
    high: float


def edits(read: str, there: str) -> int:
    """Return the fewest characters to insert, delete or replace (Levenshtein) between two texts in form NFC.

    >>> edits("kitten", "sitting")
    3
    """
    one, other = (unicodedata.normalize("NFC", text) for text in (read, there))
    before = list(range(len(other) + 1))
    for row, sign in enumerate(one, 1):
        line = [row]
        for column, wanted in enumerate(other, 1):
            line.append(min(before[column] + 1, line[-1] + 1, before[column - 1] + (sign != wanted)))
        before = line
    return before[-1]


def error_rates(
    scripts: Sequence[str], read: Iterable[str], there: Sequence[str], seed: int = 0
) -> list[ErrorRate]:
    """Return the rates of each script, by name, and of all together last.

    Args:
        scripts: of the words.
        read: what was read.
        there: what stands there; no text is empty.
        seed: of the intervals.
    """
    wrong = np.array([edits(one, other) for one, other in zip(read, there, strict=True)])
    length = np.array([len(unicodedata.normalize("NFC", text)) for text in there])
    of = np.array(scripts)
    parts = [(script, np.flatnonzero(of == script)) for script in sorted(set(scripts))]
    return [_rate(script, wrong[at], length[at], seed) for script, at in [*parts, ("", np.arange(len(of)))]]


def _rate(script: str, wrong: np.ndarray, length: np.ndarray, seed: int) -> ErrorRate:  # type: ignore[type-arg]
    dice = np.random.default_rng(seed)
    drawn = dice.integers(0, len(wrong), (RESAMPLES, len(wrong)))
    rates = wrong[drawn].sum(axis=1) / length[drawn].sum(axis=1)
    low, high = np.quantile(rates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return ErrorRate(script, len(wrong), float(wrong.sum() / length.sum()), float(low), float(high))
