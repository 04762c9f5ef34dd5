"""Mistakes in a set of items, collected so that they are told at once and not one a run.

Told are the first twenty: a column that was taken for another makes one in every line.
"""

from __future__ import annotations

from data.errors import ItemSetError

SHOWN = 20


class Problems:
    """What is wrong so far."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.count = 0

    def add(self, place: str, what: str) -> None:
        """Notes a mistake.

        Args:
            place: file and line.
            what: the value that is wrong, and the cure.
        """
        self.count += 1
        if len(self.found) < SHOWN:
            self.found.append(f"{place}: {what}" if place else what)

    def stop(self) -> None:
        """Raises what was found, if anything was.

        Raises:
            ItemSetError: up to 20 mistakes, and how many more there are.
        """
        if self.count:
            more = self.count - len(self.found)
            rest = [f"and {more:,} more like these"] if more else []
            raise ItemSetError("the items cannot be read", [*self.found, *rest])
