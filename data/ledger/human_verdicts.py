"""The form of people's verdicts: the outcome that each score stands for, and the text in `reason`.

A verdict holds a score and a reason. The score stands for the outcome that a person chose; the reason repeats it
in front of the comment, for readers of the table. The form of a reason never changes once ledgers hold it, so it
is written and parsed here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Self


class _Scored(StrEnum):
    """A choice, with the score that a verdict records for it."""

    @property
    def score(self) -> float:
        """The score in a verdict."""
        return _SCORES[self.value]

    @classmethod
    def of(cls, score: float | None) -> Self | None:
        """Return the choice that a score stands for; None if it stands for none."""
        return next((one for one in cls if one.score == score), None)


class Recommendation(_Scored):
    """A reviewer's recommendation for a Question, and an adjudicator's decision about it."""

    KEEP = "keep"
    REVISE = "revise"
    DROP = "drop"


class ProofreadingOutcome(_Scored):
    """A proofreader's outcome for a draft."""

    ACCEPT = "accept"
    CORRECTED = "corrected"
    RETURN = "return"


_SCORES = {"keep": 1.0, "revise": 0.5, "drop": 0.0, "accept": 1.0, "corrected": 0.5, "return": 0.0}


def outcome_reason(outcome: Recommendation | ProofreadingOutcome, comment: str) -> str:
    """Return the reason of a verdict that gives an outcome.

    >>> outcome_reason(Recommendation.REVISE, "Which tools?")
    'revise: Which tools?'
    >>> outcome_reason(Recommendation.KEEP, "")
    'keep'
    """
    return f"{outcome}: {comment}" if comment else str(outcome)


def comment_of(outcome: Recommendation | ProofreadingOutcome | None, reason: str) -> str:
    """Return the comment in a verdict's reason; the inverse of `outcome_reason`.

    If the reason does not begin with the outcome, all of it is a comment, by somebody who could not do the work.

    A reason that does not begin with the outcome is a comment as a whole: of somebody who could not do the work.

    >>> comment_of(Recommendation.REVISE, "revise: Which tools?")
    'Which tools?'
    >>> comment_of(Recommendation.DROP, "There are two passages.")
    'There are two passages.'
    """
    if outcome is None or reason == outcome:
        return "" if reason == outcome else reason
    return reason.removeprefix(f"{outcome}: ")


_RUBRIC = "rubric_"


def rubric_check(criterion: str) -> str:
    """Return the check name of verdicts on a criterion of the rubric.

    >>> rubric_check("wording")
    'rubric_wording'
    """
    return f"{_RUBRIC}{criterion}"


def criterion_of(check: str) -> str | None:
    """Return the criterion of the rubric that a verdict is on; None for any other verdict.

    >>> criterion_of("rubric_wording"), criterion_of("blind_answer")
    ('wording', None)
    """
    return check.removeprefix(_RUBRIC) if check.startswith(_RUBRIC) else None


def proofreading_reason(outcome: ProofreadingOutcome, comment: str, errors: Sequence[str]) -> str:
    """Return the reason of a proofreader's verdict.

    Args:
        outcome: what they did with the draft.
        comment: what they wrote.
        errors: what was wrong with it, "category/severity" each.

    >>> proofreading_reason(ProofreadingOutcome.CORRECTED, "Older.", ["style/minor"])
    'corrected: Older. (style, minor)'
    """
    listed = ", ".join(error.replace("/", ", ") for error in errors)
    return outcome_reason(outcome, comment) + (f" ({listed})" if listed else "")


def adjudication_reason(decision: Recommendation, right: int | None, key: int, reason: str) -> str:
    """Return the reason of an adjudicator's verdict.

    Args:
        decision: about the Question.
        right: identity of the answer that they consider right, 0 for none or several, None if not stated.
        key: identity of the author's key.
        reason: what they wrote.

    >>> adjudication_reason(Recommendation.DROP, 0, 2, "Both are.")
    'drop: not exactly one answer is right; Both are.'
    """
    differs = right not in (None, key)
    held = (f"answer {right} is right" if right else "not exactly one answer is right") if differs else ""
    return outcome_reason(decision, "; ".join(filter(None, [held, reason])))


def guess_reason(choice: int, text: str, why: str, comment: str) -> str:
    """Return the reason of a verdict on a Question that was guessed without its passage.

    Args:
        choice: identity of the answer that was guessed.
        text: of that answer.
        why: what the guess was based on, in words.
        comment: what they wrote.

    >>> guess_reason(2, "seven", "knew it", "")
    'guessed 2: “seven”, knew it'
    """
    return ", ".join(filter(None, [f"guessed {choice}: “{text}”", why, comment]))


def blind_answer_reason(choice: int, text: str, sure: bool, comment: str) -> str:
    """Return the reason of a verdict on a Question that was answered without its key.

    Args:
        choice: identity of the answer that was chosen; 0 for 'cannot be answered'.
        text: of that answer.
        sure: whether they were sure.
        comment: what they wrote.

    >>> blind_answer_reason(0, "", False, "Odd.")
    'said that the passage does not answer it, unsure, Odd.'
    """
    answer = f"chose {choice}: “{text}”" if choice else "said that the passage does not answer it"
    return ", ".join(filter(None, [answer, "" if sure else "unsure", comment]))
