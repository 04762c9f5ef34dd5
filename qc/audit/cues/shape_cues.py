"""Heuristics that examine an option's shape: its length, numbers, punctuation and capitals.

Writers of items give the correct option more care: it becomes longer, more precise, better rounded off (Haladyna,
Downing & Rodriguez 2002, rules 23 to 29).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

import numpy as np

from qc.audit.cues.tokenised_set import Texts
from qc.set_statistics.options import Floats
from qc.text import words


def _of_text(value: Callable[[str], float]) -> Callable[[Texts], Floats]:
    return lambda texts: np.array([value(text) for text in texts.options.texts], dtype=float)


characters = _of_text(words.length)
digits = _of_text(words.digits)


def word_count(texts: Texts) -> Floats:
    """Return the number of words."""
    return np.array([len(found) for found in texts.words], dtype=float)


def word_length(texts: Texts) -> Floats:
    """Return the number of characters per word."""
    return np.asarray(characters(texts) / np.maximum(word_count(texts), 1))


def only_number(texts: Texts) -> Floats:
    """Return 1 for the only option with a number."""
    return texts.alone(words.numbers(text) for text in texts.options.texts)


def only_without_number(texts: Texts) -> Floats:
    """Return 1 for the only option without a number."""
    return texts.alone(not words.numbers(text) for text in texts.options.texts)


def only_year(texts: Texts) -> Floats:
    """Return 1 for the only option with a year."""
    return texts.alone(words.years(text) for text in texts.options.texts)


def _value(text: str) -> float:
    found = words.numbers(text)
    plain = found[0].replace(",", "") if len(found) == 1 else ""
    return float(plain) if re.fullmatch(r"[0-9]+(\.[0-9]+)?", plain) else float("nan")


def middle_number(texts: Texts) -> Floats:
    """Return the option's nearness to the middle of the ranked numbers, where every option has one."""
    values = np.array([_value(text) for text in texts.options.texts])
    scores = np.full(len(values), np.nan)
    for item in range(len(texts.options)):
        here = values[texts.stretch(item)]
        if len(here) > 2 and not np.isnan(here).any() and len(np.unique(here)) == len(here):
            ranks = here.argsort().argsort()
            scores[texts.stretch(item)] = -np.abs(ranks - (len(here) - 1) / 2)
    return scores


def _category(*initials: str) -> Callable[[str], int]:
    belongs = cache(lambda one: unicodedata.category(one).startswith(initials))
    return lambda text: sum(map(belongs, text))


punctuation = _of_text(_category("P"))
_capitals = _category("Lu", "Lt")
capitals = _of_text(lambda text: _capitals(text.strip()[1:]))
begins_with_capital = _of_text(lambda text: float(text.strip()[:1].isupper()))

_STOPS = tuple(".。．।॥።։۔။།៕!?！？؟")
_BRACKETS = re.compile(r"[(\[（［【].*[)\]）］】]")
_QUOTES = re.compile('["“”„«»「」『』‘‹›＂]')

full_stop = _of_text(lambda text: float(text.rstrip("\"'”’»)]」』 \u200b").endswith(_STOPS)))
brackets = _of_text(lambda text: float(_BRACKETS.search(text) is not None))
quotation = _of_text(lambda text: float(_QUOTES.search(text) is not None))
