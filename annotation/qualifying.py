"""Qualifying: before somebody writes, they show by a short quiz that the guideline for authors reached them.

The quiz is a file of ours, `guidelines/quiz.toml`. Which options are right is looked up when the answers have been
collected and is never part of what a page shows, so it stands on no server. A page's questions and options stand
in an order of the page's own, so that a second try is no matter of remembering letters. Questions are known by
their names: a quiz that was answered before the file changed is marked by those that are still in it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from annotation import page
from annotation.reading import Field, Reading, entries, read_form
from annotation.reviewing import LETTERS
from data.nouns import digest

ENGLISH = "eng_Latn"
"""What the quiz is written in, as the guidelines are."""


@cache
def _quiz() -> dict[str, Any]:
    return tomllib.loads(files("annotation").joinpath("guidelines/quiz.toml").read_text(encoding="utf-8"))


CHOICES = tuple(f"choice_{number}" for number in range(1, len(_quiz()["questions"]) + 1))
"""The page's fields, one a question in the order of the page."""


def config() -> str:
    """The quiz page's label configuration, XML."""
    block = files("annotation").joinpath("configs/asked.xml").read_text(encoding="utf-8").rstrip()
    blocks = (block.replace("NUMBER", str(number)) for number in range(1, len(_quiz()["questions"]) + 1))
    return page.config("qualifying", ENGLISH).replace("<Questions/>", "\n".join(blocks))


def guideline() -> str:
    """What authors read before the quiz: what it is for, and the guideline that it is about; HTML."""
    return page.guideline("qualifying") + page.guideline("authoring")


def payload(*, task_key: str, findings: Sequence[str] = ()) -> dict[str, object]:
    """What a quiz task shows; no part of it tells which options are right.

    Args:
        task_key: of the task; decides the order of questions and options.
        findings: what was wrong the last time, one sentence each; none the first time.
    """
    questions = {question["name"]: question for question in _quiz()["questions"]}
    asked = sorted(questions, key=lambda name: digest(task_key, name))
    shown: dict[str, object] = {
        "about": "Passage: all questions are about it",
        "place": "A passage made up for this quiz.",
        "notices": [],
        "findings": list(findings),
        "sentences": list(_quiz()["sentences"]),
        "quiz": [],
    }
    order = []
    for number, name in enumerate(asked, start=1):
        question = questions[name]
        options = _order(task_key, name)
        order.append({"name": name, "order": options})
        shown[f"asks_{number}"] = question["asks"]
        shown[f"item_{number}"] = question.get("item", "").strip()
        for letter, option in zip(LETTERS, options, strict=True):
            shown[f"option_{number}_{letter}"] = question["options"][option - 1]
    return {**shown, "quiz": order}


def _order(task_key: str, name: str) -> list[int]:
    """The order in which a task shows a question's options: their numbers from 1, shuffled by the task's key."""
    return sorted(range(1, len(LETTERS) + 1), key=lambda number: digest(task_key, name, number))


def refill(_: object) -> dict[str, object]:
    """Nothing: a quiz that was not valid begins anew."""
    return {}


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """What somebody answered.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `quiz` turns letters into options.

    Returns:
        Field `chosen`: number of the option chosen, from 1, by the question's name.
    """
    form = read_form(result, _fields(payload))
    chosen = {
        asked["name"]: asked["order"][LETTERS.index(form.values[f"choice_{number}"])]
        for number, asked in enumerate(payload["quiz"], start=1)
        if form.values[f"choice_{number}"] in LETTERS
    }
    return form.reading({"chosen": chosen})


def result(*, chosen: Mapping[str, int], payload: Mapping[str, Any], query: str = "") -> list[dict[str, Any]]:
    """The result list of somebody who answers like this; the reverse of `read`.

    Args:
        chosen: number of the option chosen, from 1, by the question's name; what is left out is left open.
        payload: what the task showed.
        query: what keeps them from working.
    """
    values = {
        f"choice_{number}": LETTERS[asked["order"].index(chosen[asked["name"]])]
        for number, asked in enumerate(payload["quiz"], start=1)
        if asked["name"] in chosen
    }
    return entries(_fields(payload), values, query)


def marked(chosen: Mapping[str, int]) -> dict[str, bool]:
    """Whether each answer is right, by the question's name; of questions that are in the quiz.

    >>> marked({"two-right": 1, "length": 1, "from-an-older-quiz": 2})
    {'two-right': True, 'length': False}
    """
    right = {question["name"]: question["right"] for question in _quiz()["questions"]}
    return {name: option == right[name] for name, option in chosen.items() if name in right}


def explained(wrong: Sequence[str]) -> list[str]:
    """What is to be learnt from questions that were not answered rightly, one sentence or two each."""
    told = {question["name"]: question for question in _quiz()["questions"]}
    return [f"{_called(told[name])}: {told[name]['explains']}" for name in wrong if name in told]


def right_options() -> dict[str, int]:
    """The number of the right option, from 1, by the question's name: for scripts and tests, never for a page."""
    return {question["name"]: question["right"] for question in _quiz()["questions"]}


def version() -> str:
    """A digest of the quiz and the guideline that it is about."""
    return digest(_quiz(), guideline())


def _called(question: Mapping[str, Any]) -> str:
    """How a question is called where it does not stand: by its item's question, or by its own."""
    item = question.get("item", "").strip()
    return f"“{item.splitlines()[0] if item else question['asks']}”"


def _fields(payload: Mapping[str, Any]) -> tuple[Field, ...]:
    numbers = range(1, len(payload["quiz"]) + 1)
    return tuple(
        Field(f"choice_{n}", f"the answer to question {n}", LETTERS, cure="choose an option") for n in numbers
    )
