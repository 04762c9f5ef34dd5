"""RACE: English examinations of Chinese schools; a passage a file, with its questions in lists side by side."""

from __future__ import annotations

from typing import Any

from data.intake import Unreadable, json_lines
from data.itemsets.layouts.layout import Layout, Record, columns, having, listed_in, numbered, plain_id

_LISTS = ("questions", "options", "answers")


def _unfold(record: Any) -> list[Record]:
    lists = [listed_in(record, name, "a list, one for each question") for name in _LISTS]
    if len({len(one) for one in lists}) > 1:
        counts = " and ".join(f"{len(one)} {name}" for name, one in zip(_LISTS, lists, strict=True))
        raise Unreadable(f"{counts}; wanted are as many")
    questions = [
        {"passage": record["article"], "question": question, "options": options, "answer": answer}
        for question, options, answer in zip(*lists, strict=True)
    ]
    return [*numbered(plain_id(record.get("id")), questions)]


def _text(_file: Any, text: str) -> list[tuple[int, Record]] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json_lines.value(text)
    except Unreadable as problem:
        if "\n{" in text.strip():
            return None  # JSON lines under another name
        raise problem
    return [(0, value)] if FOLDER.fits(value) else None


FOLDER = Layout(
    name="RACE",
    source="https://www.cs.cmu.edu/~glai1/data/race/",
    checked="dev/high/73.txt and test/high/122.txt, samples of the Hub's former loading script",
    evidence="seen",
    fits=having("article", "questions", "options", "answers"),
    answer_from="letter",
    unfold=_unfold,
    text=_text,
    suffixes=(".txt",),
    licence="non-commercial research only",
    language="eng_Latn",
)
HUB = Layout(
    name="RACE of the Hub",
    source="https://huggingface.co/datasets/ehovy/race",
    checked="the columns that the Hub's former loading script declares",
    fits=having("example_id", "article", "question", "options", "answer"),
    roles=columns(passage="article", question="question", options="options", answer="answer", id="example_id"),
    answer_from="letter",
    licence="non-commercial research only",
    language="eng_Latn",
)
