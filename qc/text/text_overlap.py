"""What a document has in common with protected texts: the whole text, a run of words, or nearly all of it.

Three probes are used together, since each is blind where another sees: whole texts find short ones, n-grams find
parts of long ones, and near-duplicates find copies with changes every few words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from qc.text.near_duplicates import LIKENESS, NearDuplicates
from qc.text.shared_runs import SharedRuns, words_of

NGRAM = 13
"""The words of a run that counts as a copy, as in GPT-3's and most later decontaminations."""

WHOLE = 8
"""The least words of a shorter text that counts as a copy where it stands whole."""

OverlapKind = Literal["exact", "ngram", "near"]
"""How a protected text was found: whole, by a run of words, or by nearly all of its letters."""

EXCERPT = 200
"""The most characters of a document that are quoted."""


@dataclass(frozen=True)
class ProtectedText:
    """A text that must not be found elsewhere.

    Attributes:
        name: of the item, or the place of the passage.
        language: its code; "" if none is known.
        field: `passage`, `question`, `option_1` … or `source`.
        text: the text.
    """

    name: str
    language: str
    field: str
    text: str


@dataclass(frozen=True)
class Overlap:
    """A protected text that a document has in common.

    Attributes:
        text: the number of the protected text, from 0.
        kind: how it was found; of several ways the surest.
        words: the longest run of common words; 0 for a near-duplicate.
        likeness: the share of the protected text that is there: of its words, or of its 5-grams of letters.
        excerpt: what stands in the document, folded, at most `EXCERPT` characters.
    """

    text: int
    kind: OverlapKind
    words: int
    likeness: float
    excerpt: str


class TextOverlap:
    """An index of protected texts.

    Args:
        texts: the protected texts.
        ngram: the words of a run that counts as a copy.
        whole: the least words of a shorter text that counts where it stands whole.
        near: whether to look for near-duplicates too.
    """

    def __init__(
        self, texts: Sequence[ProtectedText], *, ngram: int = NGRAM, whole: int = WHOLE, near: bool = True
    ) -> None:
        self.texts = tuple(texts)
        self._runs = SharedRuns([one.text for one in texts], ngram, whole)
        long = [one.text if one.field in ("passage", "source") else "" for one in texts]
        self._near = NearDuplicates(long if near else [], LIKENESS)

    def lengths(self) -> dict[str, int]:
        """Return how many words each protected text has, by the text."""
        return {one.text: int(length) for one, length in zip(self.texts, self._runs.lengths, strict=True)}

    def find(self, text: str) -> list[Overlap]:
        """Return what a document has in common with each protected text, in their order, once for each."""
        words = words_of(text)
        found = {run.text: run for run in self._runs.find_words(words)}
        made = {
            number: Overlap(
                number,
                "exact" if run.whole else "ngram",
                run.words,
                run.words / int(self._runs.lengths[number]),
                " ".join(words[run.start : run.end])[:EXCERPT],
            )
            for number, run in found.items()
        }
        for one in self._near.find(text):
            made.setdefault(one.text, Overlap(one.text, "near", 0, one.likeness, one.stretch[:EXCERPT]))
        return [made[number] for number in sorted(made)]
