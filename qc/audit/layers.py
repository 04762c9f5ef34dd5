"""The layers that an audit can run, each as one function from a language's options to what is kept of it.

Alpha is split before anything is seen: the named heuristics take half, because they are what a benchmark's makers
can act on, and the other tested layers share the rest evenly. A network or an encoder is tested only with its own
refits; without them it is an effect with a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from qc.audit import heuristics, logit
from qc.audit.layer import Cue, LayerName, Measured, Prepared, read
from qc.audit.options import Ints, Options
from qc.audit.work import Work, joined, trimmed

LEAST_REFITS = 199
"""Fewer refits than this test nothing."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What layers of one language need beside its options.

    Attributes:
        labellings: (n items, 1 + B), the truth first.
        folds: (n items,).
        seed: of everything that is drawn.
        device: where torch computes.
        encoder: folder of a pretrained encoder, "" for none.
        refits: permuted labellings for networks and encoders.
        outside: items to train on, None for cross-fitting.
        share: of alpha, by layer.
    """

    labellings: Ints
    folds: Ints
    seed: int
    device: str
    encoder: str
    refits: int
    outside: Options | None
    alphas: Mapping[LayerName, float]


def shares_of(layers: Sequence[LayerName], refits: int) -> dict[LayerName, float]:
    """Each tested layer's share of alpha.

    >>> shares_of(["heuristics", "tokens", "learners"], 0)
    {'heuristics': 0.5, 'tokens': 0.25, 'learners': 0.25}
    >>> shares_of(["tokens", "network"], 0)
    {'tokens': 1.0}
    """
    tested = [one for one in layers if one not in ("network", "encoder") or refits >= LEAST_REFITS]
    first = (0.5 if len(tested) > 1 else 1.0) if "heuristics" in tested else 0.0
    others = [one for one in tested if one != "heuristics"]
    return {one: first if one == "heuristics" else (1 - first) / len(others) for one in tested}


@dataclass(frozen=True, eq=False)
class Joined:
    """Several prepared layers as one; their statistics in a row, standardised by what their readings say."""

    parts: Sequence[Prepared]
    studentised: bool = False

    @property
    def cues(self) -> Sequence[Cue]:
        """Of all parts."""
        return [cue for part in self.parts for cue in part.cues]

    def measure(self, labellings: Ints) -> Measured:
        """Every part's."""
        found = [part.measure(labellings) for part in self.parts]
        return Measured(
            np.concatenate([one.statistic for one in found]), np.concatenate([one.accuracy for one in found])
        )


def prepared(layer: LayerName, options: Options, setting: Setting) -> list[Prepared]:
    """A layer's parts, ready to measure labellings of one language."""
    return _PARTS[layer](options, setting)


def made(layer: LayerName, options: Options, setting: Setting) -> Work:
    """Runs one layer on one language."""
    parts = prepared(layer, options, setting)
    reading = joined([read(part, options, setting.labellings) for part in parts])
    count = len(reading.cues)
    reading, kept = trimmed(reading, setting.alphas.get(layer, 0.0))
    return _KEPT[layer](Work(reading, count, kept, items=options.items[["item_id"]]), parts, options, setting)


def _heuristics(options: Options, setting: Setting) -> list[Prepared]:
    return [heuristics.prepare(options), logit.prepare(options, setting.folds)]


def _keep_heuristics(work: Work, parts: Sequence[Prepared], options: Options, setting: Setting) -> Work:
    named, weighed = parts
    assert isinstance(named, heuristics.Named) and isinstance(weighed, logit.Weighing)
    credits = options.credits(named.scores)[options.keys]
    hits = weighed.held_out(setting.labellings[:, :1])[0]
    names = (*(rule.name for rule in named.rules), "logit")
    return replace(work, names=names, earned=np.column_stack([credits, hits]))


_PARTS: dict[LayerName, Callable[[Options, Setting], list[Prepared]]] = {"heuristics": _heuristics}
_KEPT: dict[LayerName, Callable[[Work, Sequence[Prepared], Options, Setting], Work]] = {
    "heuristics": _keep_heuristics
}
