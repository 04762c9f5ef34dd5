"""Runs of words that a text shares with protected texts: n-grams, and short texts that stand in it whole.

A probe of n words sees nothing of a text that has fewer: half of Belebele's English questions have fewer than 13
words. So a protected text that is shorter than n is looked for whole, down to a length below which ordinary
language says the same by chance. Words are those of `qc.text.words`, so that case, punctuation and digits of
other scripts do not hide a copy, and scripts without spaces are covered.

The words of the protected texts are numbered; a word that none of them has is 0 and cannot be part of a match.
Windows are compared by a hash first and then word by word, so that no match is an accident of the hash.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from qc.text.words import words

Ids: TypeAlias = NDArray[np.uint64]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no power of it is 0


@dataclass(frozen=True)
class SharedRun:
    """The longest run of words that a document shares with one protected text.

    Attributes:
        text: the number of the protected text, from 0.
        words: the length of the run.
        start, end: its place in the document, in words; the end is after the last.
        whole: whether the run is the whole protected text.
    """

    text: int
    words: int
    start: int
    end: int
    whole: bool


@dataclass(frozen=True)
class _Windows:
    """All windows of one length, sorted by hash: their texts, and where in the joined texts they start."""

    hashes: Ids
    texts: NDArray[np.int64]
    places: NDArray[np.int64]


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of a text that is looked at once; `qc.text.words.words` keeps what it has seen."""
    return words.__wrapped__(text)


class SharedRuns:
    """An index of protected texts.

    Args:
        texts: the protected texts.
        ngram: the words of a run that is a match, at least 2.
        whole: the least words of a shorter text that is a match when it stands in a document whole.
    """

    def __init__(self, texts: Sequence[str], ngram: int, whole: int) -> None:
        self.ngram = ngram
        self.vocabulary: dict[str, int] = {}
        numbered = [
            np.array(
                [self.vocabulary.setdefault(word, len(self.vocabulary) + 1) for word in words_of(text)], np.uint64
            )
            for text in texts
        ]
        self.lengths = np.array([len(one) for one in numbered], np.int64)
        self.first = np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64)
        self.joined = np.concatenate(numbered) if numbered else np.array([], np.uint64)
        short = sorted({int(one) for one in self.lengths if whole <= one < ngram})
        of_length = {length: np.flatnonzero(self.lengths == length) for length in short}
        of_length[ngram] = np.flatnonzero(self.lengths >= ngram)
        self.windows = {length: self._windows(length, held) for length, held in of_length.items() if len(held)}

    def find(self, text: str) -> list[SharedRun]:
        """Return the longest run for each protected text that a document shares one with, in their order."""
        return self.find_words(words_of(text))

    def find_words(self, found: Sequence[str]) -> list[SharedRun]:
        """Return as `find` does, for a document's folded words."""
        document = np.array([self.vocabulary.get(word, 0) for word in found], np.uint64)
        longest: dict[int, SharedRun] = {}
        for length, windows in self.windows.items():
            for run in self._runs(document, length, windows):
                if run.text not in longest or longest[run.text].words < run.words:
                    longest[run.text] = run
        return [longest[text] for text in sorted(longest)]

    def _windows(self, length: int, texts: NDArray[Any]) -> _Windows:
        of, at = [], []
        for text in texts.tolist():
            places = np.arange(self.first[text], self.first[text + 1] - length + 1)
            of.append(np.full(len(places), text, np.int64))
            at.append(places)
        texts_of, places_of = np.concatenate(of), np.concatenate(at)
        hashes = _hashes(self.joined, length)[places_of]
        order = np.argsort(hashes, kind="stable")
        return _Windows(hashes[order], texts_of[order], places_of[order])

    def _runs(self, document: Ids, length: int, windows: _Windows) -> Iterator[SharedRun]:
        if len(document) < length:
            return
        strange = np.concatenate([[0], np.cumsum(document == 0)])
        known = np.flatnonzero(strange[length:] == strange[:-length])
        hashes = _hashes(document, length)[known]
        low = np.searchsorted(windows.hashes, hashes, "left")
        count = np.searchsorted(windows.hashes, hashes, "right") - low
        here = np.repeat(known, count)
        within = np.arange(len(here)) - np.repeat(np.cumsum(count) - count, count)
        entry = np.repeat(low, count) + within
        places = windows.places[entry]
        span = np.arange(length)
        same = (document[here[:, None] + span] == self.joined[places[:, None] + span]).all(axis=1)
        texts, here, places = windows.texts[entry[same]], here[same], places[same]
        order = np.lexsort((here, here - places, texts))
        texts, here, shift = texts[order], here[order], (here - places)[order]
        begins = np.ones(len(here), bool)
        if len(here) > 1:
            begins[1:] = (np.diff(texts) != 0) | (np.diff(shift) != 0) | (np.diff(here) != 1)
        edges = [*np.flatnonzero(begins).tolist(), len(here)]
        for start, after in pairwise(edges):
            text, size = int(texts[start]), after - start + length - 1
            first = int(here[start])
            yield SharedRun(text, size, first, first + size, size == int(self.lengths[text]))


def _hashes(numbers: Ids, length: int) -> Ids:
    """Return the hash of every window of a length."""
    size = max(0, len(numbers) - length + 1)
    found: Ids = np.zeros(size, np.uint64)
    with np.errstate(over="ignore"):
        for place in range(length):
            found = found * _FACTOR + numbers[place : place + size]
    return found
