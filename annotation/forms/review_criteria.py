"""The criteria for judging a question, and the notes that judges see beside answers and passage.

Judges and adjudicators see the same criteria, marks and notes, so that they judge the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable

CRITERIA = {
    "answerable": "the passage alone settles the question",
    "one_right": "the marked answer is right, and no other could be defended",
    "distractors_wrong": "every other answer is clearly wrong by the passage, yet tempting",
    "passage_only": "without the passage the right answer cannot be picked",
    "wording": "question and answers are correct, natural and clear",
    "inoffensive": "nothing in it hurts, mocks or slights anyone",
    "translatable": "it works in any language",
}
"""Criteria by name, each with what is true of an item that meets it."""

NAMES = {
    "answerable": "Answerable",
    "one_right": "One right answer",
    "distractors_wrong": "Wrong answers are wrong",
    "passage_only": "Needs the passage",
    "wording": "Well worded",
    "inoffensive": "Inoffensive",
    "translatable": "Translatable",
}
"""What pages call the criteria."""


def mark(correct: bool, chosen: bool = False) -> str:
    """Return the note beside an answer."""
    return " · ".join([*(["correct answer"] if correct else []), *(["your answer"] if chosen else [])])


def judged_by(evidence: Iterable[int] | None) -> str:
    """Return the note below a passage for a judge who knows the key: what to judge by, and what the marks mean."""
    marked = " Dark numbers mark what settles it, its author says." if evidence else ""
    return f"Judge by the passage alone.{marked}"
