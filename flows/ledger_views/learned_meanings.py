"""What a campaign's own parallel passages teach about each language, learned when an item in it is to be judged.

The fit in force says up to which event passages count, so that every machine learns the same. A language takes
some twenty seconds and a hundred megabytes; the last few are kept for as long as a process lives, and items are
judged language by language.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from data.ledger import tables
from flows.campaign_state import State, latest

if TYPE_CHECKING:
    from qc.translation_models.meaning_model import MeaningModel


KEPT = 3
"""How many languages' models a process keeps."""

_learned: dict[tuple[str, str, str], MeaningModel | None] = {}  # by fit, source and language; the latest last


class LearnedMeanings(Mapping[str, "MeaningModel"]):
    """The models of a campaign's languages; a language with too few parallel sentences has none.

    Args:
        state: the campaign.
        fit: the digest of the passages that count.
        until: the highest sequence of a passage that counts.
    """

    def __init__(self, state: State, fit: str, until: int) -> None:
        self._state, self._fit, self._until = state, fit, until
        codes = state.ledger.read(tables.PASSAGES, ["language", "sequence"], pc.field("sequence") <= until)
        self._languages = sorted({*map(str, codes["language"])} - {state.source_language})

    def __getitem__(self, language: str) -> MeaningModel:
        if language not in self._languages:
            raise KeyError(language)
        kept = self._fit, self._state.source_language, language
        _learned[kept] = found = _learned.pop(kept) if kept in _learned else self._learn(language)
        while len(_learned) > KEPT:
            del _learned[next(iter(_learned))]
        if found is None:
            raise KeyError(language)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def _learn(self, language: str) -> MeaningModel | None:
        from qc.translation_models.meaning_model import LEAST_SENTENCES, MeaningModel
        from qc.translation_models.parallel_cuts import ParallelText

        source = self._state.source_language
        asked = (pc.field("sequence") <= self._until) & pc.field("language").isin([source, language])
        columns = ["passage_id", "language", "revision", "sentences", "sequence"]
        found = latest(self._state.ledger.read(tables.PASSAGES, columns, asked), ["passage_id", "language"])
        lines = zip(found["passage_id"], found["language"], found["sentences"], strict=True)
        texts = {(str(passage), str(code)): list(sentences) for passage, code, sentences in lines}
        pairs = [
            ParallelText(*pair, passage)
            for (passage, code), own in sorted(texts.items())
            if code == source and len(own) == len(texts.get((passage, language), ()))
            for pair in zip(own, texts[passage, language], strict=True)
        ]
        return MeaningModel(language, pairs) if len(pairs) >= LEAST_SENTENCES else None
