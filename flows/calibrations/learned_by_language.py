"""What is learned about each language from parallel passages, as a mapping that learns when it is asked."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from qc.translation_models.meaning.parallel_cuts import ParallelText

T = TypeVar("T")


class LearnedByLanguage(Mapping[str, T]):
    """What was learned, by language; a language with too few parallel sentences has nothing.

    Args:
        fit: the digest of the passages that count.
        source: the language that the others are translated from.
        languages: those that may be learned about.
        pairs: gives the parallel sentences of the source and a language, each with its passage.
    """

    def __init__(
        self, fit: str, source: str, languages: Iterable[str], pairs: Callable[[str], Sequence[ParallelText]]
    ) -> None:
        self._fit, self._source, self._pairs = fit, source, pairs
        self._languages = sorted({*languages} - {source})

    def __getitem__(self, language: str) -> T:
        found = self._known(language) if language in self._languages else None
        if found is None:
            raise KeyError(language)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    @abstractmethod
    def _known(self, language: str) -> T | None:
        """Return what is known of a language, or learn it; None where there is too little to learn from."""
