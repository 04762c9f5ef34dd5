"""What parallel passages teach about each language, learned when an item in it is to be judged.

The fit in force says up to which event a campaign's passages count, so that every machine learns the same. A
language takes some ten seconds, so what was learned is saved under `BELEBELE_STATE_DIR`, some fifteen megabytes
each. What was learned about the source alone is saved once for all languages that have the same passages. The last
few languages are kept for as long as a process lives, and items are judged language by language. The lines that a
campaign's ledger holds count, wherever the model was made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.ledger import tables
from flows.calibrations.learned_by_language import LearnedByLanguage
from flows.calibrations.saved_models import save_model, saved_model, versions

if TYPE_CHECKING:
    import pandas as pd

    from qc.translation_models.calibration import Calibration
    from qc.translation_models.meaning.bitext_side import SourceSide
    from qc.translation_models.meaning.meaning_model import MeaningModel
    from qc.translation_models.meaning.parallel_cuts import ParallelText
    from qc.translation_models.outside_models import OutsideModels


KEPT = 3
"""How many languages' models a process keeps."""

_SIDES = 2  # how many sources' sides

MEANINGS = 6
"""A number that rises whenever the same passages teach something else about meaning."""

_learned: dict[tuple[str, str, str, tuple[str, str]], MeaningModel | None] = {}
# by fit, source, language and the models' digests; the latest last
_sides: dict[str, SourceSide] = {}  # by digest; the latest last


class LearnedMeanings(LearnedByLanguage["MeaningModel"]):
    """The models of several languages.

    Args:
        fit: as all of these of `LearnedByLanguage`.
        source: the language that the others are translated from.
        languages: those that may be learned about.
        pairs: gives the parallel sentences.
        rates: by check, the share of correct texts that it may flag.
        lines: by language and check, the thresholds that are in force; a language without gets its model's.
        models: those that judge beside what is learned.
    """

    def __init__(
        self,
        fit: str,
        source: str,
        languages: Iterable[str],
        pairs: Callable[[str], Sequence[ParallelText]],
        rates: Mapping[str, float],
        lines: Mapping[str, Mapping[str, Calibration]] = MappingProxyType({}),
        models: OutsideModels | None = None,
    ) -> None:
        from qc.translation_models.outside_models import OutsideModels

        super().__init__(fit, source, languages, pairs)
        self._rates, self._lines, self._models = dict(rates), lines, models or OutsideModels()

    def _known(self, language: str) -> MeaningModel | None:
        kept = self._fit, self._source, language, self._models.digests
        _learned[kept] = found = _learned.pop(kept) if kept in _learned else self._found(language)
        while len(_learned) > KEPT:
            del _learned[next(iter(_learned))]
        if found is not None and language in self._lines:
            found.calibrations = self._lines[language]
        return found

    def _found(self, language: str) -> MeaningModel | None:
        """Return what this machine learned before, or learn it and save it."""
        from qc.translation_models.meaning.meaning_model import MeaningModel

        told = self._fit, self._source, language, self._rates, self._models.digests, MEANINGS, *versions()
        name = f"{tables.digest(*told)}.meaning"
        saved = saved_model(name)
        if isinstance(saved, MeaningModel) and (side := _side(saved.source_digest)) is not None:
            saved.join(side, self._models)
            return saved
        learned = self._learn(language)
        if learned is not None:
            _keep(learned.source)
            save_model(name, learned)
        return learned

    def _learn(self, language: str) -> MeaningModel | None:
        from qc.translation_models.meaning.bitext_side import source_digest
        from qc.translation_models.meaning.meaning_model import FOLDS, LEAST_SENTENCES, MeaningModel, Rates

        pairs = self._pairs(language)
        if len(pairs) < LEAST_SENTENCES:
            return None
        known = _side(source_digest([one.source for one in pairs], [one.document for one in pairs], FOLDS))
        return MeaningModel(
            language, pairs, rates=Rates(**self._rates), source=known, models=self._models,
            source_language=self._source,
        )  # fmt: skip


def parallel_pairs(passages: pd.DataFrame, source: str, language: str) -> list[ParallelText]:
    """Return the parallel sentences of two languages, in the order of the passages' names.

    Args:
        passages: passage_id, language, sentences; one line a passage and language.
        source: the language that the other is translated from.
        language: the other.
    """
    from qc.translation_models.meaning.parallel_cuts import ParallelText

    lines = zip(passages["passage_id"], passages["language"], passages["sentences"], strict=True)
    texts = {(str(passage), str(code)): list(sentences) for passage, code, sentences in lines}
    return [
        ParallelText(*pair, passage)
        for (passage, code), own in sorted(texts.items())
        if code == source and len(own) == len(texts.get((passage, language), ()))
        for pair in zip(own, texts[passage, language], strict=True)
    ]


def _side_name(digest: str) -> str:
    return f"{tables.digest(digest, MEANINGS, *versions())}.side"


def _side(digest: str) -> SourceSide | None:
    """Return the source's side of this digest, from memory or as saved; None if this machine has none."""
    from qc.translation_models.meaning.bitext_side import SourceSide

    if digest not in _sides:
        saved = saved_model(_side_name(digest))
        if not isinstance(saved, SourceSide):
            return None
        _sides[digest] = saved
    _sides[digest] = found = _sides.pop(digest)
    while len(_sides) > _SIDES:
        del _sides[next(iter(_sides))]
    return found


def _keep(side: SourceSide) -> None:
    """Keep a source's side for other languages, and save it."""
    if side.digest not in _sides:
        _sides[side.digest] = side
        save_model(_side_name(side.digest), side)
