r"""MCTest: stories for children with four questions each, in tabbed lines without a header; answers beside.

    mc500.dev.tsv    id, properties, story, then four times: question and its four options
    mc500.dev.ans    four letters a line, for the story in the same line

Questions begin with `one: ` or `multiple: `, for the number of sentences that an answer takes; the story's line
ends are written `\newline` and its tabs `\tab`. The answers to the test's questions come in an archive of their
own, whose folder `MCTestAnswers` is unpacked beside that of the stories.
"""

from __future__ import annotations

import re
from pathlib import Path

from data.intake import Unreadable, text_files
from data.itemsets.layouts.layout import Layout, Record, numbered

_FIELDS = 23
_PREFIX = re.compile(r"^(?:one|multiple): ?")


def _text(file: Path, text: str) -> list[tuple[int, Record]] | None:
    lines = [(number, line.rstrip("\r")) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    first = lines[0][1].split("\t") if lines else []
    if len(first) != _FIELDS or not _PREFIX.match(first[3]):
        return None
    answers = _answers(file)
    records: list[tuple[int, Record]] = []
    for place, (number, line) in enumerate(lines):
        fields = line.split("\t")
        if len(fields) != _FIELDS:
            raise Unreadable(f"has {len(fields)} fields, wanted are {_FIELDS}", number)
        right = answers[place] if place < len(answers) else []
        questions = [
            {
                "passage": _story(fields[2]),
                "question": _PREFIX.sub("", fields[start]),
                "options": fields[start + 1 : start + 5],
                "answer": right[place_ - 1] if place_ <= len(right) else None,
            }
            for place_, start in enumerate(range(3, _FIELDS, 5), start=1)
        ]
        records += [(number, one) for one in numbered(fields[0], questions)]
    return records


def _answers(file: Path) -> list[list[str]]:
    beside = file.with_suffix(".ans")
    apart = file.parent.parent / "MCTestAnswers" / beside.name
    found = next((one for one in (beside, apart) if one.is_file()), None)
    if found is None:
        raise Unreadable(f"is MCTest's, and its answers are not beside it: put {beside.name} there")
    return [line.split() for line in text_files.text(found).splitlines() if line.strip()]


def _story(text: str) -> str:
    return text.replace("\\newline", "\n").replace("\\tab", "\t")


MCTEST = Layout(
    name="MCTest",
    source="https://mattr1.github.io/mctest/",
    checked="mc160.dev.tsv and mc500.dev.ans as other repositories hold them, and the authors' read-me",
    evidence="seen",
    answer_from="letter",
    text=_text,
    suffixes=(".tsv",),
    language="eng_Latn",
)
