"""A submission that counts, and what is recorded of it; each stage's module says what that is.

Which submissions count, and which come too late or are not valid, is for `flows.steps.submission_validity` to say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pandas as pd

from data.ledger.events import Became, Event, Feedback, Read
from data.ledger.tables import Row
from flows.state import State

TaskLine = Mapping[str, Any]
"""A line of the tasks table."""

FeedbackRecorder = Callable[[TaskLine, Mapping[str, Any], str], Feedback]
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
        submission: CountedSubmission,
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
    task: TaskLine
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
    feedback: FeedbackRecorder | None

    def next_revision(self, annotation: pd.Series, subject: str, language: str) -> int:
        """The revision of a text that this annotation makes."""
        ...


def text_row(reader: Reader, submission: CountedSubmission) -> Row:
    """What the line of a Question and that of a Translation have in common."""
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
