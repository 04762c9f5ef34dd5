"""Whether a text says what its source says, as far as two thousand parallel sentences can tell.

Three witnesses are heard: a word alignment (`word_alignment`), the likeness of both texts to the corpus
(`sentence_similarity`), and the names and numbers that both have (`shared_sounds`). What either says of a pair
means little by itself: short texts, rare and common words all move it. So it is held against what the same source
gives with other texts of the language, and the same text with other sources, and a logistic regression weighs it
all into one score, the log odds that the pair belongs together. Documents are dealt into folds; a text is judged
by the fold that has seen nothing of its document, the same for the texts from which weights and thresholds come.
Thresholds go by the source's length, since a fault may change the target's.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from scipy import sparse

from qc.text.words import words
from qc.translation_models.calibration import Calibration, HeldOutText, calibrate
from qc.translation_models.held_out_scores import LEAST_TEXTS
from qc.translation_models.length_ratios import LengthRatios
from qc.translation_models.logistic_regression import fitted
from qc.translation_models.meaning.bitext_side import BitextSide, SourceSide, source_digest
from qc.translation_models.meaning.pair_features import Opposites, pair_features
from qc.translation_models.meaning.parallel_cuts import ParallelText, parallel_cuts
from qc.translation_models.meaning.word_alignment import Matrix, Places, WordAlignment
from qc.translation_models.negation import NegationMarks
from qc.translation_models.outside_models import OutsideModels

FOLDS = 5
LEAST_SENTENCES = 200
"""Fewest parallel sentences from which anything is learned."""

SIZES = ("1-2", "3-7", "8+")
"""Sizes of a source text, in words."""

_ANSWERS = 4000  # kept, since one check asks for what another asked for
_AT_ONCE = 1000  # texts that are scored together, which bounds the memory
_OPTIONS = 4
_DRAWS = 8  # pseudo-items in which each cut takes part
_FEW_DRAWS = 2  # the same where a quality-estimation model reads each pair, if that gives items enough for a line


def size_of(text: str) -> int:
    """Return the size of a source text, as an index of `SIZES`.

    >>> [SIZES[size_of(text)] for text in ("sea water", "the sea is cold", "a b c d e f g h")]
    ['1-2', '3-7', '8+']
    """
    count = len(words(text))
    return 0 if count < 3 else 1 if count < 8 else 2


def order_margin(scores: Matrix) -> tuple[float, tuple[int, ...]]:
    """Return how much better the best other order of targets fits than theirs, and that order.

    Args:
        scores: n sources by n targets, n > 1. Up to 6, every order is tried; beyond that, every swap of two.

    Returns:
        The margin, negative where the targets stand well, and per source the place of the target that fits.
    """
    count = len(scores)
    orders = _orders(count)
    sums = scores[np.arange(count), orders].sum(axis=1)
    best = int(sums.argmax())
    return float(sums[best] - np.trace(scores)), tuple(orders[best].tolist())


@cache
def _orders(count: int) -> Places:
    """Return the orders that are tried of so many texts, all but their own."""
    own = tuple(range(count))
    if count <= 6:
        return np.array([order for order in itertools.permutations(own) if order != own])
    found = np.tile(own, (count * (count - 1) // 2, 1))
    for order, pair in zip(found, itertools.combinations(own, 2), strict=True):
        order[list(pair)] = pair[::-1]
    return found


@dataclass(frozen=True)
class Rates:
    """The share of correct texts that each check may flag.

    Attributes:
        options_swapped: of items.
        option_meaning: of options.
        usual_length: of options and questions.
        negation_kept: of options and questions whose source is negated; 0 for no such check.
    """

    options_swapped: float = 0.01
    option_meaning: float = 0.0025
    usual_length: float = 0.002
    negation_kept: float = 0.02


class Asked(NamedTuple):
    """Texts of which each is held against each.

    Attributes:
        sources: n texts.
        targets: n texts, the supposed translations in the same order.
        document: the document that they are about, which the judging fold has then not seen.
    """

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    document: str


@dataclass
class _Fold:
    alignment: WordAlignment
    weights: dict[int, Matrix] = field(default_factory=dict)


class MeaningModel:
    """What was learned about one language.

    Args:
        language: the target language.
        sentences: parallel sentences.
        rates: the shares of correct texts that may be flagged.
        folds: the number of parts into which documents are dealt.
        source: what was learned about the sources of these sentences, from another language; learned if None.
        models: what judges beside what is learned; a saved model needs the same again.
        source_language: the language of the sources, of which may be known how it negates.

    Attributes:
        correct: the scores of correct texts that the judging fold had not seen, by check.
        calibrations: the thresholds drawn from them, by check.
        lengths: the usual ratios of lengths.
        negation: the marks of negation.
        source: the side of the source, which is saved apart.
    """

    def __init__(
        self,
        language: str,
        sentences: Sequence[ParallelText],
        *,
        rates: Rates | None = None,
        folds: int = FOLDS,
        source: SourceSide | None = None,
        models: OutsideModels | None = None,
        source_language: str = "",
    ) -> None:
        self.language = language
        self._answers: dict[Asked, Matrix] = {}
        rates = rates or Rates()
        sources, documents = [one.source for one in sentences], [one.document for one in sentences]
        self.source_digest = source_digest(sources, documents, folds)
        fitting = source is not None and source.digest == self.source_digest
        side = source if source is not None and fitting else SourceSide(sources, documents, folds)
        rows = side.rows
        self._target = BitextSide([one.target for one in sentences], rows, side.stretches, source=False)
        self._opposites = Opposites((side, self._target), models or OutsideModels())
        self.source = side
        cuts = parallel_cuts(sentences)
        self._folds = self._aligned(cuts)
        self.held_out = self._texts_by_fold([*cuts, *sentences])
        self._opposites.read(folds, len(SIZES))
        scored = self._weighed()
        where = (
            f"{len(sentences)} parallel sentences of {len(set(documents))} documents and {len(cuts)} cuts of them"
        )
        self.lengths = LengthRatios([*cuts, *sentences])
        self.negation = NegationMarks(
            language, source_language, [*cuts, *sentences], self.source.fold_of, rates.negation_kept
        )
        self.correct: Mapping[str, list[HeldOutText]] = {
            "option_meaning": [text for one in scored for text in self._meaning_texts(one)],
            "options_swapped": [text for one in scored for text in self._order_texts(one)],
            "usual_length": [
                HeldOutText(self.lengths.score(one.source, one.target), language, len(one.source), one.document)
                for one in [*cuts, *sentences]
            ],
            "negation_kept": self.negation.correct,
        }
        self.calibrations: Mapping[str, Calibration] = {
            name: calibrate(name, self.correct[name], rate, fitted_on=where)
            for name, rate in asdict(rates).items()
            if name != "negation_kept"
        } | {"negation_kept": self.negation.calibration}

    def _aligned(self, cuts: Sequence[ParallelText]) -> list[_Fold]:
        """Return the folds with what each learned of its sentences and of their cuts, which part their words."""
        of_cut = np.array([self.source.fold_of[one.document] for one in cuts], dtype=np.int64)
        sides = self.source, self._target
        texts = [one.source for one in cuts], [one.target for one in cuts]
        parted = [side.counts_of(some) for side, some in zip(sides, texts, strict=True)]
        found = []
        for fold, rows in enumerate(self.source.rows):
            counts = (
                sparse.vstack([side.stem_counts[rows], some[of_cut != fold]], format="csr")
                for side, some in zip(sides, parted, strict=True)
            )
            found.append(_Fold(WordAlignment(*counts)))
        return found

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: all but the source's side, the texts that it was tested with, and answers."""
        left_out = ("source", "correct", "held_out", "_answers")
        return {name: value for name, value in vars(self).items() if name not in left_out}

    def __setstate__(self, saved: dict[str, object]) -> None:
        vars(self).update(saved, _answers={})

    def join(self, source: SourceSide, models: OutsideModels) -> None:
        """Put in what is not saved with it: the source's side, and the models from outside."""
        self.source = source
        self._opposites.sides, self._opposites.models = (source, self._target), models

    def negation_score(self, target: str, document: str = "") -> float:
        """Return how sure it is that a translation is negated, by marks from other documents."""
        return self.negation.score(target, self.source.fold_of.get(document, 0))

    def scores(self, sources: Sequence[str], targets: Sequence[str], document: str = "") -> Matrix:
        """Return the log odds that each target says what each source says, n by n; see `Asked`."""
        return self.scores_of([Asked(tuple(sources), tuple(targets), document)])[0]

    def scores_of(self, asked: Sequence[Asked]) -> list[Matrix]:
        """Return the log odds that each target says what each source says, for many texts in one pass.

        Args:
            asked: the texts; what was asked before is remembered for a while.

        Returns:
            For each asked, n by n.
        """
        new = [one for one in dict.fromkeys(asked) if one not in self._answers]
        if len(self._answers) + len(new) > _ANSWERS:
            self._answers = {one: self._answers[one] for one in dict.fromkeys(asked) if one in self._answers}
        by_fold: dict[int, list[Asked]] = defaultdict(list)
        for one in new:
            by_fold[self.source.fold_of.get(one.document, 0)].append(one)
        for fold, some in sorted(by_fold.items()):
            # in one order, whatever that of the items is: so the next language finds the sources as read for this
            for part in _portions(sorted(some, key=attrgetter("document", "sources", "targets"))):
                self._answers.update(zip(part, self._scored_anew(fold, part), strict=True))
        return [self._answers[one] for one in asked]

    def _scored_anew(self, fold: int, asked: Sequence[Asked]) -> list[Matrix]:
        """Return the scores by one fold."""
        counts = [len(one.sources) for one in asked]
        first = np.cumsum([0, *counts])[:-1]
        grids = [np.indices((count, count)).reshape(2, -1) + at for count, at in zip(counts, first, strict=True)]
        pairs = np.concatenate(grids, axis=1)
        sources = [text for one in asked for text in one.sources]
        sizes = np.array([size_of(text) for text in sources])
        texts = sources, [text for one in asked for text in one.targets]
        features = self._features(fold, texts, sizes, (pairs[0], pairs[1]))
        scores = np.empty(len(features))
        for size in np.unique(sizes):
            at = sizes[pairs[0]] == size
            scores[at] = _weighted(features[at], self._folds[fold].weights[int(size)])
        ends = np.cumsum(np.square(counts))[:-1]
        return [part.reshape(count, count) for part, count in zip(np.split(scores, ends), counts, strict=True)]

    def _features(
        self, fold: int, texts: tuple[Sequence[str], Sequence[str]], sizes: Places, pairs: tuple[Places, Places]
    ) -> Matrix:
        alignment = self._folds[fold].alignment
        return pair_features(fold, self._opposites, alignment, texts, sizes, pairs)

    def _texts_by_fold(self, texts: Sequence[ParallelText]) -> list[list[list[ParallelText]]]:
        """Return the texts by fold and size."""
        found: list[list[list[ParallelText]]] = [[[] for _ in SIZES] for _ in self._folds]
        for one in texts:
            found[self.source.fold_of[one.document]][size_of(one.source)].append(one)
        return found

    def _weighed(self) -> list[_HeldOut]:
        """Fit the weights of each fold and size on the other folds' texts; return all texts with their scores."""
        draw = np.random.default_rng(0)
        draws = [self._draws(sum(map(len, of_size))) for of_size in zip(*self.held_out, strict=True)]
        held_out = [
            [_HeldOut(fold, size, texts, draw, draws[size]) for size, texts in enumerate(by_size)]
            for fold, by_size in enumerate(self.held_out)
        ]
        for of_fold in held_out:
            for one in of_fold:
                sources, targets = ([getattr(text, side) for text in one.texts] for side in ("source", "target"))
                sizes = np.full(len(sources), one.size)
                one.features = self._features(one.fold, (sources, targets), sizes, one.pairs)
        for number, fold in enumerate(self._folds):
            enough = None
            for size in reversed(range(len(SIZES))):
                parts = [of_fold[size] for other, of_fold in enumerate(held_out) if other != number]
                features = np.concatenate([part.features[: part.cases] for part in parts])
                right = np.concatenate([np.arange(part.cases) < len(part.texts) for part in parts])
                if right.any() and (enough is None or right.sum() >= 50):
                    enough = fitted(features, right)
                if enough is not None:
                    fold.weights[size] = enough
            longest = max(fold.weights)
            for size in range(longest + 1, len(SIZES)):  # passages without a long sentence
                fold.weights[size] = fold.weights[longest]
        every = [one for of_fold in held_out for one in of_fold]
        for one in every:
            one.scores = _weighted(one.features, self._folds[one.fold].weights[one.size])
            one.features = one.features[:0]
        return every

    def _draws(self, texts: int) -> int:
        """Return in how many pseudo-items each of so many texts of a size takes part."""
        if self._opposites.models.quality is None:
            return _DRAWS
        enough = -(-2 * LEAST_TEXTS * _OPTIONS // max(1, texts))  # lines go by length, so twice what one needs
        return min(_DRAWS, max(_FEW_DRAWS, enough))

    def _meaning_texts(self, held_out: _HeldOut) -> Iterator[HeldOutText]:
        for score, one in zip(held_out.scores, held_out.texts, strict=False):
            yield HeldOutText(float(score), self.language, len(one.source), one.document)

    def _order_texts(self, held_out: _HeldOut) -> Iterator[HeldOutText]:
        texts = held_out.texts
        for places, scores in zip(held_out.items, held_out.scores_of_items(), strict=True):
            characters = sum(len(texts[place].source) for place in places)
            margin, _ = order_margin(scores)
            yield HeldOutText(-margin, self.language, characters, texts[places[0]].document)


class _HeldOut:
    """Texts of one fold and size that it has not seen, and which of them are paired.

    Args:
        fold: the fold.
        size: the size of the texts.
        texts: the texts.
        draw: draws the wrong pairs.
        draws: how many items each text takes part in.

    Attributes:
        pairs: the right pairs, then wrong ones, then each with each of the texts that stand for one item.
        cases: how many of them come before the items'.
        items: the places of these texts.
        features: of the pairs.
        scores: of the pairs.
    """

    def __init__(
        self, fold: int, size: int, texts: Sequence[ParallelText], draw: np.random.Generator, draws: int
    ) -> None:
        self.fold, self.size, self.texts = fold, size, texts
        self.features: Matrix = np.empty(0)
        self.scores: Matrix = np.empty(0)
        count = len(texts)
        own = np.arange(count)
        others = [(own + draw.integers(1, count, count)) % count for _ in range(4)] if count > 1 else []
        self.cases = count * (1 + len(others))
        self.items = pseudo_items(texts, draws=draws)
        of_items = np.array(self.items, dtype=np.int64).reshape(-1, _OPTIONS)
        left = [*[own] * (1 + len(others)), np.repeat(of_items, _OPTIONS, axis=1).ravel()]
        right = [own, *others, np.tile(of_items, (1, _OPTIONS)).ravel()]
        self.pairs = np.concatenate(left), np.concatenate(right)

    def scores_of_items(self) -> Iterator[Matrix]:
        """Yield each item's scores, sources by targets."""
        yield from self.scores[self.cases :].reshape(-1, _OPTIONS, _OPTIONS)


def _weighted(features: Matrix, weights: Matrix) -> Matrix:
    found: Matrix = features @ weights[:-1] + weights[-1]
    return found


def _portions(asked: Sequence[Asked]) -> Iterator[list[Asked]]:
    """Yield what was asked in portions of at most `_AT_ONCE` texts, or of one."""
    part: list[Asked] = []
    texts = 0
    for one in asked:
        if part and texts + len(one.sources) > _AT_ONCE:
            yield part
            part, texts = [], 0
        part.append(one)
        texts += len(one.sources)
    if part:
        yield part


def pseudo_items(texts: Sequence[ParallelText], options: int = _OPTIONS, draws: int = _DRAWS) -> list[list[int]]:
    """Return places of texts that together stand for the options of an item, of one document as far as possible.

    Args:
        texts: parallel texts of one size.
        options: the number of options of an item.
        draws: how many items each text takes part in, more or less.
    """
    draw = random.Random(0)
    found = []
    for _ in range(draws):
        by_document: dict[str, list[int]] = defaultdict(list)
        for place, one in enumerate(texts):
            by_document[one.document].append(place)
        places = []
        for of_document in by_document.values():
            draw.shuffle(of_document)
            places += of_document
        item: list[int] = []
        for place in places:
            if not any(texts[place].source == texts[other].source for other in item):
                item.append(place)
            if len(item) == options:
                found.append(item)
                item = []
    return found
