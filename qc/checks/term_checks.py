"""Checks of terms: whether a translation renders the terms of the campaign's glossary as the glossary does.

Languages inflect, so a rendering is looked for with a tolerance that is the same in every script (`stands`). It is
generous: another word of the same root counts as the rendering, and what differs wholly is noted. Where a
rendering is too short to be told from chance nothing is said.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

import pandas as pd

from data.languages import canonical
from qc.check import Span, Suite, check, findings
from qc.checks.source_comparison import SOURCE_ITEM, Rendering, renderings
from qc.checks.wording_checks import quoted
from qc.text.text_folding import SPACELESS, fold, script_of

_SHARE = 0.6  # of a word's letters that must stand in a row
_LEAST, _LEAST_DENSE = 3, 2  # fewest letters that tell a word from chance; the same where a sign is a syllable
_SYLLABLES = frozenset({"Hans", "Hant", "Jpan"})
_WEAK = frozenset("اأإآٱويىءئؤةוי")
"""Letters of Arabic and Hebrew that come and go within a word: its consonants are what stays."""

_ARTICLE = "ال"
"""Arabic's article, which is part of the word, and which a glossary's rendering may have where a text has none."""

_SAME = str.maketrans("ıךםןףץ", "iכמנפצ")
"""Letters that differ by case folding or at a word's end alone."""


@dataclass(frozen=True)
class GlossaryTerms:
    """The glossary in one language.

    Attributes:
        renderings: by term, the rendering and its variants.
        found: finds terms in a source text, as (start, end, term).
    """

    renderings: Mapping[str, tuple[str, ...]]
    found: Callable[[str], Sequence[tuple[int, int, str]]]

    def in_text(self, text: str) -> tuple[str, ...]:
        """Return the terms that stand in a source text, each once."""
        return tuple(dict.fromkeys(term for _, _, term in self.found(text)))

    def stands(self, term: str, text: str, code: str) -> bool | None:
        """Return whether a term is rendered in a text as the glossary has it, by any variant (`stands`)."""
        told = [stands(one, text, code) for one in self.renderings[term]]
        return True if True in told else None if None in told else False


def stands(rendering: str, text: str, code: str) -> bool | None:
    """Return whether a rendering stands in a text, however it is inflected; None where that cannot be told.

    Each of its words must have 60 % of its letters in a row, and at least three, within one word of the text.
    Case, accents and vowel signs do not count, nor, in Arabic and Hebrew, the letters that come and go in a root.
    Where words are not parted by spaces the row may stand anywhere, and in Chinese and Japanese two letters
    are enough. A shorter word must stand as it is; where it does not, only the rendering's other words tell.

    >>> stands("panadero", "los panaderos", "spa_Latn"), stands("horno", "una estufa", "spa_Latn")
    (True, False)
    >>> stands("كتاب", "قرأت الكتب", "arb_Arab"), stands("港", "埠", "zho_Hans")
    (True, None)
    """
    script = script_of(code)
    dense = script in SPACELESS
    folded = fold(text)
    places = [folded.replace(" ", "")] if dense else folded.split()
    least = _LEAST_DENSE if script in _SYLLABLES else _LEAST
    told = [_word_stands(word, places, least) for word in fold(rendering).split()]
    return False if False in told else True if True in told else None


def _word_stands(word: str, places: Sequence[str], least: int) -> bool | None:
    bare = word.removeprefix(_ARTICLE) if len(word) > len(_ARTICLE) + 2 else word
    if any(bare in place for place in places):
        return True
    letters = _letters(bare)
    if len(letters) < least:
        return None
    wanted = max(least, math.ceil(_SHARE * len(letters)))
    for place in map(_letters, places):
        matcher = SequenceMatcher(None, letters, place, autojunk=False)
        if matcher.find_longest_match().size >= wanted:
            return True
    return False


@lru_cache(maxsize=1 << 16)
def _letters(word: str) -> str:
    """Return a word's letters without accents, vowel signs and weak letters."""
    plain = unicodedata.normalize("NFD", "".join(one for one in word if one not in _WEAK).translate(_SAME))
    return "".join(one for one in plain if unicodedata.category(one)[0] in "LN")


@check(scope="item", version=2)
def terms_kept(items: pd.DataFrame, *, glossary: Mapping[str, GlossaryTerms] | None) -> pd.DataFrame:
    """Terms of the glossary are rendered as the glossary has them.

    A term that stands in a source text is looked for in its translation, by its rendering or a variant of it, in
    any inflected form. Not judged: what is too short to be told.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        glossary: by language; None where the campaign has none.
    """
    flagged: list[bool | None] = []
    reasons, spans, applicable = [], [], []
    for parts in renderings(items):
        known = (glossary or {}).get(canonical(parts[0].code)) if parts else None
        met = [(one, term) for one in parts or () for term in known.in_text(one.source)] if known else []
        places, untold = _told(met, known) if known else ([], [])
        flagged.append(True if places else None if untold else False)
        short = f"too short to be told in other forms: {', '.join(untold)}" if untold else ""
        told = "; ".join(dict.fromkeys(span.reason for span in places)) or short
        reasons.append(SOURCE_ITEM if parts is None else told)
        spans.append(places)
        applicable.append(bool(met))
    return findings(items, flagged, reasons, spans=spans, applicable=applicable)


def _told(met: Sequence[tuple[Rendering, str]], known: GlossaryTerms) -> tuple[list[Span], list[str]]:
    """Return the places of terms that are rendered otherwise, and the renderings of which nothing can be told."""
    places, untold = [], []
    for one, term in met:
        told = known.stands(term, one.text, one.code)
        offered = " or ".join(map(quoted, known.renderings[term]))
        if told is False:
            said = f"{one.subject} has no {offered}, by which the glossary renders {quoted(term)}"
            places.append(Span(one.part, said))
        elif told is None:
            untold.append(f"{offered} ({one.subject})")
    return places, list(dict.fromkeys(untold))


TERM_SUITE: Suite = (terms_kept,)
