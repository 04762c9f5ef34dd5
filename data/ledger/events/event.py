"""The base class of events: how an event's detail is written and read.

An event's identity is made of kind, subject, language and the exact text of the detail. So the text for a kind
never changes once it has been written; a fact added later is left out if it is not known (`optional`), and old
events are read without it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from data.ledger.frames import detail
from data.ledger.tables import Row


def optional(default: Any = None) -> Any:
    """Declare a fact that the detail omits when it is None: it was added later, or is not always known."""
    return field(default=default, metadata={"optional": True})


@dataclass(frozen=True)
class Event:
    """The facts in an event's detail; each kind is a subclass."""

    KIND: ClassVar[str]

    def row(self, subject: str, language: str = "") -> Row:
        """Return the event as a row of the ledger's table.

        Args:
            subject: what it is about, as the kind's docstring defines.
            language: the language that it is about, or whatever else distinguishes it from similar events.
        """
        return {"kind": self.KIND, "subject": subject, "language": language, "detail": self.detail()}

    def detail(self) -> str:
        """Return the detail as the ledger holds it."""
        return detail(self.facts())

    def facts(self) -> dict[str, Any]:
        """Return the facts by name, without optional ones that are not known."""
        return {
            one.name: value
            for one in fields(self)
            if not ((value := getattr(self, one.name)) is None and one.metadata.get("optional"))
        }

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a detail; facts added by a later version of the program are ignored.

        Raises:
            ValueError: it is not a detail of this kind.
        """
        known = {one.name for one in fields(cls)}
        try:
            return cls(**{name: value for name, value in json.loads(text).items() if name in known})
        except TypeError as error:
            raise ValueError(f"no detail of {cls.KIND!r}: {error}") from error
