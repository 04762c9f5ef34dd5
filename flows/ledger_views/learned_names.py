"""What parallel passages teach about the names of each language, learned when an item in it is to be judged.

It takes some two seconds a language, so it is kept for as long as a process lives, and written nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from flows.ledger_views.learned_by_language import LearnedByLanguage

if TYPE_CHECKING:
    from qc.translation_models.name_spelling import NameSpelling
    from qc.translation_models.parallel_cuts import ParallelText

NAMES = 1
"""A number that rises whenever the same passages teach something else about names."""

_KEPT = 8  # languages of which a process keeps what it learned

_learned: dict[tuple[str, str, str, float], NameSpelling | None] = {}  # by fit, source, language and rate


class LearnedNames(LearnedByLanguage["NameSpelling"]):
    """What was learned about names.

    Args:
        fit: as all of these of `LearnedByLanguage`.
        source: the language that the others are translated from.
        languages: those that may be learned about.
        pairs: gives the parallel sentences.
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
        super().__init__(fit, source, languages, pairs)
        self._rate = rate

    def _known(self, language: str) -> NameSpelling | None:
        name = self._fit, self._source, language, self._rate
        if name not in _learned:
            while len(_learned) >= _KEPT:
                del _learned[next(iter(_learned))]
            _learned[name] = self._learn(language)
        return _learned[name]

    def _learn(self, language: str) -> NameSpelling | None:
        from qc.translation_models.name_spelling import LEAST_SENTENCES, learned

        pairs = self._pairs(language)
        return learned(language, pairs, self._rate) if len(pairs) >= LEAST_SENTENCES else None
