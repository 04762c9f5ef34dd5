"""Conspicuous options: a correct option that stands out in its own item by something that anyone sees.

No set is needed to see it. Item writers' handbooks ask for options 'about equal in length' (Haladyna, Downing &
Rodriguez 2002, rule 28b); an option one and a half times as long as the next is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from qc.audit.cues.option_properties import OptionProperty
from qc.audit.cues.tokenised_set import Texts
from qc.set_statistics.options import Floats
from qc.text import words

FAR = 1.6
"""The ratio to the next longest option from which an option is 'by far' the longest."""

ECHO = 0.3
"""The share of its (weighted) words by which an option repeats the question."""

_ONLY = (
    "only_year", "only_number", "only_without_number", "grammar", "verbatim", "negation", "hedges", "brackets",
    "quotation", "full_stop", "begins_with_capital",
)  # fmt: skip
_ONLY_WITHOUT = (
    "absolutes", "negation", "hedges", "full_stop", "begins_with_capital", "brackets", "quotation",
)  # fmt: skip


def plain(
    texts: Texts, scores: Mapping[str, Floats], picks: Mapping[str, OptionProperty]
) -> Iterator[tuple[int, str, str]]:
    """Yield the conspicuous correct options in items of three or more options.

    Args:
        texts: the texts of the set.
        scores: the scores of the options by each named heuristic, (n options,) each.
        picks: by rule, the property of the option that it picks.

    Yields:
        A tuple of an item's line, the cue's name, and a sentence without its full stop.
    """
    options = texts.options
    for item in np.flatnonzero(options.sizes > 2).tolist():
        here, key = texts.stretch(item), int(options.keys[item]) - int(options.starts[item])
        values = {name: column[here] for name, column in scores.items()}
        for name in _ONLY:
            if _is_only(values[name], key, 1):
                yield item, name, alone(texts, item, name, picks[name])
        for name in _ONLY_WITHOUT:
            if _is_only(values[name], key, 0):
                yield item, name, f"every wrong option {picks[name]}, the correct one alone does not"
        if _by_far(values["longest"], key) and _by_far(values["most_words"], key, 1.0):
            yield item, "longest", alone(texts, item, "longest", picks["longest"])
        if _by_far(1 / np.maximum(values["longest"], 1), key, 2 * FAR):
            yield item, "shortest", alone(texts, item, "shortest", picks["shortest"])
        echo = values["most_in_question"]
        if echo[key] >= ECHO and np.delete(echo, key).max() == 0:
            yield item, "most_in_question", alone(texts, item, "most_in_question", picks["most_in_question"])


def _is_only(values: Floats, key: int, value: float) -> bool:
    return bool(values[key] == value and (np.delete(values, key) == 1 - value).all())


def _by_far(values: Floats, key: int, times: float = FAR) -> bool:
    return bool(values[key] > times * np.delete(values, key).max())


def alone(texts: Texts, item: int, cue: str, picks: OptionProperty) -> str:
    """Return the sentence for a correct option that alone has a property, with the evidence for its author."""
    here = texts.stretch(item)
    key = int(texts.options.keys[item])
    text = texts.options.texts[key]
    others = [place for place in range(here.start, here.stop) if place != key]
    if cue in ("longest", "shortest", "most_words", "fewest_words"):
        return _length(texts, key, others, longest=cue in ("longest", "most_words"))
    if cue in ("only_year", "only_number"):
        shown = words.years(text) if cue == "only_year" else words.numbers(text)
        return f"the correct option {picks} ({', '.join(shown)})"
    if cue in ("most_in_question", "most_in_passage"):
        of = "question" if cue == "most_in_question" else "passage"
        inside = texts.question_words[item] if of == "question" else texts.passage_words[item] or frozenset()
        echoed = sorted(texts.word_sets[key] & inside, key=lambda word: (-texts.weight[word], word))[:3]
        only = not any(texts.word_sets[place] & frozenset(echoed) for place in others)
        does = f"is the only one that repeats words of the {of}" if only else f"repeats most words of the {of}"
        return f"the correct option {does}: {', '.join(f'“{word}”' for word in echoed)}"
    if picks.verb == "has" and not picks.is_amount:
        return f"only the correct option {picks}"
    return f"the correct option {picks}"


def _length(texts: Texts, key: int, others: list[int], *, longest: bool) -> str:
    best, unit = max if longest else min, "words"
    first, following = len(texts.words[key]), best(len(texts.words[place]) for place in others)
    if (first <= following if longest else first >= following) or max(first, following) < 3:
        first, unit = words.length(texts.options.texts[key]), "characters"
        following = best(words.length(texts.options.texts[place]) for place in others)
    far = (first >= FAR * following) if longest else (following >= FAR * first)
    kind = "longest" if longest else "shortest"
    return f"the correct option is the {kind}{' by far' if far else ''} ({first} {unit}; the next has {following})"
