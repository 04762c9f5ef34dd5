"""A point of the lead's agenda: something only the lead can settle, and how."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AgendaPoint:
    """A report to the lead, and what settles it.

    Attributes:
        what: what has happened or is missing, in words.
        cure: the command, and what else can be done; "" where `what` says it.
    """

    what: str
    cure: str = ""

    def __str__(self) -> str:
        """The point in a line.

        >>> print(AgendaPoint("the selection lacks 2", "belebele select"))
        the selection lacks 2 → belebele select
        """
        return f"{self.what} → {self.cure}" if self.cure else self.what
