"""What parallel passages teach about each language, learned when an item in it is to be judged.

The fit in force says up to which event a campaign's passages count, so that every machine learns the same. A
language takes some fifteen seconds, so what was learned is saved under `BELEBELE_STATE_DIR`, some twenty
megabytes each. In memory it is a hundred; the last few are kept for as long as a process lives, and items are
judged language by language. The lines that a campaign's ledger holds count, wherever the model was made.
"""

from __future__ import annotations

import hashlib
import pickle
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from data.environment import fits_dir
from data.ledger import tables
from data.storage import write_bytes

if TYPE_CHECKING:
    import pandas as pd

    from qc.translation_models.calibration import Calibration
    from qc.translation_models.meaning_model import MeaningModel
    from qc.translation_models.parallel_cuts import ParallelText


KEPT = 3
"""How many languages' models a process keeps."""

MEANINGS = 1
"""A number that rises whenever the same passages teach something else about meaning."""

_MARK = 32  # bytes of the digest before a saved model

_learned: dict[tuple[str, str, str], MeaningModel | None] = {}  # by fit, source and language; the latest last


class LearnedMeanings(Mapping[str, "MeaningModel"]):
    """The models of several languages; a language with too few parallel sentences has none.

    Args:
        fit: the digest of the passages that count.
        source: the language that the others are translated from.
        languages: those that may be learned about.
        pairs: gives the parallel sentences of the source and a language, each with its passage.
        rates: by check, the share of correct texts that it may flag.
        lines: by language and check, the thresholds that are in force; a language without gets its model's.
    """

    def __init__(
        self,
        fit: str,
        source: str,
        languages: Iterable[str],
        pairs: Callable[[str], Sequence[ParallelText]],
        rates: Mapping[str, float],
        lines: Mapping[str, Mapping[str, Calibration]] = MappingProxyType({}),
    ) -> None:
        self._fit, self._source, self._pairs, self._rates, self._lines = fit, source, pairs, dict(rates), lines
        self._languages = sorted({*languages} - {source})

    def __getitem__(self, language: str) -> MeaningModel:
        if language not in self._languages:
            raise KeyError(language)
        kept = self._fit, self._source, language
        _learned[kept] = found = _learned.pop(kept) if kept in _learned else self._found(language)
        while len(_learned) > KEPT:
            del _learned[next(iter(_learned))]
        if found is None:
            raise KeyError(language)
        if language in self._lines:
            found.calibrations = self._lines[language]
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
        name = f"{tables.digest(self._fit, self._source, language, versions)}.meaning"
        if (saved := _saved(name)) is not None:
            return saved
        learned = self._learn(language)
        if learned is not None:
            _save(name, learned)
        return learned

    def _learn(self, language: str) -> MeaningModel | None:
        from qc.translation_models.meaning_model import LEAST_SENTENCES, MeaningModel, Rates

        pairs = self._pairs(language)
        return MeaningModel(language, pairs, rates=Rates(**self._rates)) if len(pairs) >= LEAST_SENTENCES else None


def parallel_pairs(passages: pd.DataFrame, source: str, language: str) -> list[ParallelText]:
    """Return the parallel sentences of two languages, in the order of the passages' names.

    Args:
        passages: passage_id, language, sentences; one line a passage and language.
        source: the language that the other is translated from.
        language: the other.
    """
    from qc.translation_models.parallel_cuts import ParallelText

    lines = zip(passages["passage_id"], passages["language"], passages["sentences"], strict=True)
    texts = {(str(passage), str(code)): list(sentences) for passage, code, sentences in lines}
    return [
        ParallelText(*pair, passage)
        for (passage, code), own in sorted(texts.items())
        if code == source and len(own) == len(texts.get((passage, language), ()))
        for pair in zip(own, texts[passage, language], strict=True)
    ]


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
