"""The calibration of learned checks: once by itself, when there is something to judge; again when the lead asks.

A fit is frozen, so that the same text gets the same verdict for as long as a campaign runs. It is made anew only
by `belebele calibrate`, and what was judged by an earlier fit keeps its verdicts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

from data.ledger import tables
from flows.campaign_state import State
from flows.ledger_views.calibrations_in_force import (
    FEWEST_PASSAGES,
    fit_in_force,
    made_from,
    parallel_texts,
    rate_of,
)


@dataclass(frozen=True)
class Calibrated:
    """The result of a calibration.

    Attributes:
        fit: the digest of the fit in force; "" where there is too little text for any.
        new: whether it was made now.
        languages: how many languages it has lines for.
        without: languages without a line: fewer than 200 held-out texts at every length.
    """

    fit: str
    new: bool
    languages: int = 0
    without: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was done, in words."""
        if not self.fit:
            return (
                "not calibrated: no language has 200 sentences, or there is only one; learned checks do not judge"
            )
        if not self.new:
            return f"nothing changed that checks learn from; fit {self.fit[:8]} stays in force"
        lacking = f"; none for {', '.join(self.without)}" if self.without else ""
        return f"fit {self.fit[:8]} is in force, with thresholds for {self.languages} languages{lacking}"


def calibrate_once(state: State) -> State:
    """Calibrate a campaign that never was, if it has enough text; return a reading that shows it."""
    if fit_in_force(state) is not None or state.passages["passage_id"].nunique() < FEWEST_PASSAGES:
        return state
    calibrate(state)
    return state.fresh()


def calibrate(state: State, *, again: bool = False) -> Calibrated:
    """Fit and calibrate the learned checks, unless nothing that they learn from changed.

    Args:
        state: the campaign, on a ledger that can write.
        again: make the fit even if nothing changed.
    """
    from qc.translation_models.variety_fit import enough, fit_digest

    until = state.ledger.read(tables.PASSAGES, ["sequence"])["sequence"].max()
    until = int(until) if until == until else 0
    texts = parallel_texts(state, until)
    force = fit_in_force(state)
    if not enough(Counter(one.language for one in texts)):
        return Calibrated("", new=False)
    if force is not None and not again and force[0] == fit_digest(texts, rate_of("language_identified")):
        return Calibrated(force[0], new=False)
    made = made_from(texts, rate_of("language_identified"))
    now = datetime.now(UTC)
    state.ledger.append(
        tables.CALIBRATIONS,
        [
            {
                "fit": made.digest, "check": calibration.check, "language": one.language,
                "length_class": one.length_class, "texts": one.texts, "documents": one.documents,
                "threshold": one.threshold, "rate": calibration.rate, "threshold_low": one.low,
                "threshold_high": one.high, "flagged": one.flagged, "flagged_low": one.flagged_low,
                "flagged_high": one.flagged_high, "fitted_on": calibration.fitted_on, "fitted_until": until,
                "fitted_at": now,
            }
            for calibration in made.calibrations
            for one in calibration.thresholds
        ],
    )  # fmt: skip
    lines = {one.language for part in made.calibrations for one in part.thresholds if one.threshold is not None}
    lacking = tuple(name for name in made.identifier.languages if name not in lines)
    return Calibrated(made.digest, new=True, languages=len(lines), without=lacking)
