"""Cues introduced by translation: stronger in a language than in the source language, on the same items.

Permuted keys test whether there is a cue in either language, but cannot tell one language from another. If a cue
were no stronger in X than in the source, the two languages of a passage could be swapped. So for each cue and item
the difference between the two languages is taken and summed within its passage, and the sign of every passage's
sum is drawn at random: a sign stands for swapping the two languages. The sum of squares stays the same under any
signs, so every statistic is studentised exactly, and the largest over all languages and cues (max-T) keeps the
family-wise error. Passages draw the same sign in all languages. The test is one-sided: it looks only for cues that
translation introduced.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from data.errors import UsageError
from qc.set_statistics.options import Floats, Options
from qc.set_statistics.permutation_tests import max_t


@dataclass(frozen=True, eq=False)
class CueWorth:
    """The values of cues for one language's items.

    Attributes:
        options: the items, one language.
        names: (h,): the cues' names, the same in the same order in every language.
        worth: (n options, h): the value of each option for a cue, were it the key (`Options.credits`, or a
            standardised score less its item's mean), or (n items, h): the credit of each item (a learner's
            held-out hits).
    """

    options: Options
    names: Sequence[str]
    worth: Floats

    def earned(self) -> Floats:
        """Return the value of each item's key, (n items, h)."""
        by_option = len(self.worth) == len(self.options.item_of)
        return np.asarray(self.worth[self.options.keys] if by_option else self.worth, dtype=float)


@dataclass(frozen=True)
class AcrossCue:
    """One cue in one language against the source language.

    Attributes:
        language, source: the two languages.
        cue: its name.
        items: the number of compared items: those that both languages have, with as many options in both.
        skipped: the number of the language's items that were not compared.
        here, there: the mean value of the keys in the language and in the source language; for credits and hits,
            the accuracy.
        difference: here less there; positive: more in the language.
        z: the studentised difference.
        p: the one-sided p of this cue alone, by swapping the languages within passages.
        adjusted: the same within all cues and languages.
    """

    language: str
    source: str
    cue: str
    items: int
    skipped: int
    here: float
    there: float
    difference: float
    z: float
    p: float
    adjusted: float


def brought_in(
    told: Mapping[str, CueWorth], source: str, *, permutations: int = 1000, seed: int = 0
) -> list[AcrossCue]:
    """Test every cue of every language against the source language.

    Args:
        told: per language; items are the same where their `item_id` is.
        source: the language that the others were translated from.
        permutations: the number of random swaps of the languages.
        seed: the seed of these.

    Returns:
        Sorted by adjusted p, then by z, the largest first, then language and cue.

    Raises:
        UsageError: the source language is not among them, or languages have different cues.
    """
    _must_fit(told, source)
    others = sorted(set(told) - {source})
    if not others:
        return []
    base = told[source]
    place = {item: line for line, item in enumerate(base.options.items["item_id"])}
    groups, code = np.unique(base.options.items["group"].to_numpy(str), return_inverse=True)
    before = base.earned()
    parts: list[tuple[int, Floats, Floats]] = []
    sums = np.zeros((len(groups), len(others), len(base.names)))
    for index, language in enumerate(others):
        after = told[language].earned()
        lines = _shared(told[language].options, base.options, place)
        here, there = after[lines[:, 0]], before[lines[:, 1]]
        np.add.at(sums[:, index], code[lines[:, 1]], here - there)
        parts.append((len(lines), _mean(here), _mean(there)))
    z = _studentised(sums.reshape(len(groups), -1), permutations, seed)
    family = max_t(z, two_sided=False)
    found = [
        AcrossCue(
            language=language,
            source=source,
            cue=name,
            items=parts[index][0],
            skipped=len(told[language].options) - parts[index][0],
            here=float(parts[index][1][cue]),
            there=float(parts[index][2][cue]),
            difference=float(parts[index][1][cue] - parts[index][2][cue]),
            z=float(z[index * len(base.names) + cue, 0]),
            p=float(family.p[index * len(base.names) + cue]),
            adjusted=float(family.adjusted[index * len(base.names) + cue]),
        )
        for index, language in enumerate(others)
        for cue, name in enumerate(base.names)
    ]
    return sorted(found, key=lambda one: (one.adjusted, -one.z, one.language, one.cue))


def _must_fit(told: Mapping[str, CueWorth], source: str) -> None:
    if source not in told:
        raise UsageError(
            f"there is no language {source!r} to compare with; name one of {', '.join(sorted(told))} as the source"
        )
    for language, one in sorted(told.items()):
        if list(one.names) != list(told[source].names):
            raise UsageError(f"{language} and {source} tell of different cues; audit both with the same layers")


def _shared(
    options: Options, source: Options, place: Mapping[str, int]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    """Return lines of the same item in a language and in the source language, with as many options, (items, 2)."""
    both = [(line, place[item]) for line, item in enumerate(options.items["item_id"]) if item in place]
    lines = np.array(both, np.int64).reshape(-1, 2)
    return np.asarray(lines[options.sizes[lines[:, 0]] == source.sizes[lines[:, 1]]])


def _mean(values: Floats) -> Floats:
    return values.mean(axis=0) if len(values) else np.full(values.shape[1], np.nan)


def _studentised(sums: Floats, permutations: int, seed: int) -> Floats:
    """Return (k, 1 + B) of sums (groups, k): as they are, then with every group's sign drawn at random."""
    random = np.random.default_rng(seed)
    signs = random.integers(0, 2, (permutations, len(sums))).astype(np.float32) * 2 - 1
    signs = np.concatenate([np.ones((1, len(sums)), np.float32), signs])
    size = np.sqrt((sums**2).sum(axis=0))
    return np.asarray((signs @ (sums / np.where(size > 1e-9, size, np.inf))).T, dtype=float)
