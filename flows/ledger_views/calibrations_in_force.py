"""The fits of learned checks that are in force: found by their digest, and made again where they are missing.

A fit is frozen by `belebele calibrate`: the `calibrations` table says which one judges, and up to which event the
passages are that it follows from, so that any machine can make it. The fit itself is large and rests under
`BELEBELE_STATE_DIR`, never in the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from data.environment import fits_dir
from data.errors import LedgerDamaged
from data.ledger import tables
from flows.campaign_state import State, latest, ledger_view
from flows.ledger_views.learned_meanings import MEANINGS, LearnedMeanings
from flows.ledger_views.learned_names import NAMES, LearnedNames
from qc.checks.meaning_checks import MEANING_SUITE
from qc.checks.name_checks import names_kept

if TYPE_CHECKING:
    from qc.translation_models.variety_fit import ParallelText, VarietyFit

FEWEST_PASSAGES = 25
"""With fewer passages no language has the texts that a line needs, so nothing is read for it."""

CALIBRATED: Mapping[str, int] = MappingProxyType(
    {"language_identified": 1, "options_swapped": 1, "option_meaning": 4, "usual_length": 5, names_kept.name: 1}
)
"""The learned checks that share a language's budget of false alarms, and how many texts of an item each judges."""


@dataclass(frozen=True)
class LearnedResources:
    """What learned checks need.

    Attributes:
        resources: by the name of a check's argument; None where there is no fit.
        fits: the digests of the fits, by the same names.
    """

    resources: Mapping[str, object] = field(
        default_factory=lambda: MappingProxyType({"varieties": None, "meanings": None, "names": None})
    )
    fits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def rate_of(check: str) -> float:
    """Return the share of correct texts that a learned check may flag, of what all may together."""
    from qc.translation_models.calibration import LearnedCheck, shared_rates

    return shared_rates(LearnedCheck(name, texts) for name, texts in CALIBRATED.items())[check]


@ledger_view
def fit_in_force(state: State) -> tuple[str, int] | None:
    """Return the latest fit's digest and the sequence up to which it read passages; None before there is one."""
    found = state.ledger.read(tables.CALIBRATIONS, ["fit", "fitted_until"])
    return (str(found["fit"].iloc[-1]), int(found["fitted_until"].iloc[-1])) if len(found) else None


@ledger_view
def learned_resources(state: State) -> LearnedResources:
    """Return what the fit in force gives the learned checks."""
    force = fit_in_force(state)
    if force is None:
        return LearnedResources()
    fit = fit_of(state, *force)
    meanings = tables.digest("meanings", MEANINGS, fit.digest)  # it follows from the same passages
    names = tables.digest("names", NAMES, fit.digest)
    # a check that came after the fit has no part in its budget; the others keep theirs
    more = _rate_recorded(state, fit.digest) / rate_of("language_identified")
    rates = {one.name: more * rate_of(one.name) for one in MEANING_SUITE}
    return LearnedResources(
        {
            "varieties": fit,
            "meanings": LearnedMeanings(state, *force, rates),
            "names": LearnedNames(state, *force, rate_of(names_kept.name)) if more == 1 else None,
        },
        {"varieties": fit.digest, "meanings": meanings, "names": names},
    )


def _rate_recorded(state: State, fit: str) -> float:
    """Return the share of correct texts that `language_identified` may flag, as it was when the fit was made."""
    from qc.translation_models.variety_fit import LINES

    found = state.ledger.read(tables.CALIBRATIONS, ["rate"], pc.field("fit") == fit)
    return LINES * float(found["rate"].iloc[-1])


def fit_of(state: State, wanted: str, until: int) -> VarietyFit:
    """Return a fit from this machine, or make it again from the passages as they were.

    Raises:
        LedgerDamaged: the passages no longer give this fit.
    """
    from qc.translation_models.variety_fit import VarietyFit

    if (saved := VarietyFit.load(fits_dir(), wanted)) is not None:
        return saved
    made = made_from(parallel_texts(state, until), _rate_recorded(state, wanted))
    if made.digest != wanted:
        raise LedgerDamaged(
            f"the passages of {state.ledger.address} no longer give the fit {wanted[:8]} that its checks judge "
            "by; belebele check --deep tells what is lost, and belebele calibrate --again makes a new fit"
        )
    return made


def made_from(texts: list[ParallelText], rate: float) -> VarietyFit:
    """Fit to these texts, with lines that flag this share of correct ones, and save the fit on this machine."""
    from qc.translation_models.variety_fit import fit

    documents = len({one.document for one in texts})
    said = f"{len(texts)} sentences of {documents} documents in {len({one.language for one in texts})} languages"
    made = fit(texts, rate, fitted_on=said)
    made.save(fits_dir())
    return made


def parallel_texts(state: State, until: int) -> list[ParallelText]:
    """Return the sentences of every passage in every language, as they were at an event of the ledger.

    Args:
        state: the campaign.
        until: the highest sequence that counts.
    """
    from qc.translation_models.variety_fit import ParallelText

    columns = ["passage_id", "language", "revision", "link", "sentences", "sequence"]
    found = state.ledger.read(tables.PASSAGES, columns, pc.field("sequence") <= until)
    found = latest(found, ["passage_id", "language"])
    lines = zip(found["passage_id"], found["language"], found["link"], found["sentences"], strict=True)
    return [
        ParallelText(str(language), str(link or name), str(sentence))
        for name, language, link, some in lines
        for sentence in some
    ]
