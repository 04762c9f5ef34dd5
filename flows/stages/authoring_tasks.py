"""Authoring: a question slot is due while it has no Question, or one that came back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation.forms.submitted_form import feedback
from annotation.stages import authoring_page
from data.ledger.copy_ids import kind_of, trial_of
from data.ledger.events import TrialWritten
from data.ledger.tables import Row, slot_number
from data.ledger.task_reason import findings_in
from flows.assignment.due_work import Due
from flows.readings.current_items import current_questions
from flows.readings.question_slots import question_slots
from flows.stages.stage_work import StageWork
from flows.state import State, by_key
from flows.submissions.submission import CountedSubmission, Reader, text_row


def due(state: State) -> Iterator[Due]:
    """Slots without a Question, Questions sent back, and Questions whose passage was mended since."""
    questions = by_key(current_questions(state), "question_id")
    slots = question_slots(state)
    for passage_id, subject in zip(slots["passage_id"], slots["question_id"], strict=True):
        if subject not in questions:
            yield Due("authoring", state.source_language, passage_id, subject, 0)
            continue
        now = questions[subject]
        if now["outcome"] == "drop":
            continue
        if now["outcome"] == "revise":
            yield Due("authoring", state.source_language, passage_id, subject, int(now["revision"]), now["reason"])
        elif now["stale"]:
            reason = "the passage was mended since this question was written: does it still hold?"
            yield Due("authoring", state.source_language, passage_id, subject, int(now["revision"]), reason)


def payloads(state: State, tasks: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """What each task shows: the passage, what was found, and the Question as it stands."""
    language = state.source_language
    texts = state.texts_of({task["passage_id"] for task in tasks}, {language})
    questions = by_key(state.questions, "question_id", "revision")
    shown = {}
    for task in tasks:
        passage = texts[task["passage_id"], language]
        former = questions.get((task["question_id"], task["revision"]))
        trial = trial_of(task["question_id"])
        shown[task["task_key"]] = {
            **authoring_page.payload(
                sentences=list(passage["sentences"]),
                number=trial[2] if trial else slot_number(task["question_id"]),
                domain=passage["domain"],
                topic=passage["topic"],
                link=passage["link"],
                findings=findings_in(task["reason"]),
                former=former,
            ),
            "passage_revision": int(passage["revision"]),
        }
        if trial:
            shown[task["task_key"]]["about"] = f"Passage, for trial question {trial[2]}"
    return shown


def record(reader: Reader, submission: CountedSubmission) -> None:
    """A revision of the Question, and what the assistant says of it, where there is one; or a trial question."""
    if kind_of(submission.subject) == "trial":
        _record_trial(reader, submission)
        return
    if reader.feedback:
        said = reader.feedback(submission.task, submission.fields, feedback(submission.result))
        reader.found.event(submission.event, submission.task["language"], said)
    number = slot_number(submission.subject)
    row = {**submission.fields, **text_row(reader, submission), "question_number": number}
    reader.found.questions.append(row)


def _record_trial(reader: Reader, submission: CountedSubmission) -> None:
    task = submission.task
    written = TrialWritten(
        **submission.fields, passage_id=task["passage_id"],
        passage_revision=submission.payload["passage_revision"], person=task["person"],
        annotation=submission.event,
    )  # fmt: skip
    reader.found.event(submission.subject, task["language"], written)
    reader.scored[submission.subject, 0] = submission.event


WORK = StageWork(
    stage="authoring",
    due=lambda state, _: due(state),
    payloads=payloads,
    record=record,
    makes_text=True,
)
