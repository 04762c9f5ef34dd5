"""Claims about a set after it was chosen: learners must have nothing of it in their training.

A set whose heuristics were balanced is not a sample any more. Where the cues of the whole set sum to nothing,
those of nine folds are the opposite of the tenth's, so a learner that is cross-fitted inside the set learns
exactly the wrong thing and reads far below chance, whatever the set hides: a certificate would pass by
construction. A learner trained on candidates left out (`outside`), or on other data, knows nothing of how the
choice affected the set. A test that repeats the choice within every permutation is valid too, and the tests hold
both against the truth; but it costs a choice for every permutation, so a campaign makes none. Fixed heuristics
need neither: their accuracy in the set is a fact.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.errors import UsageError
from qc.set_statistics.options import Floats, Ints, Options

Learner = Callable[[Options, Options], Floats]
"""Trains on the first items and their keys, and scores the options of the second: (n options of the second,)."""


@dataclass(frozen=True)
class Outside:
    """The accuracy on the set of a learner that never saw it.

    Attributes:
        accuracy: its share of right answers; ties share.
        error: its standard error, clustered by group.
        chance: the accuracy of guessing.
        trained: how many items it was trained on.
        tested: how many the set has.
    """

    accuracy: float
    error: float
    chance: float
    trained: int
    tested: int


def outside(candidates: pd.DataFrame, chosen: Ints, learn: Learner, others: pd.DataFrame | None = None) -> Outside:
    """Train on what was not chosen, or on other data, and test on the chosen set.

    Args:
        candidates: columns `qc.set_statistics.options.COLUMNS`, of one language.
        chosen: rows of the candidates (positions).
        learn: the learner.
        others: train on these instead; by default on all candidates that were not chosen and share no group (no
            passage) with one that was.

    Raises:
        UsageError: nothing is left to train on.
    """
    inside = np.zeros(len(candidates), bool)
    inside[chosen] = True
    test = candidates[inside]
    train = others if others is not None else candidates[~inside & ~candidates["group"].isin(set(test["group"]))]
    if train.empty:
        raise UsageError(
            "no candidate is left to train on: every passage has a chosen question. Train on other data"
        )
    trained, tested = Options.of(train.reset_index(drop=True)), Options.of(test.reset_index(drop=True))
    credits = tested.credits(learn(trained, tested))[tested.keys]
    off = pd.Series(credits - credits.mean()).groupby(tested.items["group"].to_numpy()).sum().to_numpy()
    return Outside(
        accuracy=float(credits.mean()),
        error=float(np.sqrt((off**2).sum()) / len(credits)),
        chance=tested.chance,
        trained=len(trained),
        tested=len(tested),
    )
