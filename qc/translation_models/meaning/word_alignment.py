"""Which words of one language stand for which of another, learned from parallel sentences.

IBM's first translation model (Brown et al. 1993) gives every pair of words that met in parallel sentences a
probability, by expectation maximisation, in both directions. It needs no dictionary and no order of words, and
learns from two thousand sentences in a second. Words that were never met are the trouble of so small a corpus, so
a text can also be read as stems: inflected and compounded forms then share what was learned. Probabilities are
rounded, and those that say nothing left out, before anything is judged by them: so a model is small, and judges
alike once saved.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from qc.text.words import words

Units = Callable[[str], Sequence[str]]
"""A way to read a folded word: whole, as its stem or as n-grams of its characters."""

Matrix = npt.NDArray[np.float64]

ROUNDS = 5
"""Rounds of expectation maximisation; more fit rare words ever closer to the few sentences that have them."""

EXPLAINED = 0.9
"""The share of a text's words that its source explains; the others are drawn from the language at large."""


def stem_length(texts: Sequence[str]) -> int:
    """Return how many characters of a word are kept as its stem: 4, or 2 in a language of short words (Chinese).

    >>> stem_length(["never before", "afterwards"]), stem_length(["我每天去学校"])
    (4, 2)
    """
    lengths = [len(word) for text in texts for word in words(text)]
    return 2 if not lengths or sum(lengths) / len(lengths) < 3.5 else 4


def whole(word: str) -> tuple[str]:
    """Return the reading of a word as it is."""
    return (word,)


def stems(length: int) -> Units:
    """Return the reading of a word as its first characters."""
    return partial(_stem, length)


def _stem(length: int, word: str) -> tuple[str]:
    return (word[:length],)


def character_grams(length: int) -> Units:
    """Return the reading of a word as n-grams of its characters, its ends marked.

    >>> character_grams(3)("two")
    ['^tw', 'two', 'wo$']
    """
    return partial(_character_grams, length)


def _character_grams(length: int, word: str) -> list[str]:
    marked = f"^{word}$"
    return [marked[at : at + length] for at in range(max(1, len(marked) - length + 1))]


_MOST_WORDS = 1 << 16  # whose units a vocabulary remembers


class Vocabulary:
    """The units that texts were made of, each with a number.

    Args:
        readings: the ways in which each word is read; what they find is counted together.
        texts: the texts that give the units.
    """

    def __init__(self, readings: Sequence[Units], texts: Sequence[str]) -> None:
        self._readings = tuple(readings)
        self._numbers: dict[tuple[int, str], int] = {}
        self._met: dict[str, array[int]] = {}  # words seldom come once, and are read once
        for text in texts:
            split = words(text)
            for number, read in enumerate(self._readings):
                for unit in chain.from_iterable(map(read, split)):
                    self._numbers.setdefault((number, unit), len(self._numbers))

    def __len__(self) -> int:
        return len(self._numbers)

    def counts(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return how often each text has each unit, texts by units; units that it does not know are left out."""
        columns = array("i")
        ends = [0]
        for text in texts:
            for word in words(text):
                columns += self._met[word] if word in self._met else self._numbers_of(word)
            ends.append(len(columns))
        made = sparse.csr_matrix((np.ones(len(columns)), np.array(columns), ends), shape=(len(texts), len(self)))
        made.sum_duplicates()
        return made

    def _numbers_of(self, word: str) -> array[int]:
        if len(self._met) >= _MOST_WORDS:
            self._met.clear()
        units = ((number, unit) for number, read in enumerate(self._readings) for unit in read(word))
        found = array("i", [self._numbers[unit] for unit in units if unit in self._numbers])
        self._met[word] = found
        return found

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: all but what was met."""
        return {**vars(self), "_met": {}}


LEAST_GAIN = 0.2
"""A pair of units is left out if one, alone in its text, raises the other's log likelihood by less."""

_DROPPED_BITS = 16  # of a probability's 32: eight significant ones are left


@dataclass(frozen=True)
class Lexicon:
    """Translation probabilities in one direction.

    Attributes:
        table: probability of a target unit given a source unit, source units by target units; pairs of which one
            hardly speaks for the other are left out.
        usual: each target unit's share of the language, 0 where it was not met.
    """

    table: sparse.csr_matrix
    usual: Matrix

    @staticmethod
    def learned(source: sparse.csr_matrix, target: sparse.csr_matrix, rounds: int = ROUNDS) -> Lexicon:
        """Learn from parallel texts.

        Every text also has an empty word, which takes what nothing else explains.

        Args:
            source: counts, texts by units.
            target: counts of their translations, texts by units.
            rounds: of expectation maximisation.
        """
        units, met = source.shape[1] + 1, target.shape[1]  # the empty word is the last
        sources = np.diff(source.indptr) + 1
        places = np.diff(target.indptr)
        text_of_place = np.repeat(np.arange(source.shape[0]), places)
        per_place = sources[text_of_place]
        place = np.repeat(np.arange(len(text_of_place)), per_place)
        ends = np.cumsum(per_place)
        within = np.arange(len(place)) - np.repeat(ends - per_place, per_place)
        padded = np.insert(source.indices, source.indptr[1:], units - 1)
        starts = source.indptr[:-1] + np.arange(source.shape[0])
        left = padded[starts[text_of_place[place]] + within].astype(np.int64)
        pairs, link = np.unique(left * met + target.indices[place], return_inverse=True)
        left_of_pair = pairs // met
        weight = target.data[place]
        chance = np.ones(len(pairs))
        for _ in range(rounds):
            share = chance[link]
            share *= weight / np.bincount(place, weights=share, minlength=len(text_of_place))[place]
            counted = np.bincount(link, weights=share, minlength=len(pairs))
            chance = counted / np.bincount(left_of_pair, weights=counted, minlength=units)[left_of_pair]
        total = np.asarray(target.sum(axis=0), dtype=np.float64).ravel()
        usual = total / max(1.0, total.sum())
        gain = np.log1p(EXPLAINED * chance / ((1 - EXPLAINED) * usual[pairs % met]))
        kept = (gain >= LEAST_GAIN) & (left_of_pair < units - 1)  # the empty word has done its work
        shape = units - 1, met
        table = sparse.csr_matrix((_rounded(chance[kept]), (left_of_pair[kept], pairs[kept] % met)), shape=shape)
        return Lexicon(table, usual)

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: places as steps from one to the next, and of probabilities the bits that count."""
        table = self.table
        steps = np.diff(table.indices, prepend=0)
        starts = table.indptr[:-1][np.diff(table.indptr) > 0]
        steps[starts] = table.indices[starts]
        bits = (table.data.view(np.uint32) >> _DROPPED_BITS).astype("<u2")
        return {
            "shape": table.shape,
            "ends": np.diff(table.indptr).astype(np.uint32),
            "steps": _bytes_apart(steps.astype("<u4")),
            "bits": _bytes_apart(bits),
            "usual": self.usual,
        }

    def __setstate__(self, saved: dict[str, Any]) -> None:
        pointers = np.concatenate([[0], np.cumsum(saved["ends"], dtype=np.int64)])
        steps = _bytes_together(saved["steps"], "<u4").astype(np.int64)
        along = np.cumsum(steps)
        before = np.concatenate([[0], along])[pointers[:-1]]  # what came before a line does not count in it
        places = (along - np.repeat(before, saved["ends"])).astype(np.int32)
        chances = (_bytes_together(saved["bits"], "<u2").astype(np.uint32) << _DROPPED_BITS).view(np.float32)
        table = sparse.csr_matrix((chances, places, pointers.astype(np.int32)), shape=saved["shape"])
        object.__setattr__(self, "table", table)
        object.__setattr__(self, "usual", saved["usual"])

    def explained(self, source: sparse.csr_matrix) -> sparse.csr_matrix:
        """Return how much each source text adds to the log ratio of a target text that has a unit once.

        Args:
            source: counts, n texts by units.

        Returns:
            n texts by target units.
        """
        units = np.diff(source.indptr)
        shares = np.repeat(EXPLAINED / ((1 - EXPLAINED) * np.maximum(1, units)), units).astype(np.float32)
        present = sparse.csr_matrix((shares, source.indices, source.indptr), shape=source.shape)
        explained = (present @ self._against_usual).tocsr()
        np.log1p(explained.data, out=explained.data)
        return explained

    @cached_property
    def _against_usual(self) -> sparse.csr_matrix:
        """The table's probabilities as multiples of what is usual."""
        multiples = self.table.data / self.usual[self.table.indices].astype(np.float32)
        return sparse.csr_matrix((multiples, self.table.indices, self.table.indptr), shape=self.table.shape)

    def log_ratios(self, explained: sparse.csr_matrix, target: sparse.csr_matrix) -> Matrix:
        """Return how much better each source text explains each target text than the language at large does.

        Args:
            explained: of n source texts, as `explained` returns it.
            target: counts, m texts by units.

        Returns:
            Natural logarithms of likelihood ratios, n by m; 0 where no unit was ever met.
        """
        known = target @ (self.usual > 0).astype(np.float64)
        found: Matrix = (explained @ target.T).toarray() + np.log(1 - EXPLAINED) * known[None, :]
        return found


def _rounded(chances: Matrix) -> npt.NDArray[np.float32]:
    """Return probabilities with as many significant bits as are saved."""
    half = np.uint32(1 << (_DROPPED_BITS - 1))
    bits = (chances.astype(np.float32).view(np.uint32) + half) >> _DROPPED_BITS << _DROPPED_BITS
    return bits.astype(np.uint32).view(np.float32)


def _bytes_apart(numbers: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return numbers as lines of their first bytes, second bytes and so on, which packs better."""
    return numbers.view(np.uint8).reshape(-1, numbers.itemsize).T.copy()


def _bytes_together(planes: npt.NDArray[np.uint8], kind: str) -> npt.NDArray[Any]:
    """Return the numbers that `_bytes_apart` took to pieces."""
    return planes.T.copy().view(kind).ravel()


class WordAlignment:
    """Translation probabilities in both directions.

    Args:
        source: counts of the source texts, texts by units.
        target: counts of their translations, texts by units.
    """

    def __init__(self, source: sparse.csr_matrix, target: sparse.csr_matrix) -> None:
        self.onward = Lexicon.learned(source, target)
        self.back = Lexicon.learned(target, source)
