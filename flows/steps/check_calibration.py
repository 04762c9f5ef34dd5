"""The calibration of learned checks: once by itself, when there is something to judge; again when the lead asks.

A fit is frozen, so that the same text gets the same verdict for as long as a campaign runs. It is made anew only
by `belebele calibrate`, and what was judged by an earlier fit keeps its verdicts. What the passages teach about
meaning and names is drawn up for a language when its first translation is to be checked, from the passages of the
fit in force. How many correct items a check flags is first known from passages alone; once enough of a language
are accepted, `belebele calibrate` moves the lines by them and estimates anew what is flagged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from data.ledger import tables
from flows.campaign_state import State
from flows.ledger_views.calibrations_in_force import (
    FEWEST_PASSAGES,
    fit_in_force,
    learned_meanings,
    learned_names,
    made_from,
    meaning_lines,
    meanings_digest,
    names_digest,
    parallel_texts,
    rate_of,
)
from flows.ledger_views.recorded_lines import PASSAGES, line_rows
from flows.steps.accepted_item_flags import accepted_item_rows
from flows.steps.accepted_item_lines import moved_line_rows
from flows.worker_processes import in_each_language
from qc.translation_models.calibration import Calibration


@dataclass(frozen=True)
class Calibrated:
    """The result of a calibration.

    Attributes:
        fit: the digest of the fit in force; "" where there is too little text for any.
        new: whether it was made now.
        languages: how many languages it has lines for.
        without: languages without a line: fewer than 200 held-out texts at every length.
        meaning: languages whose checks of meaning have lines.
        moved: languages whose lines were moved by their accepted items now.
        accepted: languages whose false alarms were estimated anew on accepted items now.
    """

    fit: str
    new: bool
    languages: int = 0
    without: tuple[str, ...] = ()
    meaning: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What was done, in words."""
        return "; ".join(self._said())

    def _said(self) -> Iterable[str]:
        if not self.fit:
            few = "no language has 200 sentences, or there is only one"
            yield f"not calibrated: {few}; learned checks do not judge"
        elif self.new:
            yield f"fit {self.fit[:8]} is in force, with thresholds for {self.languages} languages"
        else:
            yield f"nothing changed that checks learn from; fit {self.fit[:8]} stays in force"
        if self.without:
            yield f"none for {', '.join(self.without)}"
        if self.meaning:
            yield f"thresholds of meaning for {', '.join(self.meaning)}"
        if self.moved:
            yield f"thresholds moved by accepted items in {', '.join(self.moved)}"
        if self.accepted:
            yield f"false alarms estimated anew on accepted items in {', '.join(self.accepted)}"


def calibrate_once(state: State, languages: Iterable[str]) -> State:
    """Calibrate what was never calibrated, if there is enough text; return a reading that shows it.

    Args:
        state: the campaign.
        languages: those in which translations are to be checked.
    """
    if fit_in_force(state) is None:
        if state.passages["passage_id"].nunique() < FEWEST_PASSAGES:
            return state
        _fit(state, again=False)
        state = state.fresh()
    _draw_lines(state, languages)
    return state.fresh()


def calibrate(state: State, *, again: bool = False) -> Calibrated:
    """Fit and calibrate the learned checks, unless nothing that they learn from changed.

    Args:
        state: the campaign, on a ledger that can write.
        again: make the fit even if nothing changed.
    """
    made = _fit(state, again=again)
    state = state.fresh()
    _draw_lines(state, set(state.translations["language"]))
    state = state.fresh()
    now = datetime.now(UTC)
    lines = moved_line_rows(state, now)
    state.ledger.append(tables.CALIBRATIONS, lines)
    state = state.fresh()
    estimated = accepted_item_rows(state, now)
    state.ledger.append(tables.CALIBRATIONS, estimated)
    drawn = [
        language
        for language, lines in meaning_lines(state).items()
        if any(one.threshold is not None for line in lines.values() for one in line.thresholds)
    ]
    moved, accepted = ({str(row["language"]) for row in rows} for rows in (lines, estimated))
    return replace(
        made, meaning=tuple(sorted(drawn)), moved=tuple(sorted(moved)), accepted=tuple(sorted(accepted))
    )


def _fit(state: State, *, again: bool) -> Calibrated:
    """Fit the identification of varieties to the passages as they are."""
    from qc.translation_models.variety_fit import enough, fit_digest

    until = state.ledger.read(tables.PASSAGES, ["sequence"])["sequence"].max()
    until = int(until) if until == until else 0
    texts = parallel_texts(state, until)
    force = fit_in_force(state)
    if not enough(Counter(one.language for one in texts)):
        return Calibrated("", new=False)
    if force is not None and not again and force[0] == fit_digest(texts, rate_of("language_identified")):
        return Calibrated(force[0], new=False)
    made = made_from(texts)
    _record(state, made.digest, made.calibrations, until)
    lines = {one.language for part in made.calibrations for one in part.thresholds if one.threshold is not None}
    lacking = tuple(name for name in made.identifier.languages if name not in lines)
    return Calibrated(made.digest, new=True, languages=len(lines), without=lacking)


def _draw_lines(state: State, languages: Iterable[str]) -> None:
    """Learn what the passages teach about meaning and names in those of these languages where none is recorded."""
    force = fit_in_force(state)
    if force is None:
        return
    fit, until = force
    lacking = {language: language for language in sorted({*languages} - {*meaning_lines(state)})}
    amount = len(lacking) * state.passages["passage_id"].nunique()
    learning = partial(_drawn_lines, state)
    for _, (of_names, of_meaning) in in_each_language(learning, lacking, amount, apart=state.shared):
        _record(state, names_digest(fit), of_names, until)
        _record(state, meanings_digest(fit), of_meaning, until)


def _drawn_lines(state: State, language: str) -> tuple[list[Calibration], list[Calibration]]:
    """Learn what the passages teach about names and meaning in a language, which is saved; return the lines."""
    model = learned_meanings(state).get(language)
    if model is None:
        return [], []
    spelling = learned_names(state)[language]  # it is learned from as many sentences
    return [spelling.calibration], list(model.calibrations.values())


def _record(state: State, fit: str, calibrations: Iterable[Calibration], until: int) -> None:
    now = datetime.now(UTC)
    rows = [row for one in calibrations for row in line_rows(fit, one, until, now, PASSAGES)]
    state.ledger.append(tables.CALIBRATIONS, rows)
