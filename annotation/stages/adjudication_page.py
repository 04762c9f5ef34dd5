"""Adjudicating: where reviewers could not agree, one more person sees everything and decides.

The page shows side by side what each reviewer answered blind, found and recommends. Reviewers appear under
letters, because who they are says nothing about who is right. Beside it is the author's case for the question: the
sentences that settle it, and why each wrong answer is tempting and wrong, since an objection is often answered by
that. An adjudicator has seen the key, so they never review the same question. Their reason is required: it goes to
the author, or stays beside a question that somebody objected to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.review_criteria import NAMES, mark, question_to_judge
from annotation.forms.submitted_form import Field, Reading, entries, read_form
from annotation.forms.work_file_columns import Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext

MOST = 9
"""Columns on the page, enough for the most reviewers that a campaign may ask."""

_RIGHT = ("1", "2", "3", "4", "none")
_DECISIONS = ("keep", "revise", "drop")
_FIELDS = (
    Field("decision", "your decision", _DECISIONS, cure="choose keep, revise or drop"),
    Field("right", "the right answer", _RIGHT),
    Field("reason", "the reason", cure="say why; it goes to the author, or stands beside the question"),
)
_LETTERS = "abcdefghi"


@dataclass(frozen=True)
class Review:
    """One reviewer's work on a question.

    Attributes:
        choice: identity of the answer that they chose blind; 0 for 'cannot be answered'; None if unknown.
        sure: whether they were sure then.
        answer_comment: what they wrote then.
        rubric: whether each criterion is met; empty if they have not judged.
        recommend: keep, revise, drop, or "" if they have not judged.
        comment: what they wrote when they judged.
    """

    choice: int | None = None
    sure: bool = True
    answer_comment: str = ""
    rubric: Mapping[str, bool] = field(default_factory=dict)
    recommend: str = ""
    comment: str = ""


def config(language: str) -> str:
    """Return the label configuration of the adjudicating page for items in one language, XML."""
    return label_configuration.config("adjudicating", language)


def payload(
    *,
    sentences: Sequence[str],
    question: str,
    answers: Sequence[str],
    key: int,
    reviews: Sequence[Review],
    evidence: Iterable[int] | None = None,
    notes: Sequence[str] = (),
    checks: Sequence[str] = (),
    last_round: bool = False,
    findings: Sequence[str] = (),
) -> dict[str, object]:
    """Return what an adjudicating task shows.

    Args:
        sentences: of the passage, in order.
        question: the question.
        answers: the four answers by identity.
        key: identity of the answer that the author marked, from 1.
        reviews: the reviewers' work, at most `MOST`; they become Reviewer A, B, … in this order.
        evidence: numbers of the sentences that settle the question according to its author; None if not stated.
        notes: the author's note on each answer, why a wrong one is tempting and why it is wrong; none for an older
            question.
        checks: what the checks found, one sentence each.
        last_round: whether the question cannot go back again, so that revising it drops it.
        findings: why the task came back, one sentence each; none the first time.
    """
    return {
        **question_to_judge(sentences, question, evidence, findings),
        "answers": [
            {
                "number": str(number),
                "text": text,
                "mark": mark(number == key),
                "by": _chosen_by(number, reviews),
                "note": note,
            }
            for number, (text, note) in enumerate(zip_longest(answers, notes, fillvalue=""), start=1)
        ],
        "key": key,
        "lines": [
            _line(gettext("Reviewer"), list(_LETTERS.upper()[: len(reviews)])),
            *_comparison(reviews),
        ],
        "remarks": _remarks(reviews),
        "checks": list(checks),
        "rounds": gettext(
            "This question has been sent back as often as the rules allow: revising it now means dropping it."
        )
        if last_round
        else "",
        "reason": "",
    }


def extra_fields(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what the page needs besides its payload, if that is from before evidence and notes were shown."""
    return {
        "settles": payload.get("settles") or [""] * len(payload["sentences"]),
        "answers": [{"note": "", **answer} for answer in payload["answers"]],
    }


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read an adjudicator's decision.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `key` is the answer that the author marked.

    Returns:
        Fields `decision` (keep, revise or drop), `right` (identity of the answer they consider right, 0 for none
            or
        several, None if not stated) and `reason`.
    """
    form = read_form(result, _FIELDS)
    named = form.values["right"]
    right = None if not named else 0 if named == "none" else int(named)
    more = []
    if form.values["decision"] == "keep" and right is not None and right != payload["key"]:
        says = f"answer {right} is right" if right else "not exactly one answer is right"
        more.append(f"You keep the question but say that {says}: revise or drop it, or choose the marked answer.")
    return form.reading(
        {"decision": form.values["decision"], "right": right, "reason": form.values["reason"]}, more
    )


def result(
    *, decision: str = "", right: int | None = None, reason: str = "", query: str = ""
) -> list[dict[str, Any]]:
    """Return the result list of an adjudicator who decides like this; the inverse of `read`.

    Args:
        decision: "keep", "revise", "drop", or "" for none.
        right: identity of the answer they consider right, 0 for none or several, None if not stated.
        reason: what they write.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    named = "" if right is None else str(right) if right else "none"
    return entries(_FIELDS, {"decision": decision, "right": named, "reason": reason}, query)


def refill(result: object) -> dict[str, object]:
    """Return the text of a submission, valid or not; choices have to be made again."""
    return {"reason": read_form(result, (Field("reason", "the reason"),)).values["reason"]}


def _comparison(reviews: Sequence[Review]) -> list[dict[str, str]]:
    """Return the rows of the table, one per question that reviewers were asked."""
    judged = [review.rubric for review in reviews]
    return [
        _compared(gettext("Answered blind"), [_ANSWERS.get(one.choice, str(one.choice)) for one in reviews]),
        _line(gettext("Was sure then"), [_sure(one) for one in reviews]),
        _compared(gettext("Recommends"), [_RECOMMENDED.get(review.recommend, "–") for review in reviews]),
        *(
            _compared(name, [_YES_OR_NO[rubric.get(criterion)] for rubric in judged])
            for criterion, name in NAMES.items()
        ),
    ]


_RECOMMENDED = {"keep": gettext("keep"), "revise": gettext("revise"), "drop": gettext("drop")}
_ANSWERS = {None: "–", 0: gettext("none")}
_YES_OR_NO = {True: gettext("✓ yes"), False: gettext("✗ no"), None: "–"}


def _sure(review: Review) -> str:
    return "–" if review.choice is None else gettext("yes") if review.sure else gettext("no")


def _line(says: str, cells: Sequence[str], compared: Sequence[object] = ()) -> dict[str, str]:
    given = {value for value in compared if value not in ("–", None)}
    shown = dict(zip(_LETTERS, [*cells, *[""] * (MOST - len(cells))], strict=True))
    return {"says": says, "differs": gettext("differ") if len(given) > 1 else "", **shown}


def _compared(says: str, cells: Sequence[str]) -> dict[str, str]:
    return _line(says, cells, cells)


def _chosen_by(number: int, reviews: Sequence[Review]) -> str:
    letters = [letter for letter, one in zip(_LETTERS.upper(), reviews, strict=False) if one.choice == number]
    return gettext("chosen by {letters}").format(letters=", ".join(letters)) if letters else ""


def _remarks(reviews: Sequence[Review]) -> list[dict[str, str]]:
    """Return what the reviewers wrote, in their order."""
    return [
        {"who": gettext("Reviewer {letter}, {when}").format(letter=letter, when=when), "text": text}
        for letter, review in zip(_LETTERS.upper(), reviews, strict=False)
        for when, text in (
            (gettext("answering blind"), review.answer_comment),
            (gettext("judging"), review.comment),
        )
        if text
    ]


def _from_sheet(cells: Cells, _: Mapping[str, Any]) -> dict[str, Any]:
    decision = cells.one_of("decision", _DECISIONS)
    right = cells.chosen("right", {**{str(n): n for n in range(1, 5)}, "none": 0})
    return {"decision": decision, "right": right, "reason": cells["reason"]}


PAGE = StagePage(
    stage="adjudicating",
    title=gettext("Settle disputes in {}"),
    colour="#B4235A",
    listed=("question",),
    configuration=lambda setting: config(setting.language),
    read=read,
    refill=lambda result, _: refill(result),
    result=lambda fields, _, query: result(**fields, query=query),
    sheet=Sheet(("decision", "right", "reason"), _from_sheet),
    more=extra_fields,
    shows_key=True,
)
