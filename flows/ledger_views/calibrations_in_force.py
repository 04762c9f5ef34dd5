"""The fits of learned checks that are in force: found by their digest, and made again where they are missing.

A fit is frozen by `belebele calibrate`: the `calibrations` table says which one judges, and up to which event the
passages are that it follows from, so that any machine can make it. The fit itself is large and rests under
`BELEBELE_STATE_DIR`, never in the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from data.environment import fits_dir
from data.errors import LedgerDamaged
from data.ledger import tables
from flows.campaign_state import State, latest, ledger_view
from flows.ledger_views.learned_meanings import MEANINGS, LearnedMeanings, parallel_pairs
from flows.ledger_views.learned_names import NAMES, LearnedNames
from flows.ledger_views.recorded_lines import Lines, drawn_lines, moved_digests, moved_lines
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import names_kept

if TYPE_CHECKING:
    from qc.translation_models.parallel_cuts import ParallelText
    from qc.translation_models.variety_fit import VarietyFit, VarietyText

FEWEST_PASSAGES = 25
"""With fewer passages no language has the texts that a line needs, so nothing is read for it."""

CALIBRATED: Mapping[str, int] = MappingProxyType(
    {"language_identified": 1, "options_swapped": 1, "option_meaning": 4, "usual_length": 5, names_kept.name: 1}
)
"""The learned checks that share a language's budget of false alarms, and how many texts of an item each judges."""

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
        default_factory=lambda: MappingProxyType({"varieties": None, "meanings": None, "names": None})
    )
    fits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    moved: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))

    def fits_in(self, language: str) -> Mapping[str, str]:
        """Return the digests by which a language is judged: those of moved lines, where it has such."""
        return {name: self.moved.get(name, {}).get(language, fit) for name, fit in self.fits.items()}


def rate_of(check: str) -> float:
    """Return the share of correct texts that a learned check may flag, of what all may together."""
    from qc.translation_models.calibration import LearnedCheck, shared_rates

    return shared_rates(LearnedCheck(name, texts) for name, texts in CALIBRATED.items())[check]


def item_rate_of(check: str) -> float:
    """Return the share of correct items that a learned check may flag."""
    return rate_of(check) * CALIBRATED[check]


@ledger_view
def fit_in_force(state: State) -> tuple[str, int] | None:
    """Return the latest fit's digest and the sequence up to which it read passages; None before there is one."""
    found = state.ledger.read(tables.CALIBRATIONS, ["fit", "check", "fitted_until"])
    found = found[found["check"].isin(_SCORES)]
    return (str(found["fit"].iloc[-1]), int(found["fitted_until"].iloc[-1])) if len(found) else None


def meanings_digest(fit: str) -> str:
    """Return the digest of all that follows about meaning from the passages of a fit."""
    return tables.digest("meanings", MEANINGS, fit, {one.name: rate_of(one.name) for one in MEANING_SUITE})


def names_digest(fit: str) -> str:
    """Return the digest of all that follows about names from the passages of a fit."""
    return tables.digest("names", NAMES, fit, rate_of(names_kept.name))


@ledger_view
def meaning_lines(state: State) -> Lines:
    """Return the lines of the checks of meaning that passages drew in the fit in force."""
    force = fit_in_force(state)
    return drawn_lines(state, meanings_digest(force[0])) if force else {}


@ledger_view
def name_lines(state: State) -> Lines:
    """Return the lines of the checks of names that passages drew in the fit in force."""
    force = fit_in_force(state)
    return drawn_lines(state, names_digest(force[0])) if force else {}


@ledger_view
def learned_resources(state: State) -> LearnedResources:
    """Return what the fit in force gives the learned checks."""
    force = fit_in_force(state)
    if force is None:
        return LearnedResources()
    fit = fit_of(state, *force)
    fits = {"meanings": meanings_digest(fit.digest), "names": names_digest(fit.digest)}
    return LearnedResources(
        {"varieties": fit, "meanings": learned_meanings(state), "names": learned_names(state)},
        {"varieties": fit.digest, **fits},
        {name: moved_digests(state, drawn) for name, drawn in fits.items()},
    )


@ledger_view
def learned_meanings(state: State) -> LearnedMeanings:
    """Return what the passages of the fit in force teach about meaning.

    Raises:
        ValueError: there is no fit.
    """
    fit, until = _force(state)
    rates = {one.name: rate_of(one.name) for one in MEANING_SUITE}
    moved = moved_lines(state, meanings_digest(fit))
    lines = {language: {**drawn, **moved.get(language, {})} for language, drawn in meaning_lines(state).items()}
    return LearnedMeanings(
        fit, state.source_language, _languages(state, until), _pairs(state, until), rates, lines
    )


@ledger_view
def learned_names(state: State) -> LearnedNames:
    """Return what the passages of the fit in force teach about names.

    Raises:
        ValueError: there is no fit.
    """
    fit, until = _force(state)
    lines = moved_lines(state, names_digest(fit))
    return LearnedNames(
        fit, state.source_language, _languages(state, until), _pairs(state, until), rate_of(names_kept.name), lines
    )


def _force(state: State) -> tuple[str, int]:
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


def fit_of(state: State, wanted: str, until: int) -> VarietyFit:
    """Return a fit from this machine, or make it again from the passages as they were.

    Raises:
        LedgerDamaged: the passages no longer give this fit.
    """
    from qc.translation_models.variety_fit import VarietyFit

    if (saved := VarietyFit.load(fits_dir(), wanted)) is not None:
        return saved
    made = made_from(parallel_texts(state, until))
    if made.digest != wanted:
        raise LedgerDamaged(
            f"the passages of {state.ledger.address} no longer give the fit {wanted[:8]} that its checks judge "
            "by; belebele check --deep tells what is lost, and belebele calibrate --again makes a new fit"
        )
    return made


def made_from(texts: list[VarietyText]) -> VarietyFit:
    """Fit to these texts, and save the fit on this machine."""
    from qc.translation_models.variety_fit import fit

    documents = len({one.document for one in texts})
    said = f"{len(texts)} sentences of {documents} documents in {len({one.language for one in texts})} languages"
    made = fit(texts, rate_of("language_identified"), fitted_on=said)
    made.save(fits_dir())
    return made


def parallel_texts(state: State, until: int) -> list[VarietyText]:
    """Return the sentences of every passage in every language, as they were at an event of the ledger.

    Args:
        state: the campaign.
        until: the highest sequence that counts.
    """
    from qc.translation_models.variety_fit import VarietyText

    columns = ["passage_id", "language", "revision", "link", "sentences", "sequence"]
    found = state.ledger.read(tables.PASSAGES, columns, pc.field("sequence") <= until)
    found = latest(found, ["passage_id", "language"])
    lines = zip(found["passage_id"], found["language"], found["link"], found["sentences"], strict=True)
    return [
        VarietyText(str(language), str(link or name), str(sentence))
        for name, language, link, some in lines
        for sentence in some
    ]
