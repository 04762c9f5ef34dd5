"""Qualification: future authors pass a quiz on the guideline, then write a few trial questions.

A trial question is checked and reviewed as a real one would be, on the same pages. Like every copy it is an event
and not a row of `questions`: no decision, selection or release can contain it. Each author's standing follows from
their submissions: `flows.ledger_views.people.author_standings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from annotation.guidelines.quiz import Quiz, explained
from annotation.stages import qualification_page
from data.ledger.events import QuizTaken
from data.ledger.item_copy_ids import trial_id, trial_of
from data.ledger.tables import Row, digest
from data.ledger.task_reason import findings_in
from flows.assignment import copy_readers
from flows.assignment.due_work import Due, turned_away
from flows.campaign_state import State, by_key
from flows.ledger_views.people import quiz_versions
from flows.ledger_views.people.author_standings import (
    AuthorStanding,
    Trial,
    place_of_trial,
    standings,
    trial_numbers,
)
from flows.ledger_views.posed_copies import trials_by_id
from flows.ledger_views.question_slots import question_slots
from flows.stages.stage_work import StageWork
from flows.submissions.submission import CountedSubmission, SubmissionReader

# Due work --------------------------------------------------------------------------------------------------


def due(state: State) -> Iterator[Due]:
    """Yield a quiz for those who have not passed it, trial questions for those who have, and one review of each
    trial.

    Nobody who skipped the quiz is asked again: the lead may admit them. A skipped trial is replaced on another
    passage.
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


def under_way(state: State) -> bool:
    """Whether some author is still qualifying, so that work for authors waits for them."""
    away, _ = turned_away(state)
    return any(
        one.step in ("quiz", "trials") and ("qualifying", state.source_language, "", one.person) not in away
        for one in standings(state)
    )


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Return what each quiz shows: the questions in an order of its own, and what was wrong the last time.

    When the task of an attempt is handed out again, it keeps the quiz with which the attempt began.
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
    """Return the number of the quiz that each attempt shows, by question_id and revision."""
    mine = state.tasks[state.tasks["stage"] == "qualifying"]
    shown = state.payloads_of(set(mine["task_key"]))
    tasks = by_key(mine, "task_key")
    return {_attempt(task): shown[key].get("quiz_number", 0) for key, task in tasks.items()}


def _attempt(task: Mapping[Any, Any]) -> tuple[str, int]:
    return task["question_id"], int(task["revision"])


def quizzes_before(state: State) -> Callable[[str], Quiz]:
    """Return a function for a person's quiz: that of their latest attempt, or else the one in force."""
    latest = {subject: number for (subject, _), number in sorted(_begun(state).items())}
    return lambda person: quiz_versions.quiz_of(state, latest.get(f"quiz-{person}", quiz_versions.quizzes(state)))


def _trials_due(state: State, one: AuthorStanding, away: set[tuple[str, str, str, str]]) -> Iterator[Due]:
    language = state.source_language
    written = {number for _, person, number in map(place_of_trial, trials_by_id(state)) if person == one.person}
    numbers = trial_numbers(state.campaign.qualification.trials, one.attempt)
    for subject in _subjects(state, one.person, numbers, away):
        passage_id, _, number = place_of_trial(subject)
        if number not in written:
            reason = "\n".join(_trial_results(state, one.before))
            yield Due("authoring", language, passage_id, subject, 0, reason, person=one.person)
    waiting = [trial.subject for trial in one.trials if trial.kept is None]
    given = copy_readers.given_copies(state, waiting)
    for subject in waiting:
        piece = Due(
            "answering", language, place_of_trial(subject)[0], subject, 1,
            never=frozenset({one.person} - given[subject, language]), count=1, roles=("reviewing",),
        )  # fmt: skip
        yield from copy_readers.copy_readings(state, piece, "reviewing")


def _subjects(
    state: State, person: str, numbers: Sequence[int], away: set[tuple[str, str, str, str]]
) -> Iterator[str]:
    """Yield the identities of a person's trials of these numbers: those handed out, else on passages drawn for
    them.

    Passages without slots in the campaign come first. No passage is drawn that they turned down, or twice.
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


def _trial_results(state: State, trials: Sequence[Trial]) -> Iterator[str]:
    """Yield the results of the previous attempt's trials, for an author who tries again."""
    for trial in trials:
        question = trials_by_id(state)[trial.subject].question
        said = "; ".join(trial.reasons) or "nothing was found"
        yield f"Your trial question “{question}”: {said}"


# What is recorded --------------------------------------------------------------------------------------------


def record(reader: SubmissionReader, submission: CountedSubmission) -> None:
    """Mark the quiz by the version that was shown, whichever is in force now."""
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
