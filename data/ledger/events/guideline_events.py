"""Events about the guidelines and quizzes in force, and the versions that workbenches show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class GuidelineChanged(Event):
    """A new version of a stage's guideline is in force. Subject: its digest, "" if one was withdrawn.

    Attributes:
        stage: the stage.
        number: of the version, from 1.
        text: its full text; None from before it was recorded.
    """

    KIND = "guideline"
    stage: str
    number: int
    text: str | None = optional()


@dataclass(frozen=True)
class QuizChanged(Event):
    """A new quiz is in force. Subject: its digest.

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
        number: of such events for this workbench, from 1.
    """

    KIND = "guided"
    versions: Sequence[str]
    number: int
