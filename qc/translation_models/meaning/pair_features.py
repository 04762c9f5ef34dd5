"""What the witnesses say of pairs of texts, held against what they say of each text and others.

Many pairs are looked at in one pass: each text is read once, and held once against other texts of its size,
however many pairs it is in. A witness' word on a pair becomes five numbers: how far it is above the best that the
source finds among other targets, how unusual it is among these, the same two for the target among other sources,
and the word itself. The lengths of both texts add two more. An encoder from outside (`outside_models`) is a
witness like the others; a quality-estimation model adds its one number, since for more it would have to read each
text with hundreds of others.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from qc.translation_models.meaning.bitext_side import BitextSide, ReadTexts
from qc.translation_models.meaning.sentence_similarity import Single
from qc.translation_models.meaning.word_alignment import Matrix, Places, WordAlignment, sums_of_pairs
from qc.translation_models.outside_models import OutsideModels
from qc.translation_models.shared_sounds import rarity

_TILE = 128  # texts whose pairs are looked at together: pairs mostly lie close to each other
_NEAREST = 4  # of the other texts, those whose mean counts as the best that chance finds


class _Heard(NamedTuple):
    """Texts as read, with what each explains of the other language."""

    read: ReadTexts
    explained: sparse.csr_matrix
    vectors: Matrix | Single | None


class _Witnesses(NamedTuple):
    """What a fold's witnesses know: an alignment, and how rare each unit of `shared_sounds` is."""

    alignment: WordAlignment
    rarity: Matrix


class Opposites:
    """The texts that pairs are held against, with an encoder's vectors of them, which are saved with the model.

    Args:
        sides: the source's and the target's; may be put in later.
        models: those from outside; may be put in later.
    """

    def __init__(self, sides: tuple[BitextSide, BitextSide], models: OutsideModels) -> None:
        self.sides, self.models = sides, models
        self._vectors: dict[tuple[int, int, int], Single] = {}

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: the vectors."""
        return {"_vectors": self._vectors}

    def read(self, folds: int, sizes: int) -> None:
        """Read the vectors of all these texts, so that they are saved."""
        for place in itertools.product((0, 1), range(folds), range(sizes)):
            self.vectors(*place)

    def vectors(self, side: int, fold: int, size: int) -> Matrix | Single | None:
        """Return the vectors of the other texts of a side (0 or 1); None without an encoder."""
        place = side, fold, size
        if self.models.encoder is not None and place not in self._vectors:
            read = self.models.encoder.vectors(self.sides[side].other_texts(fold, size))
            self._vectors[place] = read.astype(np.float32)  # as encoders reckon, and half as much to save
        return self._vectors.get(place)


def pair_features(
    fold: int,
    opposites: Opposites,
    alignment: WordAlignment,
    texts: tuple[Sequence[str], Sequence[str]],
    sizes: Places,
    pairs: tuple[Places, Places],
) -> Matrix:
    """Return what the witnesses of a fold say of pairs.

    Args:
        fold: the fold, as the sides number it.
        opposites: the texts of both sides that pairs are held against.
        alignment: what the fold learned of both.
        texts: n sources and n targets.
        sizes: of each source, and of the target in its place.
        pairs: the places of the source and of the target of each pair.

    Returns:
        Pairs by features: five a witness, two of lengths, one of a quality-estimation model if there is any.
    """
    sides, models = opposites.sides, opposites.models
    encoder = models.encoder
    vectors = [None if encoder is None else encoder.vectors(some) for some in texts]
    heard = [side.sound_counts[fold] for side in sides]
    witnesses = _Witnesses(alignment, rarity(heard[0], heard[1], len(sides[0].rows[fold])))
    source = _source(alignment, sides[0].read(fold, texts[0]), vectors[0])
    target = _target(alignment, sides[1].read(fold, texts[1]), vectors[1])
    words = _of_pairs(witnesses, source, target, pairs)
    usual = np.empty((2, len(words), 3, len(sizes)))
    for size in np.unique(sizes):
        at = np.flatnonzero(sizes == size)
        others = _target(alignment, sides[1].others(fold, size), opposites.vectors(1, fold, size))
        usual[0][:, :, at] = _usual(_words(witnesses, _some(source, at), others))
        others = _source(alignment, sides[0].others(fold, size), opposites.vectors(0, fold, size))
        usual[1][:, :, at] = _usual([word.T for word in _words(witnesses, others, _some(target, at))])
    more = 2 if models.quality is None else 3
    made = np.empty((len(pairs[0]), 5 * len(words) + more))
    for number, word in enumerate(words):
        for side in (0, 1):
            nearest, middle, spread = usual[side, number][:, pairs[side]]
            made[:, number * 5 + 2 * side] = word - nearest
            made[:, number * 5 + 2 * side + 1] = np.clip((word - middle) / spread, -10, 30)
        made[:, number * 5 + 4] = word
    lengths = [np.log1p(np.array([len(text) for text in some])) for some in texts]
    ratio = lengths[1][pairs[1]] - lengths[0][pairs[0]]
    made[:, 5 * len(words)], made[:, 5 * len(words) + 1] = ratio, ratio**2
    if models.quality is not None:
        of_pairs = ([some[place] for place in at] for some, at in zip(texts, pairs, strict=True))
        made[:, -1] = models.quality.estimates(*of_pairs)
    return made


def _source(alignment: WordAlignment, read: ReadTexts, vectors: Matrix | Single | None) -> _Heard:
    return _Heard(read, alignment.onward.explained(read.stems), vectors)


def _target(alignment: WordAlignment, read: ReadTexts, vectors: Matrix | Single | None) -> _Heard:
    return _Heard(read, alignment.back.explained(read.stems), vectors)


def _some(heard: _Heard, at: Places | slice) -> _Heard:
    read, vectors = heard.read, heard.vectors
    some = None if vectors is None else vectors[at]
    return _Heard(ReadTexts(read.stems[at], read.described[at], read.sounds[at]), heard.explained[at], some)


def _words(witnesses: _Witnesses, source: _Heard, target: _Heard) -> list[Matrix]:
    """Return what each witness says of every source (lines) with every target (columns)."""
    alignment = witnesses.alignment
    found = [
        alignment.onward.log_ratios(source.explained, target.read.stems),
        alignment.back.log_ratios(target.explained, source.read.stems).T,
        np.asarray(source.read.described @ target.read.described.T, dtype=np.float64),
        (source.read.sounds.multiply(witnesses.rarity).tocsr() @ target.read.sounds.T).toarray(),
    ]
    if source.vectors is not None and target.vectors is not None:
        found.append(source.vectors @ target.vectors.T)
    return found


def _of_pairs(
    witnesses: _Witnesses, source: _Heard, target: _Heard, pairs: tuple[Places, Places]
) -> npt.NDArray[np.float64]:
    """Return what each witness says of each pair, witnesses by pairs."""
    found = np.empty((4 if source.vectors is None else 5, len(pairs[0])))
    tiles = pairs[0] // _TILE
    for number in np.unique(tiles):
        at = np.flatnonzero(tiles == number)
        left, right = pairs[0][at], pairs[1][at]
        first, low, high = number * _TILE, right.min(), right.max() + 1
        tile = _some(source, slice(first, first + _TILE)), _some(target, slice(low, high))
        found[:, at] = _of_tile(witnesses, *tile, (left - first, right - low))
    return found


def _of_tile(
    witnesses: _Witnesses, source: _Heard, target: _Heard, pairs: tuple[Places, Places]
) -> list[npt.NDArray[np.float64]]:
    """Return the same of a few texts' pairs: what is dense as one product, of the rest the pairs alone."""
    alignment = witnesses.alignment
    found = [
        alignment.onward.log_ratios_of_pairs(source.explained, target.read.stems, pairs),
        alignment.back.log_ratios_of_pairs(target.explained, source.read.stems, pairs[::-1]),
        np.asarray((source.read.described @ target.read.described.T)[pairs], dtype=np.float64),
        sums_of_pairs(source.read.sounds.multiply(witnesses.rarity).tocsr(), target.read.sounds, pairs),
    ]
    if source.vectors is not None and target.vectors is not None:
        found.append(np.asarray((source.vectors @ target.vectors.T)[pairs], dtype=np.float64))
    return found


def _usual(words: Sequence[Matrix]) -> Matrix:
    """Return each witness' nearest, middle and spread of each text (lines) among others (columns)."""
    found = []
    for word in words:
        nearest = np.sort(word, axis=1)[:, -_NEAREST:].mean(axis=1)
        found.append([nearest, word.mean(axis=1), word.std(axis=1) + 1e-3])
    return np.array(found)
