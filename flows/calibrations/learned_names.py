"""What parallel passages teach about the names of each language, learned when an item in it is to be judged.

It takes some two seconds a language, half of what judging one takes, so it is saved like what is learned about
meaning; a process keeps that of a few languages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.ledger import tables
from flows.calibrations.learned_by_language import LearnedByLanguage
from flows.calibrations.saved_models import save_model, saved_model, versions

if TYPE_CHECKING:
    from qc.translation_models.calibration import Calibration
    from qc.translation_models.meaning.parallel_cuts import ParallelText
    from qc.translation_models.name_spelling import NameSpelling

NAMES = 2
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
        lines: by language and check, lines that accepted items moved; a language without keeps what was drawn.
    """

    def __init__(
        self,
        fit: str,
        source: str,
        languages: Iterable[str],
        pairs: Callable[[str], Sequence[ParallelText]],
        rate: float,
        lines: Mapping[str, Mapping[str, Calibration]] = MappingProxyType({}),
    ) -> None:
        super().__init__(fit, source, languages, pairs)
        self._rate, self._lines = rate, lines

    def _known(self, language: str) -> NameSpelling | None:
        name = self._fit, self._source, language, self._rate
        if name not in _learned:
            while len(_learned) >= _KEPT:
                del _learned[next(iter(_learned))]
            _learned[name] = self._found(language)
        found = _learned[name]
        moved = self._lines.get(language, {}).get("names_kept")
        return replace(found, calibration=moved) if found is not None and moved is not None else found

    def _found(self, language: str) -> NameSpelling | None:
        """Return what this machine learned before, or learn it and save it."""
        from qc.translation_models.name_spelling import NameSpelling

        name = f"{tables.digest(self._fit, self._source, language, self._rate, NAMES, *versions())}.names"
        saved = saved_model(name)
        if isinstance(saved, NameSpelling):
            return saved
        if (learned := self._learn(language)) is not None:
            save_model(name, learned)
        return learned

    def _learn(self, language: str) -> NameSpelling | None:
        from qc.translation_models.name_spelling import LEAST_SENTENCES, learned

        pairs = self._pairs(language)
        return learned(language, pairs, self._rate) if len(pairs) >= LEAST_SENTENCES else None
