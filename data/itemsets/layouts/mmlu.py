"""MMLU and its translations: headerless CSV a subject, the Hub's tables, MMMLU's CSV a locale, Global-MMLU."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from data.intake import LONGEST, Unreadable, fault_of
from data.itemsets.layouts.layout import Layout, Record, columns, having

_LETTERS = frozenset("ABCD")
_FIELDS = 6


def _text(_file: Path, text: str) -> list[tuple[int, Record]] | None:
    """A subject's file: question, four options and a letter in each line, and no header."""
    first = next(csv.reader(io.StringIO(text[: LONGEST + 1], newline="")), [])
    if len(first) != _FIELDS or first[-1].strip() not in _LETTERS or not _answered(text):
        return None
    records: list[tuple[int, Record]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for fields in reader:
            line, begins = begins, reader.line_num + 1
            if not any(map(str.strip, fields)):
                continue
            if len(fields) != _FIELDS:
                raise Unreadable(f"has {len(fields)} fields and the others {_FIELDS}; quote the fields", line)
            if wrong := next(filter(None, map(fault_of, fields)), None):
                raise Unreadable(wrong, line)
            records.append((line, {"question": fields[0], "options": fields[1:5], "answer": fields[5].strip()}))
    except csv.Error as error:
        what = f"is no CSV from here on: {error}; look for an unpaired quotation mark"
        raise Unreadable(what, begins) from None
    return records


def _answered(text: str) -> bool:
    """Whether most lines end in a letter; of a table whose last column is called D, only the header does."""
    ends = [line.rstrip("\r").rpartition(",")[2].strip('" ') for line in text.split("\n") if line.strip()]
    return 2 * sum(end in _LETTERS for end in ends) > len(ends)


SUBJECTS = Layout(
    name="MMLU",
    source="https://github.com/hendrycks/test",
    answer_from="letter",
    text=_text,
    suffixes=(".csv",),
)
HUB = Layout(
    name="MMLU of the Hub",
    source="https://huggingface.co/datasets/cais/mmlu",
    fits=having("question", "subject", "choices", "answer"),
    roles=columns(question="question", options="choices", answer="answer"),
    answer_from="0",
)
MMMLU = Layout(
    name="MMMLU",
    source="https://huggingface.co/datasets/openai/MMMLU",
    fits=having("", "Question", "A", "B", "C", "D", "Answer", "Subject"),
    roles=columns(question="Question", options=("A", "B", "C", "D"), answer="Answer", id=""),
    answer_from="letter",
)
GLOBAL = Layout(
    name="Global-MMLU",
    source="https://huggingface.co/datasets/CohereLabs/Global-MMLU",
    fits=having("sample_id", "subject", "question", "option_a", "option_b", "option_c", "option_d", "answer"),
    roles=columns(
        question="question",
        options=("option_a", "option_b", "option_c", "option_d"),
        answer="answer",
        id="sample_id",
    ),
    answer_from="letter",
)
