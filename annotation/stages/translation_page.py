"""Translating: a question and its answers in another language, with that language's passage in view.

Names, dates, units and terms must agree with the passage that readers will have, so both passages are shown side
by side, aligned by sentence. When a translation comes back, its boxes hold the former text and the page says why:
each finding stands beside the field that it is about, and changes in the source and a proofreader's changes to the
translation are shown word by word. Beside every field are the glossary terms that occur in its source, and earlier
translations of similar texts; they are there to be read, and nothing is filled in from them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from annotation.forms import finding_answers, label_configuration
from annotation.forms.glossary_matching import marked
from annotation.forms.sentence_alignment import aligned
from annotation.forms.submitted_form import ITEM_FIELDS, Reading, entries, four, numbered, read_form, settles
from annotation.forms.work_file_columns import ITEM_COLUMNS, Cells, Sheet
from annotation.stages.stage_page import StagePage
from annotation.words.marking import gettext
from data.languages import language as find_language

_NO_SPACES = "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Scripts written without spaces between words; changes in them are shown by character."""

_QUOTED = re.compile('“[^”]*”|"[^"]*"')
_OPTIONS = re.compile(r"\b(?:option|answer)s? ([1-4](?:(?:, | and )[1-4])*)\b", re.IGNORECASE)
_ON_QUESTION = re.compile(r"\W*the question\b", re.IGNORECASE)

_KIN = 0.3
"""Texts that share fewer of their words are shown whole, one after the other, not as fragments of both."""

_WORD = re.compile(rf"\s+|[{_NO_SPACES}]|[^\s{_NO_SPACES}]+")


def config(language: str, source_language: str = "eng_Latn") -> str:
    """Return the page's label configuration for one target language, XML."""
    return label_configuration.config("translating", language, source_language)


def payload(
    *,
    source_sentences: Sequence[str],
    target_sentences: Sequence[str],
    question: str,
    answers: Sequence[str],
    key: int,
    translator_note: str = "",
    findings: Sequence[str] = (),
    places: Sequence[Mapping[str, Any]] = (),
    former: Mapping[str, Any] | None = None,
    changed: Iterable[tuple[str, str, str]] = (),
    corrected: Iterable[tuple[str, str, str]] = (),
    evidence: Iterable[int] | None = None,
    help: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, object]:
    """Return what a translating task shows.

    Args:
        source_sentences: of the passage in the source language.
        target_sentences: of the passage in the target language.
        question: in the source language.
        answers: four, in the source language, by identity.
        key: identity of the correct answer, from 1.
        translator_note: the author's note to translators.
        findings: why the translation came back, one sentence each; none the first time.
        places: of the findings for which checks sent it back, as for `proofreading_page.payload`.
        former: fields as `read` returned them, to start from; None the first time.
        changed: changes in the source since the former translation, as (name, before, now); equal texts are left
            out.
        corrected: a proofreader's changes to the translation, in the same form.
        evidence: numbers of the source sentences that settle the question; None if unknown.
        help: by name of a box (and "passage"): `terms`, pairs of a source term and its translation; `memory`,
            earlier translations as (source, translation, likeness): 1 for the same text, 0 for one that only has
            the same term; a fourth value, if there is one, names the file that brought it.
    """
    return {
        **source_shown(
            source_sentences, target_sentences, question, answers, key, translator_note, evidence=evidence
        ),
        "findings": list(findings),
        **({"places": [dict(place) for place in places]} if places else {}),
        "changes": [part for name, before, now in changed for part in segments(name, before, now)],
        "fate_changes": [part for name, before, now in corrected for part in segments(name, before, now)],
        "fate_title": gettext("What was changed in your translation"),
        "help": {name: dict(given) for name, given in help.items()},
        **boxes(former or {}),
    }


def refill(result: object) -> dict[str, object]:
    """Return the filled-in part of a page, with the contents of a submission, valid or not."""
    values = read_form(result, ITEM_FIELDS).values
    return boxes({"question": values["question"], "answers": four(values, "answer")})


def boxes(fields: Mapping[str, Any]) -> dict[str, object]:
    """Return the initial contents of the boxes for a question and its answers, empty if not in `fields`."""
    return {
        "question": fields.get("question", ""),
        **numbered("answer", fields.get("answers", [""] * 4)),
    }


def source_shown(
    source_sentences: Sequence[str],
    target_sentences: Sequence[str],
    question: str,
    answers: Sequence[str],
    key: int,
    translator_note: str,
    evidence: Iterable[int] | None = None,
) -> dict[str, object]:
    """Return the part of a page that shows what is to be translated; arguments as for `payload`."""
    return {
        "about": gettext("Passage"),
        "notices": [],
        "pairs": pairs(source_sentences, target_sentences, evidence),
        "source_question": question,
        **numbered("source_answer", answers),
        **numbered("mark", [gettext("correct answer") if number == key else "" for number in range(1, 5)]),
        "translator_note": translator_note,
    }


def pairs(
    source: Sequence[str], target: Sequence[str], evidence: Iterable[int] | None = None
) -> list[dict[str, str]]:
    """Pair the sentences of two passages: one to one, or by their lengths if the counts differ.

    Args:
        source: sentences.
        target: sentences.
        evidence: numbers of the source's sentences that settle the question.

    Returns:
        Pairs of `source` and `target` text, with the source's sentence numbers (`number`) and the mark of evidence
        (`settles`).

    >>> [(p["number"], p["source"], p["target"]) for p in pairs(["One.", "Two."], ["Eins, zwei."])]
    [('1–2', 'One. Two.', 'Eins, zwei.')]
    """
    marks = settles(source, evidence)
    return [
        {
            "number": "–".join(dict.fromkeys(str(n) for n in (ours.start + 1, ours.stop) if len(ours))),
            "source": " ".join(source[ours.start : ours.stop]),
            "target": " ".join(target[theirs.start : theirs.stop]),
            "settles": max(marks[ours.start : ours.stop], default=""),
        }
        for ours, theirs in aligned(source, target)
    ]


def beside(findings: Sequence[str]) -> dict[str, list[str]]:
    """Group findings by the field they are about: `found_question`, `found_answer_1`, …; else `findings`.

    A finding about two answers is listed at both. Text in quotation marks is not searched for field names.

    A finding that speaks of two answers stands at both. What a text in quotation marks says names no field.
    """
    placed: dict[str, list[str]] = {"findings": [], **{f"found_{box.name}": [] for box in ITEM_FIELDS}}
    for finding in findings:
        plain = _QUOTED.sub("", finding)
        numbers = dict.fromkeys(n for group in _OPTIONS.findall(plain) for n in re.findall("[1-4]", group))
        places = [f"found_answer_{number}" for number in numbers]
        if not places and _ON_QUESTION.match(plain):
            places = ["found_question"]
        for place in places or ["findings"]:
            placed[place].append(finding)
    return placed


def extra_fields(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return what the page needs besides its payload."""
    return doubted(payload, finding_answers.asked(payload, mends=False), gettext("I disagree:"))


def doubted(
    payload: Mapping[str, Any], findings: Sequence[finding_answers.Finding], asks: str, mends: str = ""
) -> dict[str, object]:
    """Return what a page needs besides its payload, with the findings that can be answered at their fields.

    Args:
        payload: what the task shows. A finding in words is left out where its place says it.
        findings: the ones that can be answered.
        asks: what stands before the reasons.
        mends: what stands before a mend and the reasons.
    """
    told = {place["said"] for place in payload.get("places", ()) if _is_shown(place)}
    rest = [one for one in payload["findings"] if one.removeprefix("• ") not in told]
    fields = helped({**payload, "findings": rest})
    for place in payload.get("places", ()):
        if "digest" not in place and _is_shown(place):  # from before findings could be answered
            shown = fields[f"found_{finding_answers.field_of(place['part'])}"]
            assert isinstance(shown, list)
            shown += [said for said in [finding_answers.said_at(place)] if said not in shown]
    return {**fields, **finding_answers.shown(findings, asks, mends)}


def _is_shown(place: Mapping[str, Any]) -> bool:
    return "digest" in place or finding_answers.field_of(place["part"]) != finding_answers.WHOLE


def helped(payload: Mapping[str, Any]) -> dict[str, object]:
    """Return help and findings by field, and the terms marked in the source."""
    help: Mapping[str, Mapping[str, Any]] = payload.get("help", {})
    found: dict[str, object] = {**beside(payload["findings"])}
    pivot = find_language(str(payload["pivot_language"])).name if "pivot_language" in payload else ""
    texts = [payload.get("pivot_question", ""), *payload.get("pivot_answers", [""] * 4)]
    others = dict(zip((box.name for box in ITEM_FIELDS), texts, strict=True))
    for box in ITEM_FIELDS:
        given = help.get(box.name, {})
        terms = [{"term": term, "rendering": rendering} for term, rendering in given.get("terms", ())]
        found[f"terms_{box.name}"] = terms
        found[f"memory_{box.name}"] = [
            {"was": source, "became": target, "likeness": " · ".join([_likeness(like), *filter(None, origin)])}
            for source, target, like, *origin in given.get("memory", ())
        ]
        found[f"pivots_{box.name}"] = [{"language": pivot, "text": others[box.name]}] if pivot else []
        found[f"parts_{box.name}"] = marked(payload[f"source_{box.name}"], [term["term"] for term in terms])
    of_passage = [term for term, _ in help.get("passage", {}).get("terms", ())]
    found["pairs"] = [
        {"number": str(place), "settles": "", **pair, "parts": marked(pair["source"], of_passage)}
        for place, pair in enumerate(payload["pairs"], start=1)
    ]
    found["terms_passage"] = [
        {"term": term, "rendering": rendering} for term, rendering in help.get("passage", {}).get("terms", ())
    ]
    return found


def _likeness(like: float) -> str:
    if like == 1:
        return gettext("the same")
    return gettext("{share} alike").format(share=f"{like:.0%}") if like else gettext("the same term")


def segments(name: str, before: str, now: str) -> list[dict[str, str]]:
    """Return the changes from one text to another, word by word.

    Args:
        name: of the text; stands at its first segment.
        before: the text as it was.
        now: the text as it is.

    Returns:
        Segments `{"label", "same", "removed", "added"}`: `same` and `removed` together are the text before, `same`
        and `added` the text now. None if nothing changed.

    >>> [(s["same"], s["removed"], s["added"]) for s in segments("Question", "a red fox", "a fox")]
    [('a ', '', ''), ('', 'red ', ''), ('fox', '', '')]
    """
    if before == now:
        return []
    old, new = _WORD.findall(before), _WORD.findall(now)
    words, others = ([word for word in text if not word.isspace()] for text in (old, new))
    if difflib.SequenceMatcher(None, words, others, autojunk=False).ratio() < _KIN:
        return [{"label": name, "same": "", "removed": before, "added": now}]
    found = []
    for kind, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        lost, come = "".join(old[old_from:old_to]), "".join(new[new_from:new_to])
        same = kind == "equal"
        found.append(
            {
                "label": "",
                "same": lost if same else "",
                "removed": "" if same else lost,
                "added": "" if same else come,
            }
        )
    found[0]["label"] = name
    return found


def changed_places(before: str, now: str) -> list[tuple[int, int, str]]:
    """Return the places of a text that another one changed: start and end in code points, and what is there now.

    >>> changed_places("a red fox", "a fox"), changed_places("a fox", "a red fox")
    ([(2, 6, '')], [(2, 2, 'red ')])
    """
    found, at = [], 0
    for part in segments("", before, now):
        end = at + len(part["same"]) + len(part["removed"])
        if not part["same"]:
            found.append((at, end, part["added"]))
        at = end
    return found


def read(result: object, payload: Mapping[str, Any]) -> Reading:
    """Read a translator's submission.

    Args:
        result: Label Studio's result list.
        payload: what the task showed.

    Returns:
        Fields `question` (str), `answers` (four, by identity) and, where the task asks about findings, `findings`
        (`finding_answers.answers`).
    """
    findings = finding_answers.asked(payload, mends=False)
    form = read_form(result, (*ITEM_FIELDS, *finding_answers.form_fields(findings)))
    fields: dict[str, Any] = {"question": form.values["question"], "answers": four(form.values, "answer")}
    answers = finding_answers.answers(findings, form.values)
    if findings:
        fields["findings"] = answers
    return form.reading(fields, [] if form.blocked else finding_answers.unsaid(answers, findings))


def result(
    *,
    question: str = "",
    answers: Sequence[str] = (),
    findings: Sequence[Mapping[str, Any]] = (),
    payload: Mapping[str, Any] = MappingProxyType({}),
    query: str = "",
) -> list[dict[str, Any]]:
    """Return the result list of a translator who fills in the page like this; the inverse of `read`.

    Args:
        question: the translated question. Any argument that is empty or left out is a field left empty.
        answers: four, by identity.
        findings: answers to findings: number, why, and words.
        payload: what the task showed; needed for these answers alone.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    asked = finding_answers.asked(payload, mends=False)
    values = {
        "question": question,
        **numbered("answer", answers),
        **finding_answers.values_of(asked, findings),
    }
    return entries((*ITEM_FIELDS, *finding_answers.form_fields(asked)), values, query)


def _from_sheet(cells: Cells, payload: Mapping[str, Any]) -> dict[str, Any]:
    findings = finding_answers.asked(payload, mends=False)
    return {**cells.item(), "findings": finding_answers.from_sheet(cells, findings)}


PAGE = StagePage(
    stage="translating",
    title=gettext("Translate into {}"),
    colour="#1D6FA5",
    listed=("source_question", "fate"),
    configuration=lambda setting: config(setting.language, setting.source_language),
    read=read,
    refill=lambda result, _: refill(result),
    result=lambda fields, payload, query: result(**fields, payload=payload, query=query),
    sheet=Sheet(
        ITEM_COLUMNS,
        _from_sheet,
        lambda payload: (*ITEM_COLUMNS, *finding_answers.column(payload, mends=False)),
    ),
    more=extra_fields,
    shows_key=True,
)
