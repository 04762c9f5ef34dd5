"""INCLUDE: examinations in their own languages; the items of one language are not those of another."""

from __future__ import annotations

from data.itemsets.layouts.layout import Layout, columns, having

_OPTIONS = ("option_a", "option_b", "option_c", "option_d")

INCLUDE = Layout(
    name="INCLUDE",
    source="https://huggingface.co/datasets/CohereLabs/include-base-44",
    checked="its task in lm-evaluation-harness, and programs that take its answer for a number from 0",
    fits=having("language", "country", "question", *_OPTIONS, "answer"),
    roles=columns(question="question", options=_OPTIONS, answer="answer", language="language"),
    answer_from="0",
    licence="Apache-2.0",
)
