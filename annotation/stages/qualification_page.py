"""Qualifying: before people write, a short quiz shows whether they have understood the guideline for authors.

The right answers are looked up after the submissions were collected and are never part of what a page shows, so
they are on no server. Each page has its own order of questions and options, so that a second try is not a matter
of remembering letters. Quizzes may change while people work, so a task records the number of the quiz it shows,
and that quiz is used to mark it. The page repeats one block for as many questions as a task has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.option_letters import LETTERS
from annotation.forms.submitted_form import Field, Reading, entries, read_form
from annotation.forms.work_file_columns import Cells, Sheet
from annotation.guidelines import guideline_files
from annotation.guidelines.quiz import Quiz
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext
from data.languages import direction_of
from data.ledger.tables import digest

ENGLISH = "eng_Latn"
"""The language of our quiz and our guidelines."""

_RIGHT_TO_LEFT = "arb_Arab"
"""Stands for any right-to-left language, if a quiz is not in the campaign's source language."""


def config(quiz: Quiz, source_language: str) -> str:
    """Return the quiz page's label configuration, XML; of the quiz it uses only the direction of its text."""
    way = label_configuration.reads(" ".join([*quiz.sentences, *(one.asks for one in quiz.questions.values())]))
    other = ENGLISH if way == "ltr" else _RIGHT_TO_LEFT
    return label_configuration.config(
        "qualifying", source_language if direction_of(source_language) == way else other
    )


def choices(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the columns of a work file for the answers to a task's questions, in their order."""
    return tuple(f"choice_{number}" for number in range(1, len(payload["quiz"]) + 1))


def payload(*, task_key: str, quiz: Quiz, number: int, findings: Sequence[str] = ()) -> dict[str, object]:
    """Return what a quiz task shows, without the right answers.

    Args:
        task_key: of the task; decides the order of questions and options.
        quiz: the quiz that is asked.
        number: of the quiz among those of the campaign.
        findings: what was wrong the last time, one sentence each; none the first time.
    """
    asked = sorted(quiz.questions, key=lambda name: digest(task_key, name))
    shown: dict[str, object] = {
        "about": gettext("Passage (all the questions are about it)"),
        "place": gettext("It is shown for this quiz only."),
        "notices": [],
        "findings": list(findings),
        "sentences": list(quiz.sentences),
        "quiz": [],
        "quiz_number": number,
    }
    order = []
    for at, name in enumerate(asked, start=1):
        question = quiz.questions[name]
        options = _order(task_key, name)
        order.append({"name": name, "order": options})
        shown[f"asks_{at}"] = question.asks
        shown[f"item_{at}"] = question.item
        for letter, option in zip(LETTERS, options, strict=True):
            shown[f"option_{at}_{letter}"] = question.options[option - 1]
    return {**shown, "quiz": order}


def extra_fields(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what the page needs besides its payload: the list of questions, one block each."""
    numbers = range(1, len(payload["quiz"]) + 1)
    asked = [
        {
            "asks": payload[f"asks_{n}"],
            "item": payload[f"item_{n}"],
            **{letter: payload[f"option_{n}_{letter}"] for letter in LETTERS},
        }
        for n in numbers
    ]
    return {"asked": asked}


def _order(task_key: str, name: str) -> list[int]:
    """Return the order in which a task shows a question's options: numbers from 1, shuffled by the task's key."""
    return sorted(range(1, len(LETTERS) + 1), key=lambda number: digest(task_key, name, number))


def refill(_: object) -> dict[str, object]:
    """Return nothing: an invalid quiz starts from an empty page."""
    return {}


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read the answers to a quiz.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `quiz` turns letters into options.

    Returns:
        Field `chosen`: number of the option chosen, from 1, by the question's name.
    """
    form = read_form(result, _fields(payload))
    chosen = {
        asked["name"]: asked["order"][LETTERS.index(form.values[f"choice_{at}"])]
        for at, asked in enumerate(payload["quiz"])
        if form.values[f"choice_{at}"] in LETTERS
    }
    return form.reading({"chosen": chosen})


def result(*, chosen: Mapping[str, int], payload: Mapping[str, Any], query: str = "") -> list[dict[str, Any]]:
    """Return the result list of a person who answers like this; the inverse of `read`.

    Args:
        chosen: number of the option chosen, from 1, by the question's name; a question left out is not answered.
        payload: what the task showed.
        query: what keeps them from working.
    """
    values = {
        f"choice_{at}": LETTERS[asked["order"].index(chosen[asked["name"]])]
        for at, asked in enumerate(payload["quiz"])
        if asked["name"] in chosen
    }
    return entries(_fields(payload), values, query)


def marked(chosen: Mapping[str, int], quiz: Quiz) -> dict[str, bool]:
    """Return whether each answer is right, by the question's name."""
    return {name: option == quiz.questions[name].right for name, option in chosen.items()}


def _fields(payload: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return one field per question; the page numbers its blocks from 0, people count from 1."""
    count = len(payload["quiz"])
    return tuple(
        Field(f"choice_{at}", f"the answer to question {at + 1}", LETTERS, cure="choose an option")
        for at in range(count)
    )


def _from_sheet(cells: Cells, payload: Mapping[str, Any]) -> dict[str, Any]:
    letters = {letter.casefold(): at for at, letter in enumerate(LETTERS)}
    chosen = [cells.chosen(column, letters) for column in choices(payload)]
    asked = zip(payload["quiz"], chosen, strict=True)
    return {"chosen": {one["name"]: one["order"][at] for one, at in asked if at is not None}}


PAGE = StagePage(
    stage="qualifying",
    title=gettext("Qualify to write questions in {}"),
    colour="#0F766E",
    listed=("about",),
    configuration=lambda setting: config(setting.quiz or guideline_files.ours().quiz, setting.source_language),
    read=read,
    refill=lambda result, _: refill(result),
    result=lambda fields, payload, query: result(**{"chosen": {}, **fields}, payload=payload, query=query),
    sheet=Sheet((), _from_sheet, columns_by_task=choices),
    more=extra_fields,
)
