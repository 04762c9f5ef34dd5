"""The quiz on the authors' guideline, as its file holds it: a passage, and questions with four options each.

A lead may write their own, so the file is read like everything written by hand: all mistakes are reported at once,
each with its line and its cure. The right answers are kept here and in the ledger, and never on a page.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from data.campaign import toml_mistakes
from data.intake import LONGEST_SHOWN, faults, text_files, toml_lines
from data.ledger.tables import digest

OPTIONS = 4
"""Options of every question: the page has one letter for each."""

_TEXTS = ("name", "asks", "explains")
_KEYS = (*_TEXTS, "item", "options", "right")
_PARTS = ("sentences", "questions")

Mistake = tuple[toml_lines.Key, str]
"""Position in the file, and what is wrong, with the cure."""


@dataclass(frozen=True)
class Question:
    """One question of a quiz.

    Attributes:
        name: identifies the question, whatever it asks.
        asks: the question.
        options: four.
        right: the number of the right option, from 1.
        explains: shown with the result to people who chose another option.
        item: what the question is about, lines of text; may be empty.
    """

    name: str
    asks: str
    options: tuple[str, ...]
    right: int
    explains: str
    item: str = ""

    @property
    def called(self) -> str:
        """How to refer to the question elsewhere: by its item's question if it has one, else by its own."""
        return f"“{self.item.splitlines()[0] if self.item else self.asks}”"


@dataclass(frozen=True)
class Quiz:
    """A quiz: the sentences of its passage, and its questions by name."""

    sentences: tuple[str, ...]
    questions: Mapping[str, Question]

    @property
    def version(self) -> str:
        """A digest of the whole quiz."""
        return digest(self.as_data())

    def as_data(self) -> dict[str, Any]:
        """Return the quiz as plain data, right answers included: for the ledger, never for a page."""
        return {"sentences": list(self.sentences), "questions": [asdict(one) for one in self.questions.values()]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Quiz:
        """Rebuild a quiz from `as_data`, or other data that is known to be valid."""
        questions = [
            Question(
                one["name"], one["asks"].strip(), tuple(one["options"]), one["right"], one["explains"],
                one.get("item", "").strip(),
            )
            for one in data["questions"]
        ]  # fmt: skip
        return cls(tuple(data["sentences"]), {one.name: one for one in questions})


def parse(text: str, bar: float = 0.0) -> tuple[Quiz | None, list[str]]:
    """Parse a quiz file; return the quiz, or None and every mistake in the file, one line each.

    Args:
        text: TOML.
        bar: the share of questions that must be answered rightly; 0 if nobody has to pass.
    """
    try:
        raw = text_files.toml(text)
    except tomllib.TOMLDecodeError as error:
        return None, [f"{toml_mistakes.syntax(str(error))}; see https://toml.io"]
    if broken := [(path, wrong) for path, wrong in faults(raw, LONGEST_SHOWN)]:
        return None, [f"line {toml_lines.line_of(text, path) or 1}: {wrong}" for path, wrong in broken]
    found = [*_outline(raw), *_questions(raw.get("questions")), *_enough(raw.get("questions"), bar)]
    placed = sorted({(toml_lines.line_of(text, key) or 1, message) for key, message in found})
    if placed:
        return None, [f"line {line}: {message}" for line, message in placed]
    return Quiz.of(raw), []


def _outline(raw: Mapping[str, Any]) -> Iterator[Mistake]:
    for key in raw:
        if key not in _PARTS:
            yield (
                (key,),
                f"there is no such key {key!r}{toml_mistakes.near(key, _PARTS)}; known: sentences, [[questions]]",
            )
    sentences = raw.get("sentences")
    if not isinstance(sentences, list) or not sentences or not all(map(_is_text, sentences)):
        yield ("sentences",), 'sentences must be a list of texts, the quiz\'s passage: sentences = ["…", "…"]'
    if not isinstance(raw.get("questions"), list) or not raw["questions"]:
        yield ("questions",), "there is no question; write [[questions]] with name, asks, options, right, explains"


def _questions(questions: object) -> Iterator[Mistake]:
    names: dict[object, int] = {}
    asked: dict[tuple[object, object], int] = {}
    for n, one in enumerate(questions if isinstance(questions, list) else []):
        if not isinstance(one, dict):
            yield ("questions",), f"question {n + 1} is {one!r}; write [[questions]], then its keys"
            continue
        yield from _one(one, n)
        name, text = one.get("name"), (_folded(one.get("asks")), _folded(one.get("item", "")))
        if _is_text(name):
            if name in names:
                yield ("questions", n, "name"), f"question {names[name] + 1} is called {name!r} too; rename one"
            names.setdefault(name, n)
        if text in asked:
            yield ("questions", n, "asks"), f"question {asked[text] + 1} asks the same; ask it once"
        if text[0]:
            asked.setdefault(text, n)


def _one(one: Mapping[str, Any], n: int) -> Iterator[Mistake]:
    """Yield what is wrong with one question by itself."""
    called = repr(one["name"]) if _is_text(one.get("name")) else f"question {n + 1}"
    for key in one:
        if key not in _KEYS:
            yield (
                ("questions", n, key),
                f"{called} has no such key {key!r}{toml_mistakes.near(key, _KEYS)}; known: {', '.join(_KEYS)}",
            )
    for key in _TEXTS:
        if not _is_text(one.get(key)):
            yield ("questions", n, key), f"{called} has no {key}: write a text of at least one character"
    if not isinstance(one.get("item", ""), str):
        yield ("questions", n, "item"), f"the item of {called} is {one['item']!r}, and must be a text"
    options = one.get("options")
    if not isinstance(options, list) or len(options) != OPTIONS or not all(map(_is_text, options)):
        has = f"has {len(options)}" if isinstance(options, list) and len(options) != OPTIONS else "has not"
        yield ("questions", n, "options"), f"{called} {has} options: write {OPTIONS} texts"
    elif len({_folded(option) for option in options}) < OPTIONS:
        yield ("questions", n, "options"), f"two options of {called} are the same; make them differ"
    right = one.get("right")
    if right is None:
        yield ("questions", n), f"{called} does not say which option is right: write right = 1, 2, 3 or 4"
    elif not isinstance(right, int) or isinstance(right, bool) or not 1 <= right <= OPTIONS:
        yield ("questions", n, "right"), f"right of {called} is {right!r}: write the right option's number, 1 to 4"


def _enough(questions: object, bar: float) -> Iterator[Mistake]:
    """Yield a mistake if a bar below 1 is so high for the number of questions that one wrong answer fails."""
    count = len(questions) if isinstance(questions, list) else 0
    share = Fraction(str(bar))
    if 0 < share < 1 and 0 < count < 1 / (1 - share):
        least = math.ceil(1 / (1 - share))
        yield (
            ("questions",),
            f"{count} questions are too few for the bar of {bar:.0%} (min_quiz_share): one wrong answer of "
            f"{count} fails; ask {least} or more, or write min_quiz_share = 1.0",
        )


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _folded(value: object) -> str:
    return " ".join(value.casefold().split()) if isinstance(value, str) else ""


def explained(quiz: Quiz, wrong: Sequence[str]) -> list[str]:
    """Return the explanations of the questions that were answered wrongly, one line each."""
    asked = [quiz.questions[name] for name in wrong if name in quiz.questions]
    return [" ".join(f"{one.called}: {one.explains}".split()) for one in asked]
