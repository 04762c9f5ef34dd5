"""The character n-grams and words of texts as numbers, for many texts at once.

Reading n-grams one by one costs more than everything that is learned from them. So all texts are laid end to end
as one array of code points and every n-gram of an order is numbered in one step: a polynomial of its code points
modulo 2⁶⁴, mixed, of which the upper bits are the number. Two n-grams may share a number; there is room enough
for that to be rare.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ROOM = {1: 16, 2: 18, 3: 20, 4: 22, 5: 22, 0: 20}
"""Bits of a number, by the order of n-grams; 0 stands for words."""

_STARTS = dict(zip(ROOM, np.cumsum([0, *(1 << bits for bits in ROOM.values())]).tolist(), strict=False))

FEATURES = sum(1 << bits for bits in ROOM.values())
"""One more than the largest number."""

_STEP = 0x9E3779B97F4A7C15
_DIGITS = re.compile(r"\d+")
_SPACE = re.compile(r"\s+")
_LONGEST_WORD = 64

Ints = npt.NDArray[np.int32]


def legible(text: str) -> str:
    r"""Return a text as it is read for n-grams: composed, with a space around it and 0 for every number.

    >>> legible("From 1969\nto 2000")
    ' From 0 to 0 '
    """
    plain = _DIGITS.sub("0", unicodedata.normalize("NFC", text))
    return f" {_SPACE.sub(' ', plain.replace(chr(0), ' ')).strip()} "


def ngrams(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """Return every n-gram of order 1 to 5 and every word of some texts.

    Args:
        texts: any texts; they are made `legible` here.

    Returns:
        The place of the text (0-based) and the number, one each per n-gram, in no order that means anything.
    """
    if not texts:
        return np.empty(0, np.int32), np.empty(0, np.int32)
    joined = "\0".join(map(legible, texts)) + "\0"
    codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    ends = codes == 0
    owners = (np.cumsum(ends) - ends).astype(np.int32)
    places, numbers = [], []
    rolled, broken = np.zeros(len(codes), np.uint64), np.zeros(len(codes), bool)
    for order in range(1, 6):
        size = len(codes) - order + 1
        if size <= 0:
            break
        rolled = rolled[:size] * np.uint64(_STEP) + codes[order - 1 :]
        broken = broken[:size] | ends[order - 1 :]
        places.append(owners[:size][~broken])
        numbers.append(_numbered(rolled[~broken], order))
    starts, words = _words(codes)
    places.append(owners[starts])
    numbers.append(_numbered(words, 0))
    return np.concatenate(places), np.concatenate(numbers)


def _words(codes: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.uint64]]:
    """Return where words begin, and the polynomial of each."""
    parted = (codes == 32) | (codes == 0)
    starts = np.flatnonzero(~parted & np.concatenate([[True], parted[:-1]]))
    if not len(starts):
        return starts, np.empty(0, np.uint64)
    stops = np.flatnonzero(parted)
    stops = stops[np.searchsorted(stops, starts)]
    powers = np.cumprod(np.full(_LONGEST_WORD, _STEP, np.uint64))
    begins = np.zeros(len(codes), np.int64)
    begins[starts] = 1
    word = np.clip(np.cumsum(begins) - 1, 0, None)
    offset = np.clip(np.arange(len(codes)) - starts[word], 0, _LONGEST_WORD - 1)
    parts = np.where(parted, np.uint64(0), codes * powers[offset])
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(parts, dtype=np.uint64)])
    return starts, sums[stops] - sums[starts]


def _numbered(rolled: npt.NDArray[np.uint64], order: int) -> Ints:
    mixed = rolled ^ (rolled >> np.uint64(33))
    mixed = mixed * np.uint64(0xFF51AFD7ED558CCD)
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xC4CEB9FE1A85EC53)
    return (mixed >> np.uint64(64 - ROOM[order])).astype(np.int32) + np.int32(_STARTS[order])


def order_weights() -> npt.NDArray[np.float32]:
    """Return the weight of every number: n-grams of order 5 and words count twice."""
    return np.concatenate([np.full(1 << bits, 2.0 if order in (0, 5) else 1.0, np.float32)
                           for order, bits in ROOM.items()])  # fmt: skip
