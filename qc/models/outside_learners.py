"""Learners that were trained on other items: for the audited set each is one fixed rule.

Nothing is trained on the set's own keys, so permuting these gives the whole null distribution: a ranker, a network
or an encoder is trained once and tested at the keys of every labelling. Outside items that are near-duplicates of
the set's are left out first. Such a rule may miss cues that its training items did not teach: nothing here says
how sensitive it is to a cue of the set's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
import torch

from data.errors import UsageError
from qc.models.features import InputName
from qc.models.ranker import TESTED, Ranker, cues_of, measured
from qc.set_statistics.cross_validation_folds import grouping
from qc.set_statistics.layer_statistics import Measured
from qc.set_statistics.options import Floats, Ints, Options

MOST = 20_000
"""The most outside items to train on; of more, this many are drawn."""


@dataclass(frozen=True, eq=False)
class Joint:
    """The audited items, in their order, followed by other items to train on.

    Attributes:
        options: of both.
        own: how many of the items are the audited set's.
    """

    options: Options
    own: int

    @property
    def outside(self) -> int:
        """The number of items to train on."""
        return len(self.options) - self.own

    @property
    def folds(self) -> Ints:
        """(n items,): 0 (held out) for the set's own items; -1 (always trained on) for the others."""
        return np.where(np.arange(len(self.options)) < self.own, 0, -1).astype(np.int64)


class Learner(Protocol):
    """A learner that holds out fold 0 and always trains on fold -1."""

    @property
    def inputs(self) -> Sequence[InputName]: ...

    def scores(self, labellings: Ints) -> Floats:
        """Return the scores of every option, (inputs, n options, L)."""
        ...


class Elsewhere:
    """A learner that was trained on other items; see `qc.set_statistics.layer_statistics.Prepared`.

    Args:
        options: the audited set.
        inputs: what it saw.
        fixed: (n options, inputs): its scores of the audited set, centred within items.
        trained_on: how many outside items it was trained on.
        learner: its description, with an article: "a linear ranker".
    """

    studentised = False

    def __init__(
        self, options: Options, inputs: Sequence[InputName], fixed: Floats, trained_on: int, learner: str
    ) -> None:
        self.options, self.fixed, self.trained_on = options, fixed, trained_on
        self.inputs = tuple(inputs)
        self.cues = cues_of(self.inputs, f"{learner} trained on other items")

    def measure(self, labellings: Ints) -> Measured:
        """Return accuracy and margin of the fixed rules at the keys of every labelling."""
        return measured(
            self.options, (torch.from_numpy(column[:, None].copy()) for column in self.fixed.T), labellings
        )

    def scores(self, labellings: Ints) -> Floats:
        """Return (inputs, n options, L): the same for every labelling."""
        return np.broadcast_to(self.fixed.T[:, :, None], (*self.fixed.T.shape, labellings.shape[1]))

    def held_out(self, name: InputName, labellings: Ints, partitions: Sequence[Sequence[Ints]]) -> Floats:
        """As `Ranker.held_out`; labellings and partitions change nothing here."""
        scores = self.fixed[:, self.inputs.index(name)]
        return np.broadcast_to(scores[None, :, None], (len(partitions), len(scores), labellings.shape[1]))


def joint(options: Options, outside: Options) -> Joint:
    """Put other items after the audited ones.

    Args:
        options: the audited set, one language.
        outside: other items of that language; its code is not compared.

    Raises:
        UsageError: nothing is left to train on.
    """
    language = str(options.items["language"].iloc[0])
    other = outside.items.assign(
        item_id=[f"outside/{one}" for one in outside.items["item_id"]],
        group=[f"outside/{one}" for one in outside.items["group"]],
        language=language,
    )
    both = pd.concat([options.items, other], ignore_index=True)
    clusters = grouping(both).clusters
    held = {clusters[item] for item in options.items["item_id"]}
    apart = other[[clusters[item] not in held for item in other["item_id"]]]
    if apart.empty:
        raise UsageError(
            f"--train-on: none of the {len(outside)} items is other than the audited ones (passage, or question"
            " and options, are copies); name a file of other items"
        )
    apart = Options.of(apart).items
    if len(apart) > MOST:
        apart = apart.iloc[np.sort(np.random.default_rng(len(apart)).choice(len(apart), MOST, replace=False))]
    return Joint(Options(pd.concat([options.items, apart], ignore_index=True)), len(options))


def ranker(
    options: Options, outside: Options, device: str = "cpu", inputs: Sequence[InputName] = TESTED
) -> Elsewhere:
    """Return the ranker, trained on other items; arguments as of `joint` and `qc.models.ranker.Ranker`."""
    both = joint(options, outside)
    learner = Ranker(both.options, both.folds, device, inputs)
    own, keys, count = np.arange(both.own), both.options.keys[:, None], len(options.item_of)
    fixed = [learner.held_out(name, keys, [[own]])[0, :count, 0] for name in learner.inputs]
    return Elsewhere(options, learner.inputs, np.stack(fixed, axis=1), both.outside, "a linear ranker")


def trained(learner: Learner, both: Joint, options: Options, called: str) -> Elsewhere:
    """Return a network or an encoder, trained on other items.

    Args:
        learner: of `both.options`, with `both.folds`.
        both: the audited items and the others.
        options: the audited items.
        called: the learner's description, with an article.
    """
    scores = learner.scores(both.options.keys[:, None])[:, : len(options.item_of), 0]
    return Elsewhere(options, learner.inputs, scores.T.copy(), both.outside, called)
