"""Mistakes in a set of items, collected so that one run reports them together.

Only the first twenty are reported, since one misunderstood column makes a mistake in every line. Some mistakes
keep the whole set from being read; others are faults of one item, which a lenient reader is given with the items.
"""

from __future__ import annotations

from data.errors import ItemSetError
from data.itemsets.item_set import FaultKind, SetFault

SHOWN = 20


class Problems:
    """The mistakes found so far.

    Args:
        lenient: whether faults of single items are kept instead of refused.
    """

    def __init__(self, *, lenient: bool = False) -> None:
        self.found: list[str] = []
        self.count = 0
        self.lenient = lenient
        self.unreadable: list[SetFault] = []

    def add(self, place: str, what: str) -> None:
        """Note a mistake that keeps the set from being read.

        Args:
            place: file and line.
            what: the wrong value, and the cure.
        """
        self.count += 1
        if len(self.found) < SHOWN:
            self.found.append(f"{place}: {what}" if place else what)

    def line(self, place: str, what: str, kind: FaultKind = "unreadable_line") -> None:
        """Note that one line cannot be read, while the others can."""
        if self.lenient:
            self.unreadable.append(SetFault(place, "", "", "item", kind, what))
        else:
            self.add(place, what)

    def stop(self) -> None:
        """Raise the mistakes that were found, if there are any.

        Raises:
            ItemSetError: names up to 20 mistakes, and how many more there are.
        """
        if self.count:
            more = self.count - len(self.found)
            rest = [f"and {more:,} more like these"] if more else []
            raise ItemSetError("the items cannot be read", [*self.found, *rest])
