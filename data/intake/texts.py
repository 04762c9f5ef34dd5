"""The rules for texts from outside, and the short forms of values and names that fit into a message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from data.errors import UsageError

LONGEST = 1_000_000
"""The most characters of one text, as in a long novel: nothing longer is a passage, question or option."""

LONGEST_SHOWN = 100_000
"""The most characters of one text that people are to read on a page of a workbench."""

DEEPEST = 20
"""The deepest nesting of lists and objects."""

Path = tuple[str | int, ...]
"""A place within a value: names of keys and 0-based numbers in lists."""

_HALF = re.compile("[\ud800-\udfff]")


class Unreadable(ValueError):
    """The error for something from outside that is not accepted.

    Attributes:
        what: what is wrong and the cure, without its place.
        line: the line of the file, counted from 1; 0 if it has none.
        encoding: whether bytes are not in the expected encoding.
        alone: whether only this line is refused, and every other is not affected.
    """

    def __init__(self, what: str, line: int = 0, *, encoding: bool = False, alone: bool = False) -> None:
        self.what = what
        self.alone = alone
        self.line = line
        self.encoding = encoding
        super().__init__(what)

    def at(self, name: str, where: str = "line") -> str:
        """Return the whole message: file, line and what is wrong.

        >>> Unreadable("no JSON", 3).at("a.jsonl")
        'a.jsonl, line 3: no JSON'
        """
        return f"{name}, {where} {self.line}: {self.what}" if self.line else f"{name}: {self.what}"


def fault_of(text: str, most: int = LONGEST) -> str | None:
    r"""Return what is wrong with the characters or length of a text; None if nothing is.

    >>> fault_of("a\x00b")
    "holds the character U+0000 after 'a'; take it out"
    """
    if len(text) > most:
        return f"is {len(text):,} characters long, and at most {most:,} are taken; shorten it"
    if (place := text.find("\0")) >= 0:
        return f"holds the character U+0000 after {shown(text[:place], 20, end=True)}; take it out"
    if not text.isascii() and (half := _HALF.search(text)):
        before = shown(text[: half.start()], 20, end=True)
        return f"holds half of a surrogate pair (U+{ord(half[0]):04X}) after {before}; write the whole character"
    return None


def refuse_faults(text: str, what: str, most: int = LONGEST_SHOWN) -> str:
    """Return a text from the command line unchanged, after checking it.

    Args:
        text: the text.
        what: the text's name in a message.
        most: the most characters.

    Raises:
        UsageError: the text is not allowed.
    """
    if wrong := fault_of(text, most):
        raise UsageError(f"{what} {wrong}")
    return text


def faults(value: object, most: int = LONGEST) -> Iterator[tuple[Path, str]]:
    """Yield the faults of the texts in a value, each with its path, and the fault of nesting too deep.

    Args:
        value: a value from JSON or TOML.
        most: the most characters of one text.
    """
    waiting: list[tuple[Path, object]] = [((), value)]
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            if (wrong := fault_of(one, most)) is not None:
                yield path, wrong
        elif isinstance(one, Mapping | list) and len(path) >= DEEPEST:
            yield path[:3], f"is nested more than {DEEPEST} deep; write it flat"
            return
        elif isinstance(one, Mapping):
            for key, inside in one.items():
                if (wrong := fault_of(str(key), most)) is not None:
                    yield (*path, shown(str(key))), f"as a name, {wrong}"
                waiting.append(((*path, str(key)), inside))
        elif isinstance(one, list):
            waiting += [((*path, place), inside) for place, inside in enumerate(one)]


def named(path: Path) -> str:
    """Return a path as a person reads it.

    >>> named(("options", 1))
    'options, 2'
    """
    return ", ".join(str(part + 1) if isinstance(part, int) else shown(part, 40)[1:-1] for part in path)


def shown(value: object, most: int = 60, *, end: bool = False) -> str:
    """Return a value for a message, shortened, as Python writes it.

    Args:
        value: any value.
        most: the most characters of it.
        end: whether to show its end instead of its beginning.

    >>> shown("abc"), shown("x" * 100, 5), shown("0123456789", 3, end=True)
    ("'abc'", "'xxxxx…'", "'…789'")
    """
    if isinstance(value, str):
        cut = value if len(value) <= most else f"…{value[-most:]}" if end else f"{value[:most]}…"
        return repr(cut)
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # a number of thousands of digits, or endless nesting
        text = type(value).__name__
    return text if len(text) <= most else f"{text[:most]}…"


def listed(names: Iterable[object], most: int = 12) -> str:
    """Return names for a message: the first few, each shortened, and how many more there are.

    >>> listed(["a", "b"]), listed(range(100), 3), listed([])
    ('a, b', '0, 1, 2 and 97 more', 'none')
    """
    every = [str(name) for name in names]
    first = ", ".join(
        repr(name)[1:-1] if len(name) <= 40 else repr(name[:40])[1:-1] + "…" for name in every[:most]
    )
    return (f"{first} and {len(every) - most:,} more" if len(every) > most else first) or "none"
