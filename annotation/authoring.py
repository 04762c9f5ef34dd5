"""Authoring: one passage becomes one question with four answers.

The author sees the passage in numbered sentences and fills in a question slot. When the question comes back, the
page shows what was found and holds the former text in its boxes: what the author does not touch is submitted as it
was. Why each distractor is wrong is asked for since an author who cannot say it has written a second right answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation import page
from annotation.reading import ITEM_FIELDS, Field, Reading, entries, four, numbered, read_form

_NUMBERS = ("1", "2", "3", "4")
_FIELDS = (
    *ITEM_FIELDS,
    Field("key", "the correct answer", _NUMBERS, cure="mark which answer is correct"),
    *(Field(f"note_{number}", f"why answer {number} is wrong") for number in _NUMBERS),
    Field("translator_note", "the note for translators"),
)


def config(language: str) -> str:
    """The page's label configuration for questions in one language, XML."""
    return page.config("authoring", language)


def guideline() -> str:
    """What authors read before they begin, HTML."""
    return page.guideline("authoring")


def payload(
    *,
    sentences: Sequence[str],
    number: int,
    domain: str = "",
    topic: str = "",
    link: str = "",
    findings: Sequence[str] = (),
    former: Mapping[str, Any] | None = None,
) -> dict[str, object]:
    """What an authoring task shows.

    Args:
        sentences: of the passage, in order.
        number: of the question on this passage, from 1; a slot that the author fills.
        domain: of the passage, as its source says.
        topic: of the passage, as its source says.
        link: to the document that the passage is from.
        findings: why the question came back, one sentence each; none the first time.
        former: fields as `read` gave them, to start from; None the first time.
    """
    return {
        "about": f"Passage, for question {number}",
        "place": " · ".join(filter(None, (domain, topic, link))) or "–",
        "sentences": list(sentences),
        "notices": [],
        "findings": list(findings),
        **_boxes(former or {}),
    }


def refill(result: object) -> dict[str, object]:
    """The part of a page that is filled in, holding what a submission says, valid or not."""
    return _boxes(_fields(read_form(result, _FIELDS).values))


def _boxes(fields: Mapping[str, Any]) -> dict[str, object]:
    key = fields.get("key")
    return {
        "question": fields.get("question", ""),
        **numbered("answer", fields.get("answers", [""] * 4)),
        **numbered("note", fields.get("notes", [""] * 4)),
        "translator_note": fields.get("translator_note") or "",
        "keys": [{"value": one, "selected": one == str(key)} for one in _NUMBERS],
    }


def _fields(values: Mapping[str, str]) -> dict[str, Any]:
    key = values["key"]
    return {
        "question": values["question"],
        "answers": four(values, "answer"),
        "key": int(key or 0),
        "notes": ["" if number == key else values[f"note_{number}"] for number in _NUMBERS],
        "translator_note": values["translator_note"],
    }


def read(result: object, payload: Mapping[str, Any]) -> Reading:  # noqa: ARG001 - every stage reads with its payload
    """What an author submitted.

    Args:
        result: Label Studio's result list.
        payload: what the task showed.

    Returns:
        Fields `question` (str), `answers` (four), `key` (1 to 4), `notes` (four; "" at the key) and
        `translator_note` (str, may be empty).
    """
    form = read_form(result, _FIELDS)
    key, fields = form.values["key"], _fields(form.values)
    silent = (
        []
        if form.blocked
        else [n for n, note in zip(_NUMBERS, fields["notes"], strict=True) if not note and key and n != key]
    )
    return form.reading(fields, [f"Why answer {number} is wrong is missing: say why." for number in silent])


def result(
    *,
    question: str = "",
    answers: Sequence[str] = (),
    key: int = 0,
    notes: Sequence[str] = (),
    translator_note: str = "",
    query: str = "",
) -> list[dict[str, Any]]:
    """The result list of an author who fills the page in like this; the reverse of `read`.

    Args:
        question: the question; whatever is empty or left out is a field left empty.
        answers: four.
        key: number of the correct one, from 1; 0 for none marked.
        notes: four, why each wrong answer is wrong.
        translator_note: what translators should know.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    values = {
        "question": question,
        **numbered("answer", answers),
        "key": str(key or ""),
        **numbered("note", notes),
        "translator_note": translator_note,
    }
    return entries(_FIELDS, values, query)
