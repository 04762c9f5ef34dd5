"""LogiQA, first version (eight lines of text an item) and second (JSON lines, under .txt as well).

In the Chinese files of the first, options are marked `A.`, `A，` or `a.`; in those of the second, the id has
another name and there are no types.
"""

from __future__ import annotations

import re
from pathlib import Path

from data.intake import Unreadable
from data.itemsets.layouts.layout import Layout, Record, columns, having

_OPTION = re.compile(r"^[A-Da-d](?:\s*[.．、:：,，]|(?![A-Za-z\s]))\s*(.*)$")
_LINES = 7  # the letter, the text, the question, four options; a blank line before


def _text(_file: Path, text: str) -> list[tuple[int, Record]] | None:
    lines = [(number, line.strip()) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) < _LINES or not re.fullmatch(r"[a-dA-D]", lines[0][1]) or not _OPTION.match(lines[3][1]):
        return None
    records: list[tuple[int, Record]] = []
    for start in range(0, len(lines), _LINES):
        part = lines[start : start + _LINES]
        number = part[0][0]
        letter, passage, question, *rest = (line for _, line in part) if len(part) == _LINES else ("", "", "")
        options = [found[1] for line in rest if (found := _OPTION.match(line))]
        if not re.fullmatch(r"[a-dA-D]", letter) or len(options) != 4:
            what = "is no item of LogiQA: wanted are a letter, a text, a question and four options, a line each"
            raise Unreadable(what, number)
        records.append((number, {"passage": passage, "question": question, "options": options, "answer": letter}))
    return records


LOGIQA = Layout(
    name="LogiQA",
    source="https://github.com/lgw863/LogiQA-dataset",
    checked="Eval.txt, Test.txt and zh_eval.txt in the authors' repository",
    evidence="seen",
    answer_from="letter",
    text=_text,
    suffixes=(".txt",),
)
LOGIQA_HUB = Layout(
    name="LogiQA of the Hub",
    source="https://huggingface.co/datasets/lucasmccabe/logiqa",
    checked="its card on the Hub, with an item of it",
    fits=having("context", "query", "options", "correct_option"),
    roles=columns(passage="context", question="query", options="options", answer="correct_option"),
    answer_from="0",
)
LOGIQA2 = Layout(
    name="LogiQA 2.0",
    source="https://github.com/csitfun/LogiQA2.0",
    checked="logiqa/DATA/LOGIQA/dev.txt in the authors' repository",
    evidence="seen",
    fits=having("id", "answer", "text", "type", "question", "options"),
    roles=columns(passage="text", question="question", options="options", answer="answer", id="id"),
    answer_from="0",
    licence="CC-BY-NC-SA-4.0",
)
LOGIQA2_CHINESE = Layout(
    name="LogiQA 2.0 in Chinese",
    source="https://github.com/csitfun/LogiQA2.0",
    checked="logiqa/DATA/LOGIQA/dev_zh.txt in the authors' repository",
    evidence="seen",
    fits=having("example_id", "answer", "text", "question", "options"),
    roles=columns(passage="text", question="question", options="options", answer="answer", id="example_id"),
    answer_from="0",
    note="many options bear their letter in the text (`A.`); it is left there",
    licence="CC-BY-NC-SA-4.0",
    language="zho_Hans",
)
