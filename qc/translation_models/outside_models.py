"""What models that somebody else trained say of texts, beside what a campaign's own passages teach.

Such a model knows far more than two thousand sentences can tell, but not how much its word is worth in a language.
So it is one more witness in `pair_features`, weighed and held against correct texts like the others. What is here
are the shapes of such models; `qc.models` opens them, and whoever judges hands them in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from qc.translation_models.meaning.word_alignment import Matrix


class SentenceVectors(Protocol):
    """A multilingual sentence encoder: texts that say the same have vectors that point the same way.

    Attributes:
        digest: of the model, in hexadecimal.
    """

    @property
    def digest(self) -> str:
        """See the class."""

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """Return a vector of length 1 for each text, texts by dimensions."""


class QualityEstimates(Protocol):
    """A quality-estimation model: one number for a source and its translation.

    Attributes:
        digest: of the model, in hexadecimal.
    """

    @property
    def digest(self) -> str:
        """See the class."""

    def estimates(self, sources: Sequence[str], targets: Sequence[str]) -> Matrix:
        """Return a number for each pair; which way it points is learned."""


@dataclass(frozen=True)
class OutsideModels:
    """The models that judge meaning beside what was learned; each is optional."""

    encoder: SentenceVectors | None = None
    quality: QualityEstimates | None = None

    @property
    def digests(self) -> tuple[str, str]:
        """The models' digests, "" for one that there is not."""
        return (self.encoder.digest if self.encoder else "", self.quality.digest if self.quality else "")
