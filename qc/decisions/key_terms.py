"""Terms of the key: whether the right answer names things as its passage does, in the language of a translation.

A reader finds the right answer by the terms and names that it shares with the passage. So of those that the
source's passage and right answer share, those are counted whose rendering the target passage shows: terms of the
glossary (`qc.checks.term_checks`), and names, which are known again by their letters or, across scripts, their
consonants (`qc.translation_models.name_spelling`). What the target passage does not show, or renders by another
word, is not known and counts for nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.languages import canonical
from qc.checks.term_checks import GlossaryTerms
from qc.text.text_folding import script_of
from qc.translation_models.name_spelling import (
    CASED,
    consonants,
    likeness_to_name,
    same_name,
    source_names,
    words_with_places,
)

_RENDERS = 0.8  # likeness from which a word of the passage renders a name
_LEAST_CLASSES = 2  # of consonants in a name
_BEGINS = re.compile(r"(?:^|[.!?…:;\n“\"«„(])\s*\Z")


@dataclass(frozen=True)
class KeyTerms:
    """What is known of one right answer's terms and names.

    Attributes:
        known: how many the target passage shows.
        kept: how many of these the translated right answer has, too.
    """

    known: int
    kept: int

    @property
    def share(self) -> float | None:
        """The share that is kept; None where nothing is known."""
        return round(self.kept / self.known, 3) if self.known else None


@dataclass(frozen=True)
class KeyText:
    """The texts of one language: the passage and the right answer."""

    language: str
    passage: str
    answer: str


def key_terms(source: KeyText, target: KeyText, glossary: GlossaryTerms | None = None) -> KeyTerms:
    """Return what is known of the terms and names of a right answer.

    Args:
        source: the texts in the source language.
        target: the same in the translation's.
        glossary: the campaign's, in the translation's language; None for none.
    """
    told: list[bool] = []
    terms: tuple[str, ...] = ()
    code = canonical(target.language)
    if glossary is not None:
        terms = tuple(one for one in glossary.in_text(source.answer) if one in glossary.in_text(source.passage))
        for term in terms:
            here = glossary.stands(term, target.answer, code)
            if glossary.stands(term, target.passage, code) and here is not None:
                told.append(here)
    within = {word.casefold() for term in terms for word, _, _ in words_with_places(term)}
    there = {word for word, _, _ in words_with_places(target.passage)}
    answer = [word for word, _, _ in words_with_places(target.answer)]
    for name in sorted(_names(source)):
        likeness, rendering = max(((likeness_to_name(word, name), word) for word in there), default=(0.0, ""))
        if name.casefold() not in within and likeness >= _RENDERS:
            told.append(any(same_name(rendering, word) for word in answer))
    return KeyTerms(len(told), sum(told))


def _names(source: KeyText) -> set[str]:
    """Return the names that passage and answer share: with a capital within a sentence, and never without."""
    if script_of(canonical(source.language)) not in CASED:
        return set()
    shared = source_names(source.answer) & source_names(source.passage)
    inside: set[str] = set()
    small: set[str] = set()
    for text in (source.passage, source.answer):
        for word, start, _ in words_with_places(text):
            inside |= set() if _BEGINS.search(text, 0, start) else {word}
            small |= {word} if word[:1].islower() else set()
    return {name for name in shared & inside if name.lower() not in small and _tells(name)}


def _tells(name: str) -> bool:
    return len(consonants(name)) >= _LEAST_CLASSES
