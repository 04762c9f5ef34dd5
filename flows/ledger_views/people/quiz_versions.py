"""The versions of a campaign's quiz, by number, so that a task is marked by the version that it shows."""

from __future__ import annotations

from annotation.guidelines import guideline_files
from annotation.guidelines.quiz import Quiz
from data.ledger.events import QuizChanged, details_of
from flows.campaign_state import State


def quiz_of(state: State, number: int) -> Quiz:
    """Return the quiz of a number; the one that comes with the program where the ledger has none."""
    found = details_of(state.events(QuizChanged), QuizChanged)
    return next((Quiz.of(one.quiz) for one in found if one.number == number), guideline_files.ours().quiz)


def quizzes(state: State) -> int:
    """Return how many quizzes there were, which is the number of the one in force."""
    return len(state.events(QuizChanged))
