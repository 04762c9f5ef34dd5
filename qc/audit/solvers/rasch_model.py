"""Item difficulty and solver ability: a shrunken Rasch model, or 2PL where there are solvers enough for it.

A dozen answers say little of one item, so abilities and difficulties have normal priors whose variances are
learned from all of them: joint MAP by Newton steps over persons and items in turn, the variances by EM. A slope
of its own for every item (2PL, Birnbaum 1968) takes some 200 solvers (Drasgow 1989). It is fitted by marginal
maximum likelihood (Bock and Aitkin 1981), and not at all with fewer solvers.

`harder` tests whether one language's answers are worse than the other languages predict. The result is a tail
probability, not a residual over its standard deviation: on an easy item, two wrong answers in twelve are a large
residual and happen often.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit
from scipy.stats import binom, norm

from qc.audit.solvers.suspect_keys import Difficulties
from qc.set_statistics.options import Floats

SOLVERS_FOR_SLOPES = 200
"""The number of solvers from which slopes are fitted; one solver in several languages counts once."""


@dataclass(frozen=True, eq=False)
class Table:
    """The table of who solved which item.

    Attributes:
        persons: (s,) names; a solver is another person in another language.
        items: (n,) names.
        right: (s, n): 1 solved, 0 not, NaN not answered.
        solvers: the number of different solvers among the persons.
    """

    persons: tuple[str, ...]
    items: tuple[str, ...]
    right: Floats
    solvers: int


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model: P(solved) = 1 / (1 + exp(-slope (ability - difficulty))).

    Attributes:
        table: the answers to which it was fitted.
        model: `rasch` or `2pl`.
        ability: (s,), logits.
        difficulty: (n,), logits; 0 on average under its prior.
        error: (n,), posterior standard deviation of the difficulty.
        slope: (n,), 1 with `rasch`.
        spread: prior standard deviation of difficulties.
        notes: limitations, in words.
    """

    table: Table
    model: str
    ability: Floats
    difficulty: Floats
    error: Floats
    slope: Floats
    spread: float
    notes: tuple[str, ...]

    @cached_property
    def place(self) -> Mapping[str, int]:
        """The index of each item."""
        return {item: index for index, item in enumerate(self.table.items)}

    @property
    def discrimination(self) -> Mapping[str, float]:
        """The slope of every item; empty with `rasch`."""
        return {} if self.model == "rasch" else dict(zip(self.table.items, self.slope.tolist(), strict=True))


def fit(table: Table) -> Fit:
    """Fit the model that the number of solvers supports; the result names it."""
    shrunken = _rasch(table)
    return _two_parameter(table, shrunken) if table.solvers >= SOLVERS_FOR_SLOPES else shrunken


def typical(fitted: Fit) -> Difficulties:
    """Return the items' common slope (single ones are too uncertain) and the middle and spread of difficulties."""
    if fitted.model == "rasch":
        return Difficulties(1.0, 0.0, fitted.spread)
    low, middle, high = np.quantile(fitted.difficulty, [0.25, 0.5, 0.75])  # a flat item's difficulty is anything
    return Difficulties(float(np.median(fitted.slope)), float(middle), float(high - low) / 1.349)


def _rasch(table: Table, rounds: int = 300) -> Fit:
    known = ~np.isnan(table.right)
    solved = np.where(known, table.right, 0.0)
    ability, difficulty = np.zeros(len(table.persons)), np.zeros(len(table.items))
    mean, ability_variance, variance = 0.0, 1.0, 1.0
    for _ in range(rounds):
        before = np.concatenate([ability, difficulty])
        chance = expit(ability[:, None] - difficulty) * known
        information = (chance * (1 - chance)).sum(axis=0) + 1 / variance
        step = (chance.sum(axis=0) - solved.sum(axis=0) - difficulty / variance) / information
        difficulty = difficulty + np.clip(step, -1, 1)
        chance = expit(ability[:, None] - difficulty) * known
        certainty = (chance * (1 - chance)).sum(axis=1) + 1 / ability_variance
        step = (solved.sum(axis=1) - chance.sum(axis=1) - (ability - mean) / ability_variance) / certainty
        ability = ability + np.clip(step, -1, 1)
        mean = float(ability.mean())
        ability_variance = max(0.01, float(np.mean((ability - mean) ** 2 + 1 / certainty)))
        variance = max(0.01, float(np.mean(difficulty**2 + 1 / information)))
        if np.abs(np.concatenate([ability, difficulty]) - before).max() < 1e-4:
            break
    note = (
        f"Difficulties are shrunken Rasch ones: slopes of their own (2PL) take {SOLVERS_FOR_SLOPES} solvers, there"
        f" are {table.solvers}."
    )
    error = 1 / np.sqrt(information)
    return Fit(table, "rasch", ability, difficulty, error, np.ones(len(difficulty)), variance**0.5, (note,))


def _two_parameter(table: Table, start: Fit, rounds: int = 60) -> Fit:
    """Fit by marginal maximum likelihood with EM; slopes have a normal prior (1, sd .5), intercepts (0, sd 3)."""
    known = (~np.isnan(table.right)).astype(float)
    solved = np.where(known > 0, table.right, 0.0)
    nodes = np.linspace(-4, 4, 33)
    weight = norm.logpdf(nodes)
    scale = max(0.3, float(start.ability.std()))
    slope, intercept = np.full(len(table.items), scale), start.ability.mean() - start.difficulty
    for _ in range(rounds):
        share = expit(slope[:, None] * nodes + intercept[:, None])
        likelihood = solved @ np.log(share) + (known - solved) @ np.log1p(-share) + weight
        likelihood -= likelihood.max(axis=1, keepdims=True)
        posterior = np.exp(likelihood)
        posterior /= posterior.sum(axis=1, keepdims=True)
        count, hits = known.T @ posterior, solved.T @ posterior
        for _ in range(3):
            share = expit(slope[:, None] * nodes + intercept[:, None])
            short, within = hits - count * share, count * share * (1 - share)
            by_slope = (short * nodes).sum(axis=1) - (slope - 1) / 0.25
            by_intercept = short.sum(axis=1) - intercept / 9
            first, second = (within * nodes**2).sum(axis=1) + 4, within.sum(axis=1) + 1 / 9
            mixed = (within * nodes).sum(axis=1)
            determinant = first * second - mixed**2
            slope_step = (second * by_slope - mixed * by_intercept) / determinant
            intercept_step = (first * by_intercept - mixed * by_slope) / determinant
            slope = np.maximum(0.1, slope + np.clip(slope_step, -0.5, 0.5))
            intercept = intercept + np.clip(intercept_step, -1, 1)
    difficulty = -intercept / slope
    error = 1 / (slope * np.sqrt(second))
    ability = posterior @ nodes
    return Fit(table, "2pl", ability, difficulty, error, slope, float(difficulty.std()), ())


def harder(fitted: Fit, rows: slice) -> Floats:
    """Return how much harder each item was for some persons than the others' answers predict.

    The difficulty is fitted anew without them. The tail probability of their wrong answers (mid-p) is averaged
    over the remaining uncertainty of that difficulty, turned into a normal deviate and centred. Where items differ
    between languages by more than luck in any case, it is scaled down by the median absolute deviation.

    Args:
        fitted: the fit over the persons of all languages.
        rows: the persons of one language.

    Returns:
        (n items,): standard normal if nothing is wrong; NaN where these persons or the others gave no answer.
    """
    table = fitted.table
    here = np.zeros(len(table.persons), bool)
    here[rows] = True
    difficulty, error, others = _without(fitted, here)
    own = ~np.isnan(table.right[here])
    count, wrong = own.sum(axis=0), (table.right[here] == 0).sum(axis=0)
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    tail = np.zeros(len(table.items))
    for node, weight in zip(nodes, weights / weights.sum(), strict=True):
        share = expit(-fitted.slope * (fitted.ability[here][:, None] - (difficulty + node * error)))
        rate = (share * own).sum(axis=0) / np.maximum(count, 1)
        tail += weight * (binom.sf(wrong, count, rate) + 0.5 * binom.pmf(wrong, count, rate))
    deviate = norm.isf(np.clip(tail, 1e-15, 1 - 1e-15))
    judged = (count > 0) & (others > 0)
    if not judged.any():
        return np.full(len(deviate), np.nan)
    middle = float(np.median(deviate[judged]))
    wide = 1.4826 * float(np.median(np.abs(deviate[judged] - middle)))
    return np.where(judged, (deviate - middle) / max(1.0, wide), np.nan)


def _without(
    fitted: Fit, left_out: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
) -> tuple[Floats, Floats, Floats]:
    """Return difficulties, their errors and answer counts, from all other persons; abilities are unchanged."""
    right, ability = fitted.table.right[~left_out], fitted.ability[~left_out][:, None]
    known = ~np.isnan(right)
    solved = np.where(known, right, 0.0)
    difficulty, slope = fitted.difficulty.copy(), fitted.slope
    prior = 1 / max(fitted.spread, 0.1) ** 2
    for _ in range(4):
        chance = expit(slope * (ability - difficulty)) * known
        information = slope**2 * (chance * (1 - chance)).sum(axis=0) + prior
        gradient = slope * (chance.sum(axis=0) - solved.sum(axis=0)) - difficulty * prior
        difficulty = difficulty + np.clip(gradient / information, -2, 2)
    return difficulty, 1 / np.sqrt(information), known.sum(axis=0).astype(float)
