"""The number of reviewers needed: the share of faulty questions that a number of them would find, by simulation.

A question's fault is found if anybody objects, as in the rule table when nobody is outvoted. Reviewers differ:
those of one question are drawn at random, without repetition if there are enough. So two careless ones may meet,
which an average reviewer raised to the power of n would not show.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qc.reviewers.reviewer_recall import Rate, rate

DRAWS = 4000
MOST = 5


@dataclass(frozen=True)
class PanelRecall:
    """The faults that a given number of reviewers per question find.

    Attributes:
        reviewers: how many read each question.
        found: the share of faulty questions that somebody objects to, with a 95 % interval of the simulation.
        sound: the share of sound questions that somebody objects to.
        by_kind: the share found of each kind.
    """

    reviewers: int
    found: Rate
    sound: Rate
    by_kind: Mapping[str, float]


def find(
    seen: Sequence[Mapping[str, float]],
    alarms: Sequence[float],
    mix: Mapping[str, float],
    *,
    most: int = MOST,
    draws: int = DRAWS,
    seed: int = 0,
) -> list[PanelRecall]:
    """Simulate what 1 to `most` reviewers of a question find.

    Args:
        seen: of every reviewer, the chance to object to a fault, by its kind.
        alarms: of every reviewer, the chance to object to a sound question.
        mix: how often each kind of fault comes, in any unit.
        most: reviewers of one question.
        draws: faulty questions, and as many sound ones, that are drawn for every number of reviewers.
        seed: of the draws.

    >>> [round(one.found.share, 1) for one in find([{"cue": 0.6}] * 3, [0.0] * 3, {"cue": 1}, most=2)]
    [0.6, 0.8]
    """
    random = np.random.default_rng(seed)
    kinds = [kind for kind, share in mix.items() if share > 0]
    if not kinds or not seen:
        return []
    weights = np.array([mix[kind] for kind in kinds], float)
    chance = np.array([[one[kind] for kind in kinds] for one in seen])
    panels = []
    for count in range(1, most + 1):
        drawn = random.choice(len(kinds), size=draws, p=weights / weights.sum())
        crews = _crews(random, len(seen), count, draws)
        objects = np.any(random.random((draws, count)) < chance[crews, drawn[:, None]], axis=1)
        false = np.any(random.random((draws, count)) < np.asarray(alarms)[crews], axis=1)
        by_kind = {kind: float(np.mean(objects[drawn == n])) for n, kind in enumerate(kinds) if (drawn == n).any()}
        panels.append(PanelRecall(count, rate(int(objects.sum()), draws), rate(int(false.sum()), draws), by_kind))
    return panels


def needed(panels: Sequence[PanelRecall], power: float) -> int | None:
    """Return the fewest reviewers that find the wanted share of faulty questions; None if no number here does."""
    return next((one.reviewers for one in panels if (one.found.share or 0.0) >= power), None)


def _crews(
    random: np.random.Generator, people: int, count: int, draws: int
) -> np.ndarray[tuple[int, int], np.dtype[np.intp]]:
    """Draw who reads each question: columns of distinct people, repeated only where there are too few."""
    order = random.random((draws, people)).argsort(axis=1)[:, :count]
    more = random.integers(0, people, (draws, max(0, count - people)))
    return np.hstack([order, more])
