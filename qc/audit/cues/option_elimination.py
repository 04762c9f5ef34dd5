"""What a reader can strike who knows what correct options seldom are, and how many options that leaves.

A cue that is right too seldom gives no key away, it excludes options: who never picks “none of the above” guesses
among three of four, which is right in a third of the items in place of a quarter. Several such cues together may
leave two options, or one. So such cues are weighed by what they leave in an item, all together, and a set by how
often guessing among what is left is right; an item whose key is struck counts against them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc.audit.cues.cue_names import numbers, plainness
from qc.audit.cues.heuristics import Named
from qc.audit.cues.tokens import Tokens
from qc.set_statistics.options import Floats, Ints, Options

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Strike:
    """A cue by which options can be struck.

    Attributes:
        cue: its name.
        has: (n options,): which options it strikes.
        hits: in how many of the items that it divides it strikes the key.
        items: how many it divides.
        by_lot: in how many it would by lot.
        says: what such an option is or has, as a verb's phrase.
    """

    cue: str
    has: Flags
    hits: int
    items: int
    by_lot: float
    says: str


def strikes(options: Options, named: Named, words: Tokens, seldom: Set[str], times: float) -> list[Strike]:
    """The cues that are right seldom enough for a reader to strike by them, those that an author sees best first.

    Args:
        options: the set, one language.
        named: its named heuristics.
        words: its tokens.
        seldom: names of cues that the set was found to contradict.
        times: how many times as seldom as by lot a cue must be right.
    """
    found = [
        _strike(options, rule.name, options.credits(named.scores[:, place]) > 0, rule.picks)
        for place, rule in enumerate(named.rules)
        if rule.name in seldom
    ]
    for place, cue in enumerate(words.cues):
        if cue.name in seldom:
            has = np.asarray(words.presence[:, [place]].todense()).ravel() > 0
            phrase = cue.against.removeprefix("an option that ").removesuffix(" is correct less often than others")
            found.append(_strike(options, cue.name, has, phrase))
    telling = [one for one in found if one.items and one.hits * times < one.by_lot]
    return sorted(telling, key=lambda one: (-plainness(one.cue), one.hits / one.by_lot, one.cue))


def _strike(options: Options, cue: str, has: Flags, says: str) -> Strike:
    """A cue where it divides the options of an item."""
    many = options.per_item(has.astype(float))
    divides = (many > 0) & (many < options.sizes)
    told = has & divides[options.item_of]
    by_lot = float((many / options.sizes)[divides].sum())
    return Strike(cue, told, int(told[options.keys].sum()), int(divides.sum()), by_lot, says)


def struck(options: Options, by: Sequence[Strike]) -> Flags:
    """(n options,): which are struck by any cue; none of an item of which all would be."""
    every = np.any([one.has for one in by], axis=0) if by else np.zeros(len(options.item_of), bool)
    whole = options.per_item(every.astype(float)) == options.sizes
    return np.asarray(every & ~whole[options.item_of])


def left(options: Options, out: Flags) -> Ints:
    """(n items,): among how many options a reader still guesses; 0 where the key is struck."""
    count = options.sizes - options.per_item(out.astype(np.int64))
    return np.asarray(np.where(out[options.keys], 0, count))


def chances(options: Options, out: Flags) -> Floats:
    """(n items,): how likely guessing among what is left is right."""
    count = left(options, out)
    return np.asarray(np.where(count > 0, 1 / np.maximum(count, 1), 0.0))


def given_away(options: Options, out: Flags, margin: float) -> Ints:
    """The items that must change: those that striking tells half of what there is to know (at most √m of m left).

    None while guessing among what is left is right in no more of the items than chance + margin; else as many as
    must change before it is right as often as chance, those of which most is struck first.
    """
    right = chances(options, out)
    too_much = float((right - 1 / options.sizes).sum())
    if too_much <= margin * len(options):
        return np.empty(0, np.int64)
    count = left(options, out)
    enough = np.flatnonzero((count > 0) & (count**2 <= options.sizes))
    order = sorted(enough.tolist(), key=lambda item: (-right[item] * options.sizes[item], _id(options, item)))
    gains = np.cumsum([right[item] - 1 / options.sizes[item] for item in order])
    return np.array(order[: int(np.searchsorted(gains, too_much)) + 1], np.int64)


def sentences(options: Options, by: Sequence[Strike], out: Flags) -> Iterator[tuple[int, str]]:
    """Of every item whose key is not struck though others are: its line, and what can be struck and what to do."""
    count = left(options, out)
    for item in np.flatnonzero((count > 0) & (count < options.sizes)).tolist():
        start, size = int(options.starts[item]), int(options.sizes[item])
        places = [place for place in range(size) if out[start + place]]
        why = _why(by, start, places)
        remains = "only the correct one remains"
        if count[item] > 1:
            guess = f"{1 / count[item]:.0%} right instead of {1 / size:.0%}"
            remains = f"{count[item]} of {size} remain to guess among ({guess})"
        which = numbers([place + 1 for place in places])
        told = f"{which} can be struck without reading, and {remains}: {'; '.join(why)}"
        yield item, f"{told}. Write there what only a reader can rule out, or let such an option be right at times"


def _why(by: Sequence[Strike], start: int, places: Sequence[int]) -> list[str]:
    """Why options of an item can be struck, each in words."""
    said, known = [], set()
    for place in places:
        one = next(one for one in by if one.has[start + place])
        rate = f"right in {one.hits / one.items:.0%} of {one.items} items (by lot {one.by_lot / one.items:.0%})"
        likewise = "likewise" if one.cue in known else f"{one.says}, and such options are {rate}"
        said.append(f"option {place + 1} {likewise}")
        known.add(one.cue)
    return said


def _id(options: Options, item: int) -> str:
    return str(options.items["item_id"].iloc[item])
