"""Which column of a set holds what.

Known by name are the columns of Belebele and of our releases, Cosmos QA, XCOPA, RACE and the names that most other
sets use (`NAMES`). Whatever the user names goes before that. A set whose columns are not known is refused with the
names that it has and the options that say what they hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from data.intake import listed
from data.itemsets.set_files import Table
from data.itemsets.set_problems import Problems

AnswerFrom = Literal["0", "1", "letter", "text"]
"""How the answer is told: a number counted from 0 or from 1, a letter (A is the first), or the option's text."""

MOST = 10
"""An item has at most this many options, and at least two."""

NAMES: dict[str, tuple[str, ...]] = {
    "passage": ("flores_passage", "passage", "context", "article", "premise", "paragraph", "ctx", "story"),
    "question": ("question", "query", "question_stem"),
    "options": ("options", "choices", "endings", "candidates", "answers"),
    "answer": (
        "correct_answer_num",
        "label",
        "answer",
        "answerKey",
        "answer_key",
        "key",
        "correct_answer",
        "correct",
        "gold",
        "answer_idx",
        "answer_index",
    ),
    "id": ("item_id", "id", "idx", "ind", "qid", "question_id", "example_id", "uid"),
    "group": ("group", "passage_id", "link", "article_id", "document_id", "doc_id", "story_id"),
    "language": ("dialect", "language", "lang", "language_code", "locale"),
}
"""Names that are recognised, the surer ones first."""

_FAMILY = re.compile(r"(mc_answer|answer|choice|option|opt|ending|sol)_?(\d+)")


@dataclass(frozen=True)
class Columns:
    """What the user says of the columns; None where they are to be recognised.

    Attributes:
        passage, question: a column; "-" for a set that has none.
        options: one column that holds a list, or one column for each option.
        answer: the column of the correct option.
        answer_from: how `answer` tells it.
        group: what must not be parted between folds; by default the passage.
        id: the same for an item in all its languages.
        language: a column, or a code that holds for all items.
    """

    passage: str | None = None
    question: str | None = None
    options: tuple[str, ...] = ()
    answer: str | None = None
    answer_from: AnswerFrom | None = None
    group: str | None = None
    id: str | None = None
    language: str | None = None


@dataclass(frozen=True)
class Roles:
    """Which column of one table holds what; "" for none.

    Attributes:
        id: one column, or several whose values make up the id together.
        counted_from: what the set is known to count its answers from, if it is.
    """

    passage: str
    question: str
    options: tuple[str, ...]
    answer: str
    id: tuple[str, ...]
    group: str
    language: str
    counted_from: AnswerFrom | None


def roles(table: Table, columns: Columns, problems: Problems) -> Roles | None:
    """Finds what the columns of a table hold.

    Args:
        table: at least its columns.
        columns: what the user says.
        problems: takes what is missing; the answer is then None.
    """
    before = problems.count
    there = listed(table.columns)

    def one(role: str, named: str | None, needed: bool) -> str:
        if named == "-" and role in ("passage", "question"):
            return ""
        if named is not None:
            if named not in table.columns:
                problems.add(table.name, f"has no column {named!r} (--{role}); its columns are {there}")
            return named
        taken = {*columns.options, columns.answer, columns.id, columns.group, columns.passage, columns.question}
        found = next((name for name in NAMES[role] if name in table.columns and name not in taken), "")
        if needed and not found:
            none = "; for a set without, say --question -" if role == "question" else ""
            problems.add(
                table.name, f"which column is the {role}? Its columns are {there}: say --{role} COLUMN{none}"
            )
        return found

    options = _options(table, columns, there, problems)
    answer = one("answer", columns.answer, needed=True)
    told = columns.language if columns.language is None or columns.language in table.columns else ""
    found = Roles(
        passage=one("passage", columns.passage, needed=False),
        question=one("question", columns.question, needed=True),
        options=options,
        answer=answer,
        id=_id(table, columns, one),
        group=one("group", columns.group, needed=False),
        language="" if told == "" else one("language", told, needed=False),
        counted_from=_counted_from(table, options, answer),
    )
    return found if problems.count == before else None


def _id(table: Table, columns: Columns, one: _One) -> tuple[str, ...]:
    if columns.id is None and "item_id" not in table.columns and {"link", "question_number"} <= {*table.columns}:
        return ("link", "question_number")
    name = one("id", columns.id, False)
    return (name,) if name else ()


def _options(table: Table, columns: Columns, there: str, problems: Problems) -> tuple[str, ...]:
    if columns.options:
        for name in columns.options:
            if name not in table.columns:
                problems.add(table.name, f"has no column {name!r} (--options); its columns are {there}")
        return columns.options
    families: dict[str, list[tuple[int, str]]] = {}
    for name in table.columns:
        if (told := _FAMILY.fullmatch(name)) is not None:
            families.setdefault(told[1], []).append((int(told[2]), name))
    for numbered in families.values():
        numbers = [number for number, _ in sorted(numbered)]
        if len(numbers) >= 2 and numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] < 2:
            return tuple(name for _, name in sorted(numbered))
    if (letters := [name for name in "ABCDEFGHIJ" if name in table.columns])[:2] == ["A", "B"]:
        return tuple(letters)
    for name in NAMES["options"]:
        if name in table.columns and name != columns.answer:
            return (name,)
    problems.add(
        table.name,
        f"which columns are the options? Its columns are {there}: say --options COLUMN for a column of lists,"
        " or --options COLUMN,COLUMN,… for one column each",
    )
    return ()


def _counted_from(table: Table, options: Sequence[str], answer: str) -> AnswerFrom | None:
    """What a set that is known by its columns counts from."""
    if options[:1] == ("mc_answer1",) and answer == "correct_answer_num":
        return "1"  # Belebele, and a release of ours
    cosmos = {"context", "question", "answer0", "answer1", "answer2", "answer3", "label"}
    xcopa = {"premise", "choice1", "choice2", "question", "label", "idx"}
    if answer == "label" and any(known <= {*table.columns} for known in (cosmos, xcopa)):
        return "0"
    return None


class _One(Protocol):
    def __call__(self, role: str, named: str | None, needed: bool) -> str: ...
