"""The words of a text as a page has them: where each begins and ends, and where a line may end.

Words and line ends are Unicode's, with ICU's dictionaries, so that Thai, Lao, Khmer, Burmese, Chinese and
Japanese, which put no spaces between words, have whole words too. Pango knows no word of Lao, Khmer or Burmese and
would break a line anywhere or nowhere there; so a zero-width space, which shows nothing, tells it where a line of
these scripts may end, and words are kept whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import accumulate, pairwise

from icu4py.breakers import LineBreaker, WordBreaker

ZERO_WIDTH_SPACE = "\u200b"

_WITHOUT_SPACES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u19e0-\u19ff\ua9e0-\ua9ff\uaa60-\uaa7f]")
"""Thai, Lao, Burmese and Khmer: what Unicode leaves to dictionaries."""


@dataclass(frozen=True)
class PageText:
    """A text ready to be laid out.

    Attributes:
        marked: the text with zero-width spaces where a line may end, as UTF-8.
        words: each word, and where it begins and ends in `marked`, in bytes.
    """

    marked: bytes
    words: tuple[tuple[str, int, int], ...]


def page_text(text: str) -> PageText:
    """Return a text ready to be laid out.

    >>> page_text("Yes, 3.14!").words
    (('Yes', 0, 3), ('3.14', 5, 9))
    >>> [word for word, _, _ in page_text("ฉันไปโรงเรียน").words]
    ['ฉัน', 'ไป', 'โรงเรียน']
    """
    marks = _line_ends(text)
    sizes = [len(one.encode()) + (3 if at in marks else 0) for at, one in enumerate(text)]
    starts = [0, *accumulate(sizes)]  # of each character, its mark before it included
    marked = "".join(f"{ZERO_WIDTH_SPACE}{one}" if at in marks else one for at, one in enumerate(text))
    pieces = [*WordBreaker(text, "und")]
    words = []
    for piece, (begin, end) in zip(pieces, pairwise([0, *accumulate(map(len, pieces))]), strict=True):
        if any(map(str.isalnum, piece)):
            first = starts[begin] + (3 if begin in marks else 0)
            words.append((piece, first, starts[end]))
    return PageText(marked.encode(), tuple(words))


def _line_ends(text: str) -> frozenset[int]:
    """Return before which characters a line may end, where scripts without spaces meet."""
    if not _WITHOUT_SPACES.search(text):
        return frozenset()
    ends = list(accumulate(map(len, LineBreaker(text, "und"))))[:-1]
    return frozenset(at for at in ends if _WITHOUT_SPACES.match(text[at - 1]) and _WITHOUT_SPACES.match(text[at]))
