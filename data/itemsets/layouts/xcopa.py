"""XCOPA: causes and effects in eleven languages, parallel by `idx`."""

from __future__ import annotations

from data.itemsets.layouts.layout import Layout, columns, having

XCOPA = Layout(
    name="XCOPA",
    source="https://github.com/cambridgeltl/xcopa",
    checked="all its files, and its repository",
    evidence="read",
    fits=having("premise", "choice1", "choice2", "question", "label", "idx"),
    roles=columns(
        passage="premise", question="question", options=("choice1", "choice2"), answer="label", id="idx"
    ),
    answer_from="0",
    licence="CC-BY-4.0",
)
