"""The calibration of learned checks: once by itself, when there is something to judge; again when the lead asks.

A fit is frozen, so that the same text gets the same verdict for as long as a campaign runs. It is made anew only
by `belebele calibrate`, and what was judged by an earlier fit keeps its verdicts. What the passages teach about
meaning and names is drawn up for a language when its first translation is to be checked, from the passages of the
fit in force. How many correct items a check flags is first known from passages alone; once enough of a language
are accepted, `belebele calibrate` moves the lines by them and estimates anew what is flagged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING

from data.ledger import tables
from flows.calibrations.calibrations_in_force import (
    FEWEST_PASSAGES,
    PLUGGED,
    calibrated_identifier,
    fit_in_force,
    identifier_digest,
    identifier_lines,
    learned_meanings,
    learned_names,
    made_from,
    meaning_lines,
    meanings_digest,
    name_lines,
    names_digest,
    parallel_texts,
    share_of_each,
)
from flows.calibrations.model_paths import ModelPaths
from flows.calibrations.models_in_force import choose_models, judged_apart, models_in_force
from flows.calibrations.recorded_thresholds import PASSAGES, line_rows
from flows.campaign_state import State
from flows.runners.worker_processes import in_each_language
from flows.steps.accepted_item_flags import accepted_item_rows
from flows.steps.accepted_item_lines import MovedLine, lines_that_moved, moved_line_rows
from qc.translation_models.calibration import Calibration

if TYPE_CHECKING:
    from qc.translation_models.varieties.variety_fit import VarietyText


@dataclass(frozen=True)
class Calibrated:
    """The result of a calibration.

    Attributes:
        fit: the digest of the fit in force; "" where there is too little text for any.
        new: whether it was made now.
        languages: how many languages it has lines for.
        without: languages without a line: fewer than 200 held-out texts at every length.
        meaning: languages whose checks of meaning have lines.
        moved: the lines that accepted items moved now.
        accepted: languages whose false alarms were estimated anew on accepted items now.
        models: the models from elsewhere that are in force, by key of `[models]`: the first of their digests.
    """

    fit: str
    new: bool
    languages: int = 0
    without: tuple[str, ...] = ()
    meaning: tuple[str, ...] = ()
    moved: tuple[MovedLine, ...] = ()
    accepted: tuple[str, ...] = ()
    models: Mapping[str, str] = field(default_factory=dict)

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
        for kind, digest in self.models.items():
            yield f"{kind} {digest} judges beside what was learned"
        if self.moved:
            yield f"thresholds moved by accepted items in {'; '.join(self._moves())}"
        if self.accepted:
            yield f"false alarms estimated anew on accepted items in {', '.join(self.accepted)}"

    def _moves(self) -> Iterator[str]:
        """Yield each language with how far the lines of its checks moved: those of all lengths by one amount."""
        by_language: dict[str, list[MovedLine]] = {}
        for line in sorted(self.moved, key=attrgetter("language", "check")):
            by_language.setdefault(line.language, []).append(line)
        for language, lines in by_language.items():
            shifts = {line.check: line.after - line.before for line in lines}
            told = ", ".join(f"{check} by {shift:+.3g}" for check, shift in shifts.items())
            yield f"{language} ({told}; {lines[0].items} items)"


def calibrate_once(state: State, languages: Iterable[str]) -> State:
    """Calibrate what was never calibrated, if there is enough text; return a reading that shows it.

    Args:
        state: the campaign.
        languages: those in which translations are to be checked.
    """
    if fit_in_force(state) is None:
        if state.passages["passage_id"].nunique() < FEWEST_PASSAGES:
            return state
        choose_models(state, ModelPaths())
        state = state.fresh()
        _fit(state, again=False)
        state = state.fresh()
    _draw_lines(state, languages)
    return state.fresh()


def calibrate(state: State, *, again: bool = False, models: ModelPaths | None = None) -> Calibrated:
    """Fit and calibrate the learned checks, unless nothing that they learn from changed.

    Args:
        state: the campaign, on a ledger that can write.
        again: make the fit even if nothing changed.
        models: models from elsewhere, in place of those that campaign.toml names.

    Raises:
        UsageError: there is nothing where a model should be, or no model.
    """
    chosen = choose_models(state, models or ModelPaths())
    state = state.fresh()
    made = _fit(state, again=again)
    state = state.fresh()
    _draw_lines(state, set(state.translations["language"]))
    state = state.fresh()
    now = datetime.now(UTC)
    lines = moved_line_rows(state, now)
    moved = tuple(lines_that_moved(state, lines))
    state.ledger.append(tables.CALIBRATIONS, lines)
    state = state.fresh()
    estimated = accepted_item_rows(state, now)
    state.ledger.append(tables.CALIBRATIONS, estimated)
    drawn = [
        language
        for language, lines in meaning_lines(state).items()
        if any(one.threshold is not None for line in lines.values() for one in line.thresholds)
    ]
    return replace(
        made,
        meaning=tuple(sorted(drawn)),
        moved=moved,
        accepted=tuple(sorted({str(row["language"]) for row in estimated})),
        models={kind: digest[:12] for kind, digest in chosen.facts().items()} if made.fit else {},
    )


def _fit(state: State, *, again: bool) -> Calibrated:
    """Fit the identification of varieties to the passages as they are."""
    from qc.translation_models.varieties.variety_fit import enough, fit_digest

    until = state.ledger.read(tables.PASSAGES, ["sequence"])["sequence"].max()
    until = int(until) if until == until else 0
    texts = parallel_texts(state, until)
    force = fit_in_force(state)
    share = share_of_each(PLUGGED if models_in_force(state).lid_model else ())
    if not enough(Counter(one.language for one in texts)):
        return Calibrated("", new=False)
    if force is not None and not again and force.digest == fit_digest(texts, share):
        return Calibrated(force.digest, new=False)
    made = made_from(texts, share)
    _record(state, made.digest, made.calibrations, until)
    lines = {one.language for part in made.calibrations for one in part.thresholds if one.threshold is not None}
    lacking = tuple(name for name in made.identifier.languages if name not in lines)
    return Calibrated(made.digest, new=True, languages=len(lines), without=lacking)


def _draw_lines(state: State, languages: Iterable[str]) -> None:
    """Learn what the passages teach about meaning and names in those of these languages where none is recorded."""
    force = fit_in_force(state)
    if force is None:
        return
    models, named = models_in_force(state), name_lines(state)
    lacking = {language: language for language in sorted({*languages} - {*meaning_lines(state)})}
    amount = len(lacking) * state.passages["passage_id"].nunique()
    learning = partial(_drawn_lines, state)
    for language, (of_names, of_meaning) in in_each_language(learning, lacking, amount, apart=judged_apart(state)):
        if language not in named:  # other models of meaning leave the lines of names where they are
            _record(state, names_digest(force), of_names, force.until)
        _record(state, meanings_digest(force, models), of_meaning, force.until)
    _draw_identifier_lines(state, {*languages} - {*identifier_lines(state)})


def _drawn_lines(state: State, language: str) -> tuple[list[Calibration], list[Calibration]]:
    """Learn what the passages teach about names and meaning in a language, which is saved; return the lines."""
    model = learned_meanings(state).get(language)
    if model is None:
        return [], []
    spelling = learned_names(state)[language]  # it is learned from as many sentences
    return [spelling.calibration], list(model.calibrations.values())


def _draw_identifier_lines(state: State, languages: Collection[str]) -> None:
    """Draw the lines of the fastText model in force in these languages, if there is one and a share left for it.

    A fit from before the model was named gave all of the budget to the other checks.
    """
    from qc.translation_models.varieties.fasttext_identifier import drawn

    force, identifier = fit_in_force(state), calibrated_identifier(state)
    if force is None or identifier is None or not languages or force.share > share_of_each(PLUGGED):
        return
    digest = identifier_digest(force, models_in_force(state))
    texts: dict[str, list[VarietyText]] = {}
    for one in parallel_texts(state, force.until, languages):
        texts.setdefault(one.language, []).append(one)
    for language, some in sorted(texts.items()):
        line = drawn(identifier.model, language, some, identifier.alike(language), force.share)
        _record(state, digest, [line], force.until)


def _record(state: State, fit: str, calibrations: Iterable[Calibration], until: int) -> None:
    now = datetime.now(UTC)
    rows = [row for one in calibrations for row in line_rows(fit, one, until, now, PASSAGES)]
    state.ledger.append(tables.CALIBRATIONS, rows)
