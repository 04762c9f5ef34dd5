"""Judging: a reviewer judges a question with the key in view, the second half of a review.

A task is made only after the same person's blind answer was collected (`annotation.stages.answering_page`). It
shows the options as they were written, the key, and what this reviewer answered; a reviewer who has just been
misled judges 'one right answer' differently.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.review_criteria import CRITERIA, mark, question_to_judge
from annotation.forms.submitted_form import Field, Reading, comment_refilled, entries, read_form
from annotation.forms.work_file_columns import YES_OR_NO, Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext

_RECOMMENDATIONS = ("keep", "revise", "drop")
_FIELDS = (
    *(
        Field(f"rubric_{name}", f"“{says}”", ("yes", "no"), cure="answer yes or no")
        for name, says in CRITERIA.items()
    ),
    Field("recommend", "your recommendation", _RECOMMENDATIONS, cure="choose keep, revise or drop"),
    Field("comment", "the comment"),
)


def config(language: str) -> str:
    """Return the label configuration of the judging page for items in one language, XML."""
    return label_configuration.config("judging", language)


def payload(
    *,
    sentences: Sequence[str],
    question: str,
    answers: Sequence[str],
    key: int,
    choice: int,
    sure: bool,
    comment: str = "",
    findings: Sequence[str] = (),
    guess: int | None = None,
    evidence: Iterable[int] | None = None,
) -> dict[str, object]:
    """Return what a judging task shows.

    Args:
        sentences: of the passage, in order.
        question: the question.
        answers: the four answers by identity.
        key: identity of the correct answer, from 1.
        choice: what this reviewer answered blind; 0 for 'cannot be answered'.
        sure: whether they were sure.
        comment: what they wrote then.
        findings: why the task came back, one sentence each; none the first time.
        guess: what they guessed before they had seen the passage, if they did.
        evidence: numbers of the sentences that settle the question according to its author; None if not stated.
    """
    return {
        **question_to_judge(sentences, question, evidence, findings),
        "answers": [
            {"number": str(number), "text": text, "mark": mark(number == key, number == choice)}
            for number, text in enumerate(answers, start=1)
        ],
        "own": _own(key, choice, sure, comment, guess),
        "comment": "",
    }


def extra_fields(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what the page needs besides its payload, if that is from before evidence was shown."""
    return {"settles": payload.get("settles") or [""] * len(payload["sentences"])}


def read(result: object, payload: Mapping[str, Any]) -> Reading:  # noqa: ARG001 - the same signature at all stages
    """Read a reviewer's judgement.

    Args:
        result: Label Studio's result list.
        payload: what the task showed.

    Returns:
        Fields `rubric` (whether each criterion is met), `recommend` ("keep", "revise" or "drop") and `comment`.
    """
    form = read_form(result, _FIELDS)
    rubric = {name: form.values[f"rubric_{name}"] == "yes" for name in CRITERIA}
    recommend, comment = form.values["recommend"], form.values["comment"]
    unexplained = not form.blocked and recommend in ("revise", "drop") and all(rubric.values()) and not comment
    more = [
        gettext("You recommend: {recommend}. But all criteria are met: say why in the comment.").format(
            recommend=recommend
        )
    ]
    return form.reading(
        {"rubric": rubric, "recommend": recommend, "comment": comment}, more if unexplained else ()
    )


def result(
    *, rubric: Mapping[str, bool] = MappingProxyType({}), recommend: str = "", comment: str = "", query: str = ""
) -> list[dict[str, Any]]:
    """Return the result list of a reviewer who judges like this; the inverse of `read`.

    Args:
        rubric: whether each criterion is met; one that is left out is not answered.
        recommend: "keep", "revise", "drop", or "" for none.
        comment: what they write.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    answered = {f"rubric_{name}": "yes" if fulfilled else "no" for name, fulfilled in rubric.items()}
    return entries(_FIELDS, {**answered, "recommend": recommend, "comment": comment}, query)


def _own(key: int, choice: int, sure: bool, comment: str, guess: int | None) -> str:
    chose = gettext("answer {number}") if choice else gettext("that it cannot be answered from the passage")
    first = (
        gettext("Before you saw the key you chose {chose} ({sure}), as the author did.")
        if choice == key
        else gettext("Before you saw the key you chose {chose} ({sure}); the author marked answer {key}.")
    )
    said = first.format(
        chose=chose.format(number=choice), sure=gettext("sure") if sure else gettext("not sure"), key=key
    )
    if comment:
        said = gettext("{first} You wrote: {comment}").format(
            first=said, comment=label_configuration.isolated(comment)
        )
    if guess is not None:
        before = gettext("{first} Before you saw the passage you guessed answer {number}.")
        said = before.format(first=said, number=guess)
    return said


def _from_sheet(cells: Cells, _: Mapping[str, Any]) -> dict[str, Any]:
    answered = {name: cells.chosen(f"rubric_{name}", YES_OR_NO) for name in CRITERIA}
    rubric = {name: fulfilled for name, fulfilled in answered.items() if fulfilled is not None}
    recommend = cells.one_of("recommend", _RECOMMENDATIONS)
    return {"rubric": rubric, "recommend": recommend, "comment": cells["comment"]}


PAGE = StagePage(
    stage="judging",
    title=gettext("Judge questions in {}"),
    colour="#C2410C",
    listed=("question",),
    configuration=lambda setting: config(setting.language),
    read=read,
    refill=lambda result, _: comment_refilled(result),
    result=lambda fields, _, query: result(**fields, query=query),
    sheet=Sheet((*(f"rubric_{name}" for name in CRITERIA), "recommend", "comment"), _from_sheet),
    more=extra_fields,
    shows_key=True,
)
