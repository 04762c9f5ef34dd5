"""Find names and addresses of people who work on the campaign in texts.

Addresses and names of several words are looked for in every text, ignoring case. A name of one word (Will, Mark,
King) is first of all a word: it counts only as written or in capitals, and the caller says where to look for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Scripts written without spaces (Thai, Lao, Tibetan, Burmese, Khmer, kana, Han): no word boundary to look for.
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_TAKEN_OUT = "(A line that named a person was taken out here.)"


class People:
    """Names and addresses that a text must not contain.

    Args:
        names: names and addresses as people wrote them.
    """

    def __init__(self, names: Sequence[str]) -> None:
        plain = sorted({_normalised(one) for one in names} - {""})
        self.whole = tuple(one.casefold() for one in plain if " " in one or "@" in one)
        """Addresses and names of several words, folded."""
        self.words = tuple(one for one in plain if " " not in one and "@" not in one)
        """Names of one word, as written."""

    def __bool__(self) -> bool:
        return bool(self.whole or self.words)

    def named(self, text: str, apart: str | None = "") -> bool:
        """Return whether the text names somebody, in words of their own.

        Args:
            text: to look at.
            apart: names of one word that occur in this text do not count; None to look for none of them.
        """
        plain = _normalised(text)
        if self.whole and any(_holds(plain.casefold(), one) for one in self.whole):
            return True
        if apart is None:
            return False
        ordinary = _normalised(apart)
        return any(_written(plain, one) and not _written(ordinary, one) for one in self.words)

    def within(self, text: str) -> People:
        """Return the people whose name or address occurs in a text, even as a part of other words."""
        plain = _normalised(text)
        folded = plain.casefold()
        return People(
            [one for one in self.whole if one in folded]
            + [one for one in self.words if any(form in plain for form in _forms(one))]
        )

    def taken_out(self, text: str) -> str:
        """Replace each line of the text that names somebody by a note."""
        left = "\n".join(_TAKEN_OUT if self.named(line) else line for line in text.split("\n"))
        return _TAKEN_OUT if self.named(left) else left  # a name across a line's end


def _written(text: str, name: str) -> bool:
    return any(_holds(text, form) for form in _forms(name))


def _forms(name: str) -> set[str]:
    return {name, name.upper(), name[:1].upper() + name[1:]}


def _holds(text: str, name: str) -> bool:
    # A plain search first: it is a hundred times faster, and nearly always settles it.
    return name in text and bool(re.search(rf"(?<![^\W{_UNSPACED}]){re.escape(name)}(?![^\W{_UNSPACED}])", text))


def _normalised(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
