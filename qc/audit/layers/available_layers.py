"""The layers that an audit can run, each as one function from a language's options to the result that is kept.

Alpha is split before any result is seen: the named heuristics take half, because a benchmark's makers can act on
them, and the other tested layers share the rest evenly. A network or an encoder is tested only with its own
refits; without them it is an effect with a bound. Trained on other items it is a fixed rule, and tested as one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from qc.audit.cues import heuristics, tokens
from qc.audit.cues.tokenised_set import within
from qc.audit.layers import certificate_learners, conditional_logit
from qc.set_statistics.cue_kinds import CueKind, CueName
from qc.set_statistics.item_scores import item_scores
from qc.set_statistics.language_results import Cloud, LayerResult, joined, trimmed
from qc.set_statistics.layer_statistics import Cue, LayerName, LayerReading, Measured, Prepared, read
from qc.set_statistics.options import Floats, Ints, Options
from qc.set_statistics.paired_effect_size import differences, effect_sizes

LEAST_REFITS = 199
"""The number of refits below which nothing is tested."""

_SHOWN = 20
_POINTS = 600

_LOGIT = str(CueName(CueKind.LOGIT))


@dataclass(frozen=True, eq=False)
class Setting:
    """The setting of one language's layers, beside its options.

    Attributes:
        labellings: (n items, 1 + B), the truth first.
        clusters: items that must stay together, of all languages.
        folds: (n items,).
        alphas: the alpha of each tested layer.
        seed: the seed of everything that is drawn.
        device: the device on which torch computes.
        encoder: folder of a pretrained encoder, "" for none.
        refits: permuted labellings for networks and encoders.
        outside: items to train models on, None for cross-fitting.
    """

    labellings: Ints
    clusters: Mapping[str, str]
    folds: Ints
    alphas: Mapping[LayerName, float]
    seed: int = 0
    device: str = "cpu"
    encoder: str = ""
    refits: int = 0
    outside: Options | None = None


def shares_of(layers: Sequence[LayerName], refits: int, *, outside: bool = False) -> dict[LayerName, float]:
    """Return each tested layer's share of alpha.

    Args:
        layers: the layers that run.
        refits: the refits of networks and encoders.
        outside: whether models are trained on other items, and so need no refits.

    >>> shares_of(["heuristics", "tokens", "learners"], 0)
    {'heuristics': 0.5, 'tokens': 0.25, 'learners': 0.25}
    >>> shares_of(["tokens", "network"], 0)
    {'tokens': 1.0}
    >>> shares_of(["tokens", "network"], 0, outside=True)
    {'tokens': 0.5, 'network': 0.5}
    """
    enough = outside or refits >= LEAST_REFITS
    tested = [one for one in layers if one not in ("network", "encoder") or enough]
    first = (0.5 if len(tested) > 1 else 1.0) if "heuristics" in tested else 0.0
    others = [one for one in tested if one != "heuristics"]
    return {one: first if one == "heuristics" else (1 - first) / len(others) for one in tested}


@dataclass(frozen=True, eq=False)
class Laid:
    """A layer that has read a language's texts, in parts that are measured one by one.

    Attributes:
        parts: the parts; their statistics in a row are the layer's.
        source: the object from which the parts were made.
    """

    parts: Sequence[Prepared]
    source: Any

    @property
    def cues(self) -> Sequence[Cue]:
        """The cues of all parts."""
        return [cue for part in self.parts for cue in part.cues]

    @property
    def studentised(self) -> bool:
        """Whether all parts are studentised."""
        return all(part.studentised for part in self.parts)

    def measure(self, labellings: Ints) -> Measured:
        """Return every part's statistics and accuracies."""
        found = [part.measure(labellings) for part in self.parts]
        return Measured(
            np.concatenate([one.statistic for one in found]), np.concatenate([one.accuracy for one in found])
        )


@dataclass(frozen=True, eq=False)
class Largest:
    """A studentised layer of thousands of cues, reduced to its largest statistic."""

    laid: Laid
    cues: Sequence[Cue] = (Cue("largest", "largest", "", "", CueKind.WORDS),)
    studentised: bool = True

    def measure(self, labellings: Ints) -> Measured:
        """Return the largest |z| of each labelling, (1, L); no accuracies."""
        largest = np.zeros((1, labellings.shape[1]))
        for part in self.laid.parts:
            z = np.abs(part.measure(labellings).statistic).max(axis=0, initial=0.0)
            np.maximum(largest, z, out=largest)
        return Measured(largest, np.full_like(largest, np.nan))


def laid(layer: LayerName, options: Options, setting: Setting) -> Laid:
    """Return a layer ready to measure labellings of one language."""
    return _LAID[layer](options, setting)


def made(layer: LayerName, options: Options, setting: Setting, ready: Laid | None = None) -> LayerResult:
    """Run one layer on one language.

    Args:
        layer: the layer.
        options: the language's options.
        setting: its other inputs.
        ready: the layer, if it has read these texts already.
    """
    if layer == "network":
        return certificate_learners.network(options, setting)
    if layer == "encoder":
        return certificate_learners.encoder(options, setting)
    ready = ready or laid(layer, options, setting)
    reading = joined([read(part, options, setting.labellings) for part in ready.parts])
    return _KEPT[layer](reading, ready.source, options, setting)


def to_plant(layer: LayerName, work: LayerResult, ready: Laid) -> tuple[Prepared, LayerReading]:
    """Return a layer ready for keys that follow a planted cue, and the reading that standardises them."""
    if layer != "tokens":
        return ready, work.reading
    return Largest(ready), replace(work.reading, cues=(), centre=np.zeros(1), scale=np.ones(1))


def _heuristics(options: Options, setting: Setting) -> Laid:
    named = heuristics.prepare(options)
    return Laid(
        [named, weighed := conditional_logit.prepare(options, setting.folds, named=named)], (named, weighed)
    )


def _keep_heuristics(reading: LayerReading, source: Any, options: Options, setting: Setting) -> LayerResult:
    named, weighed = source
    credits = options.credits(named.scores)[options.keys]
    hits = weighed.held_out(setting.labellings[:, :1])[0]
    compared = differences(options, within(options, named.scores))
    names = [rule.name for rule in named.rules]
    told = [rule.name for rule in named.rules if rule.more]
    sizes = dict(zip(names, effect_sizes(compared, options.items["group"].astype(str).tolist()), strict=True))
    nothing = np.full(3, np.nan)
    return LayerResult(
        reading=reading,
        cues=len(reading.cues),
        names=(*names, _LOGIT),
        earned=np.column_stack([credits, hits]),
        items=options.items[["item_id"]].assign(
            **{f"{name}.difference": compared[:, names.index(name)] for name in told}
        ),
        scored=(_LOGIT,),
        scores=weighed.scores(options.keys)[:, None].astype(np.float32),
        paired=np.stack([sizes[cue.name] if cue.statistic == "difference" else nothing for cue in reading.cues]),
    )


def _tokens(options: Options, _: Setting) -> Laid:
    found = tokens.prepare(options)
    return Laid(list(found.parts()), found)


def _keep_tokens(reading: LayerReading, source: tokens.Tokens, options: Options, setting: Setting) -> LayerResult:
    shown = np.array(source.leading(reading.z, _SHOWN), np.int64)
    cut, kept = trimmed(reading, setting.alphas["tokens"], shown)
    figures = np.column_stack([source.count, source.keys(options.keys), source.expected])
    return LayerResult(
        reading=cut,
        cues=len(reading.cues),
        shown=np.flatnonzero(np.isin(kept, shown)),
        items=options.items[["item_id"]],
        tokens=figures[kept],
        cloud=_cloud(figures),
    )


def _cloud(figures: Floats) -> Cloud:
    """Return tokens on a grid, made coarser until it is small enough for a figure."""
    if not len(figures):
        return ()
    count, keys, lot = figures.T
    for steps in (50, 25, 15, 10, 5):
        grid = np.column_stack(
            [
                np.round(np.exp(np.round(np.log(count) * steps / 5) / steps * 5)),
                np.round(keys / count * steps) / steps,
                np.round(lot / count, 2),
            ]
        )
        points, many = np.unique(grid, axis=0, return_counts=True)
        if len(points) <= _POINTS:
            break
    return tuple(
        (int(a), float(b), float(c), int(n)) for (a, b, c), n in zip(points.tolist(), many.tolist(), strict=True)
    )


def _learners(options: Options, setting: Setting) -> Laid:
    from qc.models import ranker

    if setting.outside is not None:
        from qc.models import outside_learners

        learner: Any = outside_learners.ranker(options, setting.outside, setting.device)
    else:
        learner = ranker.prepare(options, setting.folds, setting.device)
    return Laid([learner], learner)


def _keep_learners(reading: LayerReading, source: Any, options: Options, setting: Setting) -> LayerResult:
    from qc.models import ranker

    blocks = [np.flatnonzero(setting.folds == fold) for fold in np.unique(setting.folds)]
    truth = setting.labellings[:, :1]
    scores = np.column_stack([source.held_out(name, truth, [blocks])[0, :, 0] for name in source.inputs])
    yardstick = None
    if setting.outside is None:
        full = source.on(ranker.YARDSTICK)
        yardstick = read(full, options, setting.labellings[:, : 1 + LEAST_REFITS]) if full.inputs else None
    return LayerResult(
        reading=reading,
        cues=len(reading.cues),
        names=tuple(source.inputs),
        earned=options.credits(scores)[options.keys],
        items=item_scores(options, source, setting.clusters, setting.labellings, seed=setting.seed),
        yardstick=yardstick,
        scored=tuple(source.inputs),
        scores=scores.astype(np.float32),
        trained_on=0 if setting.outside is None else source.trained_on,
    )


_LAID: dict[LayerName, Callable[[Options, Setting], Laid]] = {
    "heuristics": _heuristics,
    "tokens": _tokens,
    "learners": _learners,
}
_KEPT: dict[LayerName, Callable[[LayerReading, Any, Options, Setting], LayerResult]] = {
    "heuristics": _keep_heuristics,
    "tokens": _keep_tokens,
    "learners": _keep_learners,
}
