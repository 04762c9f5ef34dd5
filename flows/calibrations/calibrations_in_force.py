"""The fits of learned checks that are in force: found by their digest, and made again where they are missing.

A fit is frozen by `belebele calibrate`: the `calibrations` table says which one judges, and up to which event the
passages are that it follows from, so that any machine can make it. The fit itself is large and rests under
`BELEBELE_STATE_DIR`, never in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from data.environment import fits_dir
from data.errors import LedgerDamaged
from data.ledger import tables
from data.ledger.events import ModelsChosen
from flows.calibrations.learned_meanings import MEANINGS, LearnedMeanings, parallel_pairs
from flows.calibrations.learned_names import NAMES, LearnedNames
from flows.calibrations.models_in_force import lid_model_in_force, models_in_force, outside_models
from flows.calibrations.recorded_thresholds import Lines, drawn_lines, moved_digests, moved_lines
from flows.campaign_state import State, latest, ledger_view
from qc.checks.identification_checks import fasttext_identified
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import names_kept
from qc.checks.negation_checks import negation_kept

if TYPE_CHECKING:
    from qc.translation_models.calibration import Calibration
    from qc.translation_models.meaning.parallel_cuts import ParallelText
    from qc.translation_models.varieties.fasttext_identifier import CalibratedIdentifier
    from qc.translation_models.varieties.variety_fit import VarietyFit, VarietyText

FEWEST_PASSAGES = 25
"""With fewer passages no language has the texts that a line needs, so nothing is read for it."""

CALIBRATED: Mapping[str, float] = MappingProxyType(
    {
        "language_identified": 1, "options_swapped": 1, "option_meaning": 4, "usual_length": 5, names_kept.name: 1,
        negation_kept.name: 0.25,
    }
)  # fmt: skip
"""The learned checks that share a language's budget of false alarms, and how many texts of an item each judges.

How many of an item's texts are negated hangs on its authors: FLORES has 1 sentence in 10, and options are a fifth
as long; CosmosQA, told in talk, has .6 an item. What is flagged of accepted items is estimated on these.
"""

PLUGGED: Mapping[str, float] = MappingProxyType({fasttext_identified.name: 1})
"""The same of checks that judge, and take a share, only where a model was plugged in."""

TEXTS_JUDGED: Mapping[str, float] = MappingProxyType({**CALIBRATED, **PLUGGED})
"""The same of all of them."""

_SCORES = ("language_identified: margin", "language_identified: familiarity")


@dataclass(frozen=True)
class LearnedResources:
    """What learned checks need.

    Attributes:
        resources: by the name of a check's argument; None where there is no fit.
        fits: the digests of the fits, by the same names.
        moved: by the same names and by language, the digests of lines that accepted items moved.
    """

    resources: Mapping[str, object] = field(
        default_factory=lambda: MappingProxyType(dict.fromkeys(("varieties", "meanings", "names", "identifier")))
    )
    fits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def fits_in(self, language: str) -> Mapping[str, str]:
        """Return the digests by which a language is judged: those of moved lines, where it has such."""
        return {name: self.moved.get(name, {}).get(language, fit) for name, fit in self.fits.items()}


class FitInForce(NamedTuple):
    """The fit that judges.

    Attributes:
        digest: its digest.
        until: the sequence up to which it read passages.
        share: the share of a language's correct items that each learned check may flag.
    """

    digest: str
    until: int
    share: float


def share_of_each(plugged: Collection[str] = ()) -> float:
    """Return the share of a language's correct items that each learned check may flag, of what all may together.

    Args:
        plugged: the checks of `PLUGGED` that judge beside the others.
    """
    from qc.translation_models.calibration import LearnedCheck, shared_rates

    checks = [*CALIBRATED, *plugged]
    return shared_rates(LearnedCheck(name) for name in checks)[checks[0]]


def rate_of(check: str, share: float) -> float:
    """Return the share of correct texts that a learned check may flag, of its share of the items."""
    return share / TEXTS_JUDGED[check]


def meaning_rates(share: float) -> dict[str, float]:
    """Return the rates of the checks of meaning, by name.

    A fit from before there was a check of negation gave all of the budget to the others; it has none to judge by.
    """
    rates = {one.name: rate_of(one.name, share) for one in MEANING_SUITE}
    return rates if share <= share_of_each() else rates | {negation_kept.name: 0.0}


@ledger_view
def fit_in_force(state: State) -> FitInForce | None:
    """Return the latest fit; None before there is one."""
    from qc.translation_models.varieties.variety_fit import LINES

    found = state.ledger.read(tables.CALIBRATIONS, ["fit", "check", "fitted_until", "rate"])
    found = found[found["check"].isin(_SCORES)]
    if found.empty:
        return None
    last = found.iloc[-1]
    return FitInForce(str(last["fit"]), int(last["fitted_until"]), float(last["rate"]) * LINES)


def meanings_digest(fit: FitInForce, models: ModelsChosen) -> str:
    """Return the digest of all that follows about meaning from the passages of a fit and models from elsewhere."""
    told = [one for one in (models.encoder, models.qe) if one]
    plugged = [{"encoder": models.encoder, "qe": models.qe}] if told else []
    return tables.digest("meanings", MEANINGS, fit.digest, meaning_rates(fit.share), *plugged)


def names_digest(fit: FitInForce) -> str:
    """Return the digest of all that follows about names from the passages of a fit."""
    return tables.digest("names", NAMES, fit.digest, rate_of(names_kept.name, fit.share))


def identifier_digest(fit: FitInForce, models: ModelsChosen) -> str:
    """Return the digest of a fastText model's lines on the passages of a fit; "" without such a model."""
    from qc.translation_models.varieties.fasttext_identifier import VERSION

    return (
        tables.digest("identifier", VERSION, fit.digest, models.lid_model, fit.share) if models.lid_model else ""
    )


@ledger_view
def meaning_lines(state: State) -> Lines:
    """Return the lines of the checks of meaning that passages drew in the fit and by the models in force."""
    force = fit_in_force(state)
    return drawn_lines(state, meanings_digest(force, models_in_force(state))) if force else {}


@ledger_view
def identifier_lines(state: State) -> Mapping[str, Calibration]:
    """Return the lines of the fastText model that are in force, by language."""
    force = fit_in_force(state)
    digest = identifier_digest(force, models_in_force(state)) if force else ""
    found = drawn_lines(state, digest) if digest else {}
    return {language: lines[fasttext_identified.name] for language, lines in found.items()}


@ledger_view
def name_lines(state: State) -> Lines:
    """Return the lines of the checks of names that passages drew in the fit in force."""
    force = fit_in_force(state)
    return drawn_lines(state, names_digest(force)) if force else {}


@ledger_view
def learned_resources(state: State) -> LearnedResources:
    """Return what the fit in force gives the learned checks."""
    force = fit_in_force(state)
    if force is None:
        return LearnedResources()
    fit, models = fit_of(state, force), models_in_force(state)
    fits = {"meanings": meanings_digest(force, models), "names": names_digest(force)}
    return LearnedResources(
        {
            "varieties": fit,
            "meanings": learned_meanings(state),
            "names": learned_names(state),
            "identifier": calibrated_identifier(state),
        },
        {
            "varieties": fit.digest,
            **fits,
            "identifier": identifier_digest(force, models) if identifier_lines(state) else "",
        },
        {name: moved_digests(state, drawn) for name, drawn in fits.items()},
    )


@ledger_view
def learned_meanings(state: State) -> LearnedMeanings:
    """Return what the passages of the fit in force teach about meaning.

    Raises:
        ValueError: there is no fit.
    """
    force = _force(state)
    moved = moved_lines(state, meanings_digest(force, models_in_force(state)))
    lines = {language: {**drawn, **moved.get(language, {})} for language, drawn in meaning_lines(state).items()}
    return LearnedMeanings(
        force.digest,
        state.source_language,
        _languages(state, force.until),
        _pairs(state, force.until),
        meaning_rates(force.share),
        lines,
        outside_models(state),
    )


@ledger_view
def learned_names(state: State) -> LearnedNames:
    """Return what the passages of the fit in force teach about names.

    Raises:
        ValueError: there is no fit.
    """
    force = _force(state)
    return LearnedNames(
        force.digest,
        state.source_language,
        _languages(state, force.until),
        _pairs(state, force.until),
        rate_of(names_kept.name, force.share),
        moved_lines(state, names_digest(force)),
    )


@ledger_view
def calibrated_identifier(state: State) -> CalibratedIdentifier | None:
    """Return the fastText model in force with its lines; None if there is none.

    Raises:
        ValueError: there is no fit.
        UsageError: it is not to be found on this machine.
    """
    from qc.translation_models.varieties.fasttext_identifier import CalibratedIdentifier

    model = lid_model_in_force(state)
    if model is None:
        return None
    return CalibratedIdentifier(model, fit_of(state, _force(state)).confusable, identifier_lines(state))


def _force(state: State) -> FitInForce:
    force = fit_in_force(state)
    if force is None:
        raise ValueError(f"{state.ledger.address} was never calibrated")
    return force


def _languages(state: State, until: int) -> list[str]:
    codes = state.ledger.read(tables.PASSAGES, ["language", "sequence"], pc.field("sequence") <= until)
    return sorted({*map(str, codes["language"])})


def _pairs(state: State, until: int) -> Callable[[str], list[ParallelText]]:
    """Return what gives the parallel sentences of the source and a language, as they were at an event."""

    def pairs(language: str) -> list[ParallelText]:
        asked = (pc.field("sequence") <= until) & pc.field("language").isin([state.source_language, language])
        columns = ["passage_id", "language", "revision", "sentences", "sequence"]
        found = latest(state.ledger.read(tables.PASSAGES, columns, asked), ["passage_id", "language"])
        return parallel_pairs(found, state.source_language, language)

    return pairs


def fit_of(state: State, force: FitInForce) -> VarietyFit:
    """Return a fit from this machine, or make it again from the passages as they were.

    Raises:
        LedgerDamaged: the passages no longer give this fit.
    """
    from qc.translation_models.varieties.variety_fit import VarietyFit

    if (saved := VarietyFit.load(fits_dir(), force.digest)) is not None:
        return saved
    made = made_from(parallel_texts(state, force.until), force.share)
    if made.digest != force.digest:
        raise LedgerDamaged(
            f"the passages of {state.ledger.address} no longer give the fit {force.digest[:8]} that its checks "
            "judge by; belebele check --deep tells what is lost, and belebele calibrate --again makes a new fit"
        )
    return made


def made_from(texts: list[VarietyText], rate: float) -> VarietyFit:
    """Fit to these texts, of which this share may be doubted, and save the fit on this machine."""
    from qc.translation_models.varieties.variety_fit import fit

    documents = len({one.document for one in texts})
    said = f"{len(texts)} sentences of {documents} documents in {len({one.language for one in texts})} languages"
    made = fit(texts, rate, fitted_on=said)
    made.save(fits_dir())
    return made


def parallel_texts(state: State, until: int, languages: Collection[str] = ()) -> list[VarietyText]:
    """Return the sentences of every passage in every language, as they were at an event of the ledger.

    Args:
        state: the campaign.
        until: the highest sequence that counts.
        languages: only these, if any are named.
    """
    from qc.translation_models.varieties.variety_fit import VarietyText

    asked = pc.field("sequence") <= until
    if languages:
        asked &= pc.field("language").isin(sorted(languages))
    columns = ["passage_id", "language", "revision", "link", "sentences", "sequence"]
    found = latest(state.ledger.read(tables.PASSAGES, columns, asked), ["passage_id", "language"])
    lines = zip(found["passage_id"], found["language"], found["link"], found["sentences"], strict=True)
    return [
        VarietyText(str(language), str(link or name), str(sentence))
        for name, language, link, some in lines
        for sentence in some
    ]
