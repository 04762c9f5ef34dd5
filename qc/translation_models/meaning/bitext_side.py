"""One language of parallel sentences: how its texts are read, and what each fold has learned about it alone.

The source's side is the same for every target language that has the same passages, and takes as long to learn as a
target's. So it is learned apart from what joins the two, kept once, and what was read of it for one language is
kept for the next.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from data.ledger.tables import digest
from qc.text.words import words
from qc.translation_models.meaning.parallel_cuts import window
from qc.translation_models.meaning.sentence_similarity import Side, Single
from qc.translation_models.meaning.word_alignment import (
    Units,
    Vocabulary,
    character_grams,
    stem_length,
    stems,
    whole,
)
from qc.translation_models.shared_sounds import UNITS, sounds

OTHERS = 200
"""Texts of each size that a pair is held against."""

_MOST = (2, 7, 25)  # words of these texts, by size
_LEAST = (1, 3, 8)
_KEPT = 8000  # texts that the source's side keeps as read, some 7 kB each

Rows = npt.NDArray[np.int64]


class ReadTexts(NamedTuple):
    """Texts as a fold reads them.

    Attributes:
        stems: counts, texts by stems.
        described: texts by sentences (`sentence_similarity`).
        sounds: texts by units (`shared_sounds`).
    """

    stems: sparse.csr_matrix
    described: Single
    sounds: sparse.csr_matrix


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a sentence, the same in both languages.

    Attributes:
        row: the sentence.
        start: where it begins, from 0 to 1.
        share: how much of the sentence it is, from 0 to 1.
    """

    row: int
    start: float
    share: float


class BitextSide:
    """One language of parallel sentences, whose documents were dealt into folds.

    Args:
        texts: the sentences.
        rows: for each fold, the sentences that it learns from.
        stretches: for each fold, the parts of sentences that pairs are held against, by size.
        source: whether it is the source's language; its readings are kept.

    Attributes:
        stem_counts: sentences by stems.
        sound_counts: for each fold, how many of its sentences have each unit of `shared_sounds`.
        rows: as given.
        stretches: as given.
    """

    def __init__(
        self,
        texts: Sequence[str],
        rows: Sequence[Rows],
        stretches: Sequence[Sequence[Sequence[Stretch]]],
        *,
        source: bool,
    ) -> None:
        stem = stem_length(texts)
        self._stems = Vocabulary([stems(stem)], texts)
        readings: list[Units] = (
            [stems(4), character_grams(4)] if source else [whole, character_grams(2 if stem == 2 else 3)]
        )
        self._grams = Vocabulary(readings, texts)
        self._keeps = source
        self._kept: dict[tuple[int, tuple[str, ...]], ReadTexts] = {}
        self.stem_counts = self._stems.counts(texts)
        counts = self._grams.counts(texts)
        self._folds = [Side(counts, some) for some in rows]
        heard = sounds(texts)
        self.sound_counts = [np.bincount(heard[some].indices, minlength=UNITS) for some in rows]
        self.rows, self.stretches = rows, stretches
        self._others = [
            [tuple(window(texts[one.row], one.start, one.share) for one in some) for some in by_size]
            for by_size in stretches
        ]

    def read(self, fold: int, texts: Sequence[str]) -> ReadTexts:
        """Return texts as a fold reads them."""
        asked = fold, tuple(texts)
        known = self._kept.get(asked)
        if known is None:
            described = self._folds[fold].described(self._grams.counts(texts))
            known = ReadTexts(self._stems.counts(texts), described, sounds(texts))
            if self._keeps and len(texts) <= _KEPT:
                self._kept[asked] = known
                while sum(len(some) for _, some in self._kept) > _KEPT:
                    del self._kept[next(iter(self._kept))]
        return known

    def others(self, fold: int, size: int) -> ReadTexts:
        """Return the texts of this size that a fold holds pairs against."""
        return self.read(fold, self._others[fold][size])

    def other_texts(self, fold: int, size: int) -> tuple[str, ...]:
        """Return these texts themselves."""
        return self._others[fold][size]

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: all but what was read."""
        return {**vars(self), "_kept": {}}


class SourceSide(BitextSide):
    """The side of the source, which languages with the same passages share.

    Args:
        texts: the sentences.
        documents: the document of each.
        folds: the number of folds.

    Attributes:
        digest: of all that it follows from.
        fold_of: the fold of each document.
    """

    def __init__(self, texts: Sequence[str], documents: Sequence[str], folds: int) -> None:
        self.digest = source_digest(texts, documents, folds)
        names = sorted(set(documents))
        random.Random(0).shuffle(names)
        self.fold_of = {document: place % folds for place, document in enumerate(names)}
        of_row = np.array([self.fold_of[document] for document in documents])
        rows = [np.flatnonzero(of_row != fold) for fold in range(folds)]
        counts = [len(words(text)) for text in texts]
        stretches = [_drawn(some, counts, fold) for fold, some in enumerate(rows)]
        super().__init__(texts, rows, stretches, source=True)


def source_digest(texts: Sequence[str], documents: Sequence[str], folds: int) -> str:
    """Return the digest of the source's side that follows from these sentences."""
    return digest("source side", folds, list(texts), list(documents))


def _drawn(rows: Rows, word_counts: Sequence[int], fold: int) -> list[list[Stretch]]:
    """Return stretches of a fold's sentences, by size."""
    draw = random.Random(fold)
    found = []
    for least, most in zip(_LEAST, _MOST, strict=True):
        chosen = [int(draw.choice(rows)) for _ in range(OTHERS)]
        starts = [draw.random() for _ in chosen]
        shares = [draw.randint(least, most) / max(1, word_counts[row]) for row in chosen]
        found.append(
            [
                Stretch(row, start, min(1.0, share))
                for row, start, share in zip(chosen, starts, shares, strict=True)
            ]
        )
    return found
