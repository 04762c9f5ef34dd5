"""The lines of a set on their way to items: what was read of each, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from data.itemsets.item_set import FaultKind
from data.itemsets.set_columns import Roles
from data.itemsets.set_files import Table

Line = dict[str, Any]
"""An item as read: item_id, language, group, passage, question, options, answer, key, keys, place, faults."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line, before it has its id."""

    part: str
    kind: FaultKind
    what: str


@dataclass(frozen=True)
class LineList:
    """The lines of one file, in its order.

    Attributes:
        table: the file.
        roles: what its columns hold.
        lines: its items.
    """

    table: Table
    roles: Roles
    lines: list[Line]
