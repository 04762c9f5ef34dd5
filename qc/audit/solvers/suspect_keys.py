"""Keys to look at first: how much likelier strong solvers' answers are if another option is right.

A test (`qc.audit.solvers.solver_answers.suspects`) finds keys that are suspect beyond luck. With a dozen solvers
it may find none, while a lead with an hour to spend needs to know where to begin. So the items are ranked here.
Two accounts of each item's answers are compared. If the key is right, a solver picks it with the probability of a
Rasch model, where the item's difficulty has the distribution of this set's items. Otherwise the solver picks among
the other options by their attractiveness, which differs from item to item (a Dirichlet prior, so that one
distractor may well draw most of the errors). If option o is right, the same holds with o in the key's place. The
accounts are told apart by which solvers chose which option: an attractive distractor draws the weak, a right
option draws the strong. It is a nominal response model (Bock 1972) with one slope, difficulties and attractiveness
integrated out.

The evenness of distractors and the frequency of wrong keys are learned from the whole set; that gives the share of
the first k that are expected to be false. Solvers cannot tell a wrong key from a question that misleads the strong
more than the weak, and models that learned the same mistake are not independent. So the result is a place in a
list, never the probability that a key is wrong. The quality of the list was measured on planted errors:
`benchmarks/audit/suspect_keys.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln, logsumexp

from qc.set_statistics.options import Floats, Ints, Options

EVENNESS = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Dirichlet parameters that are tried for how distractors share the errors; small: one draws most of them."""

_NODES = 25
_COMMON = (2.0, 60.0)
"""A Beta prior of the share of wrong keys, mode 1.7 %: Northcutt et al. (2021) count 0.2 to 10 % in ten sets."""


@dataclass(frozen=True, eq=False)
class Answered:
    """One language's answers and the solvers who gave them.

    Attributes:
        options: the items.
        chosen: (s, n items): the chosen option, from 0; -1 for none.
        ability: (s,), logits.
        instead: (n items,): the wrong option that most strong solvers chose; -1 where there is nothing to compare.
    """

    options: Options
    chosen: Ints
    ability: Floats
    instead: Ints


@dataclass(frozen=True)
class Difficulties:
    """The typical properties of this set's items.

    Attributes:
        slope: the slope of the curve, common to all.
        middle: the middle of the difficulties.
        spread: their standard deviation.
    """

    slope: float
    middle: float
    spread: float


def ratios(told: Sequence[Answered], like: Difficulties) -> list[tuple[Floats, Floats]]:
    """Return how the two accounts of each item compare.

    Args:
        told: one for each language.
        like: the typical properties of items.

    Returns:
        For each language two arrays (n items,): log10 of how many times likelier the answers are if the option
        `instead` is right than if the key is; and the model's doubt that it is so, which is only good for summing
        over a list. NaN where `instead` is -1.
    """
    known = [_Chances(one, like) for one in told]
    best, found = -np.inf, None
    for evenness in EVENNESS:
        accounts = [one.accounts(evenness) for one in known]
        common, fits = _common(accounts)
        if fits > best:
            best, found = fits, (accounts, common)
    if found is None:
        return []
    accounts, common = found
    return [_compared(one.instead, part, common) for one, part in zip(told, accounts, strict=True)]


@dataclass(frozen=True, eq=False)
class _Accounts:
    """Log-likelihoods of each item's answers: `key` (n,) if the key is right, `other` (n, most) if another is."""

    key: Floats
    other: Floats
    sizes: Ints


class _Chances:
    """The part of the computation that depends on abilities and difficulties alone."""

    def __init__(self, one: Answered, like: Difficulties) -> None:
        options = one.options
        self.sizes, self.keys = options.sizes, options.items["key"].to_numpy(np.int64)
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        logit = like.slope * (one.ability[:, None] - (like.middle + like.spread * nodes))
        right, wrong = -np.logaddexp(0, -logit), -np.logaddexp(0, logit)  # (s, nodes)
        most = int(self.sizes.max())
        self.counts = np.stack([(one.chosen == o).sum(axis=0) for o in range(most)], axis=1)
        everybody = (one.chosen >= 0).astype(float).T @ wrong
        self.right = np.stack(
            [
                _marginal(everybody + (one.chosen == o).T.astype(float) @ (right - wrong), weights)
                for o in range(most)
            ],
            axis=1,
        )
        self.right[np.arange(most) >= self.sizes[:, None]] = -np.inf

    def accounts(self, evenness: float) -> _Accounts:
        """Return the accounts for distractors that share errors with the given evenness."""
        each = gammaln(evenness + self.counts) - gammaln(evenness)
        each[np.arange(each.shape[1]) >= self.sizes[:, None]] = 0
        among = (self.sizes[:, None] - 1) * evenness
        errors = self.counts.sum(axis=1, keepdims=True) - self.counts
        shared = gammaln(among) - gammaln(among + errors) + each.sum(axis=1, keepdims=True) - each
        every = self.right + shared
        at = np.arange(len(self.keys))
        key = every[at, self.keys]
        other = every.copy()
        other[at, self.keys] = -np.inf
        return _Accounts(key, other, self.sizes)


def _marginal(log_likelihood: Floats, weights: Floats) -> Floats:
    """Return the likelihood marginal over the difficulties that items of this set have; from (n, nodes)."""
    return np.asarray(logsumexp(log_likelihood + np.log(weights / weights.sum()), axis=1))


def _common(accounts: Sequence[_Accounts]) -> tuple[float, float]:
    """Return the share of wrong keys, by EM, and the posterior's height there."""
    key = np.concatenate([one.key for one in accounts])
    wrong = np.concatenate([logsumexp(one.other, axis=1) - np.log(one.sizes - 1) for one in accounts])
    a, b = _COMMON
    share = a / (a + b)
    for _ in range(100):
        doubt = 1 / (1 + np.exp(np.clip(key - wrong, -700, 700)) * (1 - share) / share)
        before, share = share, float((doubt.sum() + a - 1) / (len(key) + a + b - 2))
        if abs(share - before) < 1e-6:
            break
    prior = (a - 1) * np.log(share) + (b - 1) * np.log1p(-share)
    return share, float(np.logaddexp(np.log1p(-share) + key, np.log(share) + wrong).sum() + prior)


def _compared(instead: Ints, accounts: _Accounts, common: float) -> tuple[Floats, Floats]:
    asked = np.flatnonzero(instead >= 0)
    ratio, doubt = np.full(len(instead), np.nan), np.full(len(instead), np.nan)
    key, other = accounts.key[asked], accounts.other[asked]
    this = other[np.arange(len(asked)), instead[asked]]
    each = np.log(common) - np.log(accounts.sizes[asked] - 1)
    every = np.logaddexp(np.log1p(-common) + key, each + logsumexp(other, axis=1))
    ratio[asked] = (this - key) / np.log(10)
    doubt[asked] = -np.expm1(np.minimum(0.0, each + this - every))
    return ratio, doubt
