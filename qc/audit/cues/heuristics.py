"""Layer 1 of the audit: named rules by which an option might be picked without reading.

No rule learns anything. For each, two statistics: how often it picks the correct option (`accuracy`, ties shared
honestly), and whether the correct option's score differs from the wrong ones' (`difference`: scores standardised
within the item, so that one item counts as much as the next). The first finds a rule that decides a few items
surely, the second a slight tilt in all of them. Opposite rules (longest, shortest) have one `difference` between
them. Position is looked at place by place and as a whole (`balance`, a chi-square). Keys that were balanced on
purpose are no finding: that statistic is one-sided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from qc.audit.cues.heuristic_rules import HEURISTICS, Heuristic
from qc.audit.cues.tokenised_set import Score, Texts, within
from qc.set_statistics.layer_statistics import Cue, Measured
from qc.set_statistics.options import Floats, Ints, Options
from qc.set_statistics.permutation_tests import studentised, sums_at

__all__ = ["BALANCE", "HEURISTICS", "Heuristic", "Named", "heuristic_scores", "positions", "prepare"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _at(place: int, texts: Texts) -> Floats:
    return np.asarray(texts.options.place == place, dtype=float)


def positions(options: Options) -> list[Heuristic]:
    """A rule for each place that an option can have in this set: `position:1`, …; without differences."""
    return [
        Heuristic(f"position:{place + 1}", partial(_at, place), f"is the {_ORDINALS[place]}")
        for place in range(int(options.sizes.max()))
    ]


def heuristic_scores(options: Options) -> tuple[list[Heuristic], Floats]:
    """Every rule and what it gives the options.

    Returns:
        The h rules, those of `HEURISTICS` before those of position; scores (n options, h), higher = picked, NaN
        where a rule says nothing.
    """
    texts = Texts(options)
    rules = [*HEURISTICS, *positions(options)]
    known: dict[Score, Floats] = {}
    for rule in rules:
        if rule.score not in known:
            known[rule.score] = rule.score(texts)
    return rules, np.column_stack([rule.sign * known[rule.score] for rule in rules])


BALANCE = Cue(
    "position",
    "balance",
    "the correct option stands in some places more often than in others",
    "the places of the correct options are balanced",
)


@dataclass(frozen=True, eq=False)
class Named:
    """The named heuristics of one language's items, ready to be measured.

    Attributes:
        options: what they were computed from.
        rules: the heuristics.
        scores: (n options, h).
        cues: what each statistic looks at: those of the rules in their order, then the balance of positions.
        worth: (n options, k - 1): what each option is worth to each statistic, less the mean of its item's.
    """

    options: Options
    rules: Sequence[Heuristic]
    scores: Floats
    cues: Sequence[Cue]
    worth: Floats
    studentised: bool = True

    def measure(self, labellings: Ints) -> Measured:
        """Studentised statistics (k, L); the accuracy is NaN for differences and for the balance."""
        statistic = studentised(self.options, self.worth, labellings)
        picking = np.array([cue.statistic == "accuracy" for cue in self.cues])
        accuracy = np.full((len(self.cues), labellings.shape[1]), np.nan)
        beyond = sums_at(self.worth[:, picking[:-1]], labellings) / len(self.options)
        accuracy[picking] = np.clip(self.options.chance + beyond, 0, 1)
        balance = balance_of_positions(self.options, labellings)
        return Measured(np.vstack([statistic, balance]), accuracy)


def prepare(options: Options) -> Named:
    """Reads the texts of a set with every named heuristic."""
    rules, scores = heuristic_scores(options)
    credits, standardised = options.credits(scores), within(options, scores)
    cues, columns = [], []
    for place, rule in enumerate(rules):
        for cue in rule.cues():
            cues.append(cue)
            columns.append((credits if cue.statistic == "accuracy" else standardised)[:, place])
    # centred before it is rounded: what cannot vary must be 0, not a third less nearly a third
    worth = options.centred(np.column_stack(columns))
    worth[np.abs(worth) < 1e-9] = 0
    return Named(options, rules, scores, [*cues, BALANCE], worth.astype(np.float32))


def balance_of_positions(options: Options, labellings: Ints) -> Floats:
    """How unevenly the keys stand in their places, on the scale of a standard normal; 0 where evenly enough.

    Pearson's chi-square, for items of differing size the quadratic form with the exact covariance of the counts,
    made normal by Wilson & Hilferty (1931). Balance beyond chance is no shortcut, hence the floor at 0.

    Returns:
        (1 + B,).
    """
    most = int(options.sizes.max())
    counts = np.stack([(options.place[labellings] == place).sum(axis=0) for place in range(most)])
    chances = (np.arange(most) < options.sizes[:, None]) / options.sizes[:, None]
    covariance = np.diag(chances.sum(axis=0)) - chances.T @ chances
    off = counts - chances.sum(axis=0)[:, None]
    square = np.einsum("kb,kj,jb->b", off, np.linalg.pinv(covariance, rcond=1e-9), off)
    df = most - 1
    return np.asarray(np.maximum(((square / df) ** (1 / 3) - (1 - 2 / (9 * df))) / np.sqrt(2 / (9 * df)), 0.0))
