"""One fault of a set as lint tells it, and of how many items it could be told at all.

A finding is a verdict of a check brought down to the place where a person mends it: file and line, item, part of
the item and stretch of its text. A finding that is not flagged says that a check could not judge, which is never
the same as passed; `Coverage` counts these, and what there was nothing to judge about.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["error", "warning", "note"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""The gravest first."""

Profile = Literal["any", "campaign"]


def place_order(place: str) -> tuple[str, int, str]:
    """A key that puts places in the order of their files.

    >>> sorted(["a.csv, line 10", "a.csv, line 9"], key=place_order)
    ['a.csv, line 9', 'a.csv, line 10']
    """
    found = re.fullmatch(r"(.*), \w+ (\d+)(.*)", place)
    return (found[1], int(found[2]), found[3]) if found else (place, 0, "")


def at_least(level: Level, least: Level) -> bool:
    """Whether a level is as grave as another.

    >>> at_least("error", "warning"), at_least("note", "warning")
    (True, False)
    """
    return LEVELS.index(level) <= LEVELS.index(least)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, or that a check could not judge.

    Attributes:
        item_id: None for what is said of a language, of two, or of the whole set.
        language: as the set calls it, "" where it says nothing; `a+b` for two languages.
        check: its name.
        version: of the check; 0 for what the reader of the files found.
        part: `passage`, `question`, `option_1` and so on, or `item`; None where `item_id` is.
        start: of the stretch, in code points of the stored text; None for a whole part.
        end: the first code point after it.
        level: how grave it is.
        flagged: None where the check could not judge.
        score: in [0, 1], None where there is none.
        reason: what is wrong.
        fix: what belongs in place of the stretch, None where that is not certain.
        place: file and line, "" where the set is no file.
        text: of the part as it is stored, by which a known finding is known again.
    """

    item_id: str | None
    language: str
    check: str
    version: int
    part: str | None
    start: int | None
    end: int | None
    level: Level
    flagged: bool | None
    score: float | None
    reason: str
    fix: str | None
    place: str = ""
    text: str = ""

    @property
    def text_hash(self) -> str:
        """Of the part's text; of what is said, where it is said of no item."""
        said = self.text if self.item_id is not None else self.reason
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def known_as(self) -> tuple[str, str, str, str, str]:
        """By which a baseline knows it: check, item, language, part, text."""
        return self.check, self.item_id or "", self.language, self.part or "", self.text_hash


@dataclass(slots=True)
class Coverage:
    """Of how many items of a language a check could say something; of passages for a check of passages.

    Attributes:
        judged: passed or flagged.
        flagged: of these.
        unjudged: could not be judged.
        not_applicable: there was nothing to judge.
    """

    judged: int = 0
    flagged: int = 0
    unjudged: int = 0
    not_applicable: int = 0

    def add(self, flag: bool | None, *, applicable: bool = True) -> None:
        """Counts one."""
        if not applicable:
            self.not_applicable += 1
        elif flag is None:
            self.unjudged += 1
        else:
            self.judged += 1
            self.flagged += flag


Covered = Mapping[str, Mapping[str, Coverage]]
"""By check and language."""


def worst(found: Iterable[Finding]) -> Level | None:
    """The gravest level of what was flagged; None where nothing was."""
    levels = {one.level for one in found if one.flagged}
    return next((level for level in LEVELS if level in levels), None)
