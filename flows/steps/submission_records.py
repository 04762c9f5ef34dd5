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
from data.ledger.tables import Row, Stage
from flows.copies.review_subject import key_of
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
        self, work: Work, check: str, revision: int, score: float, flagged: bool, reason: str, subject: str = ""
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
class Work:
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


def _quiz(reader: Reader, work: Work) -> None:
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


def _trial(reader: Reader, work: Work) -> None:
    task = work.task
    written = TrialWritten(
        **work.fields, passage_id=task["passage_id"], passage_revision=work.payload["passage_revision"],
        person=task["person"], annotation=work.event,
    )  # fmt: skip
    reader.found.event(work.subject, task["language"], written)
    reader.scored[work.subject, 0] = work.event


def _question(reader: Reader, work: Work) -> None:
    if kind_of(work.subject) == "trial":
        _trial(reader, work)
        return
    if reader.feedback:
        said = reader.feedback(work.task, work.fields, feedback(work.result))
        reader.found.event(work.event, work.task["language"], said)
    number = int(work.subject.rpartition("-q")[2])
    reader.found.questions.append({**work.fields, **_text(reader, work), "question_number": number})


def _translation(reader: Reader, work: Work) -> None:
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
        outcome = fields["outcome"]
        score = {"accept": 1.0, "corrected": 0.5, "return": 0.0}[outcome]
        errors = ", ".join(error.replace("/", ", ") for error in fields["errors"] or ())
        words = _said(outcome, fields["comment"]) + (f" ({errors})" if errors else "")
        reader.found.verdict(work, "proofreading", row["revision"], score, outcome == "return", words)


def _text(reader: Reader, work: Work) -> Row:
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


def _guess(reader: Reader, work: Work) -> None:
    chosen, right = work.fields["choice"], _is_right(reader, work)
    said = f"guessed {chosen}: “{_answer_shown(work, chosen)}”"
    words = ", ".join(filter(None, [said, guessing_page.WHY[work.fields["why"]], work.fields["comment"]]))
    # a right guess is no fault: one in four is right by luck
    reader.found.verdict(work, "guess", work.revision, float(right), False, words)


def _answer(reader: Reader, work: Work) -> None:
    chosen, right = work.fields["choice"], _is_right(reader, work)
    said = (
        f"chose {chosen}: “{_answer_shown(work, chosen)}”"
        if chosen
        else "said that the passage does not answer it"
    )
    words = ", ".join(filter(None, [said, "" if work.fields["sure"] else "unsure", work.fields["comment"]]))
    if kind_of(work.subject) == "baseline":  # measures readers, and says nothing against the item
        about = original(work.subject)
        reader.found.verdict(work, "baseline_answer", work.revision, float(right), False, words, about)
    else:
        reader.found.verdict(work, "blind_answer", work.revision, float(right), not right, words)


def _is_right(reader: Reader, work: Work) -> bool:
    key = key_of(reader.state, work.subject, work.task["language"], work.revision)
    return bool(work.fields["choice"] == key)


def _answer_shown(work: Work, identity: int) -> str:
    return str(dict(zip(work.payload["order"], work.payload["options"], strict=True))[identity])


def _judgement(reader: Reader, work: Work) -> None:
    for criterion, fulfilled in work.fields["rubric"].items():
        reader.found.verdict(work, f"rubric_{criterion}", work.revision, float(fulfilled), not fulfilled, "")
    recommend = work.fields["recommend"]
    words = _said(recommend, work.fields["comment"])
    given = (work.revision, _SCORES[recommend], recommend != "keep", words)
    reader.found.verdict(work, "recommendation", *given)
    if kind_of(work.subject) == "recheck":
        reader.found.verdict(work, "recheck", *given, original(work.subject))


def blocked(reader: Reader, work: Work, query: str) -> None:
    """What somebody says of a copy who cannot work on it: they found it, and it is not put to them again."""
    for check in ("blind_answer", "recommendation"):
        reader.found.verdict(work, check, work.revision, 0.0, True, query)


def _adjudication(reader: Reader, work: Work) -> None:
    decision, right = work.fields["decision"], work.fields["right"]
    differs = right not in (None, work.payload["key"])
    said = (f"answer {right} is right" if right else "not exactly one answer is right") if differs else ""
    words = _said(decision, "; ".join(filter(None, [said, work.fields["reason"]])))
    reader.found.verdict(work, "adjudication", work.revision, _SCORES[decision], decision != "keep", words)


_SCORES = {"keep": 1.0, "revise": 0.5, "drop": 0.0}


def _said(outcome: str, comment: str) -> str:
    return f"{outcome}: {comment}" if comment else outcome


WRITERS: Mapping[Stage, Callable[[Reader, Work], None]] = {
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
