"""A submission that counts, and the rows recorded of it; each stage's module decides which.

`flows.steps.submission_outcomes` decides which submissions count, and which are too late or invalid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import pandas as pd

from annotation.forms.finding_answers import MEND
from data.ledger import tables
from data.ledger.events import Answer, Became, Event, Feedback, FindingAnswered, Read
from data.ledger.tables import Row
from flows.campaign_state import State

TaskLine = Mapping[str, Any]
"""A row of the tasks table."""

FeedbackRecorder = Callable[[TaskLine, Mapping[str, Any], str], Feedback]
"""Takes a task, the submitted question and the assistant's advice; returns what is recorded."""


@dataclass
class Interpreted:
    """The meaning of the newly read annotations, as rows."""

    questions: list[Row] = field(default_factory=list)
    translations: list[Row] = field(default_factory=list)
    verdicts: list[Row] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    marks: list[Row] = field(default_factory=list)

    def with_more(self, more: Interpreted) -> Interpreted:
        """Return this and what further annotations mean."""
        return Interpreted(*(getattr(self, one.name) + getattr(more, one.name) for one in fields(self)))

    def event(self, subject: str, language: str, event: Event) -> None:
        """Add another event."""
        self.events.append(event.row(subject, language))

    def mark(self, annotation: pd.Series, outcome: Became, **facts: Any) -> None:
        """Mark an annotation with its outcome; written last, so an annotation without a mark is read again."""
        self.marks.append(Read(outcome, **facts).row(annotation["event_id"], annotation["language"]))

    def verdict(
        self,
        submission: CountedSubmission,
        check: str,
        revision: int,
        score: float,
        flagged: bool,
        reason: str,
        subject: str = "",
        places: Iterable[Row] = (),
    ) -> None:
        """Add a person's verdict on the task's subject, or on another one, and the places that it is about.

        Args:
            submission: of the person.
            check: what the verdict is called.
            revision: of the text that was judged.
            score: as its check says.
            flagged: whether it speaks against the text.
            reason: in words.
            subject: another one than the task's.
            places: of the table `findings`, without the verdict.
        """
        verdict = {
            "scope": "item",
            "subject": subject or submission.task["question_id"],
            "language": submission.task["language"],
            "revision": revision,
            "check": check,
            "version": 1,
            "signature": f"{check}|v:1",
            "score": score,
            "flagged": flagged,
            "reason": reason,
            "judge": submission.task["person"],
            "origin": submission.event,
            "judged_at": submission.annotation["updated_at"],
        }
        self.verdicts.append(verdict)
        self.places += [{**place, "verdict": tables.VERDICTS.event_id(verdict)} for place in places]


@dataclass(frozen=True)
class CountedSubmission:
    """One submission that counts.

    Attributes:
        annotation: its row of the annotations table.
        task: the task that it answers.
        payload: what the task showed.
        result: Label Studio's result.
        fields: the result as the stage's page reads it.
    """

    annotation: pd.Series
    task: TaskLine
    payload: Mapping[str, Any]
    result: object
    fields: Mapping[str, Any]

    @property
    def event(self) -> str:
        """The annotation's event id."""
        return str(self.annotation["event_id"])

    @property
    def subject(self) -> str:
        """The id of the task's subject."""
        return str(self.task["question_id"])

    @property
    def revision(self) -> int:
        """The revision of the task's subject; for a quiz, the attempt."""
        return int(self.task["revision"])


class SubmissionReader(Protocol):
    """Reads submissions in order, and knows what the earlier ones made."""

    state: State
    found: Interpreted
    scored: dict[tuple[str, int], str]
    feedback: FeedbackRecorder | None

    def next_revision(self, annotation: pd.Series, subject: str, language: str) -> int:
        """Return the revision of a text that this annotation makes."""
        ...


def text_row(reader: SubmissionReader, submission: CountedSubmission) -> Row:
    """Return the columns that a Question's and a Translation's rows share."""
    task = submission.task
    return {
        "question_id": submission.subject,
        "passage_id": task["passage_id"],
        "revision": reader.next_revision(submission.annotation, submission.subject, task["language"]),
        "passage_revision": submission.payload["passage_revision"],
        "language": task["language"],
        "person": task["person"],
        "annotation": submission.event,
        "submitted_at": submission.annotation["updated_at"],
    }


def answer_events(submission: CountedSubmission, answer: Answer) -> list[FindingAnswered]:
    """Return what a submission says of findings.

    Args:
        submission: of a translator or a proofreader.
        answer: what a reason stands for at this stage.
    """
    return [
        FindingAnswered(
            answer=Answer.MENDED if one["why"] == MEND else answer,
            check=one["check"],
            version=int(one["version"]),
            part=one["part"],
            text=one["text"],
            why="" if one["why"] == MEND else one["why"],
            revision=submission.revision,
            person=submission.task["person"],
            annotation=submission.event,
            words=one["words"] or None,
        )
        for one in submission.fields.get("findings", ())
    ]
