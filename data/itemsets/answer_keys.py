"""Correct options, read from the answers of a set, which every set writes in its own way.

An answer is a number, a letter or the option's text, and numbers run from 0 or from 1. A single item cannot show
which: an answer of 1 may mean the first or the second of four options, and if it is misread, every key is wrong.
So all items are looked at together, and the first rule that applies decides:

1. The user says how answers are written (`--answer-from`).
2. The set is known (Belebele and our releases count from 1, Cosmos QA and XCOPA from 0), and the answers fit.
3. Every answer is a letter: A is the first option.
4. Every answer is a number, and one of them is 0: they are counted from 0.
5. No answer is a number, and each is the text of one of its item's options: that option.
6. Anything else is refused with the question that the user must answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.intake import shown
from data.itemsets.item_set import FaultKind
from data.itemsets.layouts.layout import AnswerFrom
from data.itemsets.set_columns import Columns
from data.itemsets.set_problems import Problems

_NUMBER = re.compile(r"[+-]?\d+(?:\.0+)?")
_LETTER = re.compile(r"[A-Ja-j]")


_NEARLY_ALL = 0.9
"""The share of answers that must be written in one way for the set to count as so written; the rest are faults."""


@dataclass(frozen=True)
class WrongAnswer:
    """The reason why an answer names no option."""

    kind: FaultKind
    what: str


def number_of(value: object) -> int | None:
    """Return a whole number, whether the file has it as a number or as text; None for anything else.

    >>> [number_of(v) for v in (3, 3.0, "3", " 0 ", True, "A", 2.5, None)]
    [3, 3, 3, 0, None, None, None, None]
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    return int(float(value)) if isinstance(value, str) and _NUMBER.fullmatch(value.strip()) else None


def told_by(
    answers: Sequence[object],
    options: Sequence[Sequence[str]],
    known: AnswerFrom | None,
    columns: Columns,
    problems: Problems,
) -> AnswerFrom | None:
    """Return how the answers of a set are written; None, with a problem noted, if that would be a guess."""
    if columns.answer_from:
        return columns.answer_from
    there = [n for n, answer in enumerate(answers) if answer is not None and answer != ""]
    if not there:
        return "0"  # all answers are missing, so it does not matter how they are written
    answers, options = [answers[n] for n in there], [options[n] for n in there]
    if known is not None:
        fitting = sum(
            isinstance(correct_option_of(answer, texts, known, ""), int)
            for answer, texts in zip(answers, options, strict=True)
        )
        if 2 * fitting >= len(answers):  # otherwise this set only has the same columns as the known one
            return known
    numbers = [number_of(answer) for answer in answers]
    enough = _NEARLY_ALL * len(answers)
    by_text = sum(str(answer) in texts for answer, texts in zip(answers, options, strict=True)) >= enough
    by_letter = sum(isinstance(a, str) and _LETTER.fullmatch(a.strip()) is not None for a in answers) >= enough
    if not by_text:
        if by_letter:
            return "letter"
        if 0 in numbers:
            return "0"
    elif not by_letter and sum(number is None for number in numbers) >= enough:
        return "text"
    if by_text or not any(number is not None for number in numbers):
        odd = next((repr(a) for a, n in zip(answers, numbers, strict=True) if n is None), repr(answers[0]))
        problems.add(
            "",
            f"how is the answer told ({odd[:60]}, for one)? Say --answer-from 0, 1, letter (A is the first option)"
            " or text (the option's own)",
        )
        return None
    most = max(number for number in numbers if number is not None)
    least = min(number for number in numbers if number is not None)
    problems.add(
        "",
        f"are the answers counted from 0 or from 1? They run from {least} to {most} and none is 0:"
        f" say --answer-from 1 or --answer-from 0{_fits(numbers, options)}",
    )
    return None


def _fits(numbers: Sequence[int | None], options: Sequence[Sequence[str]]) -> str:
    pairs = [(n, len(texts)) for n, texts in zip(numbers, options, strict=True) if n is not None]
    over = sum(n >= size for n, size in pairs)
    return f" (counted from 0, {over:,} of them would lie beyond the last option)" if over else ""


def correct_option_of(value: object, texts: Sequence[str], told: AnswerFrom, column: str) -> int | WrongAnswer:
    """Return the correct option, counted from 0, or the reason why the answer names none."""
    if value is None or value == "":
        return WrongAnswer("no_answer", f"the answer ({column}) is missing")
    if told == "text":
        found = [place for place, text in enumerate(texts) if text == value]
        if len(found) == 1:
            return found[0]
        which = " and ".join(str(place + 1) for place in found)
        stands = f"is the text of options {which} alike" if found else "is none of the options"
        what = f"the answer ({column}) {shown(str(value))} {stands}"
        return WrongAnswer("answer_is_two_options" if found else "answer_is_no_option", what)
    given = f"the answer ({column}) {shown(value)}"
    if told == "letter":
        if not isinstance(value, str) or not _LETTER.fullmatch(value.strip()):
            what = f"{given} is no letter; say --answer-from if answers are told otherwise"
            return WrongAnswer("answer_is_no_option", what)
        place = ord(value.strip().upper()) - ord("A")
    else:
        number = number_of(value)
        if number is None:
            what = f"{given} is no number; say --answer-from if answers are told otherwise"
            return WrongAnswer("answer_is_no_option", what)
        place = number - int(told)
    if 0 <= place < len(texts):
        return place
    range_ = {"0": f"0 to {len(texts) - 1}", "1": f"1 to {len(texts)}"}.get(
        told, f"A to {'ABCDEFGHIJ'[max(len(texts), 1) - 1 : max(len(texts), 1)] or 'J'}"
    )
    what = f"{given} names none of the {len(texts)} options; it must lie in {range_}"
    return WrongAnswer("answer_is_no_option", what)


def labelled(value: Mapping[str, Any]) -> tuple[list[Any], list[Any]] | None:
    """Return the texts and labels of options given as `{"text": […], "label": ["A", …]}`; None for other forms."""
    texts, labels = value.get("text"), value.get("label", value.get("labels"))
    if isinstance(texts, list) and isinstance(labels, list) and len(texts) == len(labels):
        return texts, labels
    return None
