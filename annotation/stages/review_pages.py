"""Reviewing, in two tasks: answer blind, then judge with the key in view.

Answering comes first and knows no key: its payload is made without one, and the options stand in an order of the
task's own, so that an author's habit of where to put the right answer tells nothing. Judging is made only after
that answer was collected. It shows the options as they were written, the key, and what this reviewer answered;
whoever has just been led astray judges 'one right answer' with other eyes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.sheet import YES_OR_NO, Cells, Sheet
from annotation.forms.submitted_form import Field, Reading, entries, read_form, settles
from annotation.stages.stage_page import StagePage
from data.ledger.tables import digest

CRITERIA = {
    "answerable": "the passage alone settles the question",
    "one_right": "the marked answer is right, and no other could be defended",
    "distractors_wrong": "every other answer is clearly wrong by the passage, yet tempting",
    "passage_only": "without the passage the right answer cannot be picked",
    "wording": "question and answers are correct, natural and clear",
    "inoffensive": "nothing in it hurts, mocks or slights anyone",
    "translatable": "it works in any language",
}
"""What a reviewer judges, and what is true of an item that fulfils it."""

NAMES = {
    "answerable": "Answerable",
    "one_right": "One right answer",
    "distractors_wrong": "Wrong answers are wrong",
    "passage_only": "Needs the passage",
    "wording": "Well worded",
    "inoffensive": "Inoffensive",
    "translatable": "Translatable",
}
"""What the pages call the criteria."""

LETTERS = ("A", "B", "C", "D")
"""What the options of a blind task are called, in the order in which they are shown."""

_NONE = "none"
_ANSWERING = (
    Field("choice", "your answer", (*LETTERS, _NONE), cure="choose one, or that the passage does not tell"),
    Field("sure", "how sure you are", ("sure", "unsure"), cure="say whether you are sure"),
    Field("comment", "the comment"),
)
_RECOMMENDATIONS = ("keep", "revise", "drop")
_JUDGING = (
    *(
        Field(f"rubric_{name}", f"“{says}”", ("yes", "no"), cure="answer yes or no")
        for name, says in CRITERIA.items()
    ),
    Field("recommend", "your recommendation", _RECOMMENDATIONS, cure="choose keep, revise or drop"),
    Field("comment", "the comment"),
)


def answering_config(language: str) -> str:
    """The answering page's label configuration for items in one language, XML."""
    return label_configuration.config("answering", language)


def shown_order(task_key: str, n: int = 4) -> list[int]:
    """The order in which a task shows the answers: identities 1 to n, shuffled.

    The task's key alone decides, so that the same task made again shows the same order.

    >>> sorted(shown_order("answering/eng_Latn/p-q1/1/r1", 4))
    [1, 2, 3, 4]
    """
    return sorted(range(1, n + 1), key=lambda identity: digest(task_key, identity))


def letter_of(choice: int, payload: Mapping[str, Any]) -> str:
    """The letter at which a blind task shows an answer, by the answer's identity."""
    return LETTERS[list(payload.get("order") or shown_order(payload["task_key"])).index(choice)]


def letters_of(payload: Mapping[str, Any]) -> dict[str, int]:
    """The letters of a blind task's options, lower case, as the identities of the answers that they stand for."""
    return {letter.casefold(): n for letter, n in zip(LETTERS, payload["order"], strict=True)}


def answering_payload(
    *, task_key: str, sentences: Sequence[str], question: str, answers: Sequence[str], findings: Sequence[str] = ()
) -> dict[str, object]:
    """What an answering task shows; there is no way to hand it the key.

    Args:
        task_key: of the task; decides the order of the answers.
        sentences: of the passage, in order.
        question: the question.
        answers: the four answers by identity.
        findings: why it came back, one sentence each; none the first time.
    """
    order = shown_order(task_key, len(answers))
    return {
        "about": "Passage",
        "place": "The answer is in the passage, or it is nowhere.",
        "notices": [],
        "findings": list(findings),
        "sentences": list(sentences),
        "question": question,
        "options": [answers[identity - 1] for identity in order],
        "order": order,
        "comment": "",
    }


def read_answering(result: object, payload: Mapping[str, Any]) -> Reading:
    """What a reviewer answered blind.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its `order` turns the letter chosen into an identity.

    Returns:
        Fields `choice` (identity of the answer, 0 for 'cannot be answered'), `sure` (bool) and `comment`.
    """
    form = read_form(result, _ANSWERING)
    letter = form.values["choice"]
    choice = int(payload["order"][LETTERS.index(letter)]) if letter in LETTERS else 0
    return form.reading(
        {"choice": choice, "sure": form.values["sure"] == "sure", "comment": form.values["comment"]}
    )


def answer_result(
    *,
    choice: int | None = None,
    sure: bool | None = None,
    comment: str = "",
    payload: Mapping[str, Any],
    query: str = "",
) -> list[dict[str, Any]]:
    """The result list of a reviewer who answers like this; the reverse of `read_answering`.

    Args:
        choice: identity of the answer chosen, 0 for 'cannot be answered'; None for no choice made.
        sure: whether they are; None for not said.
        comment: what they write.
        payload: what the task showed, as it rests in the ledger or stands on a server.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    letter = letter_of(choice, payload) if choice else _NONE
    values = {
        "choice": "" if choice is None else letter,
        "sure": "" if sure is None else "sure" if sure else "unsure",
        "comment": comment,
    }
    return entries(_ANSWERING, values, query)


def judging_config(language: str) -> str:
    """The judging page's label configuration for items in one language, XML."""
    return label_configuration.config("judging", language)


def judging_payload(
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
    """What a judging task shows.

    Args:
        sentences: of the passage, in order.
        question: the question.
        answers: the four answers by identity.
        key: identity of the correct answer, from 1.
        choice: what this reviewer answered blind; 0 for 'cannot be answered'.
        sure: whether they were sure.
        comment: what they wrote then.
        findings: why it came back, one sentence each; none the first time.
        guess: what they guessed before they had seen the passage, if they did.
        evidence: numbers of the sentences that settle the question, as its author says; None where nobody said.
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
            {"number": str(number), "text": text, "mark": mark(number == key, number == choice)}
            for number, text in enumerate(answers, start=1)
        ],
        "own": _own(key, choice, sure, comment, guess),
        "comment": "",
    }


def judging_shown(payload: Mapping[str, Any]) -> dict[str, object]:
    """What the judging page needs besides its payload, where that is of before evidence was shown."""
    return {"settles": payload.get("settles") or [""] * len(payload["sentences"])}


def read_judging(result: object, payload: Mapping[str, Any]) -> Reading:  # noqa: ARG001 - as all stages do
    """What a reviewer judged.

    Args:
        result: Label Studio's result list.
        payload: what the task showed.

    Returns:
        Fields `rubric` (criterion to bool: fulfilled), `recommend` ("keep", "revise" or "drop") and `comment`.
    """
    form = read_form(result, _JUDGING)
    rubric = {name: form.values[f"rubric_{name}"] == "yes" for name in CRITERIA}
    recommend, comment = form.values["recommend"], form.values["comment"]
    unexplained = not form.blocked and recommend in ("revise", "drop") and all(rubric.values()) and not comment
    more = [f"You recommend to {recommend} it, but all criteria are fulfilled: say why in the comment."]
    return form.reading(
        {"rubric": rubric, "recommend": recommend, "comment": comment}, more if unexplained else ()
    )


def judge_result(
    *, rubric: Mapping[str, bool] = MappingProxyType({}), recommend: str = "", comment: str = "", query: str = ""
) -> list[dict[str, Any]]:
    """The result list of a reviewer who judges like this; the reverse of `read_judging`.

    Args:
        rubric: criterion → fulfilled; what is left out is a question left open.
        recommend: "keep", "revise", "drop", or "" for none.
        comment: what they write.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    answered = {f"rubric_{name}": "yes" if fulfilled else "no" for name, fulfilled in rubric.items()}
    return entries(_JUDGING, {**answered, "recommend": recommend, "comment": comment}, query)


def refill(result: object) -> dict[str, object]:
    """What was written in a submission of either task, valid or not; what was chosen is chosen again."""
    return {"comment": read_form(result, (Field("comment", "the comment"),)).values["comment"]}


def mark(correct: bool, chosen: bool = False) -> str:
    """What stands beside an answer."""
    return " · ".join([*(["correct answer"] if correct else []), *(["your answer"] if chosen else [])])


def judged_by(evidence: Iterable[int] | None) -> str:
    """What stands below a passage for whoever knows the key: what to judge by, and what its marks mean."""
    marked = " Dark numbers mark what settles it, its author says." if evidence else ""
    return f"Judge by the passage alone.{marked}"


def _own(key: int, choice: int, sure: bool, comment: str, guess: int | None) -> str:
    chose = f"answer {choice}" if choice else "that it cannot be answered from the passage"
    agrees = "as the author did" if choice == key else f"the author has answer {key}"
    said = f" You wrote: {comment}" if comment else ""
    before = "" if guess is None else f" Before you saw the passage you guessed answer {guess}."
    return f"Before you saw the key you chose {chose} ({'sure' if sure else 'not sure'}); {agrees}.{said}{before}"


def _answer_from_sheet(cells: Cells, payload: Mapping[str, Any]) -> dict[str, Any]:
    choice = cells.chosen("choice", {**letters_of(payload), _NONE: 0})
    return {"choice": choice, "sure": cells.chosen("sure", YES_OR_NO), "comment": cells["comment"]}


def _judgement_from_sheet(cells: Cells, _: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: cells.chosen(f"rubric_{name}", YES_OR_NO) for name in CRITERIA}
    rubric = {name: fulfilled for name, fulfilled in said.items() if fulfilled is not None}
    recommend = cells.one_of("recommend", _RECOMMENDATIONS)
    return {"rubric": rubric, "recommend": recommend, "comment": cells["comment"]}


ANSWERING_PAGE = StagePage(
    stage="answering",
    title="Answer questions blind in {}",
    colour="#A16207",
    listed=("question",),
    configuration=lambda setting: answering_config(setting.language),
    read=read_answering,
    refill=refill,
    result=lambda fields, payload, query: answer_result(**fields, payload=payload, query=query),
    sheet=Sheet(("choice", "sure", "comment"), _answer_from_sheet),
    blind=True,
)

JUDGING_PAGE = StagePage(
    stage="judging",
    title="Judge questions in {}",
    colour="#C2410C",
    listed=("question",),
    configuration=lambda setting: judging_config(setting.language),
    read=read_judging,
    refill=refill,
    result=lambda fields, _, query: judge_result(**fields, query=query),
    sheet=Sheet((*(f"rubric_{name}" for name in CRITERIA), "recommend", "comment"), _judgement_from_sheet),
    more=judging_shown,
    shows_key=True,
)
