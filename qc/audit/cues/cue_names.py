"""The cue that gives an item away, in words that its author can act on.

There are two reasons to name a cue in an item. First, the set as a whole may follow it ('the longest is right in
61 % of the items'). The information that it gives away in the item is then measured in bits: the chance of the
correct option by the set's rates, compared with a guess. Second, the cue may be plain in this item alone (the only
option with a year). Any reader sees such a cue, and while a set has few items, there is no other evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from qc.audit.cues import conspicuous_options
from qc.audit.cues.heuristics import Named
from qc.audit.cues.option_properties import OptionProperty
from qc.audit.cues.tokenised_set import Texts
from qc.audit.cues.tokens import Tokens
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.options import Options

Flags = npt.NDArray[np.bool_]

LEAST_BITS = 0.15
"""The bits that a cue must give away in an item to be named there: of four options, .25 to .28."""

_NAMED = 3  # cues of an item


@dataclass(frozen=True)
class Found:
    """A cue in an item.

    Attributes:
        item: its line.
        cue: the cue's name.
        kind: its kind.
        bits: log2 of the correct option's chance by the cue over its chance by a guess; 0 where the set says
            nothing about it.
        says: a sentence without its full stop.
    """

    item: int
    cue: str
    kind: CueKind
    bits: float
    says: str


def names(
    options: Options,
    named: Named,
    tokens: Tokens | None = None,
    telling: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return the cues that give each item away.

    Args:
        options: the items, one language.
        named: the result of `qc.audit.cues.heuristics.prepare` for them.
        tokens: the result of `qc.audit.cues.tokens.prepare` for them.
        telling: names of the cues that the set was found to follow, with their z; empty for a set that was not
            tested, such as a campaign's first items.

    Returns:
        One line per item in the order of `options`: `item_id`, `cue_name` ("" where nothing could be named), `cue`
        (sentences, the most telling cue first), `bits` (of the first).
    """
    texts = Texts(options)
    told = telling or {}
    found: list[list[Found]] = [[] for _ in range(len(options))]
    for one in _followed(options, named, tokens, told, texts):
        found[one.item].append(one)
    seen = [{one.cue for one in here} for here in found]
    scores = {rule.name: named.scores[:, place] for place, rule in enumerate(named.rules)}
    for item, cue, says in conspicuous_options.plain(
        texts, scores, {rule.name: rule.picks for rule in named.rules}
    ):
        if cue not in seen[item]:
            found[item].append(Found(item, cue, CueKind.RULE, 0.0, says))
    for here in found:
        here.sort(key=lambda one: -one.bits * plainness(one.cue, one.kind))
    chosen = [_different(here) for here in found]
    return pd.DataFrame(
        {
            "item_id": options.items["item_id"],
            "cue_name": [here[0].cue if here else "" for here in chosen],
            "cue": [". ".join(one.says[:1].upper() + one.says[1:] for one in here) for here in chosen],
            "bits": [here[0].bits if here else 0.0 for here in chosen],
        }
    )


_ALIKE = (
    {"longest", "most_words"}, {"shortest", "fewest_words"}, {"most_in_passage", "most_like_passage", "verbatim"},
    {"least_in_passage", "least_like_passage"}, {"most_in_question", "most_like_question"},
    {"least_in_question", "least_like_question"}, {"nearest", "convergence"}, {"odd_one_out", "divergence"},
    {"only_number", "only_year", "most_digits"}, {"none_of_above", "all_of_above", "recurring"},
)  # fmt: skip
"""Cues that say much the same; one of them is enough."""


_VAGUE = {
    "recurring", "common_words", "rare_words", "least_like_passage", "most_like_passage", "nearest", "most_digits",
    "punctuation", "long_words", "short_words",
}  # fmt: skip


def plainness(cue: str, kind: CueKind) -> float:
    """Return the weight of a cue's bits for an author, who can mend a word but not three letters."""
    if kind is CueKind.CHARACTERS:
        return 0.5
    return 0.8 if cue in _VAGUE else 1.05 if cue == "only_year" else 1.0


def _different(found: list[Found]) -> list[Found]:
    """Return the first few cues that add something to those before them."""
    shown: dict[str, Found] = {}
    for one in found:
        shown.setdefault(_sort(one), one)
    return list(shown.values())[:_NAMED]


def _sort(one: Found) -> str:
    """Return what all cues that say much the same have in common."""
    if one.kind is not CueKind.RULE:
        return one.kind
    return next((min(alike) for alike in _ALIKE if one.cue in alike), one.cue)


def _followed(
    options: Options, named: Named, tokens: Tokens | None, telling: Mapping[str, float], texts: Texts
) -> Iterator[Found]:
    """Yield, for each item, the cues followed by the set that give it away."""
    picked = options.credits(named.scores) > 0
    for place, rule in enumerate(named.rules):
        opposite = [other.name for other in named.rules if other.score is rule.score and other is not rule]
        if rule.name in telling or any(name in telling for name in opposite):
            column = picked[:, place]
            for item, bits, rate in _given_away(options, column):
                yield Found(
                    item,
                    rule.name,
                    rule.kind,
                    bits,
                    _sentence(options, column, item, rule.picks, rate, texts, rule.name),
                )
    if tokens is None:
        return
    columns = [place for place, cue in enumerate(tokens.cues) if cue.name in telling]
    z = np.zeros(len(tokens.alike))
    z[columns] = [telling[tokens.cues[place].name] for place in columns]
    for place in tokens.leading(z, limit=40) if columns else []:
        if not z[place]:
            break
        column = np.asarray(tokens.presence[:, [place]].todense()).ravel() > 0
        cue = tokens.cues[place]
        has = tokens.property(place)
        for item, bits, rate in _given_away(options, column):
            said = _sentence(options, column, item, has, rate, texts, cue.name)
            yield Found(item, cue.name, cue.kind, bits, said)


def _given_away(options: Options, has: Flags) -> Iterator[tuple[int, float, str]]:
    """Yield items in which a cue raises the chance of the correct option, by how many bits, and the set's rate.

    Options with the cue are correct more or less often than by chance, by some factor; those without it, by
    another. An option's chance is its factor over the sum of the factors of its item.
    """
    sizes = options.sizes
    many = options.per_item(has.astype(float))
    divides = (many > 0) & (many < sizes)
    if not divides.any():
        return
    at_key = has[options.keys]
    hits, by_lot = at_key[divides].sum(), (many / sizes)[divides].sum()
    total = int(divides.sum())
    ratio, other = (hits + 1) / (by_lot + 1), (total - hits + 1) / (total - by_lot + 1)
    weight = np.where(has, ratio, other)
    chance = weight[options.keys] / options.per_item(weight)
    bits = np.where(divides, np.log2(chance * sizes), 0.0)
    rate = f"such options are right in {hits / total:.0%} of {total} items (by lot {by_lot / total:.0%})"
    for item in np.flatnonzero(bits >= LEAST_BITS):
        yield int(item), float(bits[item]), rate


def _sentence(
    options: Options, has: Flags, item: int, picks: OptionProperty, rate: str, texts: Texts, cue: str
) -> str:
    here = texts.stretch(item)
    key = int(options.keys[item])
    with_it = [place for place in range(here.start, here.stop) if has[place]]
    if with_it == [key]:
        return f"{conspicuous_options.alone(texts, item, cue, picks)}, and {rate}"
    if key in with_it:
        others = numbers([place - here.start + 1 for place in with_it if place != key])
        return f"the correct option {picks}, as only {others} besides, and {rate}"
    if len(with_it) == here.stop - here.start - 1:
        if picks.of_words:
            return f"only the correct option avoids {picks.what}, and {rate}"
        return f"every wrong option {picks}, the correct one alone does not, and {rate}"
    said = numbers([place - here.start + 1 for place in with_it])
    if len(with_it) == 1:
        return f"{said}, which is wrong, {picks}, and {rate}"
    return f"{said}, which are wrong, {picks.of_several}, and {rate}"


def numbers(places: list[int]) -> str:
    """Return a phrase for options by their numbers.

    >>> numbers([2]), numbers([1, 2, 4])
    ('option 2', 'options 1, 2 and 4')
    """
    shown = [str(place) for place in places]
    return f"option {shown[0]}" if len(shown) == 1 else f"options {', '.join(shown[:-1])} and {shown[-1]}"
