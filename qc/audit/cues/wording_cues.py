"""Heuristics that know words: negation, absolutes, hedges, 'none of the above', and grammatical clues.

Writers easily make a statement false by 'never' or 'all', and save a true one by 'may' (Haladyna, Downing &
Rodriguez 2002, rule 28). Where a language has no list the score is NaN, which means no statement, not 'no cue'.
"""

from __future__ import annotations

import re

import numpy as np

from qc.audit.cues import word_lists
from qc.audit.cues.tokenised_set import Score, Texts
from qc.set_statistics.options import Floats
from qc.text.text_folding import fold


def _listed(lists: dict[str, str]) -> Score:
    patterns = {code: word_lists.finder(listed) for code, listed in lists.items()}

    def score(texts: Texts) -> Floats:
        pattern = patterns.get(word_lists.code_of(texts.language))
        if pattern is None:
            return np.full(len(texts.words), np.nan)
        found = [
            pattern.search(f" {' '.join(inside)} ") or pattern.search(text)
            for text, inside in zip(texts.options.texts, texts.words, strict=True)
        ]
        about_others = none_of_above(texts) + all_of_above(texts)  # a cue of its own, not a 'none' among others
        return np.asarray(np.array([one is not None for one in found], dtype=float) * (about_others == 0))

    return score


negation = _listed(word_lists.NEGATIONS)
absolutes = _listed(word_lists.ABSOLUTES)
hedges = _listed(word_lists.HEDGES)


def none_of_above(texts: Texts) -> Floats:
    """Return 1 where an option denies the others: 'none of the above'."""
    return np.array([word_lists.NONE_OF_ABOVE.search(text) is not None for text in texts.folded], dtype=float)


def all_of_above(texts: Texts) -> Floats:
    """Return 1 where an option includes the others: 'all of the above'."""
    return np.array([word_lists.ALL_OF_ABOVE.search(text) is not None for text in texts.folded], dtype=float)


_ARTICLE = re.compile(r"(?:^|\s)(an?)[\s_.…:]*$", re.IGNORECASE)
_VOWEL = re.compile(r"(?!eu|uni|use|usu|one\b|once)[aeiou]|hour|honest|honou?r|heir")
_NUMBER_OF_VERB = re.compile(r"^(?:which|what|who)\b[^?]*?\b(is|was|has|are|were|have)\b")


def grammar(texts: Texts) -> Floats:
    """Return, for English, 1 where an option fits the question's grammar, 0 where not, NaN where it is no clue.

    A question that ends in 'a' or 'an' wants an option that begins with a consonant or vowel; one that asks 'which
    are' wants a plural. Only an item in which exactly one option fits gives anything away.
    """
    scores = np.full(len(texts.words), np.nan)
    if texts.language not in ("eng", "en"):
        return scores
    for item, question in enumerate(texts.questions):
        here = texts.folded[texts.stretch(item)]
        if (article := _ARTICLE.search(question)) is not None:
            wants = article[1].lower() == "an"
            fits = [(_VOWEL.match(text) is not None) == wants for text in here]
        elif (verb := _NUMBER_OF_VERB.search(fold(question))) is not None:
            fits = [_plural(text) == (verb[1] in ("are", "were", "have")) for text in here]
        else:
            continue
        if sum(fits) == 1:
            scores[texts.stretch(item)] = fits
    return scores


def _plural(text: str) -> bool:
    head = re.split(r" (?:of|in|on|at|for|to|with|that|which|who|from|by) ", text)[0]
    return bool(re.search(r"[^su]s$", head)) or " and " in f" {head} "
