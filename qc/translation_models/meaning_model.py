"""Whether a text says what its source says, as far as two thousand parallel sentences can tell.

Two witnesses are heard: a word alignment (`word_alignment`) and the likeness of both texts to the corpus
(`sentence_similarity`). What either says of a pair means little by itself: short texts, rare and common words all
move it. So it is held against what the same source gives with other texts of the language, and the same text
with other sources, and a logistic regression weighs it all into one score, the log odds that the pair belongs
together. Documents are dealt into folds; a text is judged by the fold that has seen nothing of its document, the
same for the texts from which weights and thresholds come. Thresholds go by the source's length, since a fault may
change the target's.
"""

from __future__ import annotations

import itertools
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
import numpy.typing as npt

from qc.text.words import words
from qc.translation_models.calibration import Calibration, HeldOutText, calibrate
from qc.translation_models.length_ratios import LengthRatios
from qc.translation_models.logistic_regression import fitted
from qc.translation_models.parallel_cuts import ParallelText, parallel_cuts, window
from qc.translation_models.sentence_similarity import Side, similarities
from qc.translation_models.word_alignment import (
    Matrix,
    Vocabulary,
    WordAlignment,
    character_grams,
    stem_length,
    stems,
)

FOLDS = 5
LEAST_SENTENCES = 200
"""Fewest parallel sentences from which anything is learned."""

SIZES = ("1-2", "3-7", "8+")
"""Sizes of a source text, in words."""

_OTHERS = 200  # other texts of each size that a pair is held against
_NEAREST = 4  # of them, those whose mean counts as the best that chance finds
_ANSWERS = 2000  # kept, since one check asks for what another asked for
_OPTIONS = 4
_DRAWS = 8  # pseudo-items in which each cut takes part


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
    orders: list[tuple[int, ...]] = []
    if count <= 6:
        orders = [order for order in itertools.permutations(range(count)) if order != tuple(range(count))]
    else:
        for a, b in itertools.combinations(range(count), 2):
            order = list(range(count))
            order[a], order[b] = b, a
            orders.append(tuple(order))
    sums = scores[np.arange(count), np.array(orders)].sum(axis=1)
    best = int(sums.argmax())
    return float(sums[best] - np.trace(scores)), orders[best]


@dataclass(frozen=True)
class Rates:
    """The share of correct texts that each check may flag.

    Attributes:
        options_swapped: of items.
        option_meaning: of options.
        usual_length: of options and questions.
    """

    options_swapped: float = 0.01
    option_meaning: float = 0.0025
    usual_length: float = 0.002


@dataclass
class _Fold:
    alignment: WordAlignment
    sides: tuple[Side, Side]
    other_sources: tuple[list[str], ...]  # by size
    other_targets: tuple[list[str], ...]
    weights: dict[int, Matrix] = field(default_factory=dict)


class MeaningModel:
    """What was learned about one language.

    Args:
        language: the target language.
        sentences: parallel sentences.
        rates: the shares of correct texts that may be flagged.
        folds: the number of parts into which documents are dealt.

    Attributes:
        correct: the scores of correct texts that the judging fold had not seen, by check.
        calibrations: the thresholds drawn from them, by check.
        lengths: the usual ratios of lengths.
    """

    def __init__(
        self, language: str, sentences: Sequence[ParallelText], *, rates: Rates | None = None, folds: int = FOLDS
    ) -> None:
        self.language = language
        self._answers: dict[tuple[tuple[str, ...], tuple[str, ...], str], Matrix] = {}
        rates = rates or Rates()
        documents = sorted({one.document for one in sentences})
        random.Random(0).shuffle(documents)
        self._fold_of = {document: place % folds for place, document in enumerate(documents)}
        self._read(sentences)
        self._folds = [
            self._learned([one for one in sentences if self._fold_of[one.document] != fold], fold)
            for fold in range(folds)
        ]
        cuts = parallel_cuts(sentences)
        self.held_out = self._texts_by_fold([*cuts, *sentences])
        self._weigh()
        where = f"{len(sentences)} parallel sentences of {len(documents)} documents and {len(cuts)} cuts of them"
        self.lengths = LengthRatios([*cuts, *sentences])
        scored = self._scored()
        self.correct: Mapping[str, list[HeldOutText]] = {
            "option_meaning": self._meaning_texts(scored),
            "options_swapped": self._order_texts(scored),
            "usual_length": [
                HeldOutText(self.lengths.score(one.source, one.target), language, len(one.source), one.document)
                for one in [*cuts, *sentences]
            ],
        }
        self.calibrations: Mapping[str, Calibration] = {
            name: calibrate(name, self.correct[name], rate, fitted_on=where)
            for name, rate in asdict(rates).items()
        }

    def __getstate__(self) -> dict[str, object]:
        """Return what is saved: all but the texts that it was tested with, and answers."""
        return {
            name: value for name, value in vars(self).items() if name not in ("correct", "held_out", "_answers")
        }

    def __setstate__(self, saved: dict[str, object]) -> None:
        vars(self).update(saved, _answers={})

    def scores(self, sources: Sequence[str], targets: Sequence[str], document: str = "") -> Matrix:
        """Return the log odds that each target says what each source says, n by n.

        Args:
            sources: n texts.
            targets: n texts, the supposed translations in the same order.
            document: the document that they are about, which the judging fold has then not seen.
        """
        asked = tuple(sources), tuple(targets), document
        if asked not in self._answers:
            if len(self._answers) >= _ANSWERS:
                self._answers.clear()
            self._answers[asked] = self._scored_anew(sources, targets, document)
        return self._answers[asked]

    def _scored_anew(self, sources: Sequence[str], targets: Sequence[str], document: str) -> Matrix:
        fold = self._folds[self._fold_of.get(document, 0)]
        features = self._features(fold, sources, targets)
        found = np.empty(features.shape[:2])
        for place, text in enumerate(sources):
            weights = fold.weights[size_of(text)]
            found[place] = features[place] @ weights[:-1] + weights[-1]
        return found

    def _read(self, sentences: Sequence[ParallelText]) -> None:
        sources, targets = [one.source for one in sentences], [one.target for one in sentences]
        self._stems = tuple(Vocabulary([stems(stem_length(texts))], texts) for texts in (sources, targets))
        short = stem_length(targets) == 2
        self._grams = (
            Vocabulary([stems(4), character_grams(4)], sources),
            Vocabulary([words, character_grams(2 if short else 3)], targets),
        )

    def _learned(self, sentences: Sequence[ParallelText], fold: int) -> _Fold:
        sources, targets = [one.source for one in sentences], [one.target for one in sentences]
        draw = random.Random(fold)
        others: tuple[list[list[str]], list[list[str]]] = ([], [])
        for most in (2, 7, 25):
            chosen = [draw.choice(sentences) for _ in range(_OTHERS)]
            least = {2: 1, 7: 3, 25: 8}[most]
            starts = [draw.random() for _ in chosen]
            shares = [draw.randint(least, most) / max(1, len(words(one.source))) for one in chosen]
            for side, texts in ((0, [one.source for one in chosen]), (1, [one.target for one in chosen])):
                others[side].append(
                    [
                        window(text, start, min(1.0, share))
                        for text, start, share in zip(texts, starts, shares, strict=True)
                    ]
                )
        return _Fold(
            WordAlignment(self._stems[0].counts(sources), self._stems[1].counts(targets)),
            (Side(self._grams[0].counts(sources)), Side(self._grams[1].counts(targets))),
            tuple(others[0]),
            tuple(others[1]),
        )

    def _views(self, fold: _Fold, sources: Sequence[str], targets: Sequence[str]) -> list[Matrix]:
        stemmed = self._stems[0].counts(sources), self._stems[1].counts(targets)
        alike = similarities(fold.sides, self._grams[0].counts(sources), self._grams[1].counts(targets))
        return [*fold.alignment.log_ratios(*stemmed), alike]

    def _features(self, fold: _Fold, sources: Sequence[str], targets: Sequence[str]) -> npt.NDArray[np.float64]:
        sizes = np.array([size_of(text) for text in sources])
        made: list[Matrix] = [np.empty((len(sources), len(targets))) for _ in range(15)]
        views = self._views(fold, sources, targets)
        for size in sorted(set(sizes)):
            at = np.flatnonzero(sizes == size)
            with_targets = self._views(fold, [sources[place] for place in at], fold.other_targets[size])
            with_sources = self._views(fold, fold.other_sources[size], [targets[place] for place in at])
            for number, view in enumerate(views):
                by_source, by_target = with_targets[number], with_sources[number].T
                for shift, others, part in ((0, by_source, view[at]), (1, by_target, view[:, at].T)):
                    nearest = np.sort(others, axis=1)[:, -_NEAREST:].mean(axis=1, keepdims=True)
                    middle, spread = others.mean(axis=1, keepdims=True), others.std(axis=1, keepdims=True) + 1e-3
                    for place, value in ((0, part - nearest), (1, np.clip((part - middle) / spread, -10, 30))):
                        target = made[number * 5 + 2 * shift + place]
                        if shift:
                            target[:, at] = value.T
                        else:
                            target[at] = value
        for number, view in enumerate(views):
            made[number * 5 + 4] = view
        lengths = [np.log1p(np.array([len(text) for text in texts])) for texts in (sources, targets)]
        ratio = lengths[1][None, :] - lengths[0][:, None]
        return np.stack([*made, ratio, ratio**2], axis=-1)

    def _texts_by_fold(self, texts: Sequence[ParallelText]) -> list[list[list[ParallelText]]]:
        """Return the texts by fold and size."""
        found: list[list[list[ParallelText]]] = [[[] for _ in SIZES] for _ in self._folds]
        for one in texts:
            found[self._fold_of[one.document]][size_of(one.source)].append(one)
        return found

    def _weigh(self) -> None:
        """Fit the weights of each fold and size on the other folds' texts."""
        draw = np.random.default_rng(0)
        self._cases: list[list[npt.NDArray[np.float64]]] = []
        drawn: list[list[tuple[Matrix, npt.NDArray[np.bool_]]]] = []
        for fold, by_size in zip(self._folds, self.held_out, strict=True):
            of_fold, cases = [], []
            for texts in by_size:
                features = self._features(fold, [one.source for one in texts], [one.target for one in texts])
                of_fold.append(features)
                count = len(texts)
                own = np.arange(count)
                parts = [features[own, own]]
                if count > 1:
                    parts += [features[own, (own + draw.integers(1, count, count)) % count] for _ in range(4)]
                right = np.arange(sum(map(len, parts))) < count
                cases.append((np.concatenate(parts), right))
            self._cases.append(of_fold)
            drawn.append(cases)
        for number, fold in enumerate(self._folds):
            enough = None
            for size in reversed(range(len(SIZES))):
                parts = [cases[size] for other, cases in enumerate(drawn) if other != number]
                features = np.concatenate([part[0] for part in parts])
                right = np.concatenate([part[1] for part in parts])
                if enough is None or right.sum() >= 50:
                    enough = fitted(features, right)
                fold.weights[size] = enough

    def _scored(self) -> list[list[Matrix]]:
        """Return the scores of the held-out texts with each other, by fold and size."""
        scored = [
            [features @ fold.weights[size][:-1] + fold.weights[size][-1] for size, features in enumerate(of_fold)]
            for fold, of_fold in zip(self._folds, self._cases, strict=True)
        ]
        del self._cases
        return scored

    def _meaning_texts(self, scored: Sequence[Sequence[Matrix]]) -> list[HeldOutText]:
        return [
            HeldOutText(float(scores[place, place]), self.language, len(one.source), one.document)
            for by_size, of_fold in zip(self.held_out, scored, strict=True)
            for texts, scores in zip(by_size, of_fold, strict=True)
            for place, one in enumerate(texts)
        ]

    def _order_texts(self, scored: Sequence[Sequence[Matrix]]) -> list[HeldOutText]:
        found = []
        for by_size, of_fold in zip(self.held_out, scored, strict=True):
            for texts, scores in zip(by_size, of_fold, strict=True):
                for places in pseudo_items(texts):
                    margin, _ = order_margin(scores[np.ix_(places, places)])
                    characters = sum(len(texts[place].source) for place in places)
                    document = texts[places[0]].document
                    found.append(HeldOutText(-margin, self.language, characters, document))
        return found


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
