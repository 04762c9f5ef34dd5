"""Events about annotations: how each was processed, late work, queries and replies, the meter's feedback."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self

from data.ledger.events.event import Event, optional


class Became(StrEnum):
    """How an annotation was processed. One that counted became a Question, a Translation or Verdicts."""

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
    """Made on another person's workbench: it never counts."""
    OTHERS_HAND = "written by another"
    """In one account's name, but the server did not see that account write it: it never counts."""
    DOUBTED = "doubted"
    """Made on a page that somebody had changed: it waits for the lead's decision."""


class NeverBlind(StrEnum):
    """Why a blind answer or a guess can never count, not even if the lead accepts it."""

    KEY_SEEN = "the answer was changed after its key could be seen"
    PASSAGE_SEEN = "the guess came, or was changed, after its passage could be seen"
    WRITTEN_INTO = "somebody else had written into the answer"


@dataclass(frozen=True)
class Overtaken:
    """What overtook a late submission, which counts if the lead accepts it.

    Attributes:
        revision: the revision that was decided, or that is current.
        outcome: of the decision; "" if a newer revision exists and no decision was made.
    """

    revision: int
    outcome: str = ""

    def __str__(self) -> str:
        """The text in the ledger."""
        return f"revision {self.revision} " + (
            f"was decided: {self.outcome}" if self.outcome else "stands already"
        )

    @classmethod
    def parse(cls, words: str) -> Self:
        """Parse the text; the inverse of `str`.

        Raises:
            ValueError: it is not such a text.
        """
        found = re.fullmatch(r"revision (\d+) (?:stands already|was decided: (.+))", words)
        if found is None:
            raise ValueError(f"{words!r} does not say what a submission came after")
        return cls(int(found[1]), found[2] or "")


class Answer(StrEnum):
    """What a person made of a check's finding in a translation."""

    DISMISSED = "dismissed"
    """A proofreader: it is none, while text, source and the check's version are what they were."""
    CONTESTED = "contested"
    """A translator: it is none. The draft goes on to proofreading, where somebody else decides."""
    MENDED = "mended"
    """A proofreader: it is one, and the suggested mend was taken."""


@dataclass(frozen=True)
class FindingAnswered(Event):
    """A person answered a check's finding in a translation. Subject: the question_id.

    Attributes:
        answer: one of `Answer`.
        check: the check's name.
        version: the check's.
        part: of the item, as in `findings`.
        text: digest of the part's text and of its source's, which the answer is about.
        why: the reason that was chosen; empty for a mend.
        words: what the person wrote; None for nothing.
        revision: of the translation that was shown.
        person: who answered.
        annotation: the annotation event; a later submission of its task takes its place.
    """

    KIND = "finding_answered"
    answer: str
    check: str
    version: int
    part: str
    text: str
    why: str
    revision: int
    person: str
    annotation: str
    words: str | None = optional()


@dataclass(frozen=True)
class Read(Event):
    """An annotation was processed. Subject: its event; written last, else the annotation is read again.

    Attributes:
        outcome: one of `Became`.
        guideline: the guideline version that was followed, if the work counts.
        person: the owner of the account, if it is not the workbench's person.
        problems: what was invalid.
    """

    KIND = "read"
    outcome: str
    guideline: str | None = optional()
    person: str | None = optional()
    problems: Sequence[str] | None = optional()


@dataclass(frozen=True)
class SkipExplained(Event):
    """A person said why they skipped a task, on a server with our layer. Subject: the annotation event.

    Attributes:
        task_key: of the task.
        person: their code.
        reason: one of those that the page offers.
    """

    KIND = "skip_explained"
    task_key: str
    person: str
    reason: str


@dataclass(frozen=True)
class Late(Event):
    """Work came after the decision, or when it could no longer count. Subject: the annotation event.

    Attributes:
        task_key: of the task.
        why: what it came after, in words.
        item: question_id/language.
    """

    KIND = "late"
    task_key: str
    why: NeverBlind | Overtaken
    item: str

    @property
    def never(self) -> NeverBlind | None:
        """Why the lead cannot accept it; None if the lead can."""
        return self.why if isinstance(self.why, NeverBlind) else None

    def facts(self) -> dict[str, Any]:
        """Return the facts by name."""
        return {**super().facts(), "why": str(self.why)}

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a detail."""
        read = super().parse(text)
        words = str(read.why)
        return replace(read, why=NeverBlind(words) if words in set(NeverBlind) else Overtaken.parse(words))


@dataclass(frozen=True)
class LateAccepted(Event):
    """The lead accepted late work. Subject: the annotation event."""

    KIND = "late_accepted"


@dataclass(frozen=True)
class Query(Event):
    """A person cannot do some work, or asks about it. Subject: eight digits of a digest, which the lead types."""

    KIND = "query"
    passage_id: str
    text: str
    task_key: str
    person: str


@dataclass(frozen=True)
class Reply(Event):
    """The lead's answer to a query, shown to everybody who works on the passage. Subject: the query's.

    Attributes:
        text: the answer.
        number: of the answers to this query, from 1; None from before it was recorded.
    """

    KIND = "reply"
    text: str
    number: int | None = optional()


@dataclass(frozen=True)
class Feedback(Event):
    """The shortcut meter's reading of a submitted question, shown or not. Subject: the annotation.

    Attributes:
        question_id: the question's.
        revision: that the author started from, 0 for none.
        drawn: whether the meter was to be shown.
        share: of questions for which it was to be shown at the time; None from before it was recorded.
        shown: the version of the meter that the author saw, "" for none.
        shown_probability: the probability that it showed.
        model: the version of the meter that read the submission.
        probability: of the key without the passage, according to that version.
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


@dataclass(frozen=True)
class PromptWorded(Event):
    """Somebody wrote, or read, the words around an item in a language. Subject: "prompt-words".

    Attributes:
        words: texts by the names of `data.prompt_words.PromptWords`.
        revision: from 1; that of a translator's draft is 1, and a proofreader's is one more than what they read.
        proofread: whether a proofreader wrote it.
        person: their code.
        annotation: the annotation that it was read from.
    """

    KIND = "prompt_worded"
    words: Mapping[str, str]
    revision: int
    proofread: bool
    person: str
    annotation: str
