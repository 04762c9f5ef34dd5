"""ARC and OpenBookQA: school science; a stem with labelled choices, as their authors publish it and on the Hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.itemsets.layouts.layout import Layout, Record, columns, having, records_in


def _nested(record: object) -> bool:
    return (
        isinstance(record, Mapping)
        and isinstance(stem := record.get("question"), Mapping)
        and {"stem", "choices"} <= stem.keys()
    )


def _unfold(record: Any) -> list[Record]:
    asked = record["question"]
    choices = records_in(asked, "choices")
    options = {"text": [one.get("text") for one in choices], "label": [one.get("label") for one in choices]}
    return [
        {"id": record.get("id"), "question": asked["stem"], "options": options, "answer": record.get("answerKey")}
    ]


FILES = Layout(
    name="ARC or OpenBookQA",
    source="https://allenai.org/data/arc and https://allenai.org/data/open-book-qa",
    checked="lines of ARC-Challenge-Dev.jsonl and OpenBookQA's dev.jsonl, samples of the Hub's former scripts",
    evidence="seen",
    fits=_nested,
    unfold=_unfold,
    language="eng_Latn",
)
ARC_HUB = Layout(
    name="ARC of the Hub",
    source="https://huggingface.co/datasets/allenai/ai2_arc",
    checked="the columns that the Hub's former loading script declares; labels are letters or numbers from 1",
    fits=having("id", "question", "choices", "answerKey"),
    roles=columns(question="question", options="choices", answer="answerKey", id="id"),
    licence="CC-BY-SA-4.0",
    language="eng_Latn",
)
OPENBOOKQA_HUB = Layout(
    name="OpenBookQA of the Hub",
    source="https://huggingface.co/datasets/allenai/openbookqa",
    checked="the columns that its card on the Hub declares, for both configurations",
    fits=having("id", "question_stem", "choices", "answerKey"),
    roles=columns(question="question_stem", options="choices", answer="answerKey", id="id"),
    language="eng_Latn",
)
