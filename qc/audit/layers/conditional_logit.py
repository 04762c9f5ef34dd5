"""A conditional logit over the named heuristics: the information that they give away together.

Each heuristic may be worth little alone; weighed together they may pick the answer. For every labelling anew,
McFadden's (1974) conditional logit (softmax over an item's options of a weighted sum) learns the weights, with a
ridge penalty, on nine tenths of the items and is tested on the rest. Places are left out: where keys are balanced
on purpose, the held-out tenth leans away from what the others teach, and a learner falls below chance.

The thousands of fits are one computation. A step for all labellings at once is three matrix products. It uses the
Hessian at zero for all of them, which is nearly right where there is little to learn. Where it is not, a step's
length is corrected by the change in the last one (Barzilai & Borwein 1988), and fits that have not converged then
are finished with Böhning's (1992) bound of the Hessian, with which every step ascends.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_info, threadpool_limits

from qc.audit.cues.heuristics import Named, heuristic_scores
from qc.audit.cues.tokenised_set import within
from qc.set_statistics.cue_kinds import CueKind, CueName
from qc.set_statistics.layer_statistics import Cue, Measured
from qc.set_statistics.options import Floats, Ints, Options

FEATURES = (
    "longest", "most_words", "most_in_passage", "most_like_passage", "verbatim", "most_in_question",
    "most_like_question", "nearest", "convergence", "common_words", "recurring", "most_digits", "only_number",
    "negation", "absolutes", "hedges", "none_of_above", "grammar", "punctuation", "capitals",
)  # fmt: skip
"""The heuristics that are weighed: at most 20, none the opposite of another."""

RIDGE = 1.0
"""Penalty, half the squared weight of a feature whose variance within an item is 1."""

Single = npt.NDArray[np.float32]

CUES = (
    Cue(
        str(CueName(CueKind.LOGIT)),
        "accuracy",
        "the correct option is picked by the named heuristics weighed together",
        "the named heuristics weighed together miss the correct option more than chance does",
        CueKind.LOGIT,
    ),
    Cue(
        str(CueName(CueKind.LOGIT)),
        "likelihood",
        "the named heuristics weighed together make the correct option likelier than chance",
        "the named heuristics weighed together make the correct option less likely than chance",
        CueKind.LOGIT,
    ),
)


@dataclass(frozen=True, eq=False)
class Weighing:
    """The conditional logit of one language's items, ready to be measured.

    Attributes:
        options: the options that the features describe.
        features: (n options, p), standardised within items.
        folds: (n items,): which items are held out together.
        ridge: the penalty.
    """

    options: Options
    features: Floats
    folds: Ints
    ridge: float = RIDGE
    cues: Sequence[Cue] = CUES
    studentised: bool = False

    def measure(self, labellings: Ints) -> Measured:
        """Return held-out accuracy and mean log-likelihood (nats) of every labelling, (2, L)."""
        blocks = [labellings[:, at : at + _BLOCK] for at in range(0, labellings.shape[1], _BLOCK)]
        threads = max((pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"), default=1)
        # one block a thread, not one product in many: the products are small, and sums keep one order
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
            _ = self._curvatures  # computed once, before the threads need it
            hits, likelihood = np.concatenate(list(pool.map(self._means, blocks)), axis=1)
        return Measured(np.stack([hits, likelihood]), np.stack([hits, np.full_like(hits, np.nan)]))

    def scores(self, labelling: Ints) -> Floats:
        """Return each option's score by weights learned without its item, (n options,), for one labelling."""
        made = np.empty(len(self.options.item_of))
        table = padded(self.options, self.features)
        shift = (labelling - self.options.starts)[:, None]
        for fold in np.unique(self.folds):
            out = self.folds == fold
            weights = fitted(table.of(~out), shift[~out], self.ridge)[:, 0]
            here = out[self.options.item_of]
            made[here] = self.features[here] @ weights
        return made

    @cached_property
    def _curvatures(self) -> tuple[Curvature, ...]:
        """What fits have in common whatever the labelling: that of all items, then that without each fold."""
        table = padded(self.options, self.features)
        parts = (self.folds != fold for fold in np.unique(self.folds))
        return tuple(curvature(one, self.ridge) for one in (table, *map(table.of, parts)))

    def _means(self, labellings: Ints) -> Floats:
        return np.stack([each.mean(axis=0, dtype=float) for each in self.held_out(labellings)])

    def held_out(self, labellings: Ints) -> tuple[Single, Single]:
        """Return every item's result when it was held out.

        Args:
            labellings: (n items, L).

        Returns:
            Hits, ties shared, and the key's log-probability; (n items, L) each.
        """
        hits = np.empty(labellings.shape, np.float32)
        likelihood = np.empty(labellings.shape, np.float32)
        table = padded(self.options, self.features)
        shift = labellings - self.options.starts[:, None]
        whole, *without = self._curvatures
        start = fitted(table, shift, self.ridge, curved=whole)
        for fold, curved in zip(np.unique(self.folds), without, strict=True):
            out = self.folds == fold
            weights = fitted(table.of(~out), shift[~out], self.ridge, start, curved)
            hits[out], likelihood[out] = _tested(table.of(out), shift[out], weights)
        return hits, likelihood


def prepare(options: Options, folds: Ints, ridge: float = RIDGE, named: Named | None = None) -> Weighing:
    """Compute the features of a set's texts.

    Args:
        options: the set.
        folds: (n items,) as `qc.set_statistics.cross_validation_folds.folds` returns them.
        ridge: the penalty.
        named: the heuristics of the same set, if they have been prepared already.
    """
    rules, scores = (named.rules, named.scores) if named else heuristic_scores(options)
    columns = [[rule.name for rule in rules].index(name) for name in FEATURES]
    return Weighing(options, within(options, scores[:, columns]), folds, ridge)


@dataclass(frozen=True, eq=False)
class Table:
    """Features of items, each padded to as many options as the largest has.

    Attributes:
        features: (n items, m options, p), 0 where an item has no such option.
        there: (n items, m): whether the item has the option.
    """

    features: Single
    there: npt.NDArray[np.bool_]

    def of(self, items: npt.NDArray[Any]) -> Table:
        """Return the same table for some of the items."""
        return Table(self.features[items], self.there[items])


def padded(options: Options, features: Floats) -> Table:
    """Return the features (n options, p) of a set's options, item by item."""
    shape = len(options), int(options.sizes.max())
    table = np.zeros((*shape, features.shape[1]), np.float32)
    table[options.item_of, options.place] = features
    return Table(table, np.arange(shape[1]) < options.sizes[:, None])


_BLOCK = 128  # labellings at once: their data stays in a processor's cache
_STEPS, _MORE_STEPS = 12, 200
_NEAR = 1e-3  # of a standard error, by which a fit may be off


@dataclass(frozen=True, eq=False)
class Curvature:
    """The inverse Hessians of fits on some items, (p, p) each: at weights 0, and Böhning's bound."""

    newton: Single
    bound: Single


def curvature(table: Table, ridge: float) -> Curvature:
    """Return what fits on the items of a table have in common, whatever the labelling."""
    sizes = table.there.sum(axis=1)
    spread = np.einsum("imp,imq,i->pq", table.features, table.features, 1 / sizes, dtype=float)
    # features are centred within items: at weights 0 the Hessian is the sum of their covariances
    identity = ridge * np.eye(table.features.shape[2])
    bound = np.einsum("imp,imq->pq", table.features, table.features, dtype=float) / 2
    return Curvature(*(np.linalg.inv(one + identity).astype(np.float32) for one in (spread, bound)))


def fitted(
    table: Table, shift: Ints, ridge: float, start: Single | None = None, curved: Curvature | None = None
) -> Single:
    """Return the penalised maximum-likelihood weights of every labelling.

    Args:
        table: the items' features.
        shift: (n items, L): the option of each item that is taken for the key.
        ridge: the penalty.
        start: (p, L): the weights at the start; by default 0.
        curved: `curvature` of the same table and ridge, if it is there already.

    Returns:
        (p, L).
    """
    items, most, count = table.features.shape
    flat = table.features.reshape(items * most, count)
    curved = curved or curvature(table, ridge)
    newton, bound = curved.newton, curved.bound
    keys = table.features[np.arange(items)[:, None], shift].sum(axis=0).T  # (p, L)
    weights = np.zeros((count, shift.shape[1]), np.float32) if start is None else start.copy()
    left = np.arange(weights.shape[1])
    moved = before = np.zeros((count, len(left)), np.float32)
    for step in range(_STEPS + _MORE_STEPS):
        at = weights[:, left]
        slope = keys[:, left] - flat.T @ _chances(table, flat @ at) - np.float32(ridge) * at
        ahead = newton @ slope
        open_ = (slope * ahead).sum(axis=0) > _NEAR**2
        if not open_.any():
            break
        if step < _STEPS:
            if step:
                turned = before - slope
                length = (moved * turned).sum(axis=0) / np.maximum((turned * (newton @ turned)).sum(axis=0), 1e-12)
                ahead *= np.clip(length, 0.25, 4)
        else:
            ahead = bound @ slope
        left, moved, before = left[open_], ahead[:, open_], slope[:, open_]
        weights[:, left] += moved
    return weights


def _chances(table: Table, worth: Single) -> Single:
    """Return the softmax over each item's options; (n items × m, L)."""
    items, most = table.there.shape
    options = worth.reshape(items, most, -1)
    options -= options.max(axis=1, keepdims=True)
    np.exp(options, out=options)
    if not table.there.all():
        options *= table.there[:, :, None]
    options /= options.sum(axis=1, keepdims=True)
    return options.reshape(items * most, -1)


def _tested(table: Table, shift: Ints, weights: Single) -> tuple[Single, Single]:
    items, most, count = table.features.shape
    every = (table.features.reshape(items * most, count) @ weights).reshape(items, most, -1)
    worth = np.where(table.there[:, :, None], every, -np.inf)
    best = worth.max(axis=1, keepdims=True)
    # equal features may differ in the last place, as a product is summed in blocks
    taken = worth >= best - 1e-5 * (1 + np.abs(best))
    places = np.arange(items)[:, None], shift, np.arange(shift.shape[1])
    hits = taken[places] / taken.sum(axis=1)
    likelihood = worth[places] - best[:, 0] - np.log(np.exp(worth - best).sum(axis=1))
    return hits.astype(np.float32), likelihood.astype(np.float32)
