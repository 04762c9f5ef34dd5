"""The statistics of an audit's layer: named, and measurable for any labelling of the options.

A layer is prepared from texts only and never sees which option is correct. It measures the true key by the same
code as a thousand permuted ones, keys that were made to follow a planted cue, and the keys that a selection chose.
A layer that learns is trained anew for every labelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.options import Floats, Ints, Options
from qc.set_statistics.permutation_tests import max_t

LayerName = Literal["heuristics", "tokens", "learners", "network", "encoder"]

MODELS: tuple[LayerName, ...] = ("learners", "network", "encoder")
"""Layers of trained models."""

SHARES: dict[LayerName, float] = {"heuristics": 0.5, "tokens": 0.25, "learners": 0.25}
"""The share of the family-wise alpha of each layer that is tested by default."""

QUANTILES = (0.01, 0.025, 0.25, 0.5, 0.75, 0.975, 0.99)
"""The quantiles of the accuracies of permuted labellings that are kept, for figures."""

_DRAWN = 200
"""A layer of more cues than this is drawn as a whole, not cue by cue."""


@dataclass(frozen=True)
class Cue:
    """The subject of one statistic of a layer.

    Attributes:
        name: its short and stable name: `longest`, `token:never`, `options`; users and reports refer to it.
        statistic: `accuracy` (of picking by it), `difference` (key less distractors) or another documented word.
        says: the meaning of a positive finding, as the end of a sentence: "the correct option is the longest".
        against: the same for a negative one: "the correct option is seldom the longest".
        kind: its kind.
    """

    name: str
    statistic: str
    says: str
    against: str
    kind: CueKind


@dataclass(frozen=True, eq=False)
class Measured:
    """The measurements of a layer for some labellings.

    Attributes:
        statistic: (k cues, L labellings), larger in size = more of a shortcut.
        accuracy: (k, L): share of items that picking by the cue gets right; NaN where a cue picks nothing.
    """

    statistic: Floats
    accuracy: Floats


class Prepared(Protocol):
    """A layer that has read the texts of one language's items.

    Attributes:
        cues: the subject of each statistic.
        studentised: whether statistics are studentised by exact moments; if not, the labellings' own mean and
            standard deviation make them comparable.
    """

    @property
    def cues(self) -> Sequence[Cue]: ...

    @property
    def studentised(self) -> bool: ...

    def measure(self, labellings: Ints) -> Measured:
        """Measure every cue for labellings (n items, L) as `Options.labellings` returns them."""
        ...


@dataclass(frozen=True, eq=False)
class LayerReading:
    """The statistics of one layer in one language, before they are compared with the other languages.

    Attributes:
        language: its code.
        cues: the cues that were measured.
        z: (k,): the true labelling's statistics, standardised.
        p: (k,): the two-sided p of each alone.
        accuracy: (k,): the accuracy for the true labelling.
        spread: (k,): standard deviation of the accuracy over the permuted labellings.
        largest: (B,): the largest |z| of each permuted labelling.
        centre, scale: (k,): the values that standardise another labelling's statistics as these were.
        quantiles: (k, 7): quantiles of the accuracy over the permuted labellings, at `QUANTILES`; (0, 7) for a
            layer with too many cues to look at one by one.
    """

    language: str
    cues: Sequence[Cue]
    z: Floats
    p: Floats
    accuracy: Floats
    spread: Floats
    largest: Floats
    centre: Floats
    scale: Floats
    quantiles: Floats


def read(prepared: Prepared, options: Options, labellings: Ints) -> LayerReading:
    """Measure a layer for the true labelling (column 0) and the permuted ones."""
    measured = prepared.measure(labellings)
    statistic = measured.statistic
    scale: Floats
    if prepared.studentised:
        centre, scale = np.zeros(len(statistic)), np.ones(len(statistic))
    else:  # over all labellings, the true one too: under the null hypothesis it is one of them
        centre, scale = statistic.mean(axis=1), statistic.std(axis=1)
        scale = np.where(scale > 1e-9, scale, np.inf)
    z = (statistic - centre[:, None]) / scale[:, None]
    drawn = len(statistic) if len(statistic) <= _DRAWN else 0
    return LayerReading(
        language=str(options.items["language"].iloc[0]),
        cues=prepared.cues,
        z=z[:, 0],
        p=max_t(z).p,
        accuracy=measured.accuracy[:, 0],
        spread=measured.accuracy[:, 1:].std(axis=1),
        largest=np.abs(z[:, 1:]).max(axis=0, initial=0.0),
        centre=centre,
        scale=scale,
        quantiles=np.quantile(measured.accuracy[:drawn, 1:], QUANTILES, axis=1).T,
    )


@dataclass(frozen=True, eq=False)
class Detection:
    """A layer's family-wise test over all its cues in all languages.

    Attributes:
        adjusted: per reading, (k,): p within the family (single-step max-T).
        critical: the value that |z| must exceed.
        alpha: the layer's share of the family-wise error rate.
        permutations: the number of permuted labellings.
    """

    adjusted: list[Floats]
    critical: float
    alpha: float
    permutations: int


def detect(readings: Sequence[LayerReading], alpha: float) -> Detection:
    """Compare the readings of one layer in all languages with the largest statistic of every permutation."""
    largest = np.max([reading.largest for reading in readings], axis=0)
    sizes = np.concatenate([np.abs(reading.z) for reading in readings])
    ordered = np.sort(largest)
    count = len(ordered)
    hits = count - np.searchsorted(ordered, sizes - 1e-9, side="left")
    adjusted = np.split((1 + hits) / (1 + count), np.cumsum([len(reading.z) for reading in readings])[:-1])
    rank = int(np.ceil((1 + count) * (1 - alpha))) - 1
    critical = float(ordered[rank]) if rank < count else float("inf")
    return Detection(list(adjusted), critical, alpha, count)
