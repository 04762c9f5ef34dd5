"""Find glossary terms in a text, matching whole words only, in any script.

Words are split by Unicode's rules and ICU's dictionaries, because “art” is not part of “heart” and because Thai
and Japanese put no spaces between words. Case, compatibility forms and Arabic vowel signs are ignored. A word of
four or more letters also matches with up to two more letters at its end: “baker” matches “bakers”. Matches are
shown to a person, who sees whether they are meant.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_ROOT = "und"
_STEM = 4  # shortest word, in letters, that may have an ending
_ENDING = 2  # longest ending, in letters


def found(text: str, terms: Iterable[str]) -> list[tuple[int, int, str]]:
    """Return the terms in a text as (start, end, term), in order and without overlap; the longest match wins.

    >>> found("The town's two bakers shared an Oven.", ["oven", "baker", "own"])
    [(15, 21, 'baker'), (32, 36, 'oven')]
    """
    words = _words(text)
    hits = []
    for term in dict.fromkeys(terms):
        wanted = [word for word, _, _ in _words(term)]
        for first in range(len(words) - len(wanted) + 1 if wanted else 0):
            run = words[first : first + len(wanted)]
            if all(_is(have[0], want) for have, want in zip(run, wanted, strict=True)):
                hits.append((run[0][1], run[-1][2], term))
    taken: list[tuple[int, int, str]] = []
    for hit in sorted(hits, key=lambda one: (one[0] - one[1], one[0], one[2])):
        if all(hit[1] <= start or end <= hit[0] for start, end, _ in taken):
            taken.append(hit)
    return sorted(taken)


def marked(text: str, terms: Sequence[str]) -> list[dict[str, str]]:
    """Split a text so that a page can mark its terms: each part is `plain` or `term`; joined, they are the text.

    >>> marked("An oven.", ["oven"])
    [{'plain': 'An ', 'term': ''}, {'plain': '', 'term': 'oven'}, {'plain': '.', 'term': ''}]
    """
    parts, at = [], 0
    for start, end, _ in found(text, terms) if terms else ():
        parts += [{"plain": text[at:start], "term": ""}] if start > at else []
        parts.append({"plain": "", "term": text[start:end]})
        at = end
    return [*parts, {"plain": text[at:], "term": ""}] if at < len(text) or not parts else parts


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of a text in order."""
    return tuple(word for word, _, _ in _words(text))


@lru_cache(maxsize=1 << 14)
def _words(text: str) -> tuple[tuple[str, int, int], ...]:
    from icu4py.breakers import WordBreaker  # imported here because most runs of the program look for no term

    spans, at = [], 0
    for piece in WordBreaker(text, _ROOT):
        if any(map(str.isalnum, piece)):
            spans.append((_folded(piece), at, at + len(piece)))
        at += len(piece)
    return tuple(spans)


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKC", word).casefold()
    plain = "".join(one for one in plain if not _is_optional(one))
    return plain.replace("’", "'").removesuffix("'s")


def _is_optional(one: str) -> bool:
    """Return whether writers may leave this sign out: an invisible joiner or an Arabic vowel sign."""
    kind = unicodedata.category(one)
    return kind == "Cf" or (kind == "Mn" and "\u0610" <= one <= "\u06ed")


def _is(have: str, want: str) -> bool:
    return have == want or (len(want) >= _STEM and have.startswith(want) and len(have) - len(want) <= _ENDING)
