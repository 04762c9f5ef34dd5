"""Cosmos QA: questions on everyday stories."""

from __future__ import annotations

from data.itemsets.layouts.layout import Layout, columns, having

_OPTIONS = ("answer0", "answer1", "answer2", "answer3")

COSMOSQA = Layout(
    name="Cosmos QA",
    source="https://wilburone.github.io/cosmos/",
    checked="its validation file, and the Hub's former loading script",
    evidence="read",
    fits=having("context", "question", *_OPTIONS, "label"),
    roles=columns(passage="context", question="question", options=_OPTIONS, answer="label", id="id"),
    answer_from="0",
    licence="CC-BY-4.0",
    language="eng_Latn",
)
