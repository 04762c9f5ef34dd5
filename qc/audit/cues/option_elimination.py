"""Elimination: which options a reader can strike as seldom correct, and how many options that leaves.

A cue that is right too seldom gives no key away, but it excludes options: a reader who never picks “none of the
above” guesses among three of four, which is right in a third of the items instead of a quarter. Several such cues
together may leave two options, or one. So such cues are judged together: in an item by the options they leave, in
a set by how often guessing among these is right. An item whose key is struck counts against the cues.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc.audit.cues.cue_names import numbers, plainness
from qc.audit.cues.heuristics import Named
from qc.audit.cues.option_properties import OptionProperty
from qc.audit.cues.tokens import Tokens
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.options import Floats, Ints, Options

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Strike:
    """A cue by which options can be struck.

    Attributes:
        cue: its name.
        kind: its kind.
        has: (n options,): whether it strikes the option.
        hits: the number of items in which it strikes the key, among those that it divides.
        items: the number of items that it divides.
        by_lot: the number of items in which it would strike the key by chance.
        property: the property of such an option.
    """

    cue: str
    kind: CueKind
    has: Flags
    hits: int
    items: int
    by_lot: float
    property: OptionProperty


def strikes(options: Options, named: Named, words: Tokens, seldom: Set[str], times: float) -> list[Strike]:
    """Return the cues right seldom enough for a reader to strike by them, the most visible to authors first.

    Args:
        options: the set, one language.
        named: its named heuristics.
        words: its tokens.
        seldom: names of cues that the set was found to contradict.
        times: the factor by which a cue must be right less often than by chance.
    """
    found = [
        _strike(options, rule.name, rule.kind, options.credits(named.scores[:, place]) > 0, rule.picks)
        for place, rule in enumerate(named.rules)
        if rule.name in seldom
    ]
    for place, cue in enumerate(words.cues):
        if cue.name in seldom:
            has = np.asarray(words.presence[:, [place]].todense()).ravel() > 0
            found.append(_strike(options, cue.name, cue.kind, has, words.property(place)))
    telling = [one for one in found if one.items and one.hits * times < one.by_lot]
    return sorted(telling, key=lambda one: (-plainness(one.cue, one.kind), one.hits / one.by_lot, one.cue))


def _strike(options: Options, cue: str, kind: CueKind, has: Flags, picks: OptionProperty) -> Strike:
    """Return a cue as a strike, in the items whose options it divides."""
    many = options.per_item(has.astype(float))
    divides = (many > 0) & (many < options.sizes)
    told = has & divides[options.item_of]
    by_lot = float((many / options.sizes)[divides].sum())
    return Strike(cue, kind, told, int(told[options.keys].sum()), int(divides.sum()), by_lot, picks)


def struck(options: Options, by: Sequence[Strike]) -> Flags:
    """Return whether each option is struck by any cue, (n options,); none of an item of which all would be."""
    every = np.any([one.has for one in by], axis=0) if by else np.zeros(len(options.item_of), bool)
    whole = options.per_item(every.astype(float)) == options.sizes
    return np.asarray(every & ~whole[options.item_of])


def left(options: Options, out: Flags) -> Ints:
    """Return the number of options that a reader still guesses among, (n items,); 0 where the key is struck."""
    count = options.sizes - options.per_item(out.astype(np.int64))
    return np.asarray(np.where(out[options.keys], 0, count))


def chances(options: Options, out: Flags) -> Floats:
    """Return the probability that a guess among the options left is right, (n items,)."""
    count = left(options, out)
    return np.asarray(np.where(count > 0, 1 / np.maximum(count, 1), 0.0))


def given_away(options: Options, out: Flags, margin: float) -> Ints:
    """Return the items that must change: those where striking gives half the information (at most √m of m left).

    There are none while guessing among the options left is right in no more items than chance + margin. Else as
    many are returned as must change before it is right only as often as chance, those with most struck first.
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
    """Yield, for items whose options but not key are struck, the item's line and the sentence for its author."""
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
    """Return the reasons why options of an item can be struck, each in words."""
    said, known = [], set()
    for place in places:
        one = next(one for one in by if one.has[start + place])
        rate = f"right in {one.hits / one.items:.0%} of {one.items} items (by lot {one.by_lot / one.items:.0%})"
        likewise = "likewise" if one.cue in known else f"{one.property}, and such options are {rate}"
        said.append(f"option {place + 1} {likewise}")
        known.add(one.cue)
    return said


def _id(options: Options, item: int) -> str:
    return str(options.items["item_id"].iloc[item])
