"""What a submission means, stage by stage: a Question, a Translation, Verdicts, or another event.

Which submissions count, and which come too late or are not valid, is for `flows.steps.submission_validity` to say;
here stands what those that count become.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from annotation.forms.submitted_form import feedback
from annotation.stages import guessing_page, qualification_page
from data.ledger.copy_ids import kind_of, original
from data.ledger.events import Became, Event, Feedback, QuizTaken, Read, TrialWritten
from data.ledger.human_verdicts import (
    ProofreadingOutcome,
    Recommendation,
    adjudication_reason,
    blind_answer_reason,
    guess_reason,
    outcome_reason,
    proofreading_reason,
    rubric_check,
)
from data.ledger.tables import Row, Stage, slot_number
from flows.copies.review_subject import correct_answer_of
from flows.state import State
from flows.steps import guideline_versions

Task = Mapping[str, Any]
"""A line of the tasks table."""

Recorder = Callable[[Task, Mapping[str, Any], str], Feedback]
"""Of a task, the question that came in, and what the assistant had said: what is recorded of it."""


@dataclass
class Interpreted:
    """What the newly read annotations meant."""

    questions: list[Row] = field(default_factory=list)
    translations: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)

    def event(self, subject: str, language: str, event: Event) -> None:
        """Add something else that happened."""
        self.events.append(event.row(subject, language))

    def mark(self, annotation: pd.Series, outcome: Became, **facts: Any) -> None:
        """Say what became of an annotation; written last, so an annotation without it is read again."""
        self.marks.append(Read(outcome, **facts).row(annotation["event_id"], annotation["language"]))

    def verdict(
        self,
        work: CountedSubmission,
        check: str,
        revision: int,
        score: float,
        flagged: bool,
        reason: str,
        subject: str = "",
    ) -> None:
        """Add what somebody said of the task's subject, or of another one."""
        self.verdicts.append(
            {
                "scope": "item",
                "subject": subject or work.task["question_id"],
                "language": work.task["language"],
                "revision": revision,
                "check": check,
                "version": 1,
                "signature": f"{check}|v:1",
                "score": score,
                "flagged": flagged,
                "reason": reason,
                "judge": work.task["person"],
                "origin": work.event,
                "judged_at": work.annotation["updated_at"],
            }
        )


@dataclass(frozen=True)
class CountedSubmission:
    """One submission that counts.

    Attributes:
        annotation: its line of the annotations table.
        task: what it was asked for.
        payload: what the task showed.
        result: what Label Studio gave for it.
        fields: the same as the stage's page reads it.
    """

    annotation: pd.Series
    task: Task
    payload: Mapping[str, Any]
    result: object
    fields: Mapping[str, Any]

    @property
    def event(self) -> str:
        """The annotation's event."""
        return str(self.annotation["event_id"])

    @property
    def subject(self) -> str:
        """What it is about."""
        return str(self.task["question_id"])

    @property
    def revision(self) -> int:
        """Of what the task was about; of a quiz, the attempt."""
        return int(self.task["revision"])


class Reader(Protocol):
    """Who reads submissions one after another, and knows what the earlier ones made."""

    state: State
    found: Interpreted
    scored: dict[tuple[str, int], str]
    feedback: Recorder | None

    def next_revision(self, annotation: pd.Series, subject: str, language: str) -> int:
        """The revision of a text that this annotation makes."""
        ...


def _quiz(reader: Reader, work: CountedSubmission) -> None:
    number = work.payload.get("quiz_number", 0)
    quiz = guideline_versions.quiz_of(reader.state, number)  # that was shown, whichever is in force by now
    marked = qualification_page.marked(work.fields["chosen"], quiz)
    wrong = sorted(name for name, right in marked.items() if not right)
    taken = QuizTaken(
        attempt=work.revision, wrong=wrong, score=round(1 - len(wrong) / len(marked), 4), version=quiz.version,
        annotation=work.event, quiz=number,
    )  # fmt: skip
    reader.found.event(work.task["person"], work.task["language"], taken)
    reader.scored[work.subject, work.revision] = work.event


def _trial(reader: Reader, work: CountedSubmission) -> None:
    task = work.task
    written = TrialWritten(
        **work.fields, passage_id=task["passage_id"], passage_revision=work.payload["passage_revision"],
        person=task["person"], annotation=work.event,
    )  # fmt: skip
    reader.found.event(work.subject, task["language"], written)
    reader.scored[work.subject, 0] = work.event


def _question(reader: Reader, work: CountedSubmission) -> None:
    if kind_of(work.subject) == "trial":
        _trial(reader, work)
        return
    if reader.feedback:
        said = reader.feedback(work.task, work.fields, feedback(work.result))
        reader.found.event(work.event, work.task["language"], said)
    number = slot_number(work.subject)
    reader.found.questions.append({**work.fields, **_text(reader, work), "question_number": number})


def _translation(reader: Reader, work: CountedSubmission) -> None:
    proofread, fields = work.task["stage"] == "proofreading", work.fields
    row = {
        **_text(reader, work),
        "question": fields["question"],
        "answers": fields["answers"],
        "kind": "proofread" if proofread else "draft",
        "question_revision": work.payload["question_revision"],
        "draft_revision": work.revision if proofread else 0,
        "errors": fields.get("errors"),
    }
    reader.found.translations.append(row)
    if proofread:
        outcome = ProofreadingOutcome(fields["outcome"])
        back = outcome is ProofreadingOutcome.RETURN
        words = proofreading_reason(outcome, fields["comment"], fields["errors"] or ())
        reader.found.verdict(work, "proofreading", row["revision"], outcome.score, back, words)


def _text(reader: Reader, work: CountedSubmission) -> Row:
    """What the line of a Question and that of a Translation have in common."""
    task = work.task
    return {
        "question_id": work.subject,
        "passage_id": task["passage_id"],
        "revision": reader.next_revision(work.annotation, work.subject, task["language"]),
        "passage_revision": work.payload["passage_revision"],
        "language": task["language"],
        "person": task["person"],
        "annotation": work.event,
        "submitted_at": work.annotation["updated_at"],
    }


def _guess(reader: Reader, work: CountedSubmission) -> None:
    chosen, right = work.fields["choice"], _is_right(reader, work)
    why = guessing_page.WHY[work.fields["why"]]
    words = guess_reason(chosen, _answer_shown(work, chosen), why, work.fields["comment"])
    # a right guess is no fault: one in four is right by luck
    reader.found.verdict(work, "guess", work.revision, float(right), False, words)


def _answer(reader: Reader, work: CountedSubmission) -> None:
    chosen, right = work.fields["choice"], _is_right(reader, work)
    text = _answer_shown(work, chosen) if chosen else ""
    words = blind_answer_reason(chosen, text, work.fields["sure"], work.fields["comment"])
    if kind_of(work.subject) == "baseline":  # measures readers, and says nothing against the item
        about = original(work.subject)
        reader.found.verdict(work, "baseline_answer", work.revision, float(right), False, words, about)
    else:
        reader.found.verdict(work, "blind_answer", work.revision, float(right), not right, words)


def _is_right(reader: Reader, work: CountedSubmission) -> bool:
    key = correct_answer_of(reader.state, work.subject, work.task["language"], work.revision)
    return bool(work.fields["choice"] == key)


def _answer_shown(work: CountedSubmission, identity: int) -> str:
    return str(dict(zip(work.payload["order"], work.payload["options"], strict=True))[identity])


def _judgement(reader: Reader, work: CountedSubmission) -> None:
    for criterion, fulfilled in work.fields["rubric"].items():
        reader.found.verdict(work, rubric_check(criterion), work.revision, float(fulfilled), not fulfilled, "")
    recommend = Recommendation(work.fields["recommend"])
    words = outcome_reason(recommend, work.fields["comment"])
    given = (work.revision, recommend.score, recommend is not Recommendation.KEEP, words)
    reader.found.verdict(work, "recommendation", *given)
    if kind_of(work.subject) == "recheck":
        reader.found.verdict(work, "recheck", *given, original(work.subject))


def blocked(reader: Reader, work: CountedSubmission, query: str) -> None:
    """What somebody says of a copy who cannot work on it: they found it, and it is not put to them again."""
    for check in ("blind_answer", "recommendation"):
        reader.found.verdict(work, check, work.revision, 0.0, True, query)


def _adjudication(reader: Reader, work: CountedSubmission) -> None:
    decision = Recommendation(work.fields["decision"])
    words = adjudication_reason(decision, work.fields["right"], work.payload["key"], work.fields["reason"])
    objects = decision is not Recommendation.KEEP
    reader.found.verdict(work, "adjudication", work.revision, decision.score, objects, words)


WRITERS: Mapping[Stage, Callable[[Reader, CountedSubmission], None]] = {
    "qualifying": _quiz,
    "authoring": _question,
    "guessing": _guess,
    "answering": _answer,
    "judging": _judgement,
    "adjudicating": _adjudication,
    "translating": _translation,
    "proofreading": _translation,
}
"""What becomes of a submission that counts."""
