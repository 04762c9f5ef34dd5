"""What a lint's learned checks judge by: learned from parallel passages that are given beside the set.

A set says nothing about what its languages look like when they are right; parallel passages do, such as those that
campaigns are made from. Identification learns every variety that they have, and is kept under `BELEBELE_STATE_DIR`
by the files' fingerprint; meaning is learned for each language of the set, when its items are judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from data import sources
from data.environment import fits_dir
from data.errors import UsageError
from data.ledger import tables
from data.storage import write_bytes
from flows.ledger_views.calibrations_in_force import (
    item_rate_of,
    made_from,
    rate_of,
)
from flows.ledger_views.learned_meanings import LearnedMeanings, parallel_pairs
from flows.ledger_views.learned_names import LearnedNames
from flows.worker_processes import in_each_language
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import names_kept
from qc.checks.translation_checks import language_identified
from qc.lint.learned_resources import LEARNED_SUITE, Learned
from qc.set_statistics.expected_flags import FalseAlarms, RateSource
from qc.text.text_folding import fold

if TYPE_CHECKING:
    import pandas as pd

    from qc.translation_models.parallel_cuts import ParallelText
    from qc.translation_models.variety_fit import VarietyFit


def learned_from(path: str, languages: Sequence[str], source_language: str) -> Learned:
    """Return what parallel passages teach.

    Args:
        path: a source of passages, of any kind that a campaign may have.
        languages: the codes of the set's languages.
        source_language: the code of the one that the others were translated from; "" where that is not known.

    Raises:
        UsageError: there is nothing to learn from: no such file, or no language of the set.
        SourceError: the passages cannot be read.
    """
    kind = sources.guess(path)
    there = sources.available(kind, path)
    known = [code for code in languages if code in there]
    if not known:
        listed = ", ".join(languages) or "none is known"
        raise UsageError(f"{path} has no text in a language of the set ({listed})")
    fit = _fit(kind, path)
    drawn = {one.language for part in fit.calibrations for one in part.thresholds if one.threshold is not None}
    rates = _rates(language_identified.name, drawn)
    resources: dict[str, object] = {"varieties": fit, "meanings": None, "names": None}
    documents: dict[str, str] = {}
    targets = [code for code in known if code != source_language]
    if source_language in there and targets:
        passages = sources.read(kind, path, [source_language, *targets]).to_pandas()
        documents = dict(zip(map(fold, passages["text"]), passages["passage_id"], strict=True))

        def pairs(language: str) -> list[ParallelText]:
            return parallel_pairs(passages, source_language, language)

        asked = {one.name: rate_of(one.name) for one in MEANING_SUITE}
        resources["meanings"] = LearnedMeanings(fit.digest, source_language, targets, pairs, asked)
        name_rate = rate_of(names_kept.name)
        resources["names"] = LearnedNames(fit.digest, source_language, targets, pairs, name_rate)
        for check in LEARNED_SUITE:  # where a language has no line, nothing is judged, and so nothing expected
            rates |= _rates(check.name, targets)
    return Learned(resources, rates, documents)


@dataclass(frozen=True)
class LearnedHere:
    """What parallel passages teach, which another process reads and learns for itself.

    Args:
        path, languages, source_language: as of `learned_from`.
        learned: what that gave.
    """

    path: str
    languages: tuple[str, ...]
    source_language: str
    learned: Learned

    def __reduce__(self) -> tuple[Callable[[str, tuple[str, ...], str], LearnedHere], tuple[object, ...]]:
        """Return what another process is sent: passages of all languages are too much to send."""
        return _learned_there, (self.path, self.languages, self.source_language)

    def judged(self, parts: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Mapping[str, pd.DataFrame]]]:
        """Judge the items of each language by what was learned, in as many processes as there may be."""
        return in_each_language(partial(_findings, self), parts, sum(map(len, parts.values())))


def _findings(here: LearnedHere, items: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    return here.learned.findings(items)


@lru_cache(maxsize=1)
def _learned_there(path: str, languages: tuple[str, ...], source_language: str) -> LearnedHere:
    return LearnedHere(path, languages, source_language, learned_from(path, languages, source_language))


def _rates(check: str, languages: Iterable[str]) -> dict[tuple[str, str], FalseAlarms]:
    return {(check, code): FalseAlarms(item_rate_of(check), RateSource.PASSAGES) for code in languages}


def _fit(kind: str, path: str) -> VarietyFit:
    """Return the fit to all languages of a source: the one that this machine has, or a new one."""
    from qc.translation_models.variety_fit import VERSION, VarietyFit, VarietyText, enough

    mark = f"{tables.digest(sources.fingerprint(kind, path), VERSION, rate_of(language_identified.name))}.source"
    known = fits_dir() / mark
    if known.is_file() and (saved := VarietyFit.load(fits_dir(), known.read_text("ascii").strip())) is not None:
        return saved
    passages = sources.read(kind, path).to_pandas()
    columns = (passages[name] for name in ("passage_id", "language", "link", "sentences"))
    texts = [
        VarietyText(str(language), str(link or name), str(sentence))
        for name, language, link, some in zip(*columns, strict=True)
        for sentence in some
    ]
    if not enough(Counter(one.language for one in texts)):
        raise UsageError(f"{path} is too little to learn from: give two languages, and 200 sentences of one")
    made = made_from(texts)
    write_bytes(str(fits_dir()), mark, made.digest.encode("ascii"), mode=0o600)
    return made
