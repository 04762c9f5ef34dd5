"""Findings, the faults of a set as lint reports them, and coverage, the number of items that each check judged.

A finding is a verdict of a check at the place where a person mends it: file and line, item, part of the item and
stretch of its text. A finding that is not flagged says that a check could not judge, which is never the same as
passed; `Coverage` counts these, and the cases in which there was nothing to judge.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Level = Literal["error", "warning", "note"]

LEVELS: tuple[Level, ...] = get_args(Level)
"""The levels of findings, the gravest first."""

Profile = Literal["any", "campaign"]


def place_order(place: str) -> tuple[str, int, str]:
    """Return a key that sorts places in the order of their files.

    >>> sorted(["a.csv, line 10", "a.csv, line 9"], key=place_order)
    ['a.csv, line 9', 'a.csv, line 10']
    """
    found = re.fullmatch(r"(.*), \w+ (\d+)(.*)", place)
    return (found[1], int(found[2]), found[3]) if found else (place, 0, "")


def at_least(level: Level, least: Level) -> bool:
    """Return whether a level is at least as grave as another.

    >>> at_least("error", "warning"), at_least("note", "warning")
    (True, False)
    """
    return LEVELS.index(level) <= LEVELS.index(least)


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, or a case that a check could not judge.

    Attributes:
        item_id: the item's id; None for a finding about one language, two languages, or the whole set.
        language: as the set calls it, "" if the set names none; `a+b` for two languages.
        check: the check's name.
        version: the check's version; 0 for a fault that the reader of the files found.
        part: `passage`, `question`, `option_1` and so on, or `item`; None if `item_id` is None.
        start: the start of the stretch, in code points of the stored text; None for a whole part.
        end: the first code point after the stretch.
        level: how grave the finding is.
        flagged: true for a fault; None if the check could not judge.
        score: the verdict's score, in [0, 1]; None if it has none.
        reason: what is wrong.
        fix: the replacement for the stretch; None if it is not certain.
        place: file and line; "" if the set is not a file.
        text: the part's stored text, by which a baseline recognises the finding.
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
        """The hash of the part's text; for a finding about no item, of its reason."""
        said = self.text if self.item_id is not None else self.reason
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    @property
    def known_as(self) -> tuple[str, str, str, str, str]:
        """The key by which a baseline recognises it: check, item, language, part, text."""
        return self.check, self.item_id or "", self.language, self.part or "", self.text_hash


@dataclass(slots=True)
class Coverage:
    """The numbers of items of a language that a check judged or not; of passages, for a check of passages.

    Attributes:
        judged: the number that passed or were flagged.
        flagged: the number of these that were flagged.
        unjudged: the number that could not be judged.
        not_applicable: the number with nothing to judge.
    """

    judged: int = 0
    flagged: int = 0
    unjudged: int = 0
    not_applicable: int = 0

    def add(self, flag: bool | None, *, applicable: bool = True) -> None:
        """Count one item or passage."""
        if not applicable:
            self.not_applicable += 1
        elif flag is None:
            self.unjudged += 1
        else:
            self.judged += 1
            self.flagged += flag


Covered = Mapping[str, Mapping[str, Coverage]]
"""Coverage by check and language."""


def worst(found: Iterable[Finding]) -> Level | None:
    """Return the gravest level of the flagged findings; None if nothing is flagged."""
    levels = {one.level for one in found if one.flagged}
    return next((level for level in LEVELS if level in levels), None)
