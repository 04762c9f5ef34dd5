"""The words of a task: what the program says in a task's data, in somebody's language.

The ledger keeps what a task shows in English, so that every campaign's ledger reads alike. It is put into words
when the task goes on a server, in the fields that the program writes (`SAID`); what people wrote is not looked at.
A text with values in it is known by the English sentence that it was made from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from annotation.words.catalogues import Words, template

SAID: Mapping[str, tuple[str, ...]] = {
    "about": (),
    "place": (),
    "own": (),
    "rounds": (),
    "fate": (),
    "fate_title": (),
    "findings": (),
    "mark_1": (),
    "mark_2": (),
    "mark_3": (),
    "mark_4": (),
    "fates": ("happened",),
    "fate_changes": ("label",),
    "changes": ("label",),
    "answers": ("mark", "by"),
    "lines": ("says", "differs", *"abcdefghi"),
    "remarks": ("who",),
    "marked": ("says",),
}
"""The fields of tasks in which the program speaks: of lists of texts all, of lists of records these parts."""

_BY_FIELD = re.compile(r"(memory|dismiss|mend)_\w+")
_PARTS = {"memory": ("likeness",), "dismiss": ("asks",), "mend": ("asks",)}
_PLACE = re.compile(r"\\\{(\w+)\\\}")
_BETWEEN = " · "
_JOINED = frozenset({"mark", "likeness"})
"""Fields that hold several texts, with `_BETWEEN` between them."""
_NUMBERS = frozenset({"number", "key", "count"})
_THEIRS = frozenset({"comment", "question", "language"})
"""Places of what people wrote, or of a name: they stay as they are."""


def in_words(data: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return a task's data in these words.

    Args:
        data: what a task shows, in English.
        words: to put it in.
    """
    if not words.texts:
        return dict(data)
    return {name: _field(name, value, words) for name, value in data.items()}


def _field(name: str, value: Any, words: Words) -> Any:
    parts = SAID.get(name)
    if parts is None:
        kind = _BY_FIELD.fullmatch(name)
        parts = _PARTS[kind[1]] if kind else None
    if parts is None:
        return value
    if isinstance(value, str):
        return said(value, words)
    if not isinstance(value, Sequence):
        return value
    return [_line(one, parts, words) for one in value]


def _line(one: Any, parts: Sequence[str], words: Words) -> Any:
    if isinstance(one, str):
        return said(one, words)
    return {name: _part(name, text, words) if name in parts else text for name, text in one.items()}


def _part(name: str, text: str, words: Words) -> str:
    texts = text.split(_BETWEEN) if name in _JOINED else [text]
    return _BETWEEN.join(said(one, words) for one in texts)


def said(text: str, words: Words) -> str:
    """Return a text that the program made, in these words; as it is, if it was made from none that is known.

    Args:
        text: in English, with what was put in.
        words: to put it in.
    """
    if not text or text in words.texts:
        return words(text)
    for pattern, english in _with_places():
        if english in words.texts and (found := pattern.fullmatch(text)):
            given = found.groupdict().items()
            values = {name: value if name in _THEIRS else said(value, words) for name, value in given}
            return words(english).format(**values)
    return text


@cache
def _with_places() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return each sentence with places, as a pattern; those with the most of their own words first."""
    made = []
    for english in template():
        if re.search(r"\{[a-z]\w*\}", english):
            pattern = _PLACE.sub(_value, re.escape(english))
            made.append((len(re.sub(r"\{\w+\}", "", english)), re.compile(pattern, re.DOTALL), english))
    return tuple((pattern, english) for _, pattern, english in sorted(made, key=lambda one: (-one[0], one[2])))


def _value(place: re.Match[str]) -> str:
    return rf"(?P<{place[1]}>\d+)" if place[1] in _NUMBERS else f"(?P<{place[1]}>.+?)"
