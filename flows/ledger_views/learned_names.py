"""What a campaign's passages teach about the names of each language, learned when an item in it is to be judged.

It takes some two seconds a language, so it is kept for as long as a process lives, and written nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from data.ledger import tables
from flows.campaign_state import State
from flows.ledger_views.parallel_sentences import parallel_sentences

if TYPE_CHECKING:
    from qc.translation_models.name_spelling import NameSpelling

NAMES = 1
"""A number that rises whenever the same passages teach something else about names."""

_KEPT = 8  # languages of which a process keeps what it learned

_known: dict[tuple[str, str, str, float], NameSpelling | None] = {}  # by fit, source, language and rate


class LearnedNames(Mapping[str, "NameSpelling"]):
    """What was learned, by language; a language with too few parallel sentences has nothing.

    Args:
        state: the campaign.
        fit: the digest of the passages that count.
        until: the highest sequence of a passage that counts.
        rate: the share of correct texts that may be flagged.
    """

    def __init__(self, state: State, fit: str, until: int, rate: float) -> None:
        self._state, self._fit, self._until, self._rate = state, fit, until, rate
        codes = state.ledger.read(tables.PASSAGES, ["language", "sequence"], pc.field("sequence") <= until)
        self._languages = sorted({*map(str, codes["language"])} - {state.source_language})

    def __getitem__(self, language: str) -> NameSpelling:
        if language not in self._languages:
            raise KeyError(language)
        name = self._fit, self._state.source_language, language, self._rate
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

        pairs = parallel_sentences(self._state, self._until, language)
        return learned(language, pairs, self._rate) if len(pairs) >= LEAST_SENTENCES else None
