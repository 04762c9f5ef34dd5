"""Names that a text spells otherwise than its passage does, in any script.

A name keeps its consonants when it goes into another script, and Unicode's names of letters say which consonant a
letter is (ARABIC LETTER BEH, KATAKANA LETTER KA, THAI CHARACTER KO KAI). So a word is reduced to the classes of
its consonants (those of Soundex, l and r as one), and the word of the passage whose classes run like a source
name's renders it. Han characters have no such names, so little is told of them, and in Thai, Lao, Khmer and
Burmese the dictionaries that part words often tear names apart. Languages decline names, mostly at their end, some
at their beginning: a word that holds the other's stem is the same name. What remains are words that are almost
alike and stand for one name; that they are rare in the language keeps ordinary words out.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from icu4py.breakers import WordBreaker

from qc.text.text_folding import SPACELESS, script_of
from qc.translation_models.calibration import Calibration, HeldOutText, calibrate
from qc.translation_models.meaning.parallel_cuts import ParallelText

LEAST_SENTENCES = 200
"""Fewest parallel sentences from which anything is learned."""

CASED = frozenset({"Latn", "Cyrl", "Grek", "Armn"})
"""Scripts in which a source's names can be seen: they begin with a capital."""

_LEAST_NAME, _LEAST_CLASSES = 4, 2  # letters of a source name; classes of its consonants
_LIKE_SOURCE = 0.7  # likeness from which a word may render a source name
_LIKE_MISSPELT = 0.6  # the same for a word that may be misspelt
_LIKE_RENDERING = 0.75  # likeness from which two words may be spellings of one name
_STEM, _ENDING, _PREFIX = 3, 2, 1
_RARE = 0.005  # share of the documents that a rare word may stand in, or one document

_KINDS = ("bfpv", "cgjkqsxz", "dt", "lr", "mn")
_SOUNDS = {letter: kind for kind, letters in enumerate(_KINDS) for letter in letters}
_HUSHING = ("TS", "CH", "SH", "ZH")
_SILENT = frozenset({"ALEF", "AIN", "ALIF", "MAKSURA", "MARBUTA", "SIGN", "MARK"})
_WRITING = ("LETTER", "SYLLABLE", "CHARACTER")


@dataclass(frozen=True, slots=True)
class OtherSpelling:
    """A name of the source that a text spells otherwise than its passage.

    Attributes:
        name: as the source has it.
        start: where the text has it, in code points.
        end: the first code point after it.
        here: as the text has it.
        passage: as the passage has it.
        likeness: of the two, in [0, 1].
    """

    name: str
    start: int
    end: int
    here: str
    passage: str
    likeness: float


@lru_cache(maxsize=1 << 16)
def consonants(word: str) -> tuple[int, ...]:
    """Return the classes of a word's consonants, without repetitions.

    >>> consonants("Kennedy") == consonants("كينيدي") == consonants("เคนเนดี") == consonants("ケネディ")
    True
    >>> consonants("肯尼迪")
    ()
    """
    found = [kind for sign in unicodedata.normalize("NFKC", word) for kind in _classes(sign)]
    return tuple(kind for kind, _ in groupby(found))


@lru_cache(maxsize=1 << 14)
def _classes(sign: str) -> tuple[int, ...]:
    if sign.isascii():
        return tuple(_SOUNDS[letter] for letter in sign.lower() if letter in _SOUNDS)
    name = unicodedata.name(sign, "")
    if "VOWEL" in name or (not any(one in name for one in _WRITING) and "HANGUL" not in name):
        return ()
    called = name.partition(" WITH ")[0].split()
    sound = called[-1]
    if called[0] in ("THAI", "LAO") and len(called) > 2:  # THAI CHARACTER KO KAI: the last word is an example
        sound = called[2] if called[2].endswith("O") else ""  # THAI CHARACTER SARA E is a vowel
    if called[0] == "CYRILLIC" and len(sound) == 2:  # EL, EM, EN, ER, ES, EF
        sound = sound.removeprefix("E")
    if called[0] == "HANGUL":
        return tuple(_SOUNDS[letter] for letter in sound.lower() if letter in _SOUNDS)
    if not sound or sound in _SILENT:
        return ()
    kind = _SOUNDS.get("s" if sound.startswith(_HUSHING) else sound[0].lower())
    return () if kind is None else (kind,)


@lru_cache(maxsize=1 << 16)
def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
    return "".join(sign for sign in folded if unicodedata.category(sign) != "Cf").replace("’", "'")


@lru_cache(maxsize=1 << 18)
def _likeness(one: Sequence[object], other: Sequence[object]) -> float:
    if not one or not other or 2 * min(len(one), len(other)) < 0.6 * (len(one) + len(other)):
        return 0.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def same_name(one: str, other: str) -> bool:
    """Return whether two words may be forms of one name: one holds the other's stem, or they begin otherwise.

    >>> same_name("Helsinki", "Helsingissä"), same_name("በኦሎምፒክ", "የኦሎምፒክ"), same_name("Stearns", "Searns")
    (True, True, False)
    """
    one, other = _plain(one), _plain(other)
    stems = (word[: max(_STEM, len(word) - _ENDING)] for word in (one, other))
    if any(stem in word for stem, word in zip(stems, (other, one), strict=True)):
        return True
    tails = [{word[cut:] for cut in range(_PREFIX + 1) if len(word) - cut > _STEM} for word in (one, other)]
    return not tails[0].isdisjoint(tails[1])


Words = tuple[tuple[str, int, int], ...]


@lru_cache(maxsize=1 << 14)
def words_with_places(text: str) -> Words:
    """Return the words of a text, each with its beginning and end in code points."""
    found, at = [], 0
    for piece in WordBreaker(text, "und"):
        if any(map(str.isalpha, piece)):
            found.append((piece, at, at + len(piece)))
        at += len(piece)
    return tuple(found)


def source_names(text: str) -> frozenset[str]:
    """Return the words of a source text that may be names: those that begin with a capital.

    >>> sorted(source_names("Does Mr Alonso still live near Ōsaka?"))
    ['Alonso', 'Does', 'Ōsaka']
    """
    return frozenset(
        word for word, _, _ in words_with_places(text)
        if word[:1].isupper() and len(word) >= _LEAST_NAME and word.isalpha()
    )  # fmt: skip


@dataclass(frozen=True)
class NameSpelling:
    """What was learned about the names of one language.

    Attributes:
        language: the target language.
        names: the names in the source's text of each document.
        common: the words that are too common for names.
        calibration: the thresholds.
    """

    language: str
    names: Mapping[str, frozenset[str]]
    common: frozenset[str]
    calibration: Calibration

    def otherwise(self, source: str, target: str, passage: str, document: str) -> list[OtherSpelling]:
        """Return the names of a source text that its translation spells otherwise than the passage.

        Args:
            source: the text.
            target: its translation.
            passage: the passage that both are about, in the target language.
            document: the passage's id; of an unknown one nothing is told.
        """
        shared = source_names(source) & self.names.get(document, frozenset())
        return list(_otherwise(shared, target, passage, self.common, script_of(self.language) in SPACELESS))


def score(found: Sequence[OtherSpelling]) -> float:
    """Return the score of a text: 1 without a finding, lower the surer the spellings are one name's."""
    return 1.0 - max((one.likeness for one in found), default=0.0)


def _otherwise(
    names: frozenset[str], target: str, passage: str, common: frozenset[str], dense: bool
) -> Iterator[OtherSpelling]:
    least = 3 if dense else _LEAST_NAME
    here = [word for word in words_with_places(target) if len(word[0]) >= least] if names else []
    for name in sorted(names):
        if len(consonants(name)) < _LEAST_CLASSES:
            continue
        likeness, rendering = _rendering(name, passage, least)
        if likeness < _LIKE_SOURCE or _plain(rendering) in common:
            continue
        if any(same_name(rendering, word) for word, _, _ in here):
            continue
        able = (word for word in here if _at_most_like(word[0], rendering) >= _LIKE_RENDERING)
        alike = [(_likeness(_plain(word[0]), _plain(rendering)), word) for word in able]
        nearest, (word, start, end) = max(alike, default=(0.0, ("", 0, 0)))
        if nearest < _LIKE_RENDERING or likeness_to_name(word, name) < _LIKE_MISSPELT or _plain(word) in common:
            continue
        if not any(same_name(word, other) for other in _words_of_passage(passage, least).words):
            yield OtherSpelling(name, start, end, word, rendering, nearest)


class _Words(NamedTuple):
    """Words, with how often each has each of its consonants' classes and, in so many boxes, of its letters."""

    words: tuple[str, ...]
    classes: npt.NDArray[np.int64]
    letters: npt.NDArray[np.int64]


_BOXES = 32


@lru_cache(maxsize=1 << 10)  # a set's passages: those of its next language push them out
def _words_of_passage(passage: str, least: int) -> _Words:
    """Return the words of a passage that have so many characters, each once, in order."""
    return _counted(tuple(sorted({word for word, _, _ in words_with_places(passage) if len(word) >= least})))


def _counted(words: tuple[str, ...]) -> _Words:
    found = []
    for boxes, signs in (
        (len(_KINDS), [consonants(word) for word in words]),
        (_BOXES, [[ord(sign) % _BOXES for sign in _plain(word)] for word in words]),
    ):
        places = [row * boxes + sign for row, some in enumerate(signs) for sign in some]
        counts = np.bincount(np.array(places, np.int64), minlength=len(words) * boxes)
        found.append(counts.reshape(len(words), boxes))
    return _Words(words, *found)


@lru_cache(maxsize=1 << 16)
def _alone(word: str) -> _Words:
    return _counted((word,))


def _at_most_like(one: str, other: str) -> float:
    """Return what the likeness of two words' letters cannot exceed: they have no more signs in common."""
    letters = _alone(one).letters, _alone(other).letters
    return float(2 * np.minimum(*letters).sum() / max(1, letters[0].sum() + letters[1].sum()))


@lru_cache(maxsize=1 << 14)  # a name mostly stands in several texts of an item
def _rendering(name: str, passage: str, least: int) -> tuple[float, str]:
    """Return the word of a passage that is most like a name, and how like; if none may be one, 0 and no word.

    Two texts have at most as many signs in common as they have of each; most words fall short by that alone, and
    others cannot come up to the likest so far.
    """
    among, own = _words_of_passage(passage, least), _alone(name)
    likest = np.zeros(len(among.words))
    able = np.zeros(len(among.words), bool)
    for mine, theirs in ((own.classes, among.classes), (own.letters, among.letters)):
        twice = 2 * np.minimum(theirs, mine).sum(axis=1)
        signs = theirs.sum(axis=1) + mine.sum()
        able |= twice >= _LIKE_SOURCE * signs
        likest = np.maximum(likest, twice / np.maximum(1, signs))
    best = 0.0, ""
    places = np.flatnonzero(able)
    for place in places[np.argsort(-likest[places], kind="stable")]:
        if likest[place] < best[0]:
            break
        best = max(best, (likeness_to_name(among.words[place], name), among.words[place]))
    return best


def likeness_to_name(word: str, name: str) -> float:
    """Return how like a word is to a name of the source, by its consonants or its letters, in [0, 1]."""
    return max(_likeness(consonants(word), consonants(name)), _likeness(_plain(word), _plain(name)))


def learned(language: str, sentences: Sequence[ParallelText], rate: float) -> NameSpelling:
    """Learn which words are common, and draw the thresholds.

    Each sentence is judged as an item's text would be, with the rest of its document for the passage, by the words
    that are common in the other documents.

    Args:
        language: the target language.
        sentences: parallel sentences.
        rate: the share of correct texts that may be flagged.
    """
    by_document: dict[str, list[ParallelText]] = defaultdict(list)
    for one in sentences:
        by_document[one.document].append(one)
    words_of = {
        document: {_plain(word) for one in some for word, _, _ in words_with_places(one.target)}
        for document, some in by_document.items()
    }
    counted = Counter(word for some in words_of.values() for word in some)
    most = max(1, int(_RARE * len(by_document)))
    dense = script_of(language) in SPACELESS
    held_out = []
    for document, some in by_document.items():
        known = words_of[document]  # a word counts for common by the other documents
        common = frozenset(word for word in known if counted[word] - 1 > most)
        named = [source_names(one.source) for one in some]
        for place, one in enumerate(some):
            rest = [other for at, other in enumerate(some) if at != place]
            if not rest:
                continue
            shared = named[place] & frozenset().union(*(named[at] for at in range(len(some)) if at != place))
            found = list(_otherwise(shared, one.target, " ".join(other.target for other in rest), common, dense))
            held_out.append(HeldOutText(score(found), language, len(one.source), document))
    said = f"{len(sentences)} parallel sentences of {len(by_document)} documents"
    names = {
        document: frozenset().union(*(source_names(one.source) for one in some))
        for document, some in by_document.items()
    }
    return NameSpelling(
        language,
        names,
        frozenset(word for word, count in counted.items() if count > most),
        calibrate("names_kept", held_out, rate, fitted_on=said),
    )
