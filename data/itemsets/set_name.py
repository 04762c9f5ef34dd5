"""What a set is called where nobody says it: after its file or folder, if that names it.

Many sets lie in files that any set may have: `eng.jsonl` says a language, `test.jsonl` a split. A report that took
such a word for the name could not be told from the report of another set, so the folder's name is put before it,
and the user is asked what the set is called.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from data.itemsets.file_languages import SPLITS, stem_of
from data.language_tags import spelling


class Told(StrEnum):
    """What the name of a set's file tells."""

    SET = "which set it is"
    LANGUAGE = "a language"
    COMMON = "what any set's file may be called"


@dataclass(frozen=True)
class SetName:
    """What a set is called.

    Attributes:
        text: the name, or the place of the file if it has none.
        told: what the name was made from tells.
    """

    text: str
    told: Told = Told.SET

    def request(self, option: str) -> str:
        """Return the request for a name by this option of the command; "" if there is a name."""
        called = f"so it is called “{self.text}” here; say its name with {option}"
        file = self.text.rpartition("/")[2]
        if self.told is Told.LANGUAGE:
            return f"{file} tells a language, not which set it is, {called}"
        return f"{file} may be any set's, {called}" if self.told is Told.COMMON else ""


_COMMON = frozenset(
    {*SPLITS, "all", "answers", "benchmark", "data", "dataset", "eval", "evaluation", "examples", "file", "final",
     "input", "items", "output", "part", "public", "questions", "release", "samples", "set", "sets", "tests"}
)  # fmt: skip
"""Words that say nothing about a set."""

_MARKS = re.compile(r"[._\-+ ]+")
_LONGEST = 3  # the words of the longest tag: zh-Hans-CN


def set_name(paths: Sequence[str]) -> SetName:
    """Return the name of a set: that of its file or, if there are several, of the folder that holds them all.

    If any set may have a file of that name, the nearest folder that names something is put before it.

    Args:
        paths: files and folders of one set, or an address.
    """
    if len(paths) == 1 and "://" in paths[0]:
        return SetName(paths[0].rstrip("/").rpartition("/")[2])
    path = Path(paths[0]) if len(paths) == 1 else Path(os.path.commonpath([Path(one).resolve() for one in paths]))
    path = path.resolve()
    stem = path.name if path.is_dir() else stem_of(path)
    if (told := _told(stem)) is Told.SET:
        return SetName(path.name)
    above = next((one for one in path.parents if one.name and _told(one.name) is Told.SET), None)
    return SetName(str(path.relative_to(above.parent)) if above else path.name, told)


def _told(name: str) -> Told:
    """Return what the words of a name tell."""
    words = [word for word in _MARKS.split(name) if word]
    parts = [*_parts(words)]
    if None in parts:
        return Told.SET
    return Told.LANGUAGE if Told.LANGUAGE in parts else Told.COMMON


def _parts(words: Sequence[str]) -> Iterator[Told | None]:
    """Yield what the words tell, from left to right, the longest languages first; None for a word of its own."""
    start = 0
    while start < len(words):
        if words[start].casefold() in _COMMON or words[start].isdecimal():
            yield Told.COMMON
            start += 1
            continue
        ends = range(min(len(words), start + _LONGEST), start, -1)
        end = next((end for end in ends if spelling("-".join(words[start:end])) is not None), 0)
        yield Told.LANGUAGE if end else None
        start = end or start + 1
