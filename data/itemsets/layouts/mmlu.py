"""MMLU and its translations: headerless CSV a subject, the Hub's tables, MMMLU's CSV a locale, Global-MMLU."""

from __future__ import annotations

from pathlib import Path

from data.intake import LONGEST, Unreadable, delimited, fault_of
from data.itemsets.layouts.layout import Layout, Record, columns, having

_LETTERS = frozenset("ABCD")
_FIELDS = 6


def _text(_file: Path, text: str) -> list[tuple[int, Record]] | None:
    """A subject's file: question, four options and a letter in each line, and no header."""
    _, first = next(delimited.records(text[: LONGEST + 1], strict=False), (1, []))
    if len(first) != _FIELDS or first[-1].strip() not in _LETTERS or not _answered(text):
        return None
    records: list[tuple[int, Record]] = []
    for line, fields in delimited.records(text):
        if not any(map(str.strip, fields)):
            continue
        if len(fields) != _FIELDS:
            raise Unreadable(f"has {len(fields)} fields and the others {_FIELDS}; quote the fields", line)
        if wrong := next(filter(None, map(fault_of, fields)), None):
            raise Unreadable(wrong, line)
        records.append((line, {"question": fields[0], "options": fields[1:5], "answer": fields[5].strip()}))
    return records


def _answered(text: str) -> bool:
    """Whether most records end in a letter; of a table whose last column is called D, only the header does.

    Lines will not do: a question on history quotes its source, which takes several.
    """
    ends = [fields[-1].strip() for _, fields in delimited.records(text, strict=False) if any(fields)]
    return 2 * sum(end in _LETTERS for end in ends) > len(ends)


SUBJECTS = Layout(
    name="MMLU",
    source="https://github.com/hendrycks/test",
    checked="data/dev/machine_learning_dev.csv and data/dev/moral_scenarios_dev.csv in the authors' repository",
    evidence="seen",
    answer_from="letter",
    text=_text,
    suffixes=(".csv",),
    licence="MIT",
    language="eng_Latn",
)
HUB = Layout(
    name="MMLU of the Hub",
    source="https://huggingface.co/datasets/cais/mmlu",
    checked="the columns that copies of it on the Hub declare on their cards",
    fits=having("question", "subject", "choices", "answer"),
    roles=columns(question="question", options="choices", answer="answer"),
    answer_from="0",
    licence="MIT",
    language="eng_Latn",
)
MMMLU = Layout(
    name="MMMLU",
    source="https://huggingface.co/datasets/openai/MMMLU",
    checked="its tasks in lm-evaluation-harness and simple-evals, which say nothing of the first column",
    fits=having("Question", "A", "B", "C", "D", "Answer", "Subject"),
    roles=columns(question="Question", options=("A", "B", "C", "D"), answer="Answer", id=""),
    answer_from="letter",
    licence="MIT",
)
GLOBAL = Layout(
    name="Global-MMLU",
    source="https://huggingface.co/datasets/CohereLabs/Global-MMLU",
    checked="the columns that its card on the Hub declares, in several revisions",
    fits=having("sample_id", "subject", "question", "option_a", "option_b", "option_c", "option_d", "answer"),
    roles=columns(
        question="question",
        options=("option_a", "option_b", "option_c", "option_d"),
        answer="answer",
        id="sample_id",
    ),
    answer_from="letter",
    licence="Apache-2.0",
)
