"""The likeness of two options that fold to the same text, which decides whether a reader could tell them apart.

`distinct_options` only looks at the folded texts, which is right for reading comprehension, where nobody writes
two answers that differ only in a comma. In a set on mathematics, genetics or spelling, `f(x)` and `f'(x)`, `Aa`
and `aa`, or `its` and `it's` are different answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from qc.lint.finding import Level

Likeness = Literal["same", "case", "edges", "signs"]
"""The visible difference: none, only capitals, also punctuation at the ends, or punctuation or signs inside."""

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_WORD = re.compile(r"[^\W\d_]{4,}")


def likeness(one: str, other: str) -> Likeness:
    r"""Return the likeness of two texts that fold to the same.

    >>> likeness("At seven", "At\u00a0seven "), likeness("At seven", "at seven."), likeness("f(x)", "f'(x)")
    ('same', 'edges', 'signs')
    """
    plain = _plain(one), _plain(other)
    if plain[0] == plain[1]:
        return "same"
    lower = plain[0].casefold(), plain[1].casefold()
    if lower[0] == lower[1]:
        return "case"
    bare = _EDGES.sub("", lower[0]), _EDGES.sub("", lower[1])
    return "edges" if bare[0] == bare[1] and _WORD.search(bare[0]) else "signs"


def level_of(options: Sequence[str], same: Sequence[Sequence[int]]) -> Level:
    """Return how grave it is that options fold to the same text.

    Args:
        options: the options of an item.
        same: groups of options (from 0) that fold to the same text.

    Returns:
        An error if two options look the same, or are words that differ only in capitals and outer punctuation; a
        note if the question may be about the difference: signs, single letters, or the spelling of every option.
    """
    kinds = {likeness(options[a], options[b]) for group in same for a, b in combinations(group, 2)}
    if "same" in kinds:
        return "error"
    spelling = len(same) == 1 and len(same[0]) == len(options) > 2
    words = any(_WORD.search(options[group[0]]) for group in same)
    return "note" if spelling or not words or kinds <= {"signs"} else "error"


def _plain(text: str) -> str:
    wide = "".join(
        unicodedata.normalize("NFKC", one) if unicodedata.east_asian_width(one) in "FH" else one
        for one in unicodedata.normalize("NFC", text)
    )
    return " ".join(_UNSEEN.sub("", wide).split())
