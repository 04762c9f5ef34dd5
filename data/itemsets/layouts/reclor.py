"""ReClor: reasoning questions from examinations, an array of objects."""

from __future__ import annotations

from data.itemsets.layouts.layout import Layout, columns, having

RECLOR = Layout(
    name="ReClor",
    source="https://whyu.me/reclor/",
    checked="val.json as a repository of other authors holds it, and the authors' own reader",
    evidence="seen",
    fits=having("context", "question", "answers", "id_string"),
    roles=columns(passage="context", question="question", options="answers", answer="label", id="id_string"),
    answer_from="0",
    note="its test file has no answers",
    licence="non-commercial research only",
    language="eng_Latn",
)
