"""The texts of a set, read once: the input from which the named heuristics compute their scores.

Nothing here knows which option is correct. Weights of words come from the set itself (a word that stands in many
items says little), so that no language needs a list of its function words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np

from qc.set_statistics.options import Floats, Options
from qc.text import words
from qc.text.text_folding import fold

T = TypeVar("T")


class Texts:
    """One language's options with their questions and passages, split into words and n-grams.

    The lists `words`, `grams` and `folded` have an entry per option; `question…` and `passage…` have one per item,
    None for a missing passage.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.questions = [text if isinstance(text, str) else "" for text in options.items["question"]]
        passages = options.items["passage"]
        self.passages = [text if isinstance(text, str) and text.strip() else None for text in passages]

    @cached_property
    def words(self) -> list[tuple[str, ...]]:
        return [words.words(text) for text in self.options.texts]

    @cached_property
    def word_sets(self) -> list[frozenset[str]]:
        return [frozenset(found) for found in self.words]

    @cached_property
    def grams(self) -> list[frozenset[str]]:
        return [words.grams(text) for text in self.options.texts]

    @cached_property
    def folded(self) -> list[str]:
        return [fold(text) for text in self.options.texts]

    @cached_property
    def question_words(self) -> list[frozenset[str]]:
        return [frozenset(words.words(text)) for text in self.questions]

    @cached_property
    def question_grams(self) -> list[frozenset[str]]:
        return [words.grams(text) for text in self.questions]

    @cached_property
    def passage_words(self) -> list[frozenset[str] | None]:
        return _per_text(self.passages, lambda text: frozenset(words.words(text)))

    @cached_property
    def passage_grams(self) -> list[frozenset[str] | None]:
        return _per_text(self.passages, words.grams)

    @cached_property
    def passage_folded(self) -> list[str | None]:
        return _per_text(self.passages, fold)

    @cached_property
    def frequency(self) -> Counter[str]:
        """The number of items that contain a word, in the question or an option."""
        found: Counter[str] = Counter()
        for item, question in enumerate(self.question_words):
            found.update(question.union(*self.word_sets[self.stretch(item)]))
        return found

    @cached_property
    def weight(self) -> dict[str, float]:
        """The weight of each word of questions and options: log((items + 1) / items that have it)."""
        most = np.log(len(self.options) + 1)
        return {word: float(most - np.log(count)) for word, count in self.frequency.items()}

    @cached_property
    def language(self) -> str:
        """The language's code before any script or region; a set without one that reads as English is `eng`."""
        code = str(self.options.items["language"].iloc[0]).replace("-", "_").split("_")[0].lower()
        english = self.frequency["the"] >= len(self.options) / 3 and self.frequency["of"] > 0
        return "eng" if code in ("", "und", "none") and english else code

    def stretch(self, item: int) -> slice:
        """Return the slice of the option line that holds an item's options."""
        first = int(self.options.starts[item])
        return slice(first, first + int(self.options.sizes[item]))

    def per_option(self, value: Callable[[int, int], float]) -> Floats:
        """Return a number for every option, computed from its place in the line and its item."""
        item_of = self.options.item_of
        return np.array([value(option, int(item)) for option, item in enumerate(item_of)], dtype=float)

    def alone(self, has: Iterable[Any]) -> Floats:
        """Return 1 for the option that is the only one of its item to have something, 0 for the others."""
        told = np.array([bool(one) for one in has], dtype=float)
        return np.asarray(told * (self.options.per_item(told)[self.options.item_of] == 1))


def share(part: Iterable[str], whole: Iterable[str], weight: dict[str, float] | None = None) -> float:
    """Return the (weighted) share of `whole` that is in `part`; 0 of nothing."""
    inside = frozenset(part)
    if weight is None:
        every = list(whole)
        return sum(one in inside for one in every) / len(every) if every else 0.0
    # sorted, because a sum of floats depends on its order and a set's order changes from run to run
    weights = [(weight[one], one in inside) for one in sorted(whole)]
    total = sum(value for value, _ in weights)
    return sum(value for value, told in weights if told) / total if total > 0 else 0.0


def _per_text(texts: list[str | None], of: Callable[[str], T]) -> list[T | None]:
    found: dict[str, T] = {}
    for text in texts:
        if text is not None and text not in found:
            found[text] = of(text)
    return [None if text is None else found[text] for text in texts]


def within(options: Options, scores: Floats) -> Floats:
    """Return scores standardised within each item: mean 0, variance 1 over its options, 0 where all are the same.

    Args:
        options: the set.
        scores: (n options,) or (n options, k). NaN counts as the mean of its item.
    """
    told = ~np.isnan(scores)
    many = options.per_item(told.astype(float))[options.item_of]
    mean = options.per_item(np.where(told, scores, 0.0))[options.item_of] / np.maximum(many, 1)
    off = np.where(told, scores - mean, 0.0)
    sizes = options.sizes.reshape(-1, *[1] * (scores.ndim - 1))
    sd = np.sqrt(options.per_item(off**2) / sizes)[options.item_of]
    return np.asarray(np.where(sd > 1e-9, off / np.where(sd > 1e-9, sd, 1.0), 0.0))


Score = Callable[[Texts], Floats]
"""A heuristic: a function from texts to one score per option; it would choose the highest."""
