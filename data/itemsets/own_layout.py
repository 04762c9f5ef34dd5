"""A user's own layout: a short TOML file that says where the parts of an item are in a set's records.

name = "Our exam"
answer_from = "letter"        # 0, 1, letter or text; by default the usual rules decide

[columns]                     # names of columns; a dot goes into an object
passage = "body.text"
question = "stem"
options = ["a", "b", "c", "d"]    # or the name of one column that holds a list
answer = "gold"
id = "nr"                     # group and language likewise

[questions]                   # only where a record holds several questions
in = "items"                  # the list; its objects are then searched first for [columns]
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from data.errors import ItemSetError
from data.intake import Unreadable, listed, shown, text_files
from data.itemsets.layouts.layout import ROLES, AnswerFrom, Layout, Record, records_in

_TOP = ("name", "answer_from", "columns", "questions")
_ABSENT = object()


def own_layout(path: str) -> Layout:
    """Read a layout.

    Args:
        path: the path of a TOML file as described above.

    Raises:
        ItemSetError: the file cannot be read, or is no valid layout; every mistake is named.
    """
    try:
        told = text_files.toml(text_files.text(Path(path)))
    except tomllib.TOMLDecodeError as error:
        raise ItemSetError("the layout cannot be read", [f"{path}: {error}"]) from None
    except Unreadable as problem:
        raise ItemSetError("the layout cannot be read", [problem.at(path)]) from None
    if problems := [*_problems(told)]:
        raise ItemSetError("the layout cannot be read", [f"{path}: {one}" for one in problems])
    columns: dict[str, Any] = told["columns"]
    inside = str(told.get("questions", {}).get("in", ""))
    return Layout(
        name=str(told.get("name", Path(path).stem)),
        source=path,
        evidence="read",
        fits=lambda record: isinstance(record, Mapping),
        answer_from=told.get("answer_from"),
        unfold=lambda record: _unfold(record, columns, inside),
    )


def _problems(told: Mapping[str, Any]) -> list[str]:
    found = [f"{name!r} is unknown; known are {listed(_TOP)}" for name in told if name not in _TOP]
    columns = told.get("columns")
    if not isinstance(columns, Mapping):
        return [*found, "there is no table [columns]"]
    for name, value in columns.items():
        several = name == "options" and isinstance(value, list) and all(isinstance(one, str) for one in value)
        if name not in ROLES:
            found.append(f"[columns] {name!r} is unknown; known are {listed(ROLES)}")
        elif not several and not (isinstance(value, str) and value):
            found.append(f"[columns] {name} is {shown(value)}; wanted is the name of a column")
    found += [f"[columns] {name} is missing" for name in ("question", "options", "answer") if name not in columns]
    if told.get("answer_from") not in (None, *get_args(AnswerFrom)):
        found.append(f"answer_from is {shown(told['answer_from'])}; known are {listed(get_args(AnswerFrom))}")
    questions = told.get("questions", {})
    if not isinstance(questions, Mapping) or any(not isinstance(one, str) for one in questions.values()):
        found.append('[questions] wants in = "the list of questions"')
    elif strange := [name for name in questions if name != "in"]:
        found.append(f"[questions] {listed(strange)} is unknown; known is in")
    return found


def _unfold(record: Any, columns: Mapping[str, Any], inside: str) -> list[Record]:
    asked: list[Record] = records_in({inside: _at(record, inside, inside)}, inside) if inside else [{}]
    made: list[Record] = []
    for number, question in enumerate(asked, start=1):
        item: dict[str, Any] = {}
        for role, name in columns.items():
            if isinstance(name, list):
                values = [_of(question, record, one, "") for one in name]
                while values and values[-1] in (None, ""):
                    values.pop()
                item[role] = values
            else:
                item[role] = _of(question, record, name, role)
        if inside and "id" in item and _at(question, columns["id"], "") is _ABSENT and len(asked) > 1:
            item["id"] = f"{item['id']}#{number}"  # the id is the passage's
        made.append(item)
    return made


def _of(question: Record, record: Record, name: str, role: str) -> object:
    found = _at(question, name, "")
    if found is _ABSENT:
        found = _at(record, name, name if role in ("question", "options", "answer") else "")
    return None if found is _ABSENT else found


def _at(record: object, name: str, needed: str) -> object:
    """Return the value under a name, which may go into objects; `_ABSENT` if there is none.

    With `needed`, the name to put in the message, a missing value raises `Unreadable` instead.
    """
    if isinstance(record, Mapping) and name in record:
        return record[name]
    found = record
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            if needed:
                there = listed(record) if isinstance(record, Mapping) else shown(record, 40)
                raise Unreadable(f"has no {needed!r}, which the layout names; it has {there}")
            return _ABSENT
        found = found[part]
    return found
