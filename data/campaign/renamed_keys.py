"""Renamed keys of campaign.toml, with the old and the new name of each.

The program and new files use the new name. The old one is accepted wherever it was allowed, and `notes` says how
to write the line now. The ledger keeps the old one: a campaign's JSON there, and with it the campaign's hash, is
the same as before the renaming, so a campaign of an earlier version goes on without any change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from data.intake.toml_lines import Key, key_lines, line_of

NEW_NAMES: dict[str, dict[str, str]] = {
    "questions": {
        "per_passage": "questions_per_passage",
        "answers": "answers_per_question",
        "target": "wanted_questions",
    },
    "review": {
        "overlap": "reviewers",
        "most": "max_reviewers",
        "guess": "guess_share",
        "keys_wait": "judging_waits",
        "rounds": "max_returns",
    },
    "qualification": {"quiz": "min_quiz_share", "kept": "min_kept_trials", "attempts": "max_attempts"},
    "plants": {"rate": "plant_share", "kinds": "faults"},
    "recheck": {"share": "recheck_share"},
    "baseline": {"answers": "people_per_item"},
    "translation": {"rounds": "max_returns"},
    "selection": {
        "size": "selected_questions",
        "per_passage": "max_questions_per_passage",
        "margin": "cue_margin",
    },
    "assistant": {"meter": "meter_share", "minimum": "min_training_questions"},
    "servers": {"partners": "agencies"},
    "people": {"most": "max_passages", "native": "native_languages", "consent": "consent_date"},
}
"""Old name, as kept in the ledger, to new name of each renamed key, by table."""

_OLD_NAMES = {table: {new: old for old, new in names.items()} for table, names in NEW_NAMES.items()}


def renamed(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a parsed campaign.toml with new names of all keys; if a key has both, the new one counts."""
    return _under(raw, lambda table, part: _renamed(part, NEW_NAMES[table]))


def stored(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a campaign's tables with the names that the ledger keeps for all keys."""
    return _under(tables, lambda table, part: _renamed(part, _OLD_NAMES[table]))


def doubled(raw: Mapping[str, Any]) -> Iterator[tuple[Key, str, object]]:
    """Yield keys present under both names: where, what is wrong with the cure, and the old name's value."""
    for place, new, value in _old_keys(raw):
        if new in _at(raw, place[:-1]):
            yield place, f"is the old name of {new}, which stands here too; remove {place[-1]}", value


def as_written(key: Key, raw: Mapping[str, Any]) -> Key:
    """Return a key's place under the name used in the file.

    Args:
        key: the place by its new name, such as (review, max_reviewers) or (people, 0, max_passages).
        raw: the parsed file, unchanged.
    """
    for place, new, _ in _old_keys(raw):
        by_new_name = (*place[:-1], new)
        if key[: len(place)] == by_new_name and new not in _at(raw, place[:-1]):
            return (*place, *key[len(place) :])
    return key


def notes(raw: Mapping[str, Any], text: str) -> list[str]:
    """Return a line for each key with its old name in a file: where, both names, and how to write it now.

    They are in the order of the file; people who have the same key share one line.

    Args:
        raw: the parsed file, unchanged.
        text: the file.
    """
    by_key: dict[tuple[str, str], list[Key]] = {}
    for place, new, _ in _old_keys(raw):
        by_key.setdefault((str(place[0]), new), []).append(place)
    ordered = sorted(by_key.items(), key=lambda one: line_of(text, one[1][0]) or 0)
    return [_note(table, new, places, text) for (table, new), places in ordered]


def _note(table: str, new: str, places: list[Key], text: str) -> str:
    lines = [found for place in places if (found := line_of(text, place)) is not None]
    old, title = places[0][-1], f"[[{table}]]" if table == "people" else f"[{table}]"
    more = f" (as on {_listed(lines[1:])})" if lines[1:] else ""
    start = f"line {lines[0]}, " if lines else ""
    write = f"; write: {_new_line(table, places[0], text)}{more}" if lines else ""
    return f"{start}{title}: {old} is called {new} now{write}"


def _listed(lines: list[int]) -> str:
    numbers = [str(one) for one in lines]
    return f"line {numbers[0]}" if len(numbers) == 1 else f"lines {', '.join(numbers[:-1])} and {numbers[-1]}"


def _new_line(table: str, place: Key, text: str) -> str:
    """Return the line of a key with every old name replaced, without its comment."""
    number = line_of(text, place) or 1
    line = text.split("\n")[number - 1]
    alone = place in key_lines(text)  # otherwise in an inline table, which may hold other old names
    for old, new in NEW_NAMES[table].items():
        if old == place[-1] or not alone:
            line = re.sub(rf"""(?<![\w"'-])(["']?){old}\1(?=\s*=)""", new, line, count=1)
    written = re.match(r"""(?:[^#"']|"(?:\\.|[^"\\])*"|'[^']*'|["'])*""", line)
    return (written[0] if written else line).strip()


def _old_keys(raw: Mapping[str, Any]) -> Iterator[tuple[Key, str, object]]:
    """Yield every key present under its old name: its place, its new name, its value."""
    for table, names in NEW_NAMES.items():
        part = raw.get(table)
        rows = [((table, n), one) for n, one in enumerate(part)] if isinstance(part, list) else [((table,), part)]
        for start, row in rows:
            if isinstance(row, dict):
                yield from (((*start, old), new, row[old]) for old, new in names.items() if old in row)


def _at(raw: Mapping[str, Any], place: Key) -> Any:
    found: Any = raw
    for step in place:
        found = found[step]
    return found


def _under(raw: Mapping[str, Any], change: Callable[[str, Any], Any]) -> dict[str, Any]:
    return {
        name: ([change(name, one) for one in part] if isinstance(part, list) else change(name, part))
        if name in NEW_NAMES
        else part
        for name, part in raw.items()
    }


def _renamed(part: Any, names: Mapping[str, str]) -> Any:
    """Rename a table's keys; if a key has both names, the current one's value counts."""
    if not isinstance(part, dict):
        return part
    moved = {names[key]: value for key, value in part.items() if key in names}
    return moved | {key: value for key, value in part.items() if key not in names}
