"""Translating: a question and its answers in another language, with that language's passage in view.

Names, dates, units and terms must agree with the passage that the readers will have, so both passages stand side
by side, aligned by sentence where their counts agree. When a translation comes back, its boxes hold the former
text and the page says why: what was found, and word by word what changed in the source.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotation import page
from annotation.reading import ITEM_FIELDS, Reading, entries, four, numbered, read_form

_NO_SPACES = "\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
"""Scripts that are written without spaces between words; there a character is the unit of change."""

_WORD = re.compile(rf"\s+|[{_NO_SPACES}]|[^\s{_NO_SPACES}]+")


def config(language: str, source_language: str = "eng_Latn") -> str:
    """The page's label configuration for one target language, XML."""
    return page.config("translating", language, source_language)


def guideline() -> str:
    """What translators read before they begin, HTML."""
    return page.guideline("translating")


def payload(
    *,
    source_sentences: Sequence[str],
    target_sentences: Sequence[str],
    question: str,
    answers: Sequence[str],
    key: int,
    translator_note: str = "",
    findings: Sequence[str] = (),
    former: Mapping[str, Any] | None = None,
    changed: Iterable[tuple[str, str, str]] = (),
) -> dict[str, object]:
    """What a translating task shows.

    Args:
        source_sentences: of the passage in the source language.
        target_sentences: of the passage in the target language.
        question: in the source language.
        answers: four, in the source language, by identity.
        key: identity of the correct answer, from 1.
        translator_note: what the author says to translators.
        findings: why the translation came back, one sentence each; none the first time.
        former: fields as `read` gave them, to start from; None the first time.
        changed: what the former translation rendered and the source now says, as (name, before, now); those that
            are the same are left out.
    """
    return {
        **source_shown(source_sentences, target_sentences, question, answers, key, translator_note),
        "findings": list(findings),
        "changes": [part for name, before, now in changed for part in segments(name, before, now)],
        **boxes(former or {}),
    }


def refill(result: object) -> dict[str, object]:
    """The part of a page that is filled in, holding what a submission says, valid or not."""
    values = read_form(result, ITEM_FIELDS).values
    return boxes({"question": values["question"], "answers": four(values, "answer")})


def boxes(fields: Mapping[str, Any]) -> dict[str, object]:
    """What the boxes for a question and its answers hold at first; empty where `fields` has nothing."""
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
) -> dict[str, object]:
    """The part of a page that shows what is translated; arguments as for `payload`."""
    return {
        "about": "Passage",
        "notices": [],
        "pairs": pairs(source_sentences, target_sentences),
        "source_question": question,
        **numbered("source_answer", answers),
        **numbered("mark", ["correct answer" if number == key else "" for number in range(1, 5)]),
        "translator_note": translator_note,
    }


def pairs(source: Sequence[str], target: Sequence[str]) -> list[dict[str, str]]:
    """The sentences of two passages side by side; the whole passages if their counts differ.

    >>> pairs(["One.", "Two."], ["Eins, zwei."])
    [{'source': 'One. Two.', 'target': 'Eins, zwei.'}]
    """
    if len(source) != len(target):
        source, target = [" ".join(source)], [" ".join(target)]
    return [{"source": one, "target": other} for one, other in zip(source, target, strict=True)]


def segments(name: str, before: str, now: str) -> list[dict[str, str]]:
    """What changed from one text to another, word by word.

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


def read(result: object, payload: Mapping[str, Any]) -> Reading:  # noqa: ARG001 - every stage reads with its payload
    """What a translator submitted.

    Args:
        result: Label Studio's result list.
        payload: what the task showed.

    Returns:
        Fields `question` (str) and `answers` (four, by identity).
    """
    form = read_form(result, ITEM_FIELDS)
    return form.reading({"question": form.values["question"], "answers": four(form.values, "answer")})


def result(*, question: str = "", answers: Sequence[str] = (), query: str = "") -> list[dict[str, Any]]:
    """The result list of a translator who fills the page in like this; the reverse of `read`.

    Args:
        question: the translated question; whatever is empty or left out is a field left empty.
        answers: four, by identity.
        query: what is wrong with the source or the passage; with nothing else, what keeps them from working.
    """
    return entries(ITEM_FIELDS, {"question": question, **numbered("answer", answers)}, query)
