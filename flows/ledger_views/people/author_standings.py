"""Author standings: before the quiz, at the trials, admitted, or out of attempts.

A standing follows from the author's submissions and from campaign.toml as it is now, so a lowered bar counts at
the next advance. Only the outcome is recorded; a qualification is permanent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from data.ledger.events import QuizTaken, TrialChecked, details_of
from data.ledger.item_copy_ids import trial_of
from flows.campaign_state import State
from flows.ledger_views.people.qualified_people import qualified_people
from flows.ledger_views.posed_copies import trials_by_id

Step = Literal["quiz", "trials", "passed", "failed", "qualified"]
"""An author's step: before the quiz, at the trials, past both bars or out of attempts, admitted."""


@dataclass(frozen=True)
class Trial:
    """A trial question that was written.

    Attributes:
        subject: its identity.
        kept: whether it would have been kept; None until a reviewer has answered.
        reasons: why not, one sentence each.
    """

    subject: str
    kept: bool | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorStanding:
    """The progress of an author.

    Attributes:
        person: their code.
        step: the step that they are at.
        attempt: the number of the current attempt, from 1; at the quiz, or at the trials.
        quiz: the best share of the quiz's questions answered correctly; None before the first attempt.
        trials: the trial questions of the current attempt.
        kept: how many of these are kept so far.
        wrong: names of the quiz's questions answered wrongly the last time.
        asked: the number of the quiz answered the last time; 0 before the first.
        before: the trials of the previous attempt.
    """

    person: str
    step: Step
    attempt: int = 1
    quiz: float | None = None
    trials: tuple[Trial, ...] = ()
    wrong: tuple[str, ...] = ()
    before: tuple[Trial, ...] = field(default=(), repr=False)
    asked: int = 0

    @property
    def kept(self) -> int:
        """The number of trials kept so far."""
        return sum(trial.kept is True for trial in self.trials)


def standings(state: State) -> list[AuthorStanding]:
    """Return every author's standing, in campaign.toml's order; nothing where authors need not qualify."""
    if not state.campaign.qualification.required:
        return []
    authors = state.campaign.people_for("authoring", state.source_language)
    quizzes, trials = _quizzes(state), _trials(state)
    return [
        _standing(state, author.code, quizzes.get(author.code, []), trials.get(author.code, {}))
        for author in authors
    ]


def _standing(
    state: State, person: str, quizzes: Sequence[QuizTaken], trials: Mapping[int, Trial]
) -> AuthorStanding:
    """Return an author's standing from each attempt at the quiz and each trial by its number."""
    bar = state.campaign.qualification
    best = max((float(quiz.score) for quiz in quizzes), default=None)
    wrong = tuple(quizzes[-1].wrong) if quizzes else ()
    asked = int(quizzes[-1].quiz) if quizzes else 0
    step: Step
    if person in qualified_people(state):
        step = "qualified"
    elif best is None or best < bar.min_quiz_share:
        step = "quiz" if len(quizzes) < bar.max_attempts else "failed"
    else:
        step = "trials" if bar.trials else "passed"
    if step != "trials" and not trials:
        return AuthorStanding(
            person, step, min(len(quizzes) + 1, bar.max_attempts), best, wrong=wrong, asked=asked
        )
    before: tuple[Trial, ...] = ()
    mine: tuple[Trial, ...] = ()
    for attempt in range(1, bar.max_attempts + 1):
        numbers = trial_numbers(bar.trials, attempt)
        before, mine = mine, tuple(trials[number] for number in numbers if number in trials)
        kept = sum(trial.kept is True for trial in mine)
        through = len(mine) == bar.trials and all(trial.kept is not None for trial in mine)
        if step == "trials" and through and kept >= bar.min_kept_trials:
            step = "passed"
        if not through or kept >= bar.min_kept_trials:
            break
    else:
        step = "failed" if step == "trials" else step
    return AuthorStanding(person, step, attempt, best, mine, wrong, before, asked)


def trial_numbers(trials: int, attempt: int) -> range:
    """Return the numbers of an attempt's trial questions."""
    return range((attempt - 1) * trials + 1, attempt * trials + 1)


def _quizzes(state: State) -> dict[str, list[QuizTaken]]:
    """Return the result of each attempt at the quiz, by person, in order."""
    taken = state.events(QuizTaken)
    found: dict[str, dict[int, QuizTaken]] = {}
    for person, one in zip(taken["subject"], details_of(taken, QuizTaken), strict=True):
        found.setdefault(person, {}).setdefault(one.attempt, one)
    return {person: [attempts[n] for n in sorted(attempts)] for person, attempts in found.items()}


def _trials(state: State) -> dict[str, dict[int, Trial]]:
    """Return every trial question that was written, by person and number."""
    found: dict[str, dict[int, Trial]] = {}
    checked = state.events(TrialChecked).drop_duplicates("subject").set_index("subject")["detail"]
    said = state.verdicts_on(trials_by_id(state).keys(), ["subject", "check", "flagged", "reason"])
    for subject in trials_by_id(state):
        _, person, number = place_of_trial(subject)
        found.setdefault(person, {})[number] = _trial(
            subject, checked.get(subject), said[said["subject"] == subject]
        )
    return found


def _trial(subject: str, checked: str | None, said: pd.DataFrame) -> Trial:
    """Keep a trial if no check would send it back, and the reviewer chose the key and recommends keeping it."""
    if checked is None:
        return Trial(subject, None)
    if objections := TrialChecked.parse(checked).found:
        return Trial(subject, False, tuple(objections))
    by_check = {row["check"]: row for row in said.to_dict("records")}
    if "recommendation" not in by_check:
        return Trial(subject, None)
    answer, judgement = by_check["blind_answer"], by_check["recommendation"]
    reasons = []
    if answer["flagged"]:
        reasons.append(f"the reviewer, who did not know your key, {answer['reason']}")
    if judgement["flagged"]:
        reasons.append(f"the reviewer recommends: {judgement['reason']}")
    return Trial(subject, not reasons, tuple(reasons))


def place_of_trial(subject: str) -> tuple[str, str, int]:
    """Return passage, person and number of a subject known to be a trial question."""
    found = trial_of(subject)
    if found is None:
        raise ValueError(f"{subject!r} is no trial question")
    return found


def qualification_facts(state: State) -> list[dict[str, Any]]:
    """Return all standings as plain data: person, step, attempt, quiz, kept, of (trials wanted)."""
    return [
        {
            "person": one.person,
            "step": one.step,
            "attempt": one.attempt,
            "quiz": one.quiz,
            "kept": one.kept,
            "of": state.campaign.qualification.trials,
        }
        for one in standings(state)
    ]
