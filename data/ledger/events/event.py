"""What the detail of an event says, how it is written and how it is read; each kind is a class of its own.

An event's identity is made of kind, subject, language and the exact text of the detail. So the text of a kind
never changes once it was written; a fact that is added later is left out where there is none (`optional`), and old
events are read without it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Self

from data.ledger.frames import detail
from data.ledger.tables import Row


def optional(default: Any = None) -> Any:
    """A fact that is left out of the detail where it is not said: it was added later, or is not always there."""
    return field(default=default, metadata={"optional": True})


@dataclass(frozen=True)
class Event:
    """What the detail of an event says; each kind is a class of its own."""

    KIND: ClassVar[str]

    def row(self, subject: str, language: str = "") -> Row:
        """The event as a row of the ledger's table.

        Args:
            subject: what it is about; the kind's docstring says what that is.
            language: that it is about, or what else tells it from its like.
        """
        return {"kind": self.KIND, "subject": subject, "language": language, "detail": self.detail()}

    def detail(self) -> str:
        """What it says, as the ledger holds it."""
        return detail(self.facts())

    def facts(self) -> dict[str, Any]:
        """What it says, by name, without what is optional and not said."""
        return {
            one.name: value
            for one in fields(self)
            if not ((value := getattr(self, one.name)) is None and one.metadata.get("optional"))
        }

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a detail; facts of a later version of the program are passed over.

        Raises:
            ValueError: it is no detail of this kind.
        """
        known = {one.name for one in fields(cls)}
        try:
            return cls(**{name: value for name, value in json.loads(text).items() if name in known})
        except TypeError as error:
            raise ValueError(f"no detail of {cls.KIND!r}: {error}") from error
