"""What parallel passages teach about the names of each language, learned when an item in it is to be judged.

It takes some two seconds a language, so it is kept for as long as a process lives, and written nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qc.translation_models.name_spelling import NameSpelling
    from qc.translation_models.parallel_cuts import ParallelText

NAMES = 1
"""A number that rises whenever the same passages teach something else about names."""

_KEPT = 8  # languages of which a process keeps what it learned

_known: dict[tuple[str, str, str, float], NameSpelling | None] = {}  # by fit, source, language and rate


class LearnedNames(Mapping[str, "NameSpelling"]):
    """What was learned, by language; a language with too few parallel sentences has nothing.

    Args:
        fit: the digest of the passages that count.
        source: the language that the others are translated from.
        languages: those that may be learned about.
        pairs: gives the parallel sentences of the source and a language, each with its passage.
        rate: the share of correct texts that may be flagged.
    """

    def __init__(
        self,
        fit: str,
        source: str,
        languages: Iterable[str],
        pairs: Callable[[str], Sequence[ParallelText]],
        rate: float,
    ) -> None:
        self._fit, self._source, self._pairs, self._rate = fit, source, pairs, rate
        self._languages = sorted({*languages} - {source})

    def __getitem__(self, language: str) -> NameSpelling:
        if language not in self._languages:
            raise KeyError(language)
        name = self._fit, self._source, language, self._rate
        if name not in _known:
            while len(_known) >= _KEPT:
                del _known[next(iter(_known))]
            _known[name] = self._learn(language)
        found = _known[name]
        if found is None:
            raise KeyError(language)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def _learn(self, language: str) -> NameSpelling | None:
        from qc.translation_models.name_spelling import LEAST_SENTENCES, learned

        pairs = self._pairs(language)
        return learned(language, pairs, self._rate) if len(pairs) >= LEAST_SENTENCES else None
