"""Clozes: questions that a program can make from any passage in any language, for simulated people to submit.

A sentence is cut before its last few words: the beginning is the question, the removed words are the right answer,
and the ends of other passages' sentences are the wrong ones. Nobody would publish them. But they are in the right
language, have one right answer that the passage settles, can be made from the same sentence in another language,
since the cut is known, and pass the checks: which is what a rehearsal needs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from qc.text.text_folding import SPACELESS, ascii_digits, fold, script_of

BLANK = "____"

LENGTHS = (3, 4, 5, 6)
"""The numbers of words that an ending may have."""

_PER_WORD = 3  # characters that count as a word in scripts without spaces
_STEM = 14  # words of the sentence before the blank, at most
_LEAST = 4  # and at least
_QUOTES = re.compile("[\"“”„«»‟″]+|''")
_EDGES = " \t\n\"'“”‘’«»,;:.!?،؛।。，；：！？、-–—()（）…"
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class End:
    """The place where a sentence is cut.

    Attributes:
        passage_id: of the passage.
        sentence: its number, from 0.
        words: how many words follow the cut.
    """

    passage_id: str
    sentence: int
    words: int


def words_of(sentence: str, language: str) -> list[str]:
    """Split a sentence where it can be cut, without quotation marks.

    >>> words_of('He said: "The boat is new."', "eng_Latn")
    ['He', 'said:', 'The', 'boat', 'is', 'new']
    """
    plain = _QUOTES.sub(" ", sentence).strip(_EDGES)
    if script_of(language) not in SPACELESS:
        return plain.split()
    letters = "".join(plain.split())
    return [letters[at : at + _PER_WORD] for at in range(0, len(letters), _PER_WORD)]


def cut(sentence: str, language: str, words: int) -> tuple[str, str]:
    """Return the beginning of a sentence with a blank, and its last words.

    >>> cut("Amina mends the old boats in the morning.", "eng_Latn", 3)
    ('Amina mends the old boats ____', 'in the morning')
    """
    pieces, gap = words_of(sentence, language), "" if script_of(language) in SPACELESS else " "
    place = max(1, len(pieces) - words)
    stem, end = gap.join(pieces[max(0, place - _STEM) : place]), gap.join(pieces[place:]) or pieces[-1]
    return f"{stem} {BLANK}", end.strip(_EDGES)


def ends(passage_id: str, sentences: Sequence[str], language: str) -> list[End]:
    """Return every place where a passage's sentences can be cut."""
    return [
        End(passage_id, number, length)
        for number, sentence in enumerate(sentences)
        for length in LENGTHS
        if _can_be_cut(sentence, language, length)
    ]


def _can_be_cut(sentence: str, language: str, length: int) -> bool:
    if len(words_of(sentence, language)) < length + _LEAST:
        return False
    stem, end = cut(sentence, language, length)
    return bool(fold(end)) and any(map(str.isalpha, end)) and BLANK not in stem.removesuffix(BLANK)


def alike(one: str, other: str) -> bool:
    """Whether two texts are too similar to be options of one question."""
    a, b = (f" {fold(text)} " for text in (one, other))
    return a in b or b in a


def numbers(text: str) -> list[str]:
    """Return the numbers of a text, in ASCII digits.

    >>> numbers("in 1990 or ١٩")
    ['1990', '19']
    """
    return _DIGITS.findall(ascii_digits(text))
