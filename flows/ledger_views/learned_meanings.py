"""What a campaign's own parallel passages teach about each language, learned when an item in it is to be judged.

The fit in force says up to which event passages count, so that every machine learns the same. A language takes
some fifteen seconds, so what was learned is saved under `BELEBELE_STATE_DIR`, some twenty megabytes each. In
memory it is a hundred; the last few are kept for as long as a process lives, and items are judged language by
language.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import zlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from data.environment import fits_dir
from data.ledger import tables
from data.storage import write_bytes
from flows.campaign_state import State
from flows.ledger_views.parallel_sentences import parallel_sentences

if TYPE_CHECKING:
    from qc.translation_models.meaning_model import MeaningModel


KEPT = 3
"""How many languages' models a process keeps."""

MEANINGS = 1
"""A number that rises whenever the same passages teach something else about meaning."""

_MARK = 32  # bytes of the digest before a saved model

_learned: dict[tuple[str, str, str], MeaningModel | None] = {}  # by fit, source and language; the latest last


class LearnedMeanings(Mapping[str, "MeaningModel"]):
    """The models of a campaign's languages; a language with too few parallel sentences has none.

    Args:
        state: the campaign.
        fit: the digest of the passages that count.
        until: the highest sequence of a passage that counts.
        rates: by check, the share of correct texts that it may flag.
    """

    def __init__(self, state: State, fit: str, until: int, rates: Mapping[str, float]) -> None:
        self._state, self._fit, self._until, self._rates = state, fit, until, dict(rates)
        codes = state.ledger.read(tables.PASSAGES, ["language", "sequence"], pc.field("sequence") <= until)
        self._languages = sorted({*map(str, codes["language"])} - {state.source_language})

    def __getitem__(self, language: str) -> MeaningModel:
        if language not in self._languages:
            raise KeyError(language)
        kept = self._fit, self._state.source_language, language
        _learned[kept] = found = _learned.pop(kept) if kept in _learned else self._found(language)
        while len(_learned) > KEPT:
            del _learned[next(iter(_learned))]
        if found is None:
            raise KeyError(language)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._languages)

    def __len__(self) -> int:
        return len(self._languages)

    def _found(self, language: str) -> MeaningModel | None:
        """Return what this machine learned before, or learn it and save it."""
        import numpy
        import scipy

        versions = MEANINGS, self._rates, sys.version_info[:2], numpy.__version__, scipy.__version__
        name = f"{tables.digest(self._fit, self._state.source_language, language, versions)}.meaning"
        if (saved := _saved(name)) is not None:
            return saved
        learned = self._learn(language)
        if learned is not None:
            _save(name, learned)
        return learned

    def _learn(self, language: str) -> MeaningModel | None:
        from qc.translation_models.meaning_model import LEAST_SENTENCES, MeaningModel, Rates

        pairs = parallel_sentences(self._state, self._until, language)
        return MeaningModel(language, pairs, rates=Rates(**self._rates)) if len(pairs) >= LEAST_SENTENCES else None


def _saved(name: str) -> MeaningModel | None:
    """Return a model that this machine saved whole under this name."""
    file = fits_dir() / name
    if not file.is_file():
        return None
    content = file.read_bytes()
    mark, written = content[:_MARK], content[_MARK:]
    return pickle.loads(zlib.decompress(written)) if hashlib.sha256(written).digest() == mark else None


def _save(name: str, model: MeaningModel) -> None:
    written = zlib.compress(pickle.dumps(model, protocol=5), level=1)
    write_bytes(str(fits_dir()), name, hashlib.sha256(written).digest() + written, mode=0o600)
