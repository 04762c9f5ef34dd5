"""Qualification: who is to write passes a quiz on the guideline, then writes a few trial questions.

A trial question is put before the checks and a reviewer as a real one would be, on the same pages, and like every
copy it is an event and no line of `questions`: no decision, selection or release can hold it. Where somebody
stands follows from what they submitted and from campaign.toml as it is now, so a bar that is lowered counts at the
next advance. Only the outcome is written down; who once qualified stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from annotation.guidelines.quiz import Quiz, explained
from annotation.stages import qualification_page
from data.ledger.copy_ids import trial_id, trial_of
from data.ledger.events import QuizTaken, TrialChecked, details_of
from data.ledger.tables import Row, digest
from data.ledger.task_reason import findings_in
from flows.assignment import review_subject
from flows.assignment.due_work import Due, turned_away
from flows.readings import quiz_versions
from flows.readings.posed_copies import trials_by_id
from flows.readings.qualified_people import qualified_people
from flows.readings.question_slots import question_slots
from flows.stages.stage_work import StageWork
from flows.state import State, among, by_key
from flows.submissions.submission import CountedSubmission, Reader

Step = Literal["quiz", "trials", "passed", "failed", "qualified"]
"""Where somebody stands: before the quiz, at the trials, past both bars or out of attempts, let in."""


@dataclass(frozen=True)
class Trial:
    """A trial question that was written.

    Attributes:
        subject: its identity.
        kept: whether it would have been kept; None while a reviewer is still to say.
        reasons: why not, one sentence each.
    """

    subject: str
    kept: bool | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class AuthorStanding:
    """How far an author has come.

    Attributes:
        person: their code.
        step: where they stand.
        attempt: which one they are at, from 1; at the quiz, or at the trials.
        quiz: the share of the quiz's questions that were answered rightly, the best attempt; None before.
        trials: the trial questions of the attempt they are at.
        kept: how many of these are kept so far.
        wrong: names of the quiz's questions that were not answered rightly the last time.
        asked: the number of the quiz that was answered the last time; 0 before.
        before: the trials of the attempt before this one.
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
        """How many of the trials are kept so far."""
        return sum(trial.kept is True for trial in self.trials)


def standings(state: State) -> list[AuthorStanding]:
    """Where every author stands, in campaign.toml's order; nobody where authors need not qualify."""
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
    """Where one author stands: from each attempt at the quiz, and from each trial by its number."""
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
        numbers = _numbers(bar.trials, attempt)
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


def _numbers(trials: int, attempt: int) -> range:
    """The numbers of an attempt's trial questions."""
    return range((attempt - 1) * trials + 1, attempt * trials + 1)


def _quizzes(state: State) -> dict[str, list[QuizTaken]]:
    """What came of each attempt at the quiz, by person, in order."""
    taken = state.events(QuizTaken)
    found: dict[str, dict[int, QuizTaken]] = {}
    for person, one in zip(taken["subject"], details_of(taken, QuizTaken), strict=True):
        found.setdefault(person, {}).setdefault(one.attempt, one)
    return {person: [attempts[n] for n in sorted(attempts)] for person, attempts in found.items()}


def _trials(state: State) -> dict[str, dict[int, Trial]]:
    """Every trial question that was written, by person and number."""
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
    """Kept when no check would send it back, and the reviewer answered the key and recommends to keep it."""
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


# What is due -----------------------------------------------------------------------------------------------


def due(state: State) -> Iterator[Due]:
    """A quiz for who has not passed it, trial questions for who has, their readings by one reviewer.

    Who skipped the quiz is not asked again: the lead may let them in. A skipped trial comes on another passage.
    """
    if not state.campaign.qualification.required:
        return
    language = state.source_language
    away, _ = turned_away(state)
    for one in standings(state):
        if one.step == "quiz" and ("qualifying", language, "", one.person) not in away:
            reason = "\n".join(explained(quiz_versions.quiz_of(state, one.asked), one.wrong))
            yield Due("qualifying", language, "", f"quiz-{one.person}", one.attempt, reason, person=one.person)
        elif one.step == "trials":
            yield from _trials_due(state, one, {place for place in away if place[3] == one.person})


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each quiz shows: the questions in an order of its own, and what was wrong the last time.

    An attempt that was begun goes on with the quiz that it began with, when its task is handed out anew.
    """
    begun = _begun(state)
    numbers = {task["task_key"]: begun.get(_attempt(task), quiz_versions.quizzes(state)) for task in tasks}
    return {
        task["task_key"]: qualification_page.payload(
            task_key=task["task_key"],
            quiz=quiz_versions.quiz_of(state, numbers[task["task_key"]]),
            number=numbers[task["task_key"]],
            findings=findings_in(task["reason"]),
        )
        for task in tasks
    }


def _begun(state: State) -> dict[tuple[str, int], int]:
    """The number of the quiz that each attempt, by question_id and revision, shows."""
    mine = state.tasks[state.tasks["stage"] == "qualifying"]
    shown = state.payloads_of(set(mine["task_key"]))
    tasks = by_key(mine, "task_key")
    return {_attempt(task): shown[key].get("quiz_number", 0) for key, task in tasks.items()}


def _attempt(task: Mapping[Any, Any]) -> tuple[str, int]:
    return task["question_id"], int(task["revision"])


def quizzes_before(state: State) -> Callable[[str], Quiz]:
    """The quiz that a person's page shows: that of their latest attempt, and the one in force before any."""
    latest = {subject: number for (subject, _), number in sorted(_begun(state).items())}
    return lambda person: quiz_versions.quiz_of(state, latest.get(f"quiz-{person}", quiz_versions.quizzes(state)))


def place_of_trial(subject: str) -> tuple[str, str, int]:
    """Passage, person and number of what is known to be a trial question."""
    found = trial_of(subject)
    if found is None:
        raise ValueError(f"{subject!r} is no trial question")
    return found


def _trials_due(state: State, one: AuthorStanding, away: set[tuple[str, str, str, str]]) -> Iterator[Due]:
    language = state.source_language
    written = {number for _, person, number in map(place_of_trial, trials_by_id(state)) if person == one.person}
    numbers = _numbers(state.campaign.qualification.trials, one.attempt)
    for subject in _subjects(state, one.person, numbers, away):
        passage_id, _, number = place_of_trial(subject)
        if number not in written:
            reason = "\n".join(_told(state, one.before))
            yield Due("authoring", language, passage_id, subject, 0, reason, person=one.person)
    waiting = [trial.subject for trial in one.trials if trial.kept is None]
    given = review_subject.given(state, waiting)
    for subject in waiting:
        piece = Due(
            "answering", language, place_of_trial(subject)[0], subject, 1,
            never=frozenset({one.person} - given[subject, language]), count=1, role="reviewing",
        )  # fmt: skip
        yield from review_subject.reading(state, piece, "reviewing")


def _subjects(
    state: State, person: str, numbers: Sequence[int], away: set[tuple[str, str, str, str]]
) -> Iterator[str]:
    """The identities of somebody's trials of these numbers: those handed out, else on passages drawn for them.

    Passages that the campaign has no slots on come first. None is drawn that they turned down, or twice.
    """
    language = state.source_language
    mine = [subject for subject in state.tasks["question_id"] if (t := trial_of(subject)) and t[1] == person]
    barred = {passage for stage, _, passage, _ in away if stage == "authoring"}
    written = set(trials_by_id(state))
    standing = {place_of_trial(s)[2]: s for s in mine if s in written or place_of_trial(s)[0] not in barred}
    passages = state.passages["passage_id"][state.passages["language"] == language]
    used = {place_of_trial(subject)[0] for subject in mine} | barred
    slots = set(question_slots(state)["passage_id"])
    drawn = sorted(passages, key=lambda name: (name in used, name in slots, digest("trial", person, name)))
    free = iter(name for name in drawn if name not in barred)
    for number in numbers:
        subject = standing.get(number) or next((trial_id(name, person, number) for name in free), None)
        if subject:
            yield subject


def _told(state: State, trials: Sequence[Trial]) -> Iterator[str]:
    """What became of the trials of the attempt before, for who tries again."""
    for trial in trials:
        question = trials_by_id(state)[trial.subject].question
        said = "; ".join(trial.reasons) or "nothing was found"
        yield f"Your trial question “{question}”: {said}"


# What is told ----------------------------------------------------------------------------------------------


def qualification_facts(state: State) -> list[dict[str, Any]]:
    """Who stands where, as plain data: person, step, attempt, quiz, kept, of (trials wanted)."""
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


def under_way(state: State) -> bool:
    """Whether some author is still on the way, so that what waits for authors waits for them."""
    away, _ = turned_away(state)
    return any(
        one.step in ("quiz", "trials") and ("qualifying", state.source_language, "", one.person) not in away
        for one in standings(state)
    )


def unread(state: State) -> int:
    """How many trial questions wait for a reviewer."""
    subjects = [trial.subject for one in standings(state) for trial in one.trials if trial.kept is None]
    open_ones = state.tasks[state.tasks["open"]]
    return int(among(open_ones["question_id"], subjects).sum())


# What is recorded --------------------------------------------------------------------------------------------


def record(reader: Reader, submission: CountedSubmission) -> None:
    """The quiz marked, by the one that was shown, whichever is in force by now."""
    number = submission.payload.get("quiz_number", 0)
    quiz = quiz_versions.quiz_of(reader.state, number)
    marked = qualification_page.marked(submission.fields["chosen"], quiz)
    wrong = sorted(name for name, right in marked.items() if not right)
    taken = QuizTaken(
        attempt=submission.revision, wrong=wrong, score=round(1 - len(wrong) / len(marked), 4),
        version=quiz.version, annotation=submission.event, quiz=number,
    )  # fmt: skip
    reader.found.event(submission.task["person"], submission.task["language"], taken)
    reader.scored[submission.subject, submission.revision] = submission.event


WORK = StageWork(
    stage="qualifying",
    due=lambda state, _: due(state),
    payloads=payloads,
    record=record,
    invoiced_as="quizzes",
)
