"""What became of annotations, and what was said beside them: what is late, queries and replies, the meter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from data.ledger.events.event import Event, optional


class Became(StrEnum):
    """What became of an annotation when it was read. What counts made a Question, a Translation or Verdicts."""

    COUNTED = "counted"
    LATE = "late"
    INVALID = "invalid"
    QUERY = "query"
    SKIPPED = "skipped"
    DELETED = "deleted"
    REPEATED = "the same again"
    AFTER_SCORING = "after scoring"
    UNKNOWN_TASK = "unknown task"
    OTHERS_BENCH = "another person's"
    """Somebody did it on another person's workbench: it never counts."""
    OTHERS_HAND = "written by another"
    """It stands in somebody's name, and the server did not see them write it: it never counts."""
    DOUBTED = "doubted"
    """It was made on a page that somebody had changed: it waits for the lead's word."""


class NeverBlind(StrEnum):
    """Why a blind answer or a guess can never count, whatever the lead says."""

    KEY_SEEN = "the answer was changed after its key could be seen"
    PASSAGE_SEEN = "the guess came, or was changed, after its passage could be seen"
    WRITTEN_INTO = "somebody else had written into the answer"


@dataclass(frozen=True)
class Overtaken:
    """What a submission came after, that counts once the lead says so.

    Attributes:
        revision: that was decided, or that stands by now.
        outcome: of the decision; "" where a newer revision stands and none was made.
    """

    revision: int
    outcome: str = ""

    def __str__(self) -> str:
        """In words, as the ledger holds it.

        >>> str(Overtaken(2)), str(Overtaken(1, "keep"))
        ('revision 2 stands already', 'revision 1 was decided: keep')
        """
        return f"revision {self.revision} " + (
            f"was decided: {self.outcome}" if self.outcome else "stands already"
        )

    @classmethod
    def parse(cls, words: str) -> Self:
        """Read the words: the reverse of `str`.

        Raises:
            ValueError: they say something else.
        """
        found = re.fullmatch(r"revision (\d+) (?:stands already|was decided: (.+))", words)
        if found is None:
            raise ValueError(f"{words!r} does not say what a submission came after")
        return cls(int(found[1]), found[2] or "")


@dataclass(frozen=True)
class Read(Event):
    """What became of an annotation. Subject: its event; written last, so that one without it is read again.

    Attributes:
        outcome: one of `Became`.
        guideline: the version that was worked by, of what counts.
        person: whose the account is, where it is not the workbench's.
        problems: what was not valid.
    """

    KIND = "read"
    outcome: str
    guideline: str | None = optional()
    person: str | None = optional()
    problems: Sequence[str] | None = optional()


@dataclass(frozen=True)
class Late(Event):
    """It came after the decision, or where it cannot count any more. Subject: the annotation event.

    Attributes:
        task_key: what it is the work of.
        why: what it came after, in words.
        item: question_id/language.
    """

    KIND = "late"
    task_key: str
    why: NeverBlind | Overtaken
    item: str

    @property
    def never(self) -> NeverBlind | None:
        """Why the lead cannot accept it; None where the lead can."""
        return self.why if isinstance(self.why, NeverBlind) else None

    def facts(self) -> dict[str, Any]:
        """What it says, by name."""
        return {**super().facts(), "why": str(self.why)}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a detail."""
        read = super().parse(text)
        words = str(read.why)
        return replace(read, why=NeverBlind(words) if words in set(NeverBlind) else Overtaken.parse(words))


@dataclass(frozen=True)
class LateAccepted(Event):
    """The lead lets it count. Subject: the annotation event."""

    KIND = "late_accepted"


@dataclass(frozen=True)
class Query(Event):
    """Somebody cannot work on something, or asks. Subject: eight digits of a digest, which the lead types."""

    KIND = "query"
    passage_id: str
    text: str
    task_key: str
    person: str


@dataclass(frozen=True)
class Reply(Event):
    """The lead's answer to a query, which everybody sees who works on the passage. Subject: the query's.

    Attributes:
        text: the answer.
        number: of the answers to this query, from 1; None from before it was recorded.
    """

    KIND = "reply"
    text: str
    number: int | None = optional()


@dataclass(frozen=True)
class Feedback(Event):
    """What the shortcut meter says of a question that was submitted, or would have said. Subject: the annotation.

    Attributes:
        question_id: the question's.
        revision: that the author started from, 0 for none.
        drawn: whether the meter was to be shown.
        share: of the questions on which it was to be, at the time; None from before it was recorded.
        shown: the version of the meter that the author saw, "" for none.
        shown_probability: that it showed.
        model: the version of the meter that read the submission.
        probability: that it gives the key without the passage.
    """

    KIND = "feedback"
    question_id: str
    revision: int
    drawn: bool
    shown: str
    shown_probability: float | None
    model: str
    probability: float | None
    share: float | None = optional()
