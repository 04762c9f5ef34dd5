"""How alike two options are that fold to the same text: whether a reader could tell them apart at all.

`distinct_options` asks only whether they fold alike, which is right for reading comprehension, where nobody means
two answers that differ in a comma. In a set on mathematics, genetics or spelling `f(x)` and `f'(x)`, `Aa` and `aa`
or `its` and `it's` are different answers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import combinations
from typing import Literal

from qc.lint.finding import Level

Likeness = Literal["same", "case", "edges", "signs"]
"""Nothing that is seen differs; only capitals do; only punctuation at the ends; punctuation or signs inside."""

_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")
_WORD = re.compile(r"[^\W\d_]{4,}")


def likeness(one: str, other: str) -> Likeness:
    r"""How alike two texts are that fold to the same.

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
    """How grave it is that options fold alike.

    Args:
        options: of an item.
        same: groups of options (from 0) that fold to the same.

    Returns:
        An error where two are the same to the eye, or words but for capitals and outer punctuation; a note where
        what differs may be what is asked: signs, single letters, or the spelling of every option.
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
