"""Events about people: their accounts, their quizzes and trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class AccountLinked(Event):
    """An account was linked to a person. Subject: their code.

    Attributes:
        server: its name.
        account: the server's number for it, and when it was created.
        confirmed: how many times the lead has confirmed it by now.
    """

    KIND = "account_linked"
    server: str
    account: str
    confirmed: int | None = optional()


@dataclass(frozen=True)
class AccountClaimed(Event):
    """An account has a person's address and waits for the lead's confirmation. Subject: the person's code."""

    KIND = "account_claimed"
    server: str
    account: str


@dataclass(frozen=True)
class AccountsKeptApart(Event):
    """A server began, or ceased, to let each account reach its own workbenches only. Subject: the server's name.

    Attributes:
        apart: whether it does.
        number: from 1, of the server.
    """

    KIND = "accounts_kept_apart"
    apart: bool
    number: int


@dataclass(frozen=True)
class QuizTaken(Event):
    """A person took the quiz on the guideline. Subject: their code.

    Attributes:
        attempt: from 1.
        wrong: the questions answered wrongly.
        score: share of right answers.
        version: of the quiz, a digest.
        annotation: the annotation that it was read from.
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
    """An author wrote a trial question. Subject: its id. Its facts have the names of a Question's columns."""

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
    """The checks' reasons to send a trial question back. Subject: its id."""

    KIND = "trial_checked"
    found: Sequence[str]


@dataclass(frozen=True)
class _Qualification(Event):
    """The results of an author's qualification.

    Attributes:
        quiz: the best score; None for none.
        kept: number of trial questions that were kept.
        trials: the trial questions written.
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
