"""What the witnesses say of pairs of texts, held against what they say of each text and others.

Many pairs are looked at in one pass: each text is read once, and held once against other texts of its size,
however many pairs it is in. A witness' word on a pair becomes five numbers: how far it is above the best that the
source finds among other targets, how unusual it is among these, the same two for the target among other sources,
and the word itself. The lengths of both texts add two more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from qc.translation_models.bitext_side import BitextSide, ReadTexts
from qc.translation_models.word_alignment import Matrix, WordAlignment

Places = npt.NDArray[np.int64]

WITNESSES = 3
FEATURES = 5 * WITNESSES + 2

_TILE = 128  # texts whose pairs are looked at together: pairs mostly lie close to each other
_NEAREST = 4  # of the other texts, those whose mean counts as the best that chance finds


class _Heard(NamedTuple):
    """Texts as read, with what each explains of the other language."""

    read: ReadTexts
    explained: sparse.csr_matrix


def pair_features(
    fold: int,
    sides: tuple[BitextSide, BitextSide],
    alignment: WordAlignment,
    texts: tuple[Sequence[str], Sequence[str]],
    sizes: Places,
    pairs: tuple[Places, Places],
) -> Matrix:
    """Return what the witnesses of a fold say of pairs.

    Args:
        fold: the fold, as the sides number it.
        sides: the source's and the target's.
        alignment: what the fold learned of both.
        texts: n sources and n targets.
        sizes: of each source, and of the target in its place.
        pairs: the places of the source and of the target of each pair.

    Returns:
        Pairs by `FEATURES`.
    """
    source = _source(alignment, sides[0].read(fold, texts[0]))
    target = _target(alignment, sides[1].read(fold, texts[1]))
    usual = np.empty((2, WITNESSES, 3, len(sizes)))
    for size in np.unique(sizes):
        at = np.flatnonzero(sizes == size)
        others = _target(alignment, sides[1].others(fold, size))
        usual[0][:, :, at] = _usual(_words(alignment, _some(source, at), others))
        others = _source(alignment, sides[0].others(fold, size))
        usual[1][:, :, at] = _usual([word.T for word in _words(alignment, others, _some(target, at))])
    made = np.empty((len(pairs[0]), FEATURES))
    for number, word in enumerate(_of_pairs(alignment, source, target, pairs)):
        for side in (0, 1):
            nearest, middle, spread = usual[side, number][:, pairs[side]]
            made[:, number * 5 + 2 * side] = word - nearest
            made[:, number * 5 + 2 * side + 1] = np.clip((word - middle) / spread, -10, 30)
        made[:, number * 5 + 4] = word
    lengths = [np.log1p(np.array([len(text) for text in some])) for some in texts]
    ratio = lengths[1][pairs[1]] - lengths[0][pairs[0]]
    made[:, -2], made[:, -1] = ratio, ratio**2
    return made


def _source(alignment: WordAlignment, read: ReadTexts) -> _Heard:
    return _Heard(read, alignment.onward.explained(read.stems))


def _target(alignment: WordAlignment, read: ReadTexts) -> _Heard:
    return _Heard(read, alignment.back.explained(read.stems))


def _some(heard: _Heard, at: Places | slice) -> _Heard:
    read = heard.read
    return _Heard(ReadTexts(read.stems[at], read.described[at]), heard.explained[at])


def _words(alignment: WordAlignment, source: _Heard, target: _Heard) -> list[Matrix]:
    """Return what each witness says of every source (lines) with every target (columns)."""
    return [
        alignment.onward.log_ratios(source.explained, target.read.stems),
        alignment.back.log_ratios(target.explained, source.read.stems).T,
        np.asarray(source.read.described @ target.read.described.T, dtype=np.float64),
    ]


def _of_pairs(
    alignment: WordAlignment, source: _Heard, target: _Heard, pairs: tuple[Places, Places]
) -> npt.NDArray[np.float64]:
    """Return what each witness says of each pair, witnesses by pairs."""
    found = np.empty((WITNESSES, len(pairs[0])))
    tiles = pairs[0] // _TILE
    for tile in np.unique(tiles):
        at = np.flatnonzero(tiles == tile)
        left, right = pairs[0][at], pairs[1][at]
        first, low, high = tile * _TILE, right.min(), right.max() + 1
        words = _words(alignment, _some(source, slice(first, first + _TILE)), _some(target, slice(low, high)))
        found[:, at] = [word[left - first, right - low] for word in words]
    return found


def _usual(words: Sequence[Matrix]) -> Matrix:
    """Return each witness' nearest, middle and spread of each text (lines) among others (columns)."""
    found = []
    for word in words:
        nearest = np.sort(word, axis=1)[:, -_NEAREST:].mean(axis=1)
        found.append([nearest, word.mean(axis=1), word.std(axis=1) + 1e-3])
    return np.array(found)
