"""Answering: a reviewer answers a question blind, the first half of a review.

The page does not know the key: its payload is made without it, and the options stand in an order of the task's
own, which hides an author's habit of where to put the right answer. The second half is
`annotation.stages.judging_page`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.option_letters import LETTERS, chosen_identity, letter_of, letters_of, shown_order
from annotation.forms.submitted_form import Field, Reading, comment_refilled, entries, read_form
from annotation.forms.work_file_columns import YES_OR_NO, Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext

_NONE = "none"
_FIELDS = (
    Field(
        "choice",
        "your answer",
        (*LETTERS, _NONE),
        cure="choose one, or say that the passage does not tell",
    ),
    Field("sure", "how sure you are", ("sure", "unsure"), cure="say whether you are sure"),
    Field("comment", "the comment"),
)


def config(language: str) -> str:
    """Return the label configuration of the answering page for items in one language, XML."""
    return label_configuration.config("answering", language)


def payload(
    *, task_key: str, sentences: Sequence[str], question: str, answers: Sequence[str], findings: Sequence[str] = ()
) -> dict[str, object]:
    """Return what an answering task shows; the key cannot be passed to it.

    Args:
        task_key: of the task; decides the order of the answers.
        sentences: of the passage, in order.
        question: the question.
        answers: the four answers by identity.
        findings: why the task came back, one sentence each; none the first time.
    """
    order = shown_order(task_key, len(answers))
    return {
        "about": gettext("Passage"),
        "place": gettext("Use the passage alone: either it gives the answer, or the question cannot be answered."),
        "notices": [],
        "findings": list(findings),
        "sentences": list(sentences),
        "question": question,
        "options": [answers[identity - 1] for identity in order],
        "order": order,
        "comment": "",
    }


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read a reviewer's blind answer.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `order` turns the letter chosen into an identity.

    Returns:
        Fields `choice` (identity of the answer, 0 for 'cannot be answered'), `sure` (bool) and `comment`.
    """
    form = read_form(result, _FIELDS)
    choice = chosen_identity(form.values["choice"], payload)
    return form.reading(
        {"choice": choice, "sure": form.values["sure"] == "sure", "comment": form.values["comment"]}
    )


def result(
    *,
    choice: int | None = None,
    sure: bool | None = None,
    comment: str = "",
    payload: Mapping[str, Any],
    query: str = "",
) -> list[dict[str, Any]]:
    """Return the result list of a reviewer who answers like this; the inverse of `read`.

    Args:
        choice: identity of the answer chosen, 0 for 'cannot be answered'; None for no choice.
        sure: whether they are; None if not stated.
        comment: what they write.
        payload: what the task showed, as stored in the ledger or on a server.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    letter = letter_of(choice, payload) if choice else _NONE
    values = {
        "choice": "" if choice is None else letter,
        "sure": "" if sure is None else "sure" if sure else "unsure",
        "comment": comment,
    }
    return entries(_FIELDS, values, query)


def _from_sheet(cells: Cells, payload: Mapping[str, Any]) -> dict[str, Any]:
    choice = cells.chosen("choice", {**letters_of(payload), _NONE: 0})
    return {"choice": choice, "sure": cells.chosen("sure", YES_OR_NO), "comment": cells["comment"]}


PAGE = StagePage(
    stage="answering",
    title=gettext("Answer questions blind in {}"),
    colour="#A16207",
    listed=("question",),
    configuration=lambda setting: config(setting.language),
    read=read,
    refill=lambda result, _: comment_refilled(result),
    result=lambda fields, payload, query: result(**fields, payload=payload, query=query),
    sheet=Sheet(("choice", "sure", "comment"), _from_sheet),
    blind=True,
)
