"""Adjudicating: where reviewers could not agree, one more person sees everything and decides.

The page shows side by side what each reviewer answered blind, found and recommends, under letters: who they
are tells nothing about who is right. Beside it stands what the author said for the question: the sentences
that settle it, and why each wrong answer is tempting and wrong, since an objection is often an answer to that.
Whoever adjudicates has seen the key, so they never review the same question, and their reason is required: it
goes to the author, or stands for ever beside a question that somebody objected to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.review_criteria import NAMES, judged_by, mark
from annotation.forms.sheet import Cells, Sheet
from annotation.forms.submitted_form import Field, Reading, entries, read_form, settles
from annotation.stages.stage_page import StagePage

MOST = 9
"""Columns on the page, for as many reviewers as a campaign may ask."""

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
    """What one reviewer said about a question.

    Attributes:
        choice: identity of the answer that they chose blind; 0 for 'cannot be answered'; None if not known.
        sure: whether they were sure then.
        answer_comment: what they wrote then.
        rubric: criterion to fulfilled; empty if they have not judged.
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
    """The adjudicating page's label configuration for items in one language, XML."""
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
    """What an adjudicating task shows.

    Args:
        sentences: of the passage, in order.
        question: the question.
        answers: the four answers by identity.
        key: identity of the answer that the author marked, from 1.
        reviews: what the reviewers said, at most `MOST`; they become Reviewer A, B, … in this order.
        evidence: numbers of the sentences that settle the question, as its author says; None where nobody said.
        notes: of the author on each answer: why a wrong one is tempting, and why it is wrong; none for an older
            question.
        checks: what the checks found, one sentence each.
        last_round: whether the question can go back no more, so that revising it drops it.
        findings: why the task came back, one sentence each; none the first time.
    """
    return {
        "about": "Passage",
        "place": judged_by(evidence),
        "settles": settles(sentences, evidence),
        "notices": [],
        "findings": list(findings),
        "sentences": list(sentences),
        "question": question,
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
            _line("Reviewer", list(_LETTERS.upper()[: len(reviews)])),
            *_said(reviews),
        ],
        "remarks": _remarks(reviews),
        "checks": list(checks),
        "rounds": "This question has gone back as often as it may: to revise it now is to drop it."
        if last_round
        else "",
        "reason": "",
    }


def shown(payload: Mapping[str, Any]) -> dict[str, object]:
    """What the page needs besides its payload, where that is of before evidence and notes were shown."""
    return {
        "settles": payload.get("settles") or [""] * len(payload["sentences"]),
        "answers": [{"note": "", **answer} for answer in payload["answers"]],
    }


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """What an adjudicator decided.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `key` is the answer that the author marked.

    Returns:
        Fields `decision` (keep, revise or drop), `right` (identity of the answer that they hold to be right, 0 for
        none or several, None where they did not say) and `reason`.
    """
    form = read_form(result, _FIELDS)
    named = form.values["right"]
    right = None if not named else 0 if named == "none" else int(named)
    more = []
    if form.values["decision"] == "keep" and right is not None and right != payload["key"]:
        says = f"answer {right} is right" if right else "not exactly one answer is right"
        more.append(f"You keep the question, but say that {says}: revise or drop it, or name the marked answer.")
    return form.reading(
        {"decision": form.values["decision"], "right": right, "reason": form.values["reason"]}, more
    )


def result(
    *, decision: str = "", right: int | None = None, reason: str = "", query: str = ""
) -> list[dict[str, Any]]:
    """The result list of an adjudicator who decides like this; the reverse of `read`.

    Args:
        decision: "keep", "revise", "drop", or "" for none.
        right: identity of the answer that they hold to be right, 0 for none or several, None for not said.
        reason: what they write.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    named = "" if right is None else str(right) if right else "none"
    return entries(_FIELDS, {"decision": decision, "right": named, "reason": reason}, query)


def refill(result: object) -> dict[str, object]:
    """What was written in a submission, valid or not; what was chosen is chosen again."""
    return {"reason": read_form(result, (Field("reason", "the reason"),)).values["reason"]}


def _said(reviews: Sequence[Review]) -> list[dict[str, str]]:
    """The lines of the table, one a thing that was asked."""
    judged = [review.rubric for review in reviews]
    return [
        _compared("Answered blind", [_ANSWERS.get(one.choice, str(one.choice)) for one in reviews]),
        _line("Was sure then", ["–" if one.choice is None else "yes" if one.sure else "no" for one in reviews]),
        _compared("Recommends", [review.recommend or "–" for review in reviews]),
        *(
            _compared(name, [_YES_OR_NO[rubric.get(criterion)] for rubric in judged])
            for criterion, name in NAMES.items()
        ),
    ]


_ANSWERS = {None: "–", 0: "none"}
_YES_OR_NO = {True: "✓ yes", False: "✗ no", None: "–"}


def _line(says: str, cells: Sequence[str], compared: Sequence[object] = ()) -> dict[str, str]:
    given = {value for value in compared if value not in ("–", None)}
    shown = dict(zip(_LETTERS, [*cells, *[""] * (MOST - len(cells))], strict=True))
    return {"says": says, "differs": "differ" if len(given) > 1 else "", **shown}


def _compared(says: str, cells: Sequence[str]) -> dict[str, str]:
    return _line(says, cells, cells)


def _chosen_by(number: int, reviews: Sequence[Review]) -> str:
    letters = [letter for letter, one in zip(_LETTERS.upper(), reviews, strict=False) if one.choice == number]
    return f"chosen by {', '.join(letters)}" if letters else ""


def _remarks(reviews: Sequence[Review]) -> list[dict[str, str]]:
    """What the reviewers wrote, in their order."""
    return [
        {"who": f"Reviewer {letter}, {when}", "text": text}
        for letter, review in zip(_LETTERS.upper(), reviews, strict=False)
        for when, text in (("answering blind", review.answer_comment), ("judging", review.comment))
        if text
    ]


def _from_sheet(cells: Cells, _: Mapping[str, Any]) -> dict[str, Any]:
    decision = cells.one_of("decision", _DECISIONS)
    right = cells.chosen("right", {**{str(n): n for n in range(1, 5)}, "none": 0})
    return {"decision": decision, "right": right, "reason": cells["reason"]}


PAGE = StagePage(
    stage="adjudicating",
    title="Settle disputes in {}",
    colour="#B4235A",
    listed=("question",),
    configuration=lambda setting: config(setting.language),
    read=read,
    refill=refill,
    result=lambda fields, _, query: result(**fields, query=query),
    sheet=Sheet(("decision", "right", "reason"), _from_sheet),
    more=shown,
    shows_key=True,
)
