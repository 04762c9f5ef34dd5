"""Heuristics that match an option with the passage, the question, the other options and the rest of the set.

A model without understanding finds answers by matching words. A test-wise person looks for the option that shares
most with its neighbours, because wrong options are made by varying the right one ('convergence'; Haladyna,
Downing & Rodriguez 2002).
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from qc.audit.cues.tokenised_set import Texts, share
from qc.set_statistics.options import Floats

NOTHING = float("nan")


def passage_words(texts: Texts) -> Floats:
    """Return the share of an option's words that the passage has, weighted by `Texts.weight`."""

    def value(option: int, item: int) -> float:
        inside = texts.passage_words[item]
        return NOTHING if inside is None else share(inside, texts.word_sets[option], texts.weight)

    return texts.per_option(value)


def passage_grams(texts: Texts) -> Floats:
    """Return the share of an option's character 5-grams that the passage has."""

    def value(option: int, item: int) -> float:
        inside = texts.passage_grams[item]
        return NOTHING if inside is None else share(inside, texts.grams[option])

    return texts.per_option(value)


def verbatim(texts: Texts) -> Floats:
    """Return 1 where the passage contains the option verbatim, except for case and punctuation."""

    def value(option: int, item: int) -> float:
        inside = texts.passage_folded[item]
        return NOTHING if inside is None else float(texts.folded[option] in inside)

    return texts.per_option(value)


def question_words(texts: Texts) -> Floats:
    """Return the share of an option's words that the question has, weighted by `Texts.weight`."""
    return texts.per_option(
        lambda option, item: share(texts.question_words[item], texts.word_sets[option], texts.weight)
    )


def question_grams(texts: Texts) -> Floats:
    """Return the share of an option's character 5-grams that the question has."""
    return texts.per_option(lambda option, item: share(texts.question_grams[item], texts.grams[option]))


def nearness(texts: Texts) -> Floats:
    """Return the mean likeness (Jaccard of character 5-grams) with the other options of its item."""
    scores = np.zeros(len(texts.grams))
    for item in range(len(texts.options)):
        here = texts.grams[texts.stretch(item)]
        like = [[len(one & other) / max(len(one | other), 1) for other in here] for one in here]
        scores[texts.stretch(item)] = (np.sum(like, axis=1) - np.diag(like)) / max(len(here) - 1, 1)
    return scores


def convergence(texts: Texts) -> Floats:
    """Return the number of other options that contain a word of this one, on average over its words."""
    shared = np.zeros(len(texts.word_sets))
    for item in range(len(texts.options)):
        here = texts.word_sets[texts.stretch(item)]
        count = Counter(word for one in here for word in one)
        shared[texts.stretch(item)] = [sum(count[word] - 1 for word in one) / max(len(one), 1) for one in here]
    return shared


def commonness(texts: Texts) -> Floats:
    """Return the number of other items that have the option's words, averaged over the words, as a logarithm."""
    frequency = texts.frequency
    return np.array([_mean([np.log(frequency[word]) for word in found]) for found in texts.words])


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def recurring(texts: Texts) -> Floats:
    """Return the number of other items that have the same option, except for case and punctuation."""
    places = Counter(text for item in range(len(texts.options)) for text in set(texts.folded[texts.stretch(item)]))
    return np.array([places[text] - 1 for text in texts.folded], dtype=float)
