"""A set as it was read: its items, the faults of single items, and how its columns were understood.

An audit relies on the set, so it wants the set whole and refuses every fault. A lint looks for faults, so it wants
the rest of a set that has some. Both read a set in the same way and get this record.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from data.itemsets.layouts.layout import Layout

FaultKind = Literal[
    "unreadable_line",  # nothing of the item can be read; it is named, but is not among the items
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
"""The faults that an item may have when it is read; their names also serve as names of checks."""

NO_KEY = -1
"""The key of an item whose correct option cannot be told."""


@dataclass(frozen=True)
class SetFault:
    """A fault of one item.

    Attributes:
        place: file and line.
        item_id: as in the items; "" if nothing of the item can be read.
        language: as in the items.
        part: `item`, `passage`, `question`, `option_1` … or `answer`.
        kind: the kind of fault.
        what: the wrong value, and the cure.
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
            language ("" if the set names none), group (the passage), passage (None if there is none), question
            ("" if there is none), options (a list of texts), key (counted from 0; `NO_KEY` if it cannot be told;
            the first if several are right), keys (all that are right, counted from 0), place (file and line);
            domain and topic if the set has them.
        faults: the faults of single items, in the order of the files; empty unless the set was read leniently.
        described: how the set was understood, one fact a line; guesses are marked as such.
        layouts: the known layouts of its files, each once; files without one are not counted.
    """

    items: pd.DataFrame
    faults: tuple[SetFault, ...] = ()
    described: tuple[str, ...] = ()
    layouts: tuple[Layout, ...] = ()
