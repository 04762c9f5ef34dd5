"""The quizzes that a campaign has had: by their numbers, so that a task is marked by the one that it shows."""

from __future__ import annotations

from annotation.guidelines import guideline_files
from annotation.guidelines.quiz import Quiz
from data.ledger.events import QuizChanged, details_of
from flows.state import State


def quiz_of(state: State, number: int) -> Quiz:
    """The quiz of a number; ours where the ledger has none of it."""
    found = details_of(state.events(QuizChanged), QuizChanged)
    return next((Quiz.of(one.quiz) for one in found if one.number == number), guideline_files.ours().quiz)


def quizzes(state: State) -> int:
    """How many quizzes there were; the number of the one in force."""
    return len(state.events(QuizChanged))
