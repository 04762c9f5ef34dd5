"""Folding of texts to what a reader takes in, so that 'Seven.' and '“seven”' count as the same.

Folding undoes what does not change a text's meaning: compatibility forms, case, punctuation, spacing, invisible
characters. It keeps what does: signs (−5, 5 %, C++), separators within numbers, every letter and vowel sign. All
Unicode decimal digits become ASCII ones. Checks compare folded texts in every language, so nothing here knows one.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import chain

import regex

from data.languages import canonical, languages

SPACELESS = frozenset({"Hans", "Hant", "Jpan", "Thai", "Laoo", "Khmr", "Mymr", "Tibt"})
"""Scripts without spaces between words: limits in words elsewhere are in characters there."""

MEANINGFUL = frozenset("%‰‱٪&@#*§")  # punctuation according to Unicode, but meaningful


_UNSEEN = ("Cf", "Cc")
_BREAKS = ("Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps")


def _charset(codes: Iterable[int]) -> str:
    """Return ascending characters as ranges inside a regular expression's brackets."""
    ranges: list[list[int]] = []
    for code in codes:
        if chr(code) in MEANINGFUL:
            continue
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    of: dict[str, list[int]] = {category: [] for category in (*_UNSEEN, *_BREAKS)}
    # a million characters, so they are gone through once for both patterns
    for code, category in enumerate(map(unicodedata.category, map(chr, range(sys.maxunicode + 1)))):
        if category in of:
            of[category].append(code)
    unseen, breaks = (
        _charset(sorted(chain.from_iterable(of[one] for one in some))) for some in (_UNSEEN, _BREAKS)
    )
    return re.compile(f"[{unseen}]"), re.compile(rf"[\s{breaks}]+")


def fold(text: str) -> str:
    """Return the text as words in lower case with one space between them.

    Args:
        text: any text.

    Returns:
        The folded text; if it consists of nothing but punctuation, the text itself without outer space.

    >>> fold(" “Well-known”,  he said. ") == fold("well known he said")
    True
    >>> fold("1.5") == fold("15") or fold("-5") == fold("5")
    False
    >>> fold("٣ ｋｍ")
    '3 km'
    """
    return _fold(text)


def fold_once(text: str) -> str:
    """Return a folded text that is looked at once; `fold` keeps what it has seen.

    >>> fold_once("“Seven.”")
    'seven'
    """
    return _fold.__wrapped__(text)


@lru_cache(maxsize=1 << 16)
def _fold(text: str) -> str:
    unseen, breaks = _patterns()
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = plain.casefold()
    if not plain.isascii():
        plain = ascii_digits(unseen.sub("", unicodedata.normalize("NFKC", plain)))
    folded = breaks.sub(" ", _SIGN.sub("−", plain)).strip()
    return folded or plain.strip()


_SIGN = re.compile(r"(?<!\w)[-‐−–](?=\d)")  # a hyphen typed for a minus; the minus itself is not punctuation


def ascii_digits(text: str) -> str:
    """Return the text with every decimal digit of any script as 0 to 9.

    >>> ascii_digits("१९६९")
    '1969'
    """
    if text.isascii():
        return text
    return _OTHER_DIGITS.sub(lambda found: str(unicodedata.decimal(found[0])), text)


_OTHER_DIGITS = re.compile(r"(?![0-9])\d")


_WRITTEN = regex.compile(r"[\p{L}\p{M}\p{N}]+")


@lru_cache(maxsize=1 << 14)  # several checks ask it of the same texts
def written_length(text: str) -> int:
    """Return how many letters, vowel signs and digits there are.

    >>> written_length("थे, 5 km")
    5
    """
    return sum(map(len, _WRITTEN.findall(text)))


def has_letters(text: str) -> bool:
    """Whether the text contains any letter.

    >>> has_letters("1969"), has_letters("5 km")
    (False, True)
    """
    return any(map(str.isalpha, text))


def words(text: str) -> list[str]:
    """Return the folded words."""
    return fold(text).split(" ")


@cache
def script_of(code: str) -> str:
    """Return the script (ISO 15924) of a language's code; for unknown languages, the script in the code.

    >>> script_of("cmn_Hans"), script_of("xyz_Cyrl")
    ('Hans', 'Cyrl')
    """
    known = languages().get(canonical(code))
    return known.script if known else code.split("_")[1] if "_" in code else ""
