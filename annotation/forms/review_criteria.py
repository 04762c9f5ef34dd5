"""The criteria by which a question is judged, and what stands beside answers and passage for whoever judges.

Judges and adjudicators see the same criteria, marks and remark, so that they judge the same thing.
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
"""What a reviewer judges, and what is true of an item that fulfils it."""

NAMES = {
    "answerable": "Answerable",
    "one_right": "One right answer",
    "distractors_wrong": "Wrong answers are wrong",
    "passage_only": "Needs the passage",
    "wording": "Well worded",
    "inoffensive": "Inoffensive",
    "translatable": "Translatable",
}
"""What the pages call the criteria."""


def mark(correct: bool, chosen: bool = False) -> str:
    """What stands beside an answer."""
    return " · ".join([*(["correct answer"] if correct else []), *(["your answer"] if chosen else [])])


def judged_by(evidence: Iterable[int] | None) -> str:
    """What stands below a passage for whoever knows the key: what to judge by, and what its marks mean."""
    marked = " Dark numbers mark what settles it, its author says." if evidence else ""
    return f"Judge by the passage alone.{marked}"
