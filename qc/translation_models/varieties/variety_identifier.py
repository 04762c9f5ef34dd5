"""The variety that a text is written in, told from what a campaign's own passages look like in each.

A multinomial naive Bayes over character n-grams (orders 1 to 5) and words, which nobody has to ship or download:
it learns the campaign's varieties from its parallel passages in seconds, and knows no others. Each distinct n-gram
of a text speaks for the varieties that have it, by log(1 + c / (α + β m)), where c is how often the variety has
it (of a variety's usual number of n-grams) and m how often varieties have it on average. A variety in which it was
not seen gets nothing, so the table is sparse. The sum over a text, divided by the weight of its n-grams, is its
score: evidence per n-gram.

Measured by `benchmarks/translation/variety_identification.py`. Smoothing hardly matters; counting an n-gram once a
text, keeping capitals, and counting order 5 and words twice each gave a little. Logistic regression and
support-vector machines inside confusable sets gained nothing where varieties share most sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from qc.translation_models.character_ngrams import FEATURES, ngrams, order_weights

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]

ALPHA, BETA = 0.1, 0.1

AT_ONCE = 2048
"""Texts that are scored together; bounds the memory."""


@dataclass(frozen=True, eq=False)
class VarietyCounts:
    """How often each variety has each n-gram.

    Attributes:
        languages: the varieties, sorted.
        numbers: the n-grams that each has, variety after variety, sorted within one.
        counts: how often.
        sizes: the number of different n-grams of each variety.
    """

    languages: tuple[str, ...]
    numbers: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.int64]


def counted(texts: Sequence[tuple[str, Sequence[str]]]) -> VarietyCounts:
    """Count the n-grams of varieties.

    Args:
        texts: each variety and its texts.
    """
    numbers, counts = [], []
    for _, some in sorted(texts):
        found, times = np.unique(ngrams(some)[1], return_counts=True)
        numbers.append(found.astype(np.int32))
        counts.append(times.astype(np.int32))
    return VarietyCounts(
        tuple(sorted(language for language, _ in texts)),
        np.concatenate([np.empty(0, np.int32), *numbers]),
        np.concatenate([np.empty(0, np.int32), *counts]),
        np.array([len(one) for one in numbers], np.int64),
    )


def together(parts: Sequence[VarietyCounts]) -> VarietyCounts:
    """Return the counts of several lots of texts as those of one; each lot has the same languages."""
    numbers, counts = [], []
    stops = [np.cumsum(part.sizes) for part in parts]
    for place in range(len(parts[0].languages)):
        spans = [
            slice(stop[place] - part.sizes[place], stop[place]) for part, stop in zip(parts, stops, strict=True)
        ]
        every = np.concatenate([part.numbers[span] for part, span in zip(parts, spans, strict=True)])
        times = np.concatenate([part.counts[span] for part, span in zip(parts, spans, strict=True)])
        found, where = np.unique(every, return_inverse=True)
        numbers.append(found)
        counts.append(np.bincount(where, weights=times, minlength=len(found)).astype(np.int32))
    sizes = np.array([len(one) for one in numbers], np.int64)
    return VarietyCounts(parts[0].languages, np.concatenate(numbers), np.concatenate(counts), sizes)


class VarietyIdentifier:
    """Scores of texts for every variety that was counted.

    Args:
        counts: of the texts that it learns from.
    """

    def __init__(self, counts: VarietyCounts) -> None:
        self.languages = counts.languages
        self.place = {language: number for number, language in enumerate(self.languages)}
        self._weights = order_weights()
        self._table = self._evidence(counts)

    def _evidence(self, counts: VarietyCounts) -> csr_matrix:
        from scipy.sparse import csr_matrix  # a tenth of a second, which nobody without a fit needs to wait

        varieties = np.repeat(np.arange(len(counts.languages), dtype=np.int32), counts.sizes)
        totals = np.bincount(varieties, weights=counts.counts, minlength=len(counts.languages))
        usual = totals.mean() / np.maximum(totals, 1)
        relative = counts.counts * usual[varieties]
        mean = np.bincount(counts.numbers, weights=relative, minlength=FEATURES) / max(1, len(counts.languages))
        evidence = np.log1p(relative / (ALPHA + BETA * mean[counts.numbers])) * self._weights[counts.numbers]
        shape = FEATURES, len(counts.languages)
        return csr_matrix((evidence.astype(np.float32), (counts.numbers, varieties)), shape=shape)

    def scores(self, texts: Sequence[str]) -> Floats:
        """Return the evidence per n-gram of each text (lines) for each of `languages` (columns)."""
        parts = [self._some(texts[first : first + AT_ONCE]) for first in range(0, len(texts), AT_ONCE)]
        return np.concatenate([np.empty((0, len(self.languages)), np.float32), *parts])

    def _some(self, texts: Sequence[str]) -> Floats:
        from scipy.sparse import csr_matrix

        places, numbers = ngrams(texts)
        shape = len(texts), FEATURES
        seen: Any = csr_matrix((np.ones(len(numbers), np.float32), (places, numbers)), shape=shape)
        seen.sum_duplicates()
        seen.data[:] = 1  # an n-gram counts once
        weights = np.maximum(seen @ self._weights, 1)[:, None]
        evidence: Floats = (seen @ self._table).toarray() / weights
        return evidence
