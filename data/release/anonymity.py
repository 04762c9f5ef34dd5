"""Whether a text names somebody who works on the campaign.

An address, and a name of several words, is looked for in every text, whatever its case. A name of one word (Will,
Mark, King) is a word first: it counts as it is written or in capitals, and the caller says where to look for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# Scripts written without spaces (Thai, Lao, Tibetan, Burmese, Khmer, kana, Han): no word boundary to look for.
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_TAKEN_OUT = "(A line that named a person was taken out here.)"


class People:
    """Names and addresses that a text may hold none of.

    Args:
        told: names and addresses as they were written down.
    """

    def __init__(self, told: Sequence[str]) -> None:
        plain = sorted({_plain(one) for one in told} - {""})
        self.whole = tuple(one.casefold() for one in plain if " " in one or "@" in one)
        """Addresses and names of several words, folded."""
        self.words = tuple(one for one in plain if " " not in one and "@" not in one)
        """Names of one word, as written."""

    def __bool__(self) -> bool:
        return bool(self.whole or self.words)

    def named(self, text: str, apart: str | None = "") -> bool:
        """Whether somebody stands in the text, as words of their own.

        Args:
            text: to look at.
            apart: names of one word that stand in this text are no names here; None to look for none of them.
        """
        plain = _plain(text)
        if self.whole and any(_holds(plain.casefold(), one) for one in self.whole):
            return True
        if apart is None:
            return False
        ordinary = _plain(apart)
        return any(_written(plain, one) and not _written(ordinary, one) for one in self.words)

    def within(self, text: str) -> People:
        """Those whose name or address stands in a text, be it as a part of other words."""
        plain = _plain(text)
        folded = plain.casefold()
        return People(
            [one for one in self.whole if one in folded]
            + [one for one in self.words if any(form in plain for form in _forms(one))]
        )

    def taken_out(self, text: str) -> str:
        """The text with a note in the place of each line that names somebody."""
        left = "\n".join(_TAKEN_OUT if self.named(line) else line for line in text.split("\n"))
        return _TAKEN_OUT if self.named(left) else left  # a name over a line's end


def _written(text: str, name: str) -> bool:
    return any(_holds(text, form) for form in _forms(name))


def _forms(name: str) -> set[str]:
    return {name, name.upper(), name[:1].upper() + name[1:]}


def _holds(text: str, name: str) -> bool:
    # A plain search first: it is a hundred times faster, and nearly always the last word.
    return name in text and bool(re.search(rf"(?<![^\W{_UNSPACED}]){re.escape(name)}(?![^\W{_UNSPACED}])", text))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).split())
