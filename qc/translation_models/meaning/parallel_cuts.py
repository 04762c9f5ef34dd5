"""Short parallel texts cut out of parallel sentences, as long as options are.

Options are shorter than sentences, and what is learned or measured on sentences does not hold for them. Where a
sentence and its translation have as many punctuation marks, the pieces between the marks mostly render each other,
but some languages order clauses otherwise; a cut is only taken if an alignment that knows the whole corpus finds
no other piece of the sentence nearer, in either direction.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from qc.text.words import words
from qc.translation_models.meaning.word_alignment import Matrix, Vocabulary, WordAlignment, stem_length, stems

_AT_ONCE = 100
"""Sentences whose pieces are compared together; only those of one sentence are, so more would only cost more."""

_WITHIN = frozenset("'’-‐‑%&@#*§_/״׳་")  # marks that join what stands around them


@dataclass(frozen=True, slots=True)
class ParallelText:
    """A text and its translation.

    Attributes:
        source: the text.
        target: its translation.
        document: the document that it is from.
    """

    source: str
    target: str
    document: str


_Likeness = Callable[[Sequence[ParallelText]], Matrix]
"""How alike the sources (lines) and targets (columns) of some texts are."""


def pieces(text: str) -> list[str]:
    """Return the stretches of a text between punctuation marks.

    >>> pieces("In 1,500 years (or so), it’s gone.")
    ['In 1,500 years', 'or so', 'it’s gone']
    """
    found = [""]
    for place, mark in enumerate(text):
        if not unicodedata.category(mark).startswith("P") or mark in _WITHIN:
            found[-1] += mark
            continue
        inside = text[max(0, place - 1) : place].isalnum() and text[place + 1 : place + 2].isalnum()
        if mark in ".,:·٫٬" and inside:
            found[-1] += mark
        else:
            found.append("")
    return [piece.strip() for piece in found if any(map(str.isalnum, piece))]


def parallel_cuts(sentences: Sequence[ParallelText]) -> list[ParallelText]:
    """Return the pieces of sentences that render each other, without the sentences themselves."""
    cut = []
    for one in sentences:
        sides = pieces(one.source), pieces(one.target)
        if len(sides[0]) == len(sides[1]) > 1:
            cut.append([ParallelText(*sides_of, one.document) for sides_of in zip(*sides, strict=True)])
    if not cut:
        return []
    alike = _likeness(sentences)
    return [
        piece for first in range(0, len(cut), _AT_ONCE) for piece in _mutual(cut[first : first + _AT_ONCE], alike)
    ]


def _mutual(cut: Sequence[Sequence[ParallelText]], alike: _Likeness) -> Iterator[ParallelText]:
    """Yield the pieces that are nearest to their translation, of all pieces of their sentence."""
    scores = alike([piece for of_sentence in cut for piece in of_sentence])
    first = 0
    for of_sentence in cut:
        last = first + len(of_sentence)
        block = scores[first:last, first:last]
        own = np.diagonal(block)
        others = block - np.diag(np.full(len(block), np.inf))
        nearest = (own > others.max(axis=0)) & (own > others.max(axis=1))
        yield from (piece for piece, sure in zip(of_sentence, nearest, strict=True) if sure)
        first = last


def _likeness(sentences: Sequence[ParallelText]) -> _Likeness:
    sources, targets = [one.source for one in sentences], [one.target for one in sentences]
    sides = [Vocabulary([stems(stem_length(texts))], texts) for texts in (sources, targets)]
    alignment = WordAlignment(sides[0].counts(sources), sides[1].counts(targets))

    def alike(some: Sequence[ParallelText]) -> Matrix:
        source, target = (
            sides[0].counts([one.source for one in some]),
            sides[1].counts([one.target for one in some]),
        )
        onward = alignment.onward.log_ratios(alignment.onward.explained(source), target)
        return onward + alignment.back.log_ratios(alignment.back.explained(target), source).T

    return alike


def window(text: str, start: float, share: float) -> str:
    """Return a stretch of a text's words, joined by spaces.

    Args:
        text: any text.
        start: where the stretch begins, from 0 to 1.
        share: how much of the text it is, from 0 to 1.
    """
    all_words = words(text)
    count = max(1, round(share * len(all_words)))
    first = min(round(start * len(all_words)), max(0, len(all_words) - count))
    return " ".join(all_words[first : first + count])
