"""The measured sensitivity of an audit: how likely it would have found a cue of some kind in this very set.

An audit without findings proves only as much as it could have found. So keys are generated that follow a natural
cue, which the options already have (a word, a form or a likeness): in a share c of the items the key is, with
probability q, the option that carries the cue, and otherwise one of the others; elsewhere every option is equally
likely. The texts are left unchanged (inserted marker words are too easy to find and change the features), so
planted keys are further labellings. Every layer measures them by the same code as the true ones and compares them
with the same critical value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom, norm

from qc.set_statistics.certificates.planted_cues import KINDS, carriers_of, planted
from qc.set_statistics.layer_statistics import Detection, LayerReading, Prepared
from qc.set_statistics.options import Floats, Ints, Options

SHARES = (0.05, 0.1, 0.2, 0.4)
STRENGTHS = (0.5, 0.75, 1.0)
REPLICATES = 50
SAID: Mapping[str, str] = {
    "lexical": "a word drawn by lot",
    "stylistic": "the longest, shortest or most punctuated option",
    "match": "the option most like the question",
}
_MANY = 200
_BLOCK = 512
"""The number of labellings that are measured at once; a bound on memory."""


@dataclass(frozen=True)
class Power:
    """The share of runs that found something, with its 95 % interval (Wilson 1927)."""

    found: float
    low: float
    high: float


@dataclass(frozen=True)
class Cell:
    """One point of the curve.

    Attributes:
        kind: the kind of cue: `lexical`, `stylistic` or `match`.
        share: c, the share of the items in which keys follow the cue.
        reached: the same as planted; smaller if too few items have an option that carries it.
        strength: q, the probability with which they do.
        replicates: the number of labellings.
        power: the power of the whole audit.
        layers: the power of each layer.
        oracle: the share of keys that knowing the cue would get right.
    """

    kind: str
    share: float
    reached: float
    strength: float
    replicates: int
    power: Power
    layers: Mapping[str, Power]
    oracle: float


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """The measured curve of one language.

    Attributes:
        language: its code.
        cells: by kind, share and strength.
        accuracy: per layer (k cues, cells, R): every cue's accuracy, from which `certificate.certify` calibrates.
            A layer of more than 200 cues (tokens) has none.
        sentences: the claims that a report may print.
    """

    language: str
    cells: tuple[Cell, ...]
    accuracy: Mapping[str, Floats]
    sentences: tuple[str, ...]


def measure(
    options: Options,
    layers: Mapping[str, tuple[Prepared, LayerReading, Detection]],
    *,
    shares: Sequence[float] = SHARES,
    strengths: Sequence[float] = STRENGTHS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Sensitivity:
    """Measure the curve on one language's items.

    Args:
        options: the items.
        layers: every tested layer: prepared on these items, its reading of them, and its family-wise test.
        shares: the values of c.
        strengths: the values of q.
        replicates: R, labellings per cell.
        seed: the seed of the draws.
    """
    grid = [
        (kind, share, strength)
        for kind in KINDS
        if kind != "match" or any(text for text in options.items["question"])
        for share in shares
        for strength in strengths
    ]
    carriers = {kind: carriers_of(options, kind) for kind in dict.fromkeys(kind for kind, _, _ in grid)}
    made = [planted(options, *cell, count=replicates, seed=seed, carriers=carriers[cell[0]]) for cell in grid]
    labellings = np.concatenate([labelling for labelling, _, _ in made], axis=1)
    found: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]] = {}
    accuracy: dict[str, Floats] = {}
    for name, (prepared, reading, detection) in layers.items():
        found[name], measured = _measured(prepared, reading, detection, labellings, len(grid))
        if len(measured):
            accuracy[name] = measured
    whole = np.any(list(found.values()), axis=0)
    cells = tuple(
        Cell(
            kind=kind,
            share=share,
            reached=reached,
            strength=strength,
            replicates=replicates,
            power=_power(whole[index]),
            layers={name: _power(hits[index]) for name, hits in found.items()},
            oracle=oracle,
        )
        for index, ((kind, share, strength), (_, reached, oracle)) in enumerate(zip(grid, made, strict=True))
    )
    return Sensitivity(str(options.items["language"].iloc[0]), cells, accuracy, tuple(sentences(cells)))


def _measured(
    prepared: Prepared, reading: LayerReading, detection: Detection, labellings: Ints, cells: int
) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.bool_]], Floats]:
    """Return one layer's findings (cells, R), and its cues' accuracies (k, cells, R)."""
    found, accuracy = [], []
    for start in range(0, labellings.shape[1], _BLOCK):
        measured = prepared.measure(labellings[:, start : start + _BLOCK])
        z = (measured.statistic - reading.centre[:, None]) / reading.scale[:, None]
        found.append(np.abs(z).max(axis=0, initial=0.0) > detection.critical)
        accuracy.append(measured.accuracy if len(z) <= _MANY else measured.accuracy[:0])
    every = np.concatenate(accuracy, axis=1)
    return np.concatenate(found).reshape(cells, -1), every.reshape(len(every), cells, labellings.shape[1] // cells)


def _power(hits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Power:
    return Power(float(hits.mean()), *wilson(int(hits.sum()), hits.size))


def wilson(hits: int, tries: int, level: float = 0.95) -> tuple[float, float]:
    """Return the score interval of a share (Wilson 1927)."""
    z = float(norm.ppf((1 + level) / 2))
    middle = (hits + z * z / 2) / (tries + z * z)
    half = z / (tries + z * z) * math.sqrt(hits * (tries - hits) / tries + z * z / 4)
    return max(0.0, middle - half), min(1.0, middle + half)


def sentences(cells: Sequence[Cell], least: float = 0.8) -> list[str]:
    """Return, per kind, a sentence on the weakest cue that is found with probability `least` or more."""
    said = []
    for kind in dict.fromkeys(cell.kind for cell in cells):
        enough = [cell for cell in cells if cell.kind == kind and cell.power.found >= least]
        if not enough:
            said.append(
                f"Had keys followed {SAID[kind]}, in no planted share of the items would it have been found."
            )
            continue
        cell = min(enough, key=lambda one: (one.share, one.strength))
        followed = f"q ≥ {cell.strength:g}" if cell.strength < 1 else "always, q = 1"
        found, low, high = (f"{100 * share:.0f}" for share in (cell.power.found, cell.power.low, cell.power.high))
        said.append(
            f"Had keys followed {SAID[kind]} in {100 * cell.share:g}\u00a0% of the items (c = {cell.share:g}; "
            f"there {followed}), the audit would have found it with {found}\u00a0% ({low} to {high}\u00a0%; "
            f"{cell.replicates} runs)."
        )
    return said


def smallest_detectable(items: int, chance: float, alpha: float, power: float = 0.8) -> float | None:
    """Return the least accuracy of one fixed rule that a two-sided test at `alpha` finds with probability `power`.

    Args:
        items: the number of items.
        chance: the accuracy of guessing.
        alpha: the error rate of the test; the layer's share.
        power: the required probability.

    Returns:
        None if not even a rule that is always right could be told from luck.

    >>> smallest_detectable(3, 0.25, 0.025) is None
    True
    >>> round(smallest_detectable(900, 0.25, 0.05), 3)
    0.292
    """
    needed = int(binom.isf(alpha / 2, items, chance)) + 1
    if needed > items:
        return None
    low, high = chance, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        if binom.sf(needed - 1, items, middle) >= power:
            high = middle
        else:
            low = middle
    return high
