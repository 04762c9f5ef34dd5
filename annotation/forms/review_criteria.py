"""The criteria for judging a question, and the notes that judges see beside answers and passage.

Judges and adjudicators see the same criteria, marks and notes, so that they judge the same thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from annotation.forms.submitted_form import settles
from annotation.words.marking import gettext

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
    return " · ".join(
        [*([gettext("correct answer")] if correct else []), *([gettext("your answer")] if chosen else [])]
    )


def question_to_judge(
    sentences: Sequence[str], question: str, evidence: Iterable[int] | None, findings: Sequence[str]
) -> dict[str, object]:
    """Return the part of a page for a judge who knows the key that stands above the answers.

    Args:
        sentences: of the passage, in order.
        question: the question.
        evidence: numbers of the sentences that settle the question according to its author; None if not stated.
        findings: why the task came back, one sentence each; none the first time.
    """
    return {
        "about": gettext("Passage"),
        "place": gettext("Judge by the passage alone. The author says that the highlighted sentences settle it.")
        if evidence
        else gettext("Judge by the passage alone."),
        "settles": settles(sentences, evidence),
        "notices": [],
        "findings": list(findings),
        "sentences": list(sentences),
        "question": question,
    }
