"""MultiRC: several options of a question may be right, in three forms of publication.

Its own files hold a paragraph with its questions, sentences numbered by `<b>Sent 1: </b>`; SuperGLUE's hold the
same as JSON lines; the Hub's hold one line an option, with a label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from data.intake import Unreadable, shown
from data.itemsets.layouts.layout import KEYS, Layout, Record, having, numbered, records_in

_SENTENCE = re.compile(r"<b>Sent \d+: </b>(.*?)<br>", re.DOTALL)


def _unfold(record: Any) -> list[Record]:
    held = record.get("paragraph", record.get("passage"))
    if not isinstance(held, Mapping):
        raise Unreadable(f"the paragraph is {shown(held, 40)}, wanted is an object with text and questions")
    text = held.get("text")
    if isinstance(text, str) and (sentences := _SENTENCE.findall(text)):
        text = " ".join(sentences)
    questions = []
    for one in records_in(held, "questions"):
        answers = records_in(one, "answers")
        right = [place for place, answer in enumerate(answers) if _right(answer)]
        options = [answer.get("text") for answer in answers]
        questions.append({"passage": text, "question": one.get("question"), "options": options, KEYS: right})
    return [*numbered(record.get("id", record.get("idx")), questions)]


def _right(answer: Mapping[str, Any]) -> bool:
    return answer.get("isAnswer", answer.get("label")) in (True, 1, "1")


def of_lines(records: Sequence[Record]) -> list[tuple[int, Record]]:
    """The Hub's lines, one an option, to items; each with the 0-based number of its first line."""
    items: dict[tuple[object, object], tuple[int, dict[str, Any]]] = {}
    for number, line in enumerate(records):
        idx = line.get("idx")
        if not isinstance(idx, Mapping):
            raise Unreadable(f"idx is {shown(idx, 40)}, wanted are the numbers of paragraph, question and answer")
        name = (idx.get("paragraph"), idx.get("question"))
        made = {"passage": line["paragraph"], "question": line["question"], "options": [], KEYS: []}
        _, item = items.setdefault(name, (number, made | {"id": f"{name[0]}#{name[1]}"}))
        if line.get("label") in (True, 1, "1"):
            item[KEYS].append(len(item["options"]))
        item["options"].append(line["answer"])
    return list(items.values())


MULTIRC = Layout(
    name="MultiRC",
    source="https://cogcomp.seas.upenn.edu/multirc/",
    checked="the authors' eval/sample-input.json, and lines of SuperGLUE's val.jsonl and test.jsonl",
    evidence="seen",
    fits=lambda record: (
        isinstance(record, Mapping)
        and isinstance(held := record.get("paragraph", record.get("passage")), Mapping)
        and "questions" in held
    ),
    unfold=_unfold,
    note="several options may be right",
    language="eng_Latn",
)
HUB = Layout(
    name="MultiRC of the Hub",
    source="https://huggingface.co/datasets/aps/super_glue",
    checked="the columns that the Hub's loading script declares",
    fits=having("paragraph", "question", "answer", "idx", "label"),
    note="several options may be right; a line holds one option",
    language="eng_Latn",
)
