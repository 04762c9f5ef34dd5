"""The options of a set in one long line: the form in which every layer of the audit computes.

Items may have 2 to 10 options each, differing in number, so there is no matrix of items by options. The options of
all items are concatenated, and an item is a slice of them. A labelling names the option of each item that is taken
for the key. Every tested quantity is computed for the true labelling and for many permuted ones at once, the true
one first. A permuted labelling draws the key of every item anew, each of its options being equally likely; lines
of one item in several languages (the same `item_id`) share the draw, so that languages can be compared.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.floating[Any]]
Ints = npt.NDArray[np.int64]

COLUMNS = ("item_id", "language", "group", "passage", "question", "options", "key")
"""The columns of an audited set, one line per item and language: see `Options`."""

PICKED = "picked"
"""The column, if there is one, of the options that solvers picked who saw a part of the item only."""


@dataclass(frozen=True, eq=False)
class Options:
    """A set of items, sorted by content, and its options in one line.

    Attributes:
        items: `item_id` (the same in every language), `language`, `group` (the unit that folds must not split: the
            passage), `passage` (None where there is none), `question` (may be empty), `options` (a list of 2 to 10
            texts), `key` (the index of the correct option, counted from 0). Index 0, 1, … There may be a column
            `PICKED`: by the name of a rule, the place of the option that it picks, counted from 0.
    """

    items: pd.DataFrame

    @classmethod
    def of(cls, items: pd.DataFrame) -> Options:
        """Return the options of items in any order; they are sorted, so the order of a file changes nothing."""
        by = ["language", "group", "passage", "question", "item_id"]
        content = items.assign(_options=["\x00".join(texts) for texts in items["options"]])
        order = content.sort_values([*by, "_options"], kind="stable", na_position="first").index
        return cls(items.loc[order, list(COLUMNS)].reset_index(drop=True))

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def sizes(self) -> Ints:
        """The number of options of each item."""
        return np.fromiter(map(len, self.items["options"]), np.int64, len(self.items))

    @cached_property
    def starts(self) -> Ints:
        """The index of each item's first option in the line."""
        return np.concatenate([[0], np.cumsum(self.sizes)[:-1]]).astype(np.int64)

    @cached_property
    def item_of(self) -> Ints:
        """The item (its line) to which each option belongs."""
        return np.repeat(np.arange(len(self.items)), self.sizes)

    @cached_property
    def place(self) -> Ints:
        """The index of each option within its item, counted from 0."""
        return np.arange(len(self.item_of)) - self.starts[self.item_of]

    @cached_property
    def keys(self) -> Ints:
        """The index of each item's correct option in the line."""
        return np.asarray(self.starts + self.items["key"].to_numpy(np.int64), dtype=np.int64)

    @cached_property
    def texts(self) -> list[str]:
        """The texts of all options."""
        return [text for texts in self.items["options"] for text in texts]

    @cached_property
    def chance(self) -> float:
        """The expected share of items that blind guessing gets right."""
        return float(np.mean(1 / self.sizes))

    def per_item(self, values: Floats) -> Floats:
        """Return the sum over each item's options: (n options, …) to (n items, …)."""
        return np.add.reduceat(values, self.starts, axis=0)

    def centred(self, values: Floats) -> Floats:
        """Return every option's value less the mean of its item's; (n options, …)."""
        sizes = self.sizes.reshape(-1, *[1] * (values.ndim - 1))
        return np.asarray(values - (self.per_item(values) / sizes)[self.item_of])

    def labellings(self, count: int, seed: int) -> Ints:
        """Return the true labelling and `count` permuted ones.

        Returns:
            (n items, 1 + count): the index of the option that is taken for the key; column 0 is the truth.
        """
        drawn = np.stack([_draw(item, count, seed) for item in self.items["item_id"]])
        permuted = self.starts[:, None] + np.floor(drawn * self.sizes[:, None]).astype(np.int64)
        return np.column_stack([self.keys, permuted])

    def credits(self, scores: Floats) -> Floats:
        """Return the credit that picking the highest score would earn, were an option the key; ties share.

        Args:
            scores: (n options,) or (n options, k); higher means preferred. NaN: the rule does not apply to this
                option; an item where all are NaN counts as a guess.

        Returns:
            The same shape: 1/m for each of the m best options of an item, 0 for the others; an item's sum is 1.
        """
        told = np.where(np.isnan(scores), -np.inf, scores)
        best = np.maximum.reduceat(told, self.starts, axis=0)[self.item_of]
        taken = (told == best).astype(float)
        return np.asarray(taken / self.per_item(taken)[self.item_of])


def _draw(item: str, count: int, seed: int) -> Floats:
    """Return numbers in [0, 1) that depend on the item alone, whichever other items there are."""
    digest = hashlib.blake2b(item.encode(), digest_size=8, salt=seed.to_bytes(8, "big")).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "big"))).random(count)
