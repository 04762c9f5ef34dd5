"""A description of how a set was understood, for a person to read before anything is computed.

A misread set looks as good as one that was read correctly. So the description says how the set's columns,
languages, answers and groups were understood, and which parts of that are guesses.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from data.intake import listed, shown
from data.itemsets.item_set import ItemSet
from data.itemsets.layouts.layout import AnswerFrom, Evidence
from data.itemsets.set_columns import Columns, Roles
from data.itemsets.set_lines import Line, LineList

_TOLD: dict[AnswerFrom | None, str] = {
    "0": "a number counted from 0",
    "1": "a number counted from 1",
    "letter": "a letter, A the first option",
    "text": "the option's own text",
    None: "the label that an option bears",
}

_EVIDENCE: dict[Evidence, str] = {
    "read": "",
    "seen": " (its form compared with real files; none was tried)",
    "documented": " (its form as documented; no file of it was tried)",
}


def description(
    lists: Sequence[LineList],
    lines: Sequence[Line],
    told: AnswerFrom | None,
    columns: Columns,
    said: Sequence[str],
) -> tuple[str, ...]:
    """Return how a set was understood, one fact a line.

    Args:
        lists: the lines of each file.
        lines: the lines of all files, with the languages and ids that were decided on.
        told: how the answers are written.
        columns: what the user said about the columns.
        said: what was decided about ids and languages.
    """
    forms = Counter((_layout(one), _columns(one.roles)) for one in lists)
    made = [
        f"{layout}{f' in {files:,} files' if files > 1 else ''}: {taken}"
        for (layout, taken), files in forms.items()
    ]
    if any(one.roles.keys for one in lists):
        made.append("answers: every option is marked as right or wrong; several may be right")
    else:
        how = "as you said" if columns.answer_from else ""
        made.append(f"answers: {_TOLD[told]}{f' ({how})' if how else ''}")
    made.append(_languages(lists, lines))
    made += [one for one in said if not one.startswith("languages:")]
    made += [one for one in said if one.startswith("languages:")]
    made.append(_groups(lists, lines))
    notes = dict.fromkeys(one.table.layout.note for one in lists if one.table.layout and one.table.layout.note)
    return (*made, *(f"note: {note}" for note in notes))


def _layout(one: LineList) -> str:
    layout = one.table.layout
    if layout is None:
        return "columns known by their names"
    return f"{layout.name}{_EVIDENCE[layout.evidence]}"


def _columns(roles: Roles) -> str:
    parts = {
        "passage": roles.passage,
        "question": roles.question,
        "options": " ".join(roles.options),
        "answer": roles.answer or roles.keys,
        "id": " and ".join(name if name else repr(name) for name in roles.id),
        "group": roles.group,
        "language": roles.language,
    }
    return ", ".join(
        f"{role} {f'= {name}' if name else 'none'}{' (guessed)' if role in roles.guessed else ''}"
        for role, name in parts.items()
        if name or role in ("passage", "question", "id")
    )


def _languages(lists: Sequence[LineList], lines: Sequence[Line]) -> str:
    found = Counter(line["language"] for line in lines)
    if [*found] == [""]:
        return "languages: none is named; all items are taken for one language"
    where = "a column" if any(one.roles.language for one in lists) else "the names of files or configurations"
    unsure = any(line["language"] and not line["sure"] for line in lines)
    guess = " (guessed: a word of two or three letters may mean another thing)" if unsure else ""
    counts = [f"{name or 'unnamed'} {count:,}" for name, count in sorted(found.items())]
    different = len({line["item_id"] for line in lines})
    told = f"languages: {len(found)}, from {where}{guess}: {listed(counts)}"
    return f"{told}; {different:,} different items in {len(lines):,}"


def _groups(lists: Sequence[LineList], lines: Sequence[Line]) -> str:
    by = "a column" if any(one.roles.group for one in lists) else "their passage"
    if not any(line["passage"] or any(one.roles.group for one in lists) for line in lines):
        return f"groups: none; {len({line['item_id'] for line in lines}):,} items, each for itself"
    return f"groups: {len({line['group'] for line in lines}):,}, by {by}"


def first_items(found: ItemSet, number: int = 3) -> list[str]:
    """Return the number of items, and the first items as they were read, a few lines each."""
    lines = [f"items: {len(found.items):,}" + (f"; {len(found.faults):,} faults" if found.faults else "")]
    for item in found.items.head(number).to_dict("records"):
        lines += [
            "",
            f"{item['place']}: item {item['item_id']}" + (f" ({item['language']})" if item["language"] else ""),
        ]
        if item["passage"]:
            lines.append(f"  passage   {shown(item['passage'], 100)}")
        lines.append(f"  question  {shown(item['question'], 100)}")
        lines += [
            f"  {'→' if place in item['keys'] else ' '} {place + 1:>2}      {shown(text, 100)}"
            for place, text in enumerate(item["options"])
        ]
    return lines
