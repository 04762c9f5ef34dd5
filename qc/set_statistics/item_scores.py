"""Scores of how far single items give themselves away, from learners that never saw the item.

For each input of a learner (the options alone, say) and each item:

`pvi`: pointwise V-information in bits, log2 m + log2 p(key) for m options (Ethayarajh et al. 2022; with options in
no order the empty input's model is exactly 1/m). p is a softmax of held-out scores, its temperature fitted on the
other folds. Positive: the input speaks for the key; below 0: it misleads.
`confidence`, `variability`: mean and standard deviation of p(key) over repeated partitions into folds (Swayamdipta
et al. 2020, but held out: the course of training shows what was memorised).
`predictability`: the share of right answers over `PARTITIONS` random partitions that train on 80 % (AFLite, Le
Bras et al. 2020).
`q`: among the items with at least this PVI, the share that chance alone would have put there, from permuted keys.

AFLite's rule alone would flag a fifth of any set, because an item without a cue is mostly predicted alike in all
partitions, and one in four of them right. So an item is flagged only where predictability is at least `TAU`, q is
at most `FALSE`, and the input gives at least half the information (PVI of half log2 m: of four options the key has
p >= .5, of two p >= .71), for some input. Such an item is sent back to be rewritten, not deleted. Its cue is named
elsewhere, because an author cannot act on a learner's score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from qc.set_statistics.cross_validation_folds import folds
from qc.set_statistics.options import Floats, Ints, Options

PARTITIONS = 64
TRAINED = 0.8
TAU = 0.75
FALSE = 0.2
TOLD = 0.5
REPEATS = 10
NULLS = 200
"""The largest number of permuted labellings from which q is computed."""

_SHARPNESS = np.concatenate([[0.0], np.geomspace(0.03, 12, 28)])
"""Inverse temperatures, for scores of standard deviation 1."""


class Learner(Protocol):
    """A learner that can be trained without some items, such as `qc.models.ranker.Ranker`."""

    @property
    def inputs(self) -> Sequence[str]: ...

    def held_out(self, name: Any, labellings: Ints, partitions: Sequence[Sequence[Ints]]) -> Floats:
        """Return scores (n partitions, n options, L) on one of its inputs, trained without the option's block."""
        ...


def item_scores(
    options: Options,
    learner: Learner,
    clusters: Mapping[str, str],
    labellings: Ints,
    *,
    seed: int = 0,
    inputs: Sequence[str] = ("options", "question+options", "passage+options"),
) -> pd.DataFrame:
    """Score every item.

    Args:
        options: one language.
        learner: the learner; it sees the options as `options` has them.
        clusters: `qc.set_statistics.cross_validation_folds.Grouping.clusters`.
        labellings: (n items, 1 + B), the truth first.
        seed: the seed of the partitions; the first of them is the audit's.
        inputs: the learner's inputs that are scored; others are left out.

    Returns:
        One line per item, in the order of `options.items`: `item_id`; for each input X `X.pvi`, `X.confidence`,
        `X.variability`, `X.predictability`, `X.q`; `pvi`, … of the first input again without its name; `flagged`;
        `sees`, the first input that flagged it ("" for none).
    """
    repeats = [_blocks(folds(options, seed=seed + turn, clusters=clusters)) for turn in range(REPEATS)]
    drawn = _drawn(options, clusters, seed)
    truth, several = labellings[:, :1], labellings[:, : 1 + NULLS]
    table: dict[str, Floats] = {}
    flagged: dict[str, npt.NDArray[np.bool_]] = {}
    for name in [one for one in inputs if one in learner.inputs]:
        bits = pvi(options, learner.held_out(name, several, repeats[:1])[0], several, repeats[0])
        repeated = zip(learner.held_out(name, truth, repeats), repeats, strict=True)
        chosen = np.stack([2 ** pvi(options, scores, truth, blocks)[:, 0] for scores, blocks in repeated])
        chosen = chosen / options.sizes
        right = predictability(options, learner.held_out(name, truth, drawn))
        chance = false_share(bits)
        found = np.asarray((right >= TAU) & (chance <= FALSE) & (bits[:, 0] >= TOLD * np.log2(options.sizes)))
        columns = (bits[:, 0], chosen.mean(axis=0), chosen.std(axis=0), right, chance)
        kinds = ("pvi", "confidence", "variability", "predictability", "q")
        table |= {f"{name}.{kind}": column for kind, column in zip(kinds, columns, strict=True)}
        if not flagged:
            table |= dict(zip(kinds, columns, strict=True))
        flagged[name] = found
    frame = pd.DataFrame({"item_id": options.items["item_id"], **table})
    some = np.stack(list(flagged.values())) if flagged else np.zeros((1, len(frame)), bool)
    first = np.where(some.any(axis=0), some.argmax(axis=0), -1)
    return frame.assign(flagged=first >= 0, sees=[[*flagged, ""][place] for place in first])


def pvi(options: Options, scores: Floats, labellings: Ints, blocks: Sequence[Ints]) -> Floats:
    """Return the pointwise V-information of every item in bits, (n items, L).

    Args:
        options: one language.
        scores: (n options, L), held out.
        labellings: (n items, L).
        blocks: the items that were held out together; a block's temperature is fitted on the others.
    """
    scale = np.sqrt(np.mean(scores**2, axis=0))
    units = scores / np.where(scale > 1e-9, scale, np.inf)
    at_keys = np.take_along_axis(units, labellings, axis=0)
    best = np.maximum.reduceat(units, options.starts, axis=0)
    lifted = units - best[options.item_of]
    bits = np.empty((len(_SHARPNESS), *labellings.shape), np.float32)
    for number, sharpness in enumerate(_SHARPNESS):
        total = np.log(options.per_item(np.exp(sharpness * lifted)))
        bits[number] = sharpness * (at_keys - best) - total
    sums = np.stack([bits[:, block].sum(axis=1, dtype=float) for block in blocks])
    best_elsewhere = np.argmax(sums.sum(axis=0) - sums, axis=1)  # (blocks, L)
    made = np.empty(labellings.shape)
    for block, sharpest in zip(blocks, best_elsewhere, strict=True):
        made[block] = np.take_along_axis(bits[:, block], sharpest[None, None, :], axis=0)[0]
    return np.asarray((made + np.log(options.sizes).astype(np.float32)[:, None]) / np.log(2))


def predictability(options: Options, scores: Floats) -> Floats:
    """Return the share of right answers over partitions, ties shared, (n items,).

    Args:
        options: one language.
        scores: (n partitions, n options, 1); NaN where an item was trained on.
    """
    right, asked = np.zeros(len(options)), np.zeros(len(options))
    for one in scores[:, :, 0]:
        held = ~np.isnan(one[options.starts])
        right += np.where(held, options.credits(np.round(one, 7))[options.keys], 0)
        asked += held
    return np.asarray(right / np.maximum(asked, 1))


def false_share(bits: Floats) -> Floats:
    """Return the `q` of every item: the false discovery rate of 'at least this high', from permuted labellings.

    Args:
        bits: (n items, 1 + B), the truth first.
    """
    observed, null = bits[:, 0], np.sort(bits[:, 1:].ravel())
    order = np.argsort(-observed, kind="stable")
    sorted_down = observed[order]
    as_high = np.searchsorted(-sorted_down, -sorted_down, side="right")
    expected = (len(null) - np.searchsorted(null, sorted_down, side="left")) / max(bits.shape[1] - 1, 1)
    rates = np.minimum.accumulate((expected / as_high)[::-1])[::-1]
    made = np.empty(len(observed))
    made[order] = np.minimum(rates, 1)
    return made


def _blocks(parted: Ints) -> list[Ints]:
    return [np.flatnonzero(parted == fold) for fold in np.unique(parted)]


def _drawn(options: Options, clusters: Mapping[str, str], seed: int) -> list[list[Ints]]:
    """Return partitions that hold out a fifth each, whole clusters, and every item about as often."""
    count = round(1 / (1 - TRAINED))
    made: list[list[Ints]] = []
    for turn in range(-(-PARTITIONS // count)):
        parted = _blocks(folds(options, count, seed=seed + 1000 + turn, clusters=clusters))
        made += [[block] for block in parted]
    return made[:PARTITIONS]
