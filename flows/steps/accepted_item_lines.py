"""Lines of learned checks that move by what a campaign's accepted items score.

Passages teach what is usual, but questions and options are another kind of text: lines drawn from passages flag
more or fewer of them than they should. From 200 accepted items of a language on, `belebele calibrate` moves its
lines to where the checks flag of these what they may flag; until the next one they stay where they are. What was
judged keeps its verdicts. The two lines of `language_identified` belong to the fit and stay, and so does that of
`fasttext_identified`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.items import translated_items
from data.ledger.tables import Row
from flows.calibrations.calibrations_in_force import (
    fit_in_force,
    learned_meanings,
    learned_names,
    learned_resources,
    meaning_lines,
    meanings_digest,
    name_lines,
    names_digest,
)
from flows.calibrations.models_in_force import judged_apart, models_in_force
from flows.calibrations.recorded_thresholds import ACCEPTED, line_rows, moved_digest, moved_digests, moved_lines
from flows.campaign_state import State
from flows.ledger_views.current_items import accepted_translations
from flows.runners.worker_processes import in_each_language
from qc.check_run import run
from qc.checks.meaning_checks import MEANING_SUITE, meaning_scores
from qc.checks.name_checks import NAME_SUITE, name_scores, names_kept

if TYPE_CHECKING:
    from qc.translation_models.calibration import Calibration, HeldOutText

_ITEM = ["question_id", "language", "revision"]


@dataclass(frozen=True, slots=True)
class MovedLine:
    """A threshold that accepted items moved.

    Attributes:
        check: the check's name.
        language: the language.
        length_class: the lengths that it is for, in code points, such as 81-170.
        before: the threshold that was in force.
        after: the one that is.
        items: the number of accepted items that moved it.
    """

    check: str
    language: str
    length_class: str
    before: float
    after: float
    items: int

    @property
    def facts(self) -> dict[str, Any]:
        """It as plain data: check, language, length_class, from, to, items."""
        told = asdict(self)
        before, after, items = (told.pop(name) for name in ("before", "after", "items"))
        return {**told, "from": before, "to": after, "items": items}


def accepted_in_number(state: State) -> pd.DataFrame:
    """Return the accepted Translations of languages that have enough of them, with their decisions' sequence."""
    from qc.translation_models.held_out_scores import LEAST_TEXTS

    accepted = accepted_translations(state)
    sizes = accepted["language"].value_counts()
    accepted = accepted[accepted["language"].isin(sizes.index[sizes >= LEAST_TEXTS])]
    decided = state.decisions.rename(columns={"subject": "question_id"})[[*_ITEM, "sequence"]]
    return accepted[[*_ITEM, "passage_id"]].merge(decided, on=_ITEM)


def moved_line_rows(state: State, now: datetime) -> list[Row]:
    """Return rows for `calibrations`: the lines that accepted items move, of every language that has enough."""
    from qc.translation_models.calibration import moved

    force = fit_in_force(state)
    accepted = accepted_in_number(state)
    accepted = accepted[accepted["language"].isin(list(meaning_lines(state)))]
    if force is None or accepted.empty:
        return []
    parts = {str(language): part for language, part in accepted.groupby("language")}
    scores: dict[str, list[HeldOutText]] = {one.name: [] for one in (*MEANING_SUITE, *NAME_SUITE)}
    for _, found in in_each_language(partial(_scores, state), parts, len(accepted), apart=judged_apart(state)):
        for check, some in found.items():
            scores[check] += some
    until = {language: int(part["sequence"].max()) for language, part in parts.items()}
    said = {language: f"{len(part)} accepted items" for language, part in parts.items()}
    rows: list[Row] = []
    for check, some in scores.items():
        fit = names_digest(force) if check == names_kept.name else meanings_digest(force, models_in_force(state))
        for language, calibration in moved(_drawn(state, check), some, fitted_on=said).items():
            mark = moved_digest(fit, language, until[language])
            rows += line_rows(mark, calibration, until[language], now, ACCEPTED)
    return rows


def lines_that_moved(state: State, rows: Iterable[Row]) -> Iterator[MovedLine]:
    """Yield what differs between the lines that are in force and rows that are to replace them.

    Args:
        state: the campaign, as it was before these rows.
        rows: as of `moved_line_rows`.
    """
    force = fit_in_force(state)
    if force is None:
        return
    in_force = [name_lines(state), moved_lines(state, names_digest(force)), meaning_lines(state),
                moved_lines(state, meanings_digest(force, models_in_force(state)))]  # fmt: skip
    known = {
        (check, language, line.length_class): line.threshold
        for lines in in_force  # what was moved after what it was moved from
        for language, of in lines.items()
        for check, calibration in of.items()
        for line in calibration.thresholds
    }
    sizes = accepted_in_number(state)["language"].value_counts()
    for row in rows:
        place = str(row["check"]), str(row["language"]), str(row["length_class"])
        before, after = known[place], float(row["threshold"])
        if before is not None and before != after:
            yield MovedLine(*place, before, after, int(sizes[row["language"]]))


def _drawn(state: State, check: str) -> Mapping[str, Calibration]:
    """Return the lines of a check as passages drew them, by language."""
    lines = name_lines(state) if check == names_kept.name else meaning_lines(state)
    return {language: of[check] for language, of in lines.items() if check in of}


def _scores(state: State, accepted: pd.DataFrame) -> Mapping[str, list[HeldOutText]]:
    """Return what accepted items of one language score, by check."""
    language = str(accepted["language"].iloc[0])
    items = _items(state, accepted)
    model, names = learned_meanings(state).get(language), learned_names(state).get(language)
    found = dict(meaning_scores(items, model)) if model is not None else {}
    return found | ({names_kept.name: name_scores(items, names)} if names is not None else {})


def flags_by_moved_lines(state: State) -> pd.DataFrame:
    """Return what checks whose lines were moved say of accepted items by these lines, whatever they said before.

    Returns:
        question_id, language, revision, check, flagged (bool), event_id (of the lines), sequence.
    """
    force = fit_in_force(state)
    marks: Mapping[str, str] = (
        moved_digests(state, meanings_digest(force, models_in_force(state))) if force else {}
    )
    accepted = accepted_in_number(state)
    accepted = accepted[accepted["language"].isin(list(marks))]
    found = [pd.DataFrame(columns=[*_ITEM, "check", "flagged", "event_id", "sequence"])]
    parts = {str(language): part for language, part in accepted.groupby("language")}
    judging = partial(_flags, state)
    for language, flags in in_each_language(judging, parts, len(accepted), apart=judged_apart(state)):
        found.append(flags.assign(event_id=marks[language], sequence=int(parts[language]["sequence"].max())))
    return pd.concat([one for one in found if len(one)] or found)


def _flags(state: State, accepted: pd.DataFrame) -> pd.DataFrame:
    now = datetime.now(UTC)  # no verdict is written
    suite, items = (*MEANING_SUITE, *NAME_SUITE), _items(state, accepted)
    parameters, resources = state.campaign.checks, learned_resources(state).resources
    judged = run(suite, items, now=now, parameters=parameters, resources=resources).frame
    judged = judged[judged["flagged"].notna()].rename(columns={"subject": "question_id"})
    return judged[[*_ITEM, "check", "flagged"]].astype({"flagged": bool})


def _items(state: State, accepted: pd.DataFrame) -> pd.DataFrame:
    """Return accepted Translations of one language as items."""
    languages = set(accepted["language"])
    every = state.translation_texts(set(accepted["question_id"]), languages)
    texts = state.texts_of(set(accepted["passage_id"]), languages)
    return translated_items(every.merge(accepted[_ITEM], on=_ITEM), state.questions, every, texts)
