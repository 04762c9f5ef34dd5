"""JSON, one value or one a line, read strictly.

Python's own reader keeps the last of two values with the same name, accepts halves of surrogate pairs, and any
depth that its stack can hold; nobody means to write any of these.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from data.intake.text_files import content, decoded, not_utf8
from data.intake.texts import DEEPEST, LONGEST, Unreadable, faults, listed, named, shown

LONGEST_LINE = 1 << 24
"""The most bytes of one line of JSON lines."""


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        twice = listed(dict.fromkeys(name for name in names if names.count(name) > 1))
        raise Unreadable(f"{twice} stands twice in one object; keep one")
    return made


_DECODER = json.JSONDecoder(object_pairs_hook=_once)


def value(text: str, most: int = LONGEST) -> Any:
    """Return the value of a JSON text.

    Args:
        text: the JSON text.
        most: the most characters of one text in it.

    Raises:
        Unreadable: it is not JSON, or holds something that is not allowed; `line` is the line in the text.
    """
    try:
        found = _DECODER.decode(text)
    except Unreadable:
        raise
    except RecursionError:
        raise Unreadable(f"is nested more than {DEEPEST} deep; write it flat") from None
    except json.JSONDecodeError as error:
        raise Unreadable(f"invalid JSON, {error.msg} at character {error.colno}", error.lineno) from None
    except ValueError:  # Python's own limit
        raise Unreadable("holds a number of thousands of digits; write it as a text") from None
    # Only escapes, long texts and deep nesting can hold a fault; without them there is nothing to look for.
    if "\\u" in text or len(text) > most or text.count("[") + text.count("{") > DEEPEST:
        for path, wrong in faults(found, most):
            raise Unreadable(f"{named(path)} {wrong}" if path else f"it {wrong}")
    return found


def values(file: Path, problems: list[Unreadable], most: int = LONGEST) -> Iterator[tuple[int, Any]]:
    """Yield the values of a file of JSON lines with their line numbers, from 1, skipping empty lines.

    Args:
        file: a file in UTF-8, or in UTF-16 with a byte-order mark.
        problems: collects every line that cannot be read.
        most: the most characters of one text.
    """
    try:
        data = content(file)
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            data = decoded(data).encode()
    except Unreadable as problem:
        problems.append(problem)
        return
    offset = 0
    for number, line in enumerate(data.split(b"\n"), start=1):
        try:
            if len(line) > LONGEST_LINE:
                raise Unreadable(f"is {len(line):,} bytes long, and at most {LONGEST_LINE:,} are taken", number)
            if said := line.decode("utf-8-sig" if number == 1 else "utf-8").strip():
                yield number, value(said, most)
        except UnicodeDecodeError as error:
            problems.append(not_utf8(error, number, offset))
        except Unreadable as problem:
            problems.append(Unreadable(problem.what, number))
        offset += len(line) + 1


def objects(file: Path, problems: list[Unreadable], most: int = LONGEST) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield values as `values` does, of a file in which every line must be an object."""
    for number, one in values(file, problems, most):
        if isinstance(one, dict):
            yield number, one
        else:
            kind = {list: "a list", str: "a text", type(None): "null"}.get(type(one), "a single value")
            problems.append(
                Unreadable(f"not an object {{…}} but {kind} ({shown(one, 40)}); one whole object a line", number)
            )
