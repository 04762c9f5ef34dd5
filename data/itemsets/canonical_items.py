"""From the lines of a set's files to its items, one a line and language.

An item is the same in all its languages under one `item_id`. Where a set has no ids its items get theirs from
their content, so that the order of lines changes nothing; such items are parallel to none in another language.
What must not be parted between folds is the passage: items that share one in any language are one group in all.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from data.intake import Unreadable, json_lines, shown
from data.itemsets.answer_keys import WrongAnswer, correct_option_of, labelled, told_by
from data.itemsets.item_set import NO_KEY, FaultKind, ItemSet, SetFault
from data.itemsets.set_columns import MOST, AnswerFrom, Columns, Roles, roles
from data.itemsets.set_files import Table
from data.itemsets.set_problems import Problems

Line = dict[str, Any]


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a line, before it has its id."""

    part: str
    kind: FaultKind
    what: str


def canonical(tables: Sequence[Table], columns: Columns, problems: Problems) -> ItemSet:
    """The items of a set; see `data.itemsets.read_set`.

    Args:
        tables: its files.
        columns: what the user says of their columns.
        problems: takes every mistake.
    """
    splits = {table.split for table in tables}
    constant = _constant(tables, columns)
    lines: list[Line] = []
    known: set[AnswerFrom | None] = set()
    for table in tables:
        if not table.lines:
            problems.add(table.name, "holds no items")
        elif (found := roles(table, columns, problems)) is not None:
            known.add(found.counted_from)
            prefix = f"{table.split}/" if len(splits) > 1 and table.split else ""
            lines += _lines(table, found, prefix, constant)
    _refuse(lines, problems)
    if problems.count or not lines:
        return ItemSet(pd.DataFrame())
    _keys(lines, known.pop() if len(known) == 1 else None, columns, problems)
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
    return ItemSet(_frame(lines), (*problems.unreadable, *faults))


def _refuse(lines: Sequence[Line], problems: Problems) -> None:
    """Makes mistakes of the set from those of its items, unless these are wanted as they are."""
    if not problems.lenient:
        for line in lines:
            for one in line["faults"]:
                problems.add(line["place"], one.what)
            line["faults"] = []


def _constant(tables: Sequence[Table], columns: Columns) -> str:
    """A language that is named by its code and not by a column."""
    named = columns.language or ""
    return "" if any(named in table.columns for table in tables) else named


def _lines(table: Table, found: Roles, prefix: str, constant: str) -> list[Line]:
    lines = []
    for line, place in zip(table.lines, table.places, strict=True):
        faults: list[_Fault] = []
        options, labels = _options(line, found.options, faults)
        passage = _text(line, found.passage, "passage", faults)
        answer = line.get(found.answer)
        if labels is not None and answer in labels:
            answer = options[labels.index(answer)]
        parts = [_plain(line.get(name)) for name in found.id]
        if found.id and "" in parts:
            faults.append(_Fault("item", "missing_id", f"the id ({' and '.join(found.id)}) is missing"))
            parts = []
        item: Line = {
            "item_id": prefix + "#".join(parts) if parts else "",
            "language": constant or (_plain(line.get(found.language)) if found.language else table.language),
            "group": _plain(line.get(found.group)) if found.group else "",
            "passage": passage or None,
            "question": _text(line, found.question, "question", faults),
            "options": options,
            "answer": answer,
            "column": found.answer,
            "labelled": labels is not None,
            "place": place,
            "faults": faults,
        }
        lines.append(item | {name: _plain(line[name]) for name in ("domain", "topic") if name in line})
    return lines


def _options(line: Mapping[str, Any], names: Sequence[str], faults: list[_Fault]) -> tuple[list[str], Any]:
    """The options of a line, and the labels that they bear, None for none."""
    labels = None
    if len(names) > 1:
        values = [line.get(name) for name in names]
        while values and values[-1] in (None, ""):  # items may differ in how many options they have
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
            faults.append(_Fault("item", "no_options", what))
            return [], None
        values = value
    for number, value in enumerate(values, start=1):
        part = f"option_{number}"
        if not isinstance(value, str):
            faults.append(
                _Fault(part, "option_no_text", f"option {number} is {shown(value)}, no text; write it as one")
            )
        elif not value.strip():
            faults.append(_Fault(part, "empty_option", f"option {number} is empty"))
    if not 2 <= len(values) <= MOST:
        were = "is 1 option" if len(values) == 1 else f"are {len(values)} options"
        faults.append(_Fault("item", "option_count", f"there {were}; an item has 2 to {MOST}"))
    return [value if isinstance(value, str) else "" if value is None else str(value) for value in values], labels


def _listed(text: str) -> object:
    try:
        return json_lines.value(text)
    except Unreadable:
        return text


def _text(line: Mapping[str, Any], column: str, part: str, faults: list[_Fault]) -> str:
    value = line.get(column) if column else None
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.append(_Fault(part, "no_text", f"{column} is {shown(value)}, no text; write it as one"))
        return ""
    return value


def _plain(value: object) -> str:
    if value is None or value == "":
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _keys(lines: Sequence[Line], known: AnswerFrom | None, columns: Columns, problems: Problems) -> None:
    plain = [line for line in lines if not line["labelled"]]
    told: AnswerFrom | None = "text"
    if plain:
        told = told_by(
            [line["answer"] for line in plain], [line["options"] for line in plain], known, columns, problems
        )
    for line in lines:
        if told is None:
            return
        key = correct_option_of(
            line["answer"], line["options"], "text" if line["labelled"] else told, line["column"]
        )
        if isinstance(key, WrongAnswer):
            line["faults"].append(_Fault("answer", key.kind, key.what))
        line["key"] = NO_KEY if isinstance(key, WrongAnswer) else key
        line["keys"] = [] if isinstance(key, WrongAnswer) else [key]


def _digest(line: Line) -> str:
    content = json.dumps([line["passage"], line["question"], line["options"]], ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _ids(lines: Sequence[Line]) -> None:
    nameless = [line for line in lines if not line["item_id"]]
    for line in nameless:
        line["item_id"] = _digest(line)
    seen: Counter[tuple[str, str]] = Counter()
    for line in sorted(nameless, key=lambda line: str(line.get("key"))):  # one that stands twice is two items
        seen[line["language"], line["item_id"]] += 1
        if (count := seen[line["language"], line["item_id"]]) > 1:
            line["item_id"] += f"-{count}"


def _doubled(lines: Sequence[Line]) -> None:
    """Notes ids that stand twice in a language; the second gets one of its own."""
    first: dict[tuple[str, str], str] = {}
    times: Counter[tuple[str, str]] = Counter()
    for line in lines:
        name = line["language"], line["item_id"]
        times[name] += 1
        if (other := first.setdefault(name, line["place"])) != line["place"]:
            where = f" in {name[0]}" if name[0] else ""
            what = f"the id {shown(name[1])} stands{where} at {other} too; make ids unique, or say --id COLUMN" + (
                "" if where else " (and --language COLUMN if these are two languages)"
            )
            line["faults"].append(_Fault("item", "doubled_id", what))
            line["item_id"] += f"~{times[name]}"


def _groups(lines: Sequence[Line]) -> None:
    """Joins items that share a passage (or the set's own group) in any language, under the smallest item_id."""
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
