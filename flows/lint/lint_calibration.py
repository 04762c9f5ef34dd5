"""What a lint's learned checks judge by: learned from parallel passages that are given beside the set.

A set says nothing about what its languages look like when they are right; parallel passages do, such as those that
campaigns are made from. Identification learns every variety that they have, and is kept under `BELEBELE_STATE_DIR`
by the files' fingerprint; meaning is learned for each language of the set, when its items are judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from data import sources
from data.environment import fits_dir
from data.errors import UsageError
from data.ledger import tables
from data.storage import absolute, write_bytes
from flows.calibrations.calibrations_in_force import PLUGGED, made_from, meaning_rates, rate_of, share_of_each
from flows.calibrations.learned_meanings import LearnedMeanings, parallel_pairs
from flows.calibrations.learned_names import LearnedNames
from flows.calibrations.model_paths import ModelPaths, opened
from flows.runners.worker_processes import in_each_language
from qc.checks.identification_checks import fasttext_identified
from qc.checks.name_checks import names_kept
from qc.checks.translation_checks import language_identified
from qc.lint.learned_resources import LEARNED_SUITE, Learned
from qc.set_statistics.expected_flags import FalseAlarms, RateSource
from qc.text.text_folding import fold

if TYPE_CHECKING:
    import pandas as pd

    from qc.translation_models.meaning.parallel_cuts import ParallelText
    from qc.translation_models.varieties.fasttext_identifier import CalibratedIdentifier
    from qc.translation_models.varieties.variety_fit import VarietyFit, VarietyText


def learned_from(
    path: str, languages: Sequence[str], source_language: str, models: ModelPaths | None = None
) -> Learned:
    """Return what parallel passages teach.

    Args:
        path: a source of passages, of any kind that a campaign may have.
        languages: the codes of the set's languages.
        source_language: the code of the one that the others were translated from; "" where that is not known.
        models: models from elsewhere that judge beside what is learned.

    Raises:
        UsageError: there is nothing to learn from: no such file, or no language of the set.
        SourceError: the passages cannot be read.
    """
    from qc.translation_models.outside_models import OutsideModels

    paths = models or ModelPaths()
    outside = OutsideModels(
        opened("encoder", paths.encoder) if paths.encoder else None,
        opened("qe", paths.qe) if paths.qe else None,
    )
    share = share_of_each(PLUGGED if paths.lid_model else ())
    kind = sources.guess(path)
    there = sources.available(kind, path)
    known = [code for code in languages if code in there]
    if not known:
        listed = ", ".join(languages) or "none is known"
        raise UsageError(f"{path} has no text in a language of the set ({listed})")
    fit = _fit(kind, path, share)
    drawn = {one.language for part in fit.calibrations for one in part.thresholds if one.threshold is not None}
    rates = _rates(language_identified.name, drawn, share)
    identifier = _identifier(paths.lid_model, kind, path, known, fit, share) if paths.lid_model else None
    if identifier is not None:
        able = [code for code, line in identifier.lines.items() if line.thresholds]
        rates |= _rates(fasttext_identified.name, able, share)
    resources: dict[str, object] = {"varieties": fit, "meanings": None, "names": None, "identifier": identifier}
    documents: dict[str, str] = {}
    targets = [code for code in known if code != source_language]
    if source_language in there and targets:
        passages = sources.read(kind, path, [source_language, *targets]).to_pandas()
        documents = dict(zip(map(fold, passages["text"]), passages["passage_id"], strict=True))

        def pairs(language: str) -> list[ParallelText]:
            return parallel_pairs(passages, source_language, language)

        asked = meaning_rates(share)
        resources["meanings"] = LearnedMeanings(fit.digest, source_language, targets, pairs, asked, models=outside)
        name_rate = rate_of(names_kept.name, share)
        resources["names"] = LearnedNames(fit.digest, source_language, targets, pairs, name_rate)
        for check in LEARNED_SUITE:  # where a language has no line, nothing is judged, and so nothing expected
            rates |= _rates(check.name, targets, share)
    return Learned(resources, rates, documents)


@dataclass(frozen=True)
class LearnedHere:
    """What parallel passages teach, which another process reads and learns for itself.

    Args:
        path, languages, source_language, models: as of `learned_from`.
        learned: what that gave.
    """

    path: str
    languages: tuple[str, ...]
    source_language: str
    models: ModelPaths
    learned: Learned

    def __reduce__(self) -> tuple[Callable[..., LearnedHere], tuple[object, ...]]:
        """Return what another process is sent: passages of all languages are too much to send."""
        return _learned_there, (absolute(self.path), self.languages, self.source_language, self.models)

    def judged(self, parts: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, Mapping[str, pd.DataFrame]]]:
        """Judge the items of each language by what was learned.

        As many processes as there may be do it; only this one with models from elsewhere, which are too large to
        be opened in each.
        """
        amount = sum(map(len, parts.values()))
        return in_each_language(partial(_findings, self), parts, amount, apart=not self.models.named())


def _findings(here: LearnedHere, items: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    return here.learned.findings(items)


@lru_cache(maxsize=1)
def _learned_there(path: str, languages: tuple[str, ...], source_language: str, models: ModelPaths) -> LearnedHere:
    taught = path, languages, source_language, models
    return LearnedHere(*taught, learned_from(*taught))


def _rates(check: str, languages: Iterable[str], share: float) -> dict[tuple[str, str], FalseAlarms]:
    return {(check, code): FalseAlarms(share, RateSource.PASSAGES) for code in languages}


def _identifier(
    model: str, kind: str, path: str, languages: Sequence[str], fit: VarietyFit, share: float
) -> CalibratedIdentifier:
    """Return a fastText model with lines for these languages."""
    from qc.translation_models.varieties.fasttext_identifier import CalibratedIdentifier, drawn

    passages = sources.read(kind, path, languages).to_pandas()
    texts: dict[str, list[VarietyText]] = {}
    for one in _texts(passages):
        texts.setdefault(one.language, []).append(one)
    made = CalibratedIdentifier(opened("lid_model", model), fit.confusable, {})
    lines = {code: drawn(made.model, code, some, made.alike(code), share) for code, some in texts.items()}
    return replace(made, lines=lines)


def _texts(passages: pd.DataFrame) -> list[VarietyText]:
    """Return the sentences of passages."""
    from qc.translation_models.varieties.variety_fit import VarietyText

    columns = (passages[name] for name in ("passage_id", "language", "link", "sentences"))
    return [
        VarietyText(str(language), str(link or name), str(sentence))
        for name, language, link, some in zip(*columns, strict=True)
        for sentence in some
    ]


def _fit(kind: str, path: str, share: float) -> VarietyFit:
    """Return the fit to all languages of a source: the one that this machine has, or a new one."""
    from qc.translation_models.varieties.variety_fit import VERSION, VarietyFit, enough

    mark = f"{tables.digest(sources.fingerprint(kind, path), VERSION, share)}.source"
    known = fits_dir() / mark
    if known.is_file() and (saved := VarietyFit.load(fits_dir(), known.read_text("ascii").strip())) is not None:
        return saved
    texts = _texts(sources.read(kind, path).to_pandas())
    if not enough(Counter(one.language for one in texts)):
        raise UsageError(f"{path} is too little to learn from: give two languages, and 200 sentences of one")
    made = made_from(texts, share)
    write_bytes(str(fits_dir()), mark, made.digest.encode("ascii"), mode=0o600)
    return made
