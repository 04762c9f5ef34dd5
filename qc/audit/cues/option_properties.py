"""The property by which a cue tells options apart, as a phrase about one option or about several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Verb = Literal["is", "has", "shares", "stands"]

_SEVERAL: dict[Verb, str] = {"is": "are", "has": "have", "shares": "share", "stands": "stand"}


@dataclass(frozen=True)
class OptionProperty:
    """A property of an option.

    Attributes:
        verb: the verb of the phrase.
        what: the rest of the phrase.
        is_amount: whether it is having the most or the fewest of something, which by its sense only one has.
        of_words: whether it consists of words, which an option can avoid.

    >>> str(OptionProperty("is", "the longest")), OptionProperty("has", "a hedge").seldom
    ('is the longest', 'seldom has a hedge')
    """

    verb: Verb
    what: str
    is_amount: bool = False
    of_words: bool = False

    def __str__(self) -> str:
        return f"{self.verb} {self.what}"

    @property
    def seldom(self) -> str:
        """The phrase for an option that seldom has the property."""
        return f"is seldom {self.what}" if self.verb == "is" else f"seldom {self.verb} {self.what}"

    @property
    def of_several(self) -> str:
        """The phrase for several options that have the property."""
        return f"{_SEVERAL[self.verb]} {self.what}"
