"""The lines of a set before they become items, with what was read of each and its faults."""

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
    """A fault of a line that has no id yet."""

    part: str
    kind: FaultKind
    what: str


@dataclass(frozen=True)
class LineList:
    """The lines of one file, in their order.

    Attributes:
        table: the file.
        roles: the roles of its columns.
        lines: its items.
    """

    table: Table
    roles: Roles
    lines: list[Line]
