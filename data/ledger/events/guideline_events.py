"""Which guidelines and quizzes are in force, and which of them a workbench shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class GuidelineChanged(Event):
    """Another version of a stage's guideline is in force. Subject: its digest, "" where one was taken back.

    Attributes:
        stage: whose it is.
        number: from 1, of the versions of this text.
        text: all of it; None from before it was recorded.
    """

    KIND = "guideline"
    stage: str
    number: int
    text: str | None = optional()


@dataclass(frozen=True)
class QuizChanged(Event):
    """Another quiz is in force. Subject: its digest.

    Attributes:
        number: from 1.
        quiz: its questions, with their keys.
    """

    KIND = "quiz"
    number: int
    quiz: Any


@dataclass(frozen=True)
class Guided(Event):
    """A workbench shows other versions than before. Subject: its title.

    Attributes:
        versions: of the guideline, and of what else it shows.
        number: of the notes of this workbench, from 1.
    """

    KIND = "guided"
    versions: Sequence[str]
    number: int
