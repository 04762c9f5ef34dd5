"""What two texts in different languages share as it sounds or as it is counted: names, loan words, numbers.

Parallel sentences teach nothing about a word that they do not have, and names and numbers are mostly such words.
But a name keeps its consonants in any script (`name_spelling`), and a number its digits. So a text is read as the
runs of three and four consonant classes in its words, and as its numbers; what is rare in both languages counts
most.
"""

from __future__ import annotations

import unicodedata
from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from zlib import crc32

import numpy as np
import numpy.typing as npt
from scipy import sparse

from qc.text.words import words
from qc.translation_models.meaning.word_alignment import Matrix
from qc.translation_models.name_spelling import consonants

_BOUND = 5  # stands for the beginning and the end of a word, beside the five classes
_SIGNS = 6
_RUNS = (3, 4)
_NUMBERS = 4096  # places for numbers; two seldom share one
_FIRST_NUMBER = sum(_SIGNS**run for run in _RUNS)
UNITS = _FIRST_NUMBER + _NUMBERS + 1
"""Places of all units; the last is that of any number."""


def sounds(texts: Sequence[str]) -> sparse.csr_matrix:
    """Return which units each text has, texts by `UNITS`."""
    columns = array("i")
    ends = [0]
    for text in texts:
        columns.extend(sorted(set(chain.from_iterable(map(_units, words(text))))))
        ends.append(len(columns))
    return sparse.csr_matrix((np.ones(len(columns)), np.array(columns), ends), shape=(len(texts), UNITS))


@lru_cache(maxsize=1 << 16)
def _units(word: str) -> tuple[int, ...]:
    return tuple(_found_in(word))


def _found_in(word: str) -> Iterator[int]:
    digits = [digit for sign in word if (digit := unicodedata.digit(sign, None)) is not None]
    if digits:
        yield _FIRST_NUMBER + crc32(bytes(digits)) % _NUMBERS
        yield UNITS - 1
    signs = (_BOUND, *consonants(word), _BOUND)
    if len(signs) < 5:
        return
    first = 0
    for run in _RUNS:
        for start in range(len(signs) - run + 1):
            place = 0
            for sign in signs[start : start + run]:
                place = place * _SIGNS + sign
            yield first + place
        first += _SIGNS**run


def rarity(source: npt.NDArray[np.int64], target: npt.NDArray[np.int64], sentences: int) -> Matrix:
    """Return the weight of each unit.

    Args:
        source: in how many source sentences each unit is.
        target: the same of the target.
        sentences: how many there are.
    """
    found: Matrix = np.log((1 + sentences) / (1 + np.maximum(source, target)))
    return found
