"""Guessing: a reviewer answers without the passage, before having seen it.

A right guess comes from knowledge of the world, from good sense, or from what the options look like; over many
questions, the share above chance (one in four) shows how much of a benchmark can be solved without reading. So the
page can be given neither passage nor key, and 'it cannot be answered' is not a choice: people must guess. A right
guess says nothing against a single question, since one guess in four is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.option_letters import LETTERS, chosen_identity, letter_of, letters_of, shown_order
from annotation.forms.submitted_form import Field, Reading, comment_refilled, entries, read_form
from annotation.forms.work_file_columns import Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext

WHY = {
    "knew": "knew it",
    "sense": "by good sense",
    "looks": "by the look of the options",
    "blind": "at random",
}
"""What a guess was based on, and how pages say so."""

_FIELDS = (
    Field("choice", "your guess", LETTERS, cure="choose one, even if you have no idea"),
    Field("why", "what you went by", tuple(WHY), cure="choose what comes nearest"),
    Field("comment", "the comment"),
)


def config(language: str) -> str:
    """Return the label configuration of the guessing page for items in one language, XML."""
    return label_configuration.config("guessing", language)


def payload(
    *, task_key: str, question: str, answers: Sequence[str], findings: Sequence[str] = ()
) -> dict[str, object]:
    """Return what a guessing task shows; neither the passage nor the key can be passed to it.

    Args:
        task_key: of the task; decides the order of the answers.
        question: the question.
        answers: the four answers by identity.
        findings: why the task came back, one sentence each; none the first time.
    """
    order = shown_order(task_key, len(answers))
    return {
        "about": gettext("You have not seen the passage yet. Which answer would you bet on?"),
        "notices": [],
        "findings": list(findings),
        "question": question,
        "options": [answers[identity - 1] for identity in order],
        "order": order,
        "comment": "",
    }


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read a reviewer's guess.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `order` turns the letter chosen into an identity.

    Returns:
        Fields `choice` (identity of the answer), `why` (a key of `WHY`) and `comment`.
    """
    form = read_form(result, _FIELDS)
    choice = chosen_identity(form.values["choice"], payload)
    return form.reading({"choice": choice, "why": form.values["why"], "comment": form.values["comment"]})


def result(
    *, choice: int | None = None, why: str = "", comment: str = "", payload: Mapping[str, Any], query: str = ""
) -> list[dict[str, Any]]:
    """Return the result list of a reviewer who guesses like this; the inverse of `read`.

    Args:
        choice: identity of the answer chosen; None for no choice.
        why: a key of `WHY`, or "" if not stated.
        comment: what they write.
        payload: what the task showed, as stored in the ledger or on a server.
        query: what keeps them from working.
    """
    letter = letter_of(choice, payload) if choice else ""
    return entries(_FIELDS, {"choice": letter, "why": why, "comment": comment}, query)


def _from_sheet(cells: Cells, payload: Mapping[str, Any]) -> dict[str, Any]:
    choice, why = cells.chosen("choice", letters_of(payload)), cells.one_of("why", tuple(WHY))
    return {"choice": choice, "why": why, "comment": cells["comment"]}


PAGE = StagePage(
    stage="guessing",
    title=gettext("Guess answers without the passage in {}"),
    colour="#7C6A0A",
    listed=("question",),
    configuration=lambda setting: config(setting.language),
    read=read,
    refill=lambda result, _: comment_refilled(result),
    result=lambda fields, payload, query: result(**fields, payload=payload, query=query),
    sheet=Sheet(("choice", "why", "comment"), _from_sheet),
    blind=True,
)
