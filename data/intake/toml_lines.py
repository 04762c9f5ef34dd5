"""The lines of keys in a TOML text.

The standard parser gives values without their places, but a mistake in a file of a thousand lines needs its line.
This module finds table headers and keys by reading line by line. It need not understand values, because the parser
has already accepted the text. If it does not find a key, a message only lacks its line number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

Key = tuple[str | int, ...]
"""A path into parsed TOML: names of tables and keys, 0-based numbers in arrays of tables."""

_HEADER = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_NAME = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")


@lru_cache(maxsize=1)
def key_lines(text: str) -> Mapping[Key, int]:
    r"""Return the 1-based line of every table header and key.

    >>> key_lines('[source]\nkind = "x"\n[[people]]\ncode = "a"\n[[people]]\n')[("people", 0, "code")]
    4
    """
    lines: dict[Key, int] = {}
    counts: dict[Key, int] = {}
    table: Key = ()
    inside: str | None = None  # the quotes of the multi-line string that is open
    for number, line in enumerate(text.split("\n"), start=1):
        if inside is None and (header := _HEADER.match(line)) and not _KEY.match(line):
            table = _names(header[2])
            if header[1] == "[[":
                lines.setdefault(table, number)
                counts[table] = counts.get(table, -1) + 1
                table = (*table, counts[table])
            lines.setdefault(table, number)
        elif inside is None and (key := _KEY.match(line)):
            lines.setdefault((*table, *_names(key[1])), number)
        for quotes in re.findall(r'"""|' + "'''", line):
            inside = quotes if inside is None else None if inside == quotes else inside
    return lines


def line_of(text: str, key: Sequence[str | int], value: object = None) -> int | None:
    """Return the line of a key, or of the nearest table or key around it; None if the text has neither.

    Args:
        text: the TOML text.
        key: the path of the key.
        value: the value; if it is a string in an array over several lines, its own line is returned.
    """
    lines = key_lines(text)
    for end in range(len(key), 0, -1):
        found = lines.get(tuple(key[:end]))
        if found is None:
            continue
        index = key[end] if end < len(key) else None
        if isinstance(index, int) and isinstance(value, str):
            quoted = [
                (one, number)
                for number, line in enumerate(text.split("\n")[found - 1 :], start=found)
                for one in re.findall(r"""["']([^"']*)["']""", line.partition("#")[0])
            ]
            if index < len(quoted) and quoted[index][0] == value:
                return quoted[index][1]
        return found
    return None


def _names(dotted: str) -> Key:
    return tuple(name.strip("\"'") for name in _NAME.findall(dotted))
