"""How wide a table is in LaTeX's own type, so that it fits the text width of its article class.

Widths are those of Computer Modern in points at 10 pt, rounded up by groups of letters: a table that fits by them
fits on paper. Type gets smaller first, then texts are broken into lines, then columns go to a further part below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TEXT_WIDTH = 345.0
"""The text width of the article class, in points."""

SIZES = (("\\small", 0.925), ("\\footnotesize", 0.85), ("\\scriptsize", 0.8))
"""Sizes of type, and how wide it is beside that of 10 pt."""

GAP = 4.0
"""Half of the space between two columns, in points (\\tabcolsep)."""

_LETTERS = {"ijl.,;:!|'` ": 3.4, 'frstI()[]-/“”"': 4.2, "mwMW%@": 9.5, "–−+=<>&#": 7.8, "—●": 10.0}
_WIDTHS = {letter: width for letters, width in _LETTERS.items() for letter in letters}


def width(text: str) -> float:
    """Return the width of a text on one line, in points at 10 pt."""
    return sum(_WIDTHS.get(sign, _width(sign)) for sign in text)


def _width(sign: str) -> float:
    if sign > "\u02ff" and sign not in "‘’·…":
        return 10.5
    return 7.8 if sign.isupper() else 5.3


def longest_word(text: str) -> float:
    """Return the width of the longest word."""
    return max((width(word) for word in text.split()), default=0.0)


@dataclass(frozen=True)
class Fit:
    """How a table is set.

    Attributes:
        size: the command for the size of type.
        parts: the columns of each part of the table, by place; the first column stands in every part.
        widths: by place of a column whose texts are broken into lines, its width in points.
    """

    size: str
    parts: list[list[int]]
    widths: dict[int, float]


def fit(natural: Sequence[float], least: Sequence[float]) -> Fit:
    """Return how columns fit the page.

    Args:
        natural: the width of each column on one line, in points at 10 pt.
        least: the same, of its longest word where it may be broken; as `natural` where it may not.
    """
    room = TEXT_WIDTH - 2 * GAP * (len(natural) - 1)
    for name, scale in SIZES:
        if sum(natural) * scale <= room:
            return Fit(name, [list(range(len(natural)))], {})
    name, scale = SIZES[-1]
    parts = _parts([scale * one for one in least])
    widths: dict[int, float] = {}
    for part in parts:
        mine = [index for index in part if index not in widths]
        taken = sum(widths.get(index, scale * natural[index]) for index in part)
        broken = [index for index in mine if least[index] < natural[index]]
        free = (
            TEXT_WIDTH
            - 2 * GAP * (len(part) - 1)
            - sum(widths.get(index, scale * natural[index]) for index in part if index not in broken)
        )
        if broken and taken > TEXT_WIDTH - 2 * GAP * (len(part) - 1):
            widths |= _shared(broken, free, [scale * one for one in natural], [scale * one for one in least])
    return Fit(name, parts, widths)


def _parts(least: Sequence[float]) -> list[list[int]]:
    """Return the columns part by part, as many in each as fit beside the first."""
    parts: list[list[int]] = [[0]]
    for index in range(1, len(least)):
        wide = sum(least[one] for one in [*parts[-1], index]) + 2 * GAP * len(parts[-1])
        if wide > TEXT_WIDTH and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(index)
    return parts


def _shared(
    columns: Sequence[int], free: float, natural: Sequence[float], least: Sequence[float]
) -> dict[int, float]:
    """Share the room that is left among columns of texts: none is narrower than its longest word."""
    room = free - sum(least[index] for index in columns)
    wanted = {index: natural[index] - least[index] for index in columns}
    share = min(1.0, max(0.0, room) / max(1e-9, sum(wanted.values())))
    return {index: least[index] + share * wanted[index] for index in columns}
