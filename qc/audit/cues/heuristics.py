"""Layer 1 of the audit: named rules by which an option might be picked without reading.

No rule is learned. Each has two statistics: how often it picks the correct option (`accuracy`, ties shared
evenly), and whether the correct option's score differs from the wrong ones' (`difference`: scores standardised
within the item, so that one item counts as much as the next). The first finds a rule that decides a few items with
certainty, the second a slight tilt in all of them. Opposite rules (longest, shortest) share one `difference`.
Position is tested place by place and as a whole (`balance`, a chi-square). Keys that were balanced on
purpose are no finding: that statistic is one-sided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from qc.audit.cues.heuristic_rules import HEURISTICS, Heuristic
from qc.audit.cues.option_properties import OptionProperty
from qc.audit.cues.tokenised_set import Score, Texts, within
from qc.set_statistics.cue_kinds import CueKind, CueName
from qc.set_statistics.layer_statistics import Cue, Measured
from qc.set_statistics.options import PICKED, Floats, Ints, Options
from qc.set_statistics.permutation_tests import studentised, sums_at

__all__ = ["BALANCE", "HEURISTICS", "Heuristic", "Named", "heuristic_scores", "positions", "prepare"]

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _at(place: int, texts: Texts) -> Floats:
    return np.asarray(texts.options.place == place, dtype=float)


def positions(options: Options) -> list[Heuristic]:
    """Return a rule for each place that an option can have in this set: `position:1`, …; without differences."""
    return [
        Heuristic(
            str(CueName(CueKind.PLACE, (str(place + 1),))),
            partial(_at, place),
            OptionProperty("is", f"the {_ORDINALS[place]}"),
            kind=CueKind.PLACE,
        )
        for place in range(int(options.sizes.max()))
    ]


def _picked(name: str, texts: Texts) -> Floats:
    scores = np.full(len(texts.options.place), np.nan)
    for start, size, picked in zip(
        texts.options.starts, texts.options.sizes, texts.options.items[PICKED], strict=True
    ):
        if name in picked:
            scores[start : start + size] = np.arange(size) == picked[name]
    return scores


def picks(options: Options) -> list[Heuristic]:
    """Return a rule for each solver who saw a part of the items only; none where there are no such answers."""
    if PICKED not in options.items:
        return []
    names = sorted({name for picked in options.items[PICKED] for name in picked})
    return [Heuristic(name, partial(_picked, name), OptionProperty("is", f"the pick of {name}")) for name in names]


def heuristic_scores(options: Options) -> tuple[list[Heuristic], Floats]:
    """Return every rule and its scores of the options.

    Returns:
        The h rules, those of `HEURISTICS`, of position and of solvers who saw a part; scores (n options, h),
        higher = picked, NaN where a rule says nothing.
    """
    texts = Texts(options)
    rules = [*HEURISTICS, *positions(options), *picks(options)]
    known: dict[Score, Floats] = {}
    for rule in rules:
        if rule.score not in known:
            known[rule.score] = rule.score(texts)
    return rules, np.column_stack([rule.sign * known[rule.score] for rule in rules])


BALANCE = Cue(
    str(CueName(CueKind.BALANCE)),
    "balance",
    "the correct option stands in some places more often than in others",
    "the places of the correct options are balanced",
    CueKind.BALANCE,
)


@dataclass(frozen=True, eq=False)
class Named:
    """The named heuristics of one language's items, ready to be measured.

    Attributes:
        options: the options from which they were computed.
        rules: the heuristics.
        scores: (n options, h).
        cues: the statistics: those of the rules in their order, then the balance of positions.
        worth: (n options, k - 1): the contribution of each option to each statistic, less the mean of its item's.
    """

    options: Options
    rules: Sequence[Heuristic]
    scores: Floats
    cues: Sequence[Cue]
    worth: Floats
    studentised: bool = True

    def measure(self, labellings: Ints) -> Measured:
        """Return studentised statistics (k, L); the accuracy is NaN for differences and for the balance."""
        statistic = studentised(self.options, self.worth, labellings)
        picking = np.array([cue.statistic == "accuracy" for cue in self.cues])
        accuracy = np.full((len(self.cues), labellings.shape[1]), np.nan)
        beyond = sums_at(self.worth[:, picking[:-1]], labellings) / len(self.options)
        accuracy[picking] = np.clip(self.options.chance + beyond, 0, 1)
        balance = balance_of_positions(self.options, labellings)
        return Measured(np.vstack([statistic, balance]), accuracy)


def prepare(options: Options) -> Named:
    """Compute every named heuristic for the texts of a set."""
    rules, scores = heuristic_scores(options)
    credits, standardised = options.credits(scores), within(options, scores)
    cues, columns = [], []
    for place, rule in enumerate(rules):
        for cue in rule.cues():
            cues.append(cue)
            columns.append((credits if cue.statistic == "accuracy" else standardised)[:, place])
    # centred before rounding: a statistic that cannot vary must be 0, not a third less nearly a third
    worth = options.centred(np.column_stack(columns))
    worth[np.abs(worth) < 1e-9] = 0
    return Named(options, rules, scores, [*cues, BALANCE], worth.astype(np.float32))


def balance_of_positions(options: Options, labellings: Ints) -> Floats:
    """Return how unevenly the keys are placed, on the scale of a standard normal; 0 where evenly enough.

    This is Pearson's chi-square (for items of differing size, the quadratic form with the exact covariance of the
    counts), made normal by Wilson & Hilferty (1931). Balance beyond chance is no shortcut, hence the floor at 0.

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
