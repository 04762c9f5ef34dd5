"""A set as it was read: its items, what is wrong with single ones, and what was taken for what.

Whoever counts on a set (an audit) wants it whole and has every fault refused. Whoever looks for faults (a lint)
wants the rest of a set that has some. Both read it the same way and get this.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

FaultKind = Literal[
    "unreadable_line",  # nothing of the item can be read; it is named and not among the items
    "no_options",
    "option_count",
    "option_no_text",
    "empty_option",
    "no_text",
    "missing_id",
    "doubled_id",
    "no_answer",
    "answer_is_no_option",
    "answer_is_two_options",
]
"""What may be wrong with an item as it is read; the names serve as names of checks."""

NO_KEY = -1
"""The key of an item whose correct option cannot be told."""


@dataclass(frozen=True)
class SetFault:
    """Something that is wrong with one item.

    Attributes:
        place: file and line.
        item_id: as in the items; "" where nothing of the item can be read.
        language: as in the items.
        part: `item`, `passage`, `question`, `option_1` … or `answer`.
        kind: of fault.
        what: the value that is wrong, and the cure.
    """

    place: str
    item_id: str
    language: str
    part: str
    kind: FaultKind
    what: str


@dataclass(frozen=True)
class ItemSet:
    """A set of items.

    Attributes:
        items: one line per item and language, sorted by both: item_id (the same in every language),
            language ("" where the set names none), group (the passage), passage (None where there is none),
            question ("" where there is none), options (a list of texts), key (counted from 0; `NO_KEY` where it
            cannot be told; the first where several are right), keys (all that are right, counted from 0), place
            (file and line); domain and topic where the set has them.
        faults: of single items, in the order of the files; none unless they were asked for.
        described: what was taken for what, a line each; what was guessed says so.
    """

    items: pd.DataFrame
    faults: tuple[SetFault, ...] = ()
    described: tuple[str, ...] = ()
