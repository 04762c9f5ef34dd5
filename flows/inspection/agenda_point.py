"""A point of the lead's agenda: what only the lead can settle, and with what."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AgendaPoint:
    """What the lead is told of, and what settles it.

    Attributes:
        what: has happened, or is missing, in words.
        cure: the command, and what else can be done; "" where the words say it.
    """

    what: str
    cure: str = ""

    def __str__(self) -> str:
        """The point in a line.

        >>> print(AgendaPoint("the selection lacks 2", "belebele select"))
        the selection lacks 2 → belebele select
        """
        return f"{self.what} → {self.cure}" if self.cure else self.what
