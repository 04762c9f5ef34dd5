"""SciQ: school science with a supporting text; the options have no order, so they get one that says nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from data.itemsets.layouts.layout import Layout, Record, having

_WRONG = ("distractor1", "distractor2", "distractor3")


def _unfold(record: Any) -> list[Record]:
    options = [record[name] for name in (*_WRONG, "correct_answer")]
    question = str(record["question"])
    options.sort(key=lambda text: hashlib.sha256(f"{question}\n{text}".encode("utf-8", "replace")).digest())
    passage = record.get("support") or None
    return [
        {
            "passage": passage,
            "question": record["question"],
            "options": options,
            "answer": record["correct_answer"],
        }
    ]


SCIQ = Layout(
    name="SciQ",
    source="https://allenai.org/data/sciq",
    checked="records of valid.json, samples of the Hub's former loading script",
    evidence="seen",
    fits=having("question", *_WRONG, "correct_answer"),
    answer_from="text",
    unfold=_unfold,
    note="its options have no order; they were put into one by lot, the same each time",
    licence="CC-BY-NC-3.0",
    language="eng_Latn",
)
