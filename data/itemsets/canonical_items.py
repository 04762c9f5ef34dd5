"""The items of a set, one line per item and language, made from the lines of its files.

An item has one `item_id` in all its languages. If a set has no ids, each item gets one from its content, so that
the order of lines does not matter; such an item has no counterpart in another language. A passage must not be
split between folds, so items that share one in any language form one group in all languages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from data.intake import Unreadable, json_lines, listed, shown
from data.itemsets.answer_keys import WrongAnswer, correct_option_of, labelled, told_by
from data.itemsets.item_set import NO_KEY, ItemSet, SetFault
from data.itemsets.layouts.layout import KEYS, AnswerFrom
from data.itemsets.set_columns import MOST, MOST_OF_SEVERAL, Columns, Roles, roles
from data.itemsets.set_description import description
from data.itemsets.set_files import Table
from data.itemsets.set_lines import Fault, Line, LineList
from data.itemsets.set_parallels import ids_and_languages
from data.itemsets.set_problems import Problems
from data.language_tags import spelling

_CODE = re.compile(r"[a-z]{2,3}(?:[_-][A-Za-z]{4})?")  # a language that is not in the table


def canonical(tables: Sequence[Table], columns: Columns, problems: Problems) -> ItemSet:
    """Return the items of a set; see `data.itemsets.read_set`.

    Args:
        tables: its files.
        columns: what the user says about their columns.
        problems: collects every mistake.
    """
    splits = {table.split for table in tables}
    constant = _constant(tables, columns, problems)
    lists: list[LineList] = []
    for table in tables:
        if not table.lines:
            problems.add(table.name, "holds no items")
        elif (found := roles(table, columns, problems)) is not None:
            prefix = f"{table.split}/" if len(splits) > 1 and table.split else ""
            lists.append(LineList(table, found, _lines(table, found, prefix, constant)))
    lines = [line for one in lists for line in one.lines]
    _refuse(lines, problems)
    if problems.count or not lines:
        return ItemSet(pd.DataFrame())
    counted = {one.roles.counted_from for one in lists}
    told = _keys(lines, counted.pop() if len(counted) == 1 else None, columns, problems)
    _refuse(lines, problems)
    if problems.count:
        return ItemSet(pd.DataFrame())
    said = ids_and_languages(lists, columns, problems)
    if problems.count:
        return ItemSet(pd.DataFrame())
    _ids(lines)
    _doubled(lines)
    _refuse(lines, problems)
    if problems.count:
        return ItemSet(pd.DataFrame())
    _groups(lines)
    faults = [
        SetFault(line["place"], line["item_id"], line["language"], one.part, one.kind, one.what)
        for line in lines
        for one in line["faults"]
    ]
    described = description(lists, lines, told, columns, said)
    layouts = {table.layout.name: table.layout for table in tables if table.layout is not None}
    return ItemSet(_frame(lines), (*problems.unreadable, *faults), described, tuple(layouts.values()))


def _refuse(lines: Sequence[Line], problems: Problems) -> None:
    """Turn the faults of single items into mistakes of the set, unless the set is read leniently."""
    if not problems.lenient:
        for line in lines:
            for one in line["faults"]:
                problems.add(line["place"], one.what)
            line["faults"] = []


def _constant(tables: Sequence[Table], columns: Columns, problems: Problems) -> str:
    """Return the one language that the user named by its code, or "" if they named none or a column."""
    named = columns.language or ""
    if not named or "{}" in named or any(named in table.columns for table in tables):
        return ""
    if spelling(named) is None and not _CODE.fullmatch(named):
        there = listed(dict.fromkeys(column for table in tables for column in table.columns))
        what = f"--language {shown(named)} is no language, and no column either; the columns are {there}"
        problems.add("", what)
    return named


def _lines(table: Table, found: Roles, prefix: str, constant: str) -> list[Line]:
    lines = []
    for line, place in zip(table.lines, table.places, strict=True):
        faults: list[Fault] = []
        options, labels = _options(line, found.options, faults)
        passage = _text(line, found.passage, "passage", faults)
        answer = line.get(found.answer) if found.answer else None
        if labels is not None and answer in labels:
            answer = options[labels.index(answer)] if labels.index(answer) < len(options) else answer
        parts = [_plain(line.get(name)) for name in found.id]
        if found.id and "" in parts and table.layout is None:
            faults.append(Fault("item", "missing_id", f"the id ({' and '.join(found.id)}) is missing"))
        if "" in parts:
            parts = []
        column = _plain(line.get(found.language)) if found.language else ""
        item: Line = {
            "item_id": prefix + "#".join(parts) if parts else "",
            "language": constant or column or table.told.language,
            "sure": bool(constant or column) or table.told.sure,
            "group": _plain(line.get(found.group)) if found.group else "",
            "passage": passage or None,
            "question": _text(line, found.question, "question", faults),
            "options": options,
            "answer": answer,
            "right": line.get(found.keys) if found.keys else None,
            "column": found.answer,
            "labelled": labels is not None,
            "place": place,
            "faults": faults,
        }
        lines.append(item | {name: _plain(line[name]) for name in ("domain", "topic") if name in line})
    return lines


def _options(line: Mapping[str, Any], names: Sequence[str], faults: list[Fault]) -> tuple[list[str], Any]:
    """Return the options of a line and their labels; None for the labels if there are none."""
    labels = None
    if len(names) > 1:
        values = [line.get(name) for name in names]
        while values and values[-1] in (None, ""):  # items may have different numbers of options
            values.pop()
    else:
        value = line.get(names[0])
        if isinstance(value, str) and value.lstrip().startswith("["):
            value = _listed(value)
        if isinstance(value, Mapping) and (pair := labelled(value)) is not None:
            value, labels = pair
        if not isinstance(value, list):
            what = (
                f"the options ({names[0]}) are {shown(value, 40)}, wanted is a list of texts; for one column each"
                " say --options COLUMN,COLUMN,…"
            )
            faults.append(Fault("item", "no_options", what))
            return [], None
        values = value
    for number, value in enumerate(values, start=1):
        part = f"option_{number}"
        if not isinstance(value, str):
            what = f"option {number} is {shown(value)}, no text; write it as one"
            faults.append(Fault(part, "option_no_text", what))
        elif not value.strip():
            faults.append(Fault(part, "empty_option", f"option {number} is empty"))
    most = MOST_OF_SEVERAL if KEYS in line else MOST
    if not 2 <= len(values) <= most:
        were = "is 1 option" if len(values) == 1 else f"are {len(values)} options"
        faults.append(Fault("item", "option_count", f"there {were}; an item has 2 to {most}"))
    texts = [value if isinstance(value, str) else "" if value is None else shown(value) for value in values]
    return texts, labels


def _listed(text: str) -> object:
    try:
        return json_lines.value(text)
    except Unreadable:
        return text


def _text(line: Mapping[str, Any], column: str, part: str, faults: list[Fault]) -> str:
    value = line.get(column) if column else None
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.append(Fault(part, "no_text", f"{column} is {shown(value)}, no text; write it as one"))
        return ""
    return value


def _plain(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else shown(value)
    return value if isinstance(value, str) else shown(value, 200)


def _keys(
    lines: Sequence[Line], known: AnswerFrom | None, columns: Columns, problems: Problems
) -> AnswerFrom | None:
    """Find the correct options, and return how the answers are written; None if labels or lists give them all."""
    plain = [line for line in lines if not line["labelled"] and line["right"] is None]
    told: AnswerFrom | None = None
    if plain:
        told = told_by(
            [line["answer"] for line in plain], [line["options"] for line in plain], known, columns, problems
        )
        if told is None:
            return None
    for line in lines:
        right: int | list[int] | WrongAnswer
        if line["right"] is not None:
            right = _several(line)
        else:
            how: AnswerFrom = "text" if line["labelled"] or told is None else told
            right = correct_option_of(line["answer"], line["options"], how, line["column"])
        if isinstance(right, WrongAnswer):
            line["faults"].append(Fault("answer", right.kind, right.what))
            right = []
        line["keys"] = [right] if isinstance(right, int) else right
        line["key"] = line["keys"][0] if line["keys"] else NO_KEY
    return told


def _several(line: Line) -> list[int] | WrongAnswer:
    right = line["right"]
    if not isinstance(right, list) or not all(
        isinstance(place, int) and 0 <= place < len(line["options"]) for place in right
    ):
        return WrongAnswer("answer_is_no_option", f"the right options are {shown(right)}, which are none")
    return right or WrongAnswer("no_answer", "no option is marked as right")


def _digest(line: Line) -> str:
    content = json.dumps([line["passage"], line["question"], line["options"]], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _ids(lines: Sequence[Line]) -> None:
    nameless = [line for line in lines if not line["item_id"]]
    for line in nameless:
        line["item_id"] = _digest(line)
    seen: Counter[tuple[str, str]] = Counter()
    for line in sorted(nameless, key=lambda line: str(line.get("key"))):  # equal lines are two items
        seen[line["language"], line["item_id"]] += 1
        if (count := seen[line["language"], line["item_id"]]) > 1:
            line["item_id"] += f"-{count}"


def _doubled(lines: Sequence[Line]) -> None:
    """Note ids that occur twice in a language, and give the second item an id of its own."""
    first: dict[tuple[str, str], str] = {}
    taken = {(line["language"], line["item_id"]) for line in lines}
    for line in lines:
        name = line["language"], line["item_id"]
        if (other := first.setdefault(name, line["place"])) != line["place"]:
            where = f" in {name[0]}" if name[0] else ""
            what = (
                f"the id {shown(name[1])} stands{where} at {other} too; make ids unique, or say --id COLUMN, or"
                " --id - for a set without ids"
                + ("" if where else " (and --language … if these are two languages)")
            )
            line["faults"].append(Fault("item", "doubled_id", what))
            number = 2
            while (name[0], f"{name[1]}~{number}") in taken:
                number += 1
            line["item_id"] = f"{name[1]}~{number}"
            taken.add((name[0], line["item_id"]))


def _groups(lines: Sequence[Line]) -> None:
    """Group items that share a passage (or the set's own group) in any language, under their smallest item_id."""
    above: dict[str, str] = {}

    def root(name: str) -> str:
        while above.setdefault(name, name) != name:
            above[name] = name = above[above[name]]
        return name

    for line in lines:
        item = f"item:{line['item_id']}"
        shared = f"group:{line['group']}" if line["group"] else ""
        if not shared and line["passage"]:
            shared = f"passage:{line['language']}:{line['passage']}"
        if shared:
            above[root(item)] = root(shared)
    smallest: dict[str, str] = {}
    for line in lines:
        top = root(f"item:{line['item_id']}")
        smallest[top] = min(smallest.get(top, line["item_id"]), line["item_id"])
    for line in lines:
        if not line["group"]:
            line["group"] = smallest[root(f"item:{line['item_id']}")]


def _frame(lines: Sequence[Line]) -> pd.DataFrame:
    extra = [name for name in ("domain", "topic") if any(name in line for line in lines)]
    names = ["item_id", "language", "group", "passage", "question", "options", "key", "keys", "place", *extra]
    frame = pd.DataFrame([{name: line.get(name) for name in names} for line in lines], columns=names)
    frame["passage"] = pd.Series([line["passage"] for line in lines], dtype=object)
    return frame.sort_values(["language", "item_id"], kind="stable", ignore_index=True)
