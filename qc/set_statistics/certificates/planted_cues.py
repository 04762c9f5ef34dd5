"""Planted cues: labellings whose keys follow a natural cue, to measure what an audit would find.

The cue is one that the options already have: a word that distinguishes them, being the longest, being most like
the question. In a share c of the items the key is, with probability q, the option that carries the cue, and
otherwise one of the others; elsewhere every option is equally likely. Every labelling draws its cue and its items
anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from qc.set_statistics.options import Floats, Ints, Options
from qc.text.text_folding import fold
from qc.text.words import words

KINDS = ("lexical", "stylistic", "match")

Carriers = Callable[[np.random.Generator, float], Sequence[Ints]]
"""A function that draws a cue: sets of options that carry it (indices); the next is for items without any yet."""


def carriers_of(options: Options, kind: str) -> Carriers:
    """Return the function that draws cues of a kind; it reads the texts once, for any number of `planted`."""
    return _CARRIERS[kind](options)


def planted(
    options: Options,
    kind: str,
    share: float,
    strength: float,
    *,
    count: int,
    seed: int,
    carriers: Carriers | None = None,
) -> tuple[Ints, float, float]:
    """Return labellings whose keys follow a natural cue; a new cue and new items for every labelling.

    Args:
        options: the options of one language.
        kind: one of `KINDS`.
        share: c, of all items.
        strength: q.
        count: the number of labellings.
        seed: the seed of the draws.
        carriers: `carriers_of` these options and this kind, if they are there already.

    Returns:
        (n items, count) labellings; the share that was reached and the accuracy of knowing the cue, on average.
    """
    carriers = carriers or carriers_of(options, kind)
    salt = [seed, KINDS.index(kind), round(1000 * share), round(1000 * strength)]
    labellings = np.empty((len(options), count), np.int64)
    reached = 0.0
    for column in range(count):
        random = np.random.default_rng([*salt, column])
        labellings[:, column] = options.starts + np.floor(random.random(len(options)) * options.sizes).astype(int)
        items, carrier = _chosen(options, carriers(random, share), share, random)
        follows = random.random(len(items)) < strength
        step = 1 + np.floor(random.random(len(items)) * (options.sizes[items] - 1)).astype(int)
        place = (options.place[carrier] + np.where(follows, 0, step)) % options.sizes[items]
        labellings[items, column] = options.starts[items] + place
        reached += len(items) / len(options) / count
    return labellings, reached, reached * strength + (1 - reached) * options.chance


def _chosen(
    options: Options, sets: Sequence[Ints], share: float, random: np.random.Generator
) -> tuple[Ints, Ints]:
    """Draw the items that follow the cue, and for each an option that carries it."""
    wanted = round(share * len(options))
    items: list[Ints] = []
    carriers: list[Ints] = []
    free = np.ones(len(options), bool)
    for carrying in sets:
        left = wanted - sum(map(len, items))
        if left <= 0:
            break
        mixed = random.permutation(carrying[free[options.item_of[carrying]]])
        owner, first = np.unique(options.item_of[mixed], return_index=True)
        drawn = random.permutation(len(owner))[:left]
        items.append(owner[drawn])
        carriers.append(mixed[first[drawn]])
        free[owner[drawn]] = False
    if not items:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate(items), np.concatenate(carriers)


def _lexical(options: Options) -> Carriers:
    """Return the carriers of a word that distinguishes options in enough items, or of several rarer ones."""
    spread: dict[str, list[int]] = {}
    for option, text in enumerate(options.texts):
        for word in sorted(set(words(text))):
            spread.setdefault(word, []).append(option)
    telling: list[Ints] = []
    for _, where in sorted(spread.items()):
        standing = np.array(where, np.int64)
        held = np.bincount(options.item_of[standing], minlength=len(options))
        tells = standing[held[options.item_of[standing]] < options.sizes[options.item_of[standing]]]
        if len(tells):
            telling.append(tells)
    covers = np.array([len(np.unique(options.item_of[one])) for one in telling])

    def draw(random: np.random.Generator, share: float) -> list[Ints]:
        frequent = np.flatnonzero(covers >= share * len(options))
        if len(frequent):
            return [telling[random.choice(frequent)]]
        often = np.argsort(-covers, kind="stable")[:50]
        return [telling[index] for index in random.permutation(often)]

    return draw


def _stylistic(options: Options) -> Carriers:
    lengths = np.array([len(text) for text in options.texts], float)
    marks = np.array([sum(not (c.isalnum() or c.isspace()) for c in text) for text in options.texts], float)
    rules = [_alone(options, lengths), _alone(options, -lengths), _alone(options, marks)]

    def draw(random: np.random.Generator, share: float) -> list[Ints]:
        wide = [rule for rule in rules if len(rule) >= share * len(options)]
        return [wide[random.integers(len(wide))]] if wide else [max(rules, key=len)]

    return draw


def _match(options: Options) -> Carriers:
    asked = [_grams(text or "") for text in options.items["question"]]
    shared = []
    for item, text in zip(options.item_of, options.texts, strict=True):
        own, question = _grams(text), asked[item]
        shared.append(sum((own & question).values()) / max(1, own.total()))
    rule = _alone(options, np.array(shared))
    return lambda _random, _share: [rule]


_CARRIERS: Mapping[str, Callable[[Options], Carriers]] = {
    "lexical": _lexical,
    "stylistic": _stylistic,
    "match": _match,
}


def _alone(options: Options, scores: Floats) -> Ints:
    """Return the options that are highest in their item, where only one is."""
    return np.flatnonzero(options.credits(scores) == 1)


def _grams(text: str, length: int = 4) -> Counter[str]:
    folded = f" {fold(text)} "
    return Counter(folded[start : start + length] for start in range(len(folded) - length + 1))
