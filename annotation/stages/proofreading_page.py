"""Proofreading: a second pair of eyes on a translation, with source, both passages, draft and findings in view.

There are three outcomes, and the text must match the one chosen: an accepted draft is unchanged, a corrected one
differs, and one returned to the translator comes with a comment on what to do. Otherwise a slip in the choice
could pass on an unread correction or lose one.

A proofreader who corrects or returns a draft says what was wrong. The categories are the main types of MQM
(themqm.org), with accuracy in four parts because they call for different cures. Each has a severity, the worst one
if there are several errors.

Where the errors are may be marked in the draft (`annotation.forms.error_marks`); nobody has to. A marked error
counts as one, and an error of a kind that was named counts once more if no mark of the kind is as serious.

Each finding of a check can be dismissed with a reason, and a certain mend taken by one key
(`annotation.forms.finding_answers`). A mend makes an accepted draft a corrected one, of which nobody was asked
what was wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from annotation.forms import error_marks, finding_answers, label_configuration
from annotation.forms.error_marks import ErrorMark
from annotation.forms.submitted_form import ITEM_FIELDS, Field, Reading, entries, four, numbered, read_form, tidy
from annotation.forms.work_file_columns import ITEM_COLUMNS, Cells, Sheet
from annotation.stages import translation_page
from annotation.stages.stage_page import StagePage
from annotation.stages.translation_page import boxes, segments, source_shown
from annotation.words.marking import gettext

CATEGORIES = {
    "mistranslation": "the meaning is another",
    "omission": "something is missing",
    "addition": "something was added",
    "untranslated": "left in the source language",
    "terminology": "a term or name unlike the passage or the glossary",
    "linguistic": "grammar, spelling, punctuation",
    "style": "correct, but no native speaker writes so",
    "locale": "numerals, dates, units, quotation marks",
    "other": "say what in the comment",
}
"""What can be wrong with a translation, each with its meaning: MQM's main types, accuracy in its four parts."""

SEVERITIES = ("neutral", "minor", "major", "critical")
"""Severities of MQM; neutral is for wording that one would change although it is not wrong."""

FORM = 2
"""Version of the form, as stored in what a task shows; version 2 added the question what was wrong."""

_OUTCOMES = ("accept", "corrected", "return")
_BOXES = tuple(Field(box.name, f"{box.label} as corrected") for box in ITEM_FIELDS)
_FIELDS = (
    Field(
        "outcome", "the outcome", _OUTCOMES, cure="accept the draft, correct it, or return it to the translator"
    ),
    *_BOXES,
    Field("errors", "what was wrong", tuple(CATEGORIES), several=True),
    *(Field(f"severity_{name}", f"how serious the {name} is", SEVERITIES) for name in CATEGORIES),
    Field(error_marks.DROP, "whether the earlier marks are taken back", ("drop",)),
    Field("comment", "the comment"),
)
_ERRORS = tuple(f"{category}/{severity}" for category in CATEGORIES for severity in SEVERITIES)


def config(language: str, source_language: str = "eng_Latn") -> str:
    """Return the page's label configuration for one target language, XML."""
    return label_configuration.config("proofreading", language, source_language)


def payload(
    *,
    source_sentences: Sequence[str],
    target_sentences: Sequence[str],
    question: str,
    answers: Sequence[str],
    key: int,
    draft_question: str,
    draft_answers: Sequence[str],
    translator_note: str = "",
    findings: Sequence[str] = (),
    places: Sequence[Mapping[str, Any]] = (),
    help: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    changed: Iterable[tuple[str, str, str]] = (),
    evidence: Iterable[int] | None = None,
) -> dict[str, object]:
    """Return what a proofreading task shows.

    Args:
        source_sentences: of the passage in the source language.
        target_sentences: of the passage in the target language.
        question: in the source language.
        answers: four, in the source language, by identity.
        key: identity of the correct answer, from 1.
        draft_question: the translator's.
        draft_answers: the translator's, by identity.
        translator_note: the author's note to translators.
        findings: what the checks found in the draft, one sentence each.
        places: where they found it: part (`question`, `option_1` …), start and end in code points of the draft's
            text (None for all of it), the text there, reason, fix (None if it is not certain), and said: the one
            of `findings` that it belongs to. To be answered, a place also has check, version and digest, and
            contested: what the translator says against it.
        help: as for `translation_page.payload`.
        changed: what changed in the text since a proofreader last read it, as (name, before, now).
        evidence: as for `translation_page.payload`.
    """
    return {
        **source_shown(
            source_sentences, target_sentences, question, answers, key, translator_note, evidence=evidence
        ),
        "findings": list(findings),
        "places": [dict(place) for place in places],
        "help": {name: dict(given) for name, given in help.items()},
        "changes": [part for name, before, now in changed for part in segments(name, before, now)],
        "form": FORM,
        "draft_question": draft_question,
        **numbered("draft_answer", draft_answers),
        **boxes({"question": draft_question, "answers": draft_answers}),
        "comment": "",
    }


def extra_fields(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what the page needs besides its payload."""
    fields = translation_page.doubted(
        payload, finding_answers.asked(payload), gettext("Dismiss it:"), gettext("Fix or dismiss it:")
    )
    told = error_marks.told(_former_marks(payload))
    marked = [{"says": gettext("You marked {place}").format(place=one)} for one in told]
    return {"changes": payload.get("changes", []), "marked": marked, **fields}


def refill(result: object, payload: Mapping[str, Any]) -> dict[str, object]:
    """Return the filled-in part of a page, with the contents of a submission; boxes left empty hold the draft.

    Args:
        result: of the submission.
        payload: what it was made on. Marks that stood there stay, unless the submission has others in their field.
    """
    rest, marks, _ = error_marks.taken_apart(result, _drafts(payload), CATEGORIES, SEVERITIES)
    values = read_form(rest, _FIELDS).values
    shown = {name: values[name] for name in (*(box.name for box in _BOXES), "comment") if values[name]}
    standing = _standing_marks(marks, values, payload)
    return {**shown, **({"marks": [one.facts() for one in standing]} if standing else {})}


def _drafts(payload: Mapping[str, Any]) -> dict[str, str]:
    return {box.name: str(payload[f"draft_{box.name}"]) for box in _BOXES}


def _former_marks(payload: Mapping[str, Any]) -> list[ErrorMark]:
    return [ErrorMark.of(facts) for facts in payload.get("marks", ())]


def _standing_marks(
    marks: Sequence[ErrorMark], values: Mapping[str, str], payload: Mapping[str, Any]
) -> list[ErrorMark]:
    return error_marks.with_former(marks, [] if values[error_marks.DROP] else _former_marks(payload))


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read a proofreader's submission.

    Args:
        result: Label Studio's result list.
        payload: what the task showed; its draft is the text unless the outcome is a correction.

    Returns:
        Fields `outcome` ("accept", "corrected" or "return"), `question` and `answers` (the resulting text),
            `comment` (never empty for "return"), `errors` ("category/severity" of each; none for "accept", else at
            least one; None for a task from before they were asked for, and for a draft accepted but for mends,
            whose outcome is "corrected"), `marks` where there are any (`ErrorMark.facts` each; offsets in code
            points of the draft) and, where the task asks about findings, `findings` (`finding_answers.answers`).
    """
    findings = finding_answers.asked(payload)
    rest, given, mismarked = error_marks.taken_apart(result, _drafts(payload), CATEGORIES, SEVERITIES)
    form = read_form(rest, (*_FIELDS, *finding_answers.form_fields(findings)))
    outcome, comment = form.values["outcome"], form.values["comment"]
    draft = {box.name: tidy(str(payload[f"draft_{box.name}"])) for box in _BOXES}
    written = {box.name: form.values[box.name] for box in _BOXES}
    answers = finding_answers.answers(findings, form.values)
    mends = any(one["why"] == finding_answers.MEND for one in answers)
    text = written if outcome == "corrected" else draft
    text, unmended = finding_answers.mended(findings, answers, text) if outcome != "return" else (text, [])
    marks, unsaid = error_marks.completed(_standing_marks(given, form.values, payload), _named(form.values))
    fields: dict[str, Any] = {
        "outcome": "corrected" if mends and outcome == "accept" else outcome,
        "question": text["question"],
        "answers": four(text, "answer"),
        "comment": comment,
        "errors": _errors(form.values, marks) if outcome != "accept" else None if mends else [],
        **({"marks": [one.facts() for one in marks]} if marks and outcome != "accept" else {}),
        **({"findings": answers} if findings else {}),
    }
    asked = payload.get("form", 1) >= FORM
    if not asked and not fields["errors"]:
        fields["errors"] = None
    slips = [
        *_slips(outcome, comment, written, draft, mends),
        *(_unsaid(outcome, form.values, marks) if asked else ()),
    ]
    slips += [*unmended, *finding_answers.unsaid(answers, findings), *mismarked]
    slips += unsaid if outcome != "accept" else []
    if outcome == "accept" and given:
        slips.append(
            gettext("You accepted the draft but marked an error in it: correct it, return it, or remove the mark.")
        )
    return form.reading(fields, [] if form.blocked else slips)


def result(
    *,
    outcome: str = "",
    question: str = "",
    answers: Sequence[str] = (),
    comment: str = "",
    errors: Sequence[str] = (),
    marks: Sequence[Mapping[str, Any]] = (),
    findings: Sequence[Mapping[str, Any]] = (),
    payload: Mapping[str, Any] = MappingProxyType({}),
    query: str = "",
) -> list[dict[str, Any]]:
    """Return the result list of a proofreader who fills in the page like this; the inverse of `read`.

    Args:
        outcome: "accept", "corrected", "return", or "" for none.
        question: the text as it should be. Any argument that is empty or left out is a field left empty.
        answers: four, by identity.
        comment: what they write.
        errors: what was wrong, "category/severity" each, or a category alone if no severity is given.
        marks: where the errors are, as `ErrorMark.facts`.
        findings: answers to findings: number, why, and words; a mend that is chosen must not be in the text yet.
        payload: what the task showed; needed for these answers alone.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    found: dict[str, str] = {}
    for name, _, severity in (error.partition("/") for error in errors):
        found[name] = max(found.get(name, ""), severity, key=_weight)
    values = {
        "outcome": outcome,
        "question": question,
        **numbered("answer", answers),
        "errors": ",".join(found),
        **{f"severity_{name}": severity for name, severity in found.items()},
        "comment": comment,
        **finding_answers.values_of(finding_answers.asked(payload), findings),
    }
    fields = (*_FIELDS, *finding_answers.form_fields(finding_answers.asked(payload)))
    return [*entries(fields, values, query), *error_marks.entries(map(ErrorMark.of, marks))]


def _named(values: Mapping[str, str]) -> dict[str, str]:
    """Return the severity of each kind that was named for the whole draft."""
    return {name: values[f"severity_{name}"] for name in values["errors"].split(",") if name}


def _weight(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else -1


def _errors(values: Mapping[str, str], marks: Sequence[ErrorMark] = ()) -> list[str]:
    """Return "category/severity" of each mark, and of each named kind of which no mark is as serious."""
    named, found = _named(values), []
    for category in CATEGORIES:
        mine = [one.severity for one in marks if one.category == category]
        found += [f"{category}/{severity}" for severity in mine]
        if category in named and max(map(_weight, mine), default=-2) < _weight(named[category]):
            found.append(f"{category}/{named[category]}")
    return found


def _unsaid(outcome: str, values: Mapping[str, str], marks: Sequence[ErrorMark]) -> list[str]:
    if outcome not in ("corrected", "return"):
        return []
    if not values["errors"] and not marks:
        return [gettext("What was wrong is missing: mark at least one kind of error.")]
    unweighed = [name for name, severity in _named(values).items() if not severity]
    return [f"How serious the {name} is, is missing: say it." for name in unweighed]


def _slips(
    outcome: str, comment: str, written: Mapping[str, str], draft: Mapping[str, str], mends: bool
) -> list[str]:
    edited = [box for box in _BOXES if written[box.name] and written[box.name] != draft[box.name]]
    if outcome == "corrected":
        empty = [
            f"{box.label[:1].upper()}{box.label[1:]} is missing: write it."
            for box in _BOXES
            if not written[box.name]
        ]
        return empty or (
            []
            if edited or mends
            else [gettext("You chose to correct it, but nothing differs: accept it, or correct it.")]
        )
    if outcome == "accept" and edited:
        return [
            f"You accepted the draft, but {edited[0].label} differs from it: "
            "choose to correct it, or undo the change."
        ]
    if outcome == "return" and not comment:
        return [gettext("You return it without a comment: tell the translator what to do.")]
    if outcome == "return" and mends:
        return [gettext("You return it but apply a fix: choose to correct it, or clear your choice of the fix.")]
    return []


def _from_sheet(cells: Cells, payload: Mapping[str, Any]) -> dict[str, Any]:
    cure = (
        f"write what was wrong and how serious it is, as mistranslation/major, style/minor; kinds: "
        f"{', '.join(CATEGORIES)}; severities: {', '.join(SEVERITIES)}"
    )
    return {
        **cells.item(),
        "outcome": cells.one_of("outcome", _OUTCOMES),
        "errors": cells.listed("errors", _ERRORS, cure),
        "marks": error_marks.from_sheet(cells, _drafts(payload), _ERRORS),
        "comment": cells["comment"],
        "findings": finding_answers.from_sheet(cells, finding_answers.asked(payload)),
    }


_COLUMNS = ("outcome", *ITEM_COLUMNS, "errors", error_marks.COLUMN, "comment")


PAGE = StagePage(
    stage="proofreading",
    title=gettext("Proofread {}"),
    colour="#6D4BB8",
    listed=("source_question", "fate"),
    configuration=lambda setting: config(setting.language, setting.source_language),
    read=read,
    refill=refill,
    result=lambda fields, payload, query: result(**fields, payload=payload, query=query),
    sheet=Sheet(_COLUMNS, _from_sheet, lambda payload: (*_COLUMNS, *finding_answers.column(payload))),
    more=extra_fields,
    shows_key=True,
)
