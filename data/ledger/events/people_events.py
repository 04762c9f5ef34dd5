"""What happened to people: their accounts, their quizzes and trials, what was erased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class AccountLinked(Event):
    """An account is a person's. Subject: their code.

    Attributes:
        server: by its name.
        account: the server's number, and since when it is there.
        confirmed: how many times the lead said so by now.
    """

    KIND = "account_linked"
    server: str
    account: str
    confirmed: int | None = optional()


@dataclass(frozen=True)
class AccountClaimed(Event):
    """An account has a person's address and waits for the lead's word. Subject: the person's code."""

    KIND = "account_claimed"
    server: str
    account: str


@dataclass(frozen=True)
class QuizTaken(Event):
    """Somebody took the quiz on the guideline. Subject: their code.

    Attributes:
        attempt: from 1.
        wrong: the questions that were answered wrongly.
        score: share of right answers.
        version: of the quiz, a digest.
        annotation: what it was read from.
        quiz: the quiz's number; 0 from before it was recorded.
    """

    KIND = "quiz_taken"
    attempt: int
    wrong: Sequence[str]
    score: float
    version: str
    annotation: str
    quiz: int = optional(0)


@dataclass(frozen=True)
class TrialWritten(Event):
    """An author wrote a trial question. Subject: its id. Its facts are named as a Question's."""

    KIND = "trial_written"
    question: str
    answers: Sequence[str]
    key: int
    notes: Sequence[str]
    translator_note: str
    passage_id: str
    passage_revision: int
    person: str
    annotation: str
    evidence: Sequence[int] | None = None


@dataclass(frozen=True)
class TrialChecked(Event):
    """What checks would send a trial question back for. Subject: its id."""

    KIND = "trial_checked"
    found: Sequence[str]


@dataclass(frozen=True)
class _Qualification(Event):
    """What an author showed.

    Attributes:
        quiz: the best score; None for none.
        kept: trial questions that were kept.
        trials: those that were written.
        quiz_version: of the quiz that was asked.
        by: "rule" or "lead".
    """

    quiz: float | None
    kept: int
    trials: Sequence[str]
    quiz_version: str
    by: str


@dataclass(frozen=True)
class Qualified(_Qualification):
    """An author may write. Subject: their code."""

    KIND = "qualified"


@dataclass(frozen=True)
class NotQualified(_Qualification):
    """An author may not write. Subject: their code."""

    KIND = "not_qualified"
