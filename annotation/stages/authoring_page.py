"""Authoring: one passage becomes one question with four answers.

The author sees the passage in numbered sentences and fills in a question slot. When the question comes back, the
page shows what was found, and its boxes hold the former text: untouched boxes are submitted as they were. The
author must say why each distractor is tempting and wrong, because an author who cannot has written a second right
answer or one that nobody chooses. The sentences that settle the question are marked by number, as whole sentences:
a reviewer checks them at a glance, they mean the same in every language, and a number takes one key press.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.forms import label_configuration
from annotation.forms.submitted_form import ITEM_FIELDS, Field, Reading, entries, four, numbered, read_form
from annotation.forms.work_file_columns import ITEM_COLUMNS, Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext

_NUMBERS = ("1", "2", "3", "4")
_FIELDS = (
    *ITEM_FIELDS,
    Field("key", "the correct answer", _NUMBERS, cure="mark which answer is correct"),
    *(Field(f"note_{number}", f"why answer {number} is tempting and wrong") for number in _NUMBERS),
    Field("translator_note", "the note for translators"),
)

_MOST = 99  # sentences, when the passage is not available

FORM = 2
"""Version of the form, as stored in what a task shows; version 2 added the question for evidence."""


def config(language: str, *, feedback: bool = False) -> str:
    """Return the page's label configuration, XML, for questions in one language; optionally with feedback."""
    return label_configuration.config("authoring", language, feedback=feedback)


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
    """Return what an authoring task shows.

    Args:
        sentences: of the passage, in order.
        number: of the question on this passage, from 1; a slot that the author fills.
        domain: of the passage, according to its source.
        topic: of the passage, according to its source.
        link: to the document that the passage is from.
        findings: why the question came back, one sentence each; none the first time.
        former: fields as `read` returned them, to start from; None the first time.
    """
    return {
        "about": gettext("Passage, for question {number}").format(number=number),
        "place": "\n".join(filter(None, (" · ".join(filter(None, (domain, topic))), link))) or "–",
        "sentences": list(sentences),
        "notices": [],
        "findings": list(findings),
        "form": FORM,
        **_boxes(former or {}),
    }


def extra_fields(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what the page needs besides its payload.

    It is a mark for each sentence, set for those in `evidence`, and a place for the passage's other questions.
    """
    marked = payload.get("evidence", [])
    numbers = range(1, len(payload["sentences"]) + 1)
    marks: list[dict[str, object]] = [{"value": str(n), "selected": n in marked} for n in numbers]
    for mark in marks[:9]:
        mark["hotkey"] = mark["value"]
    return {"evidence": marked, "evidence_choices": marks, "siblings": []}


def refill(result: object) -> dict[str, object]:
    """Return the filled-in part of a page, with the contents of a submission, valid or not."""
    return _boxes(_fields(read_form(result, (*_FIELDS, _evidence(_MOST))).values))


def _boxes(fields: Mapping[str, Any]) -> dict[str, object]:
    key = fields.get("key")
    return {
        "question": fields.get("question", ""),
        **numbered("answer", fields.get("answers", [""] * 4)),
        **numbered("note", fields.get("notes", [""] * 4)),
        "translator_note": fields.get("translator_note") or "",
        "keys": [{"value": n, "selected": n == str(key), "hotkey": f"shift+{n}"} for n in _NUMBERS],
        "evidence": [int(number) for number in fields.get("evidence") or ()],
    }


def _evidence(sentences: int, *, required: bool = False) -> Field:
    cure = "mark the sentences of the passage that settle the question" if required else ""
    return Field("evidence", "the evidence", tuple(map(str, range(1, sentences + 1))), cure, several=True)


def _fields(values: Mapping[str, str]) -> dict[str, Any]:
    key = values["key"]
    return {
        "question": values["question"],
        "answers": four(values, "answer"),
        "key": int(key or 0),
        "notes": ["" if number == key else values[f"note_{number}"] for number in _NUMBERS],
        "translator_note": values["translator_note"],
        "evidence": [int(number) for number in values["evidence"].split(",") if number],
    }


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read an author's submission.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; one from before evidence was asked for is read without it.

    Returns:
        Fields `question` (str), `answers` (four), `key` (1 to 4), `notes` (four; "" at the key), `translator_note`
        (str, may be empty) and `evidence` (numbers of sentences from 1, ascending, at least one; None if it was
            not
        asked for).
    """
    asked = payload.get("form", 1) >= FORM
    form = read_form(result, (*_FIELDS, _evidence(len(payload.get("sentences", ())) or _MOST, required=asked)))
    key, fields = form.values["key"], _fields(form.values)
    if not asked and not fields["evidence"]:
        fields["evidence"] = None
    silent = (
        []
        if form.blocked
        else [n for n, note in zip(_NUMBERS, fields["notes"], strict=True) if not note and key and n != key]
    )
    return form.reading(fields, [f"Why answer {n} is tempting and wrong is missing: say it." for n in silent])


def result(
    *,
    question: str = "",
    answers: Sequence[str] = (),
    key: int = 0,
    notes: Sequence[str] = (),
    translator_note: str = "",
    evidence: Sequence[int] = (),
    query: str = "",
) -> list[dict[str, Any]]:
    """Return the result list of an author who fills in the page like this; the inverse of `read`.

    Args:
        question: the question. Any argument that is empty or left out is a field left empty.
        answers: four.
        key: number of the correct one, from 1; 0 for none marked.
        notes: four, why each wrong answer is tempting and why it is wrong.
        translator_note: what translators should know.
        evidence: numbers, from 1, of the sentences that settle the question.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    values = {
        "question": question,
        **numbered("answer", answers),
        "key": str(key or ""),
        **numbered("note", notes),
        "translator_note": translator_note,
        "evidence": ",".join(map(str, sorted(evidence))),
    }
    return entries((*_FIELDS, _evidence(_MOST)), values, query)


def _from_sheet(cells: Cells, _: Mapping[str, Any]) -> dict[str, Any]:
    sentences = [str(number) for number in range(1, _MOST + 1)]
    cure = "write the numbers of the sentences that settle the question, as 2, 3"
    return {
        **cells.item(),
        "key": cells.chosen("key", {number: int(number) for number in _NUMBERS}) or 0,
        "notes": [cells[f"note{number}"] for number in _NUMBERS],
        "evidence": [int(number) for number in cells.listed("evidence", sentences, cure)],
        "translator_note": cells["translator_note"],
    }


_COLUMNS = (*ITEM_COLUMNS, "key", *(f"note{number}" for number in _NUMBERS), "translator_note", "evidence")

PAGE = StagePage(
    stage="authoring",
    title=gettext("Write questions in {}"),
    colour="#2E7D4F",
    listed=("fate",),
    configuration=lambda setting: config(setting.language, feedback=setting.feedback),
    read=read,
    refill=lambda result, _: refill(result),
    result=lambda fields, _, query: result(**fields, query=query),
    sheet=Sheet(_COLUMNS, _from_sheet),
    more=extra_fields,
    shows_key=True,
    shows_siblings=True,
)
