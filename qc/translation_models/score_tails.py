"""The tail of correct texts' scores: where the score lies that only a small share of new texts falls below.

A line at a rate of .2 % of a thousand texts rests on the two lowest of them, and what lies below it next time may
be a third of that or three times as much. But all tails look alike: far enough down, scores below an edge
follow a generalised Pareto distribution (Balkema and de Haan 1974, Pickands 1975), so the lowest tenth tells
where a rare score is. Its shape is nearly the same in the languages and lengths that one check judges, so each
borrows it from the others. The line is where the predictive probability of a new text is the rate, what is not
known of the distribution included (Coles and Powell 1996): that errs towards fewer flags where texts are few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

SHARE = 0.1
"""The share of the scores that are the tail."""

LEAST_EXCESSES, MOST_EXCESSES = 20, 200
"""Fewest and most scores of a tail."""

DEEPEST = 0.25
"""Fewest texts that a line may be expected to have below it; further down nothing is known of a tail."""

_SHAPES = np.linspace(-0.7, 0.9, 33) + 1e-6  # never 0, where the formula is a limit
_SCALES = np.exp(np.linspace(np.log(0.15), np.log(4), 61))  # of the mean excess
_MIDDLES = np.linspace(-0.6, 0.8, 29)
_MIDDLES_SPREAD = 0.3  # of what shapes lie around, before any text is seen
_SHAPES_SPREAD = 0.15  # of shapes around it
_EDGE = np.array([-1.5, -0.8, -0.3, 0.3, 0.8, 1.5])  # standard errors, nearly equally likely


class TailLine(NamedTuple):
    """A line by a tail.

    Attributes:
        line: the score below which a new text lies with the probability asked for.
        low: lower end of its interval (.95).
        high: its upper end.
    """

    line: float
    low: float
    high: float


@dataclass(frozen=True)
class ScoreTail:
    """The lowest scores of the correct texts of one language and length.

    Attributes:
        edge: the score below which the tail lies.
        excesses: how far below it each of its scores is, all above 0.
        texts: the number of all texts.
        worth: how many independent texts are worth one of these, from 0 to 1; texts of a document are alike.
    """

    edge: float
    excesses: Floats
    texts: int
    worth: float = 1.0

    @property
    def share(self) -> float:
        """The probability that a new text's score is in the tail (split conformal prediction's)."""
        return (len(self.excesses) + 1) / (self.texts + 1)

    def reaches(self, rate: float) -> bool:
        """Return whether it can tell where so small a share of new texts lies."""
        return rate * (self.texts + 1) >= DEEPEST and rate <= self.share / 2


def tail_edge(scores: Floats) -> float | None:
    """Return the score below which the tail of these begins; None if too few of them differ from it.

    Args:
        scores: sorted, the lowest first.
    """
    place = min(MOST_EXCESSES, max(LEAST_EXCESSES, int(SHARE * len(scores))))
    if place >= len(scores) or np.count_nonzero(scores < scores[place]) < LEAST_EXCESSES:
        return None
    return float(scores[place])


def tail_lines(tails: Sequence[ScoreTail], rate: float) -> list[TailLine]:
    """Return each tail's line at this rate.

    The shapes lie around a middle that is unknown (a normal prior for both), so what the other tails say of their
    shapes is the prior for each one's; the scale has none (1/σ). Texts of a document count for as many independent
    ones as they are worth, by a power of the likelihood.

    Args:
        tails: those of one check; each reaches the rate.
        rate: the share of new correct texts that may lie below.
    """
    likelihoods = [_likelihood(tail) for tail in tails]
    among = np.exp(-0.5 * ((_SHAPES[:, None] - _MIDDLES) / _SHAPES_SPREAD) ** 2)
    among /= among.sum(axis=0)
    told = [np.log(one.sum(axis=1) @ among + 1e-300) for one in likelihoods]  # of the middle, by each tail
    middle = -0.5 * (_MIDDLES / _MIDDLES_SPREAD) ** 2 + np.sum(told, axis=0)
    found = []
    for tail, likelihood, own in zip(tails, likelihoods, told, strict=True):
        others = np.exp(middle - own - (middle - own).max())
        posterior = likelihood * (among @ others)[:, None]
        found.append(_line(tail, posterior / posterior.sum(), rate))
    return found


def _likelihood(tail: ScoreTail) -> Floats:
    """Return the likelihood by shape and scale, but for a factor."""
    below = tail.excesses
    scales = below.mean() * _SCALES
    inner = 1 + _SHAPES[:, None, None] * below / scales[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(inner).sum(axis=2)
    logs = -len(below) * np.log(scales) - (1 + 1 / _SHAPES[:, None]) * logs
    logs[(inner <= 0).any(axis=2)] = -np.inf  # beyond the end of a tail that has one
    found: Floats = np.exp((logs - logs.max()) * tail.worth)
    return found


def _line(tail: ScoreTail, posterior: Floats, rate: float) -> TailLine:
    scales = tail.excesses.mean() * _SCALES
    among_tail = rate / tail.share

    def beyond(depth: float) -> float:
        inner = np.maximum(1 + _SHAPES[:, None] * depth / scales, 0)
        with np.errstate(divide="ignore"):
            return float((posterior * np.where(inner > 0, inner ** (-1 / _SHAPES[:, None]), 0)).sum())

    near, far = 0.0, float(scales.max())
    while beyond(far) > among_tail:
        near, far = far, 2 * far
    for _ in range(60):
        depth = (near + far) / 2
        near, far = (depth, far) if beyond(depth) > among_tail else (near, depth)
    counted = max(1.0, len(tail.excesses) * tail.worth)
    shares = among_tail * np.exp(_EDGE / np.sqrt(counted))[:, None, None]  # the edge's place is not known either
    depths = (scales * (np.minimum(shares, 1) ** -_SHAPES[:, None] - 1) / _SHAPES[:, None]).ravel()
    weights = np.tile(posterior.ravel(), len(_EDGE)) / len(_EDGE)
    order = np.argsort(depths)
    ends = np.interp((0.025, 0.975), np.cumsum(weights[order]), depths[order])
    return TailLine(tail.edge - far, tail.edge - float(max(ends[1], far)), tail.edge - float(min(ends[0], far)))
