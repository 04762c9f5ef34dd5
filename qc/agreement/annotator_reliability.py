"""The reliability of each annotator's labels: Dawid and Skene's model, and the consensus of the others.

Nobody knows which items are faulty, and with two labels an item the other's label is not the truth either. Dawid
and Skene (1979, Applied Statistics 28, 20-28) estimate both at once by EM: the probability of each item's class,
and how often each annotator gives each label to each class. crowd-kit implements it too, but needs transformers,
scikit-learn and nltk at import. The tests compare the two.

With two labels an item, the estimate depends on how the pairs overlap: two people who never meet a third cannot be
told apart, and an annotator who saw three faulty items has no meaningful recall. So a figure with too few labels
behind it is None. By simulation (`benchmarks/people/agreement.py`: six reviewers, two labels an item) the root
mean square error of a recall is .30 at 15 faulty items each, .15 at 30 and .10 at 60; that of a specificity .06 at
100 labels. A weak prior was tried and pulled recalls up by a tenth. Planted faults measure recall with far fewer
labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qc.agreement.agreement_coefficients import Floats, Ints

LEAST_LABELS = 100
"""The least labels, on items that others labelled too, for figures on an annotator."""

LEAST_OF_CLASS = 50
"""The items of a class, as estimated, that an annotator must have labelled for a rate on that class."""

_LEAST_MET = 10
"""The items that two annotators must share to count as having met."""


@dataclass(frozen=True)
class Fitted:
    """Dawid and Skene's estimates.

    Attributes:
        prevalence: (classes,) share of items of each class.
        rates: (annotators, classes, labels): how often each annotator gives each label to an item of each class.
        classes: (items, classes): probability of each item's class.
    """

    prevalence: Floats
    rates: Floats
    classes: Floats


@dataclass(frozen=True)
class Reliability:
    """The reliability of one annotator who flags items or does not.

    Attributes:
        labels: on items that others labelled too.
        faulty: estimated number of faulty items among these.
        recall: share of faulty items that are flagged; None with too few labels.
        specificity: share of sound items that are not flagged; None with too few labels.
    """

    labels: int
    faulty: float
    recall: float | None
    specificity: float | None


def dawid_skene(counts: Ints, *, most: int = 500, tolerance: float = 1e-7) -> Fitted:
    """Return maximum-likelihood estimates by EM, starting from the shares of labels.

    Args:
        counts: (items, annotators, labels): how often each annotator gave each label to each item; 0 if not asked.
        most: the most rounds.
        tolerance: stop when no probability changes by more.
    """
    n = np.asarray(counts, np.float64)
    labels = n.shape[2]
    start = n.sum(axis=1)
    classes = start / start.sum(axis=1, keepdims=True)
    for _ in range(most):
        prevalence = classes.mean(axis=0)
        rates = np.einsum("ij,ial->ajl", classes, n)
        total = rates.sum(axis=2, keepdims=True)
        rates = np.divide(rates, total, out=np.full_like(rates, 1 / labels), where=total > 0)
        with np.errstate(divide="ignore"):
            logs = np.log(np.maximum(rates, 1e-300))
            posterior = np.log(prevalence) + np.einsum("ial,ajl->ij", n, logs)
        posterior = np.exp(posterior - posterior.max(axis=1, keepdims=True))
        before, classes = classes, posterior / posterior.sum(axis=1, keepdims=True)
        if np.abs(classes - before).max(initial=0.0) < tolerance:
            break
    return Fitted(prevalence, rates, classes)


def reliabilities(items: Sequence[int], annotators: Sequence[int], flagged: Sequence[bool]) -> list[Reliability]:
    """Return each annotator's recall and specificity.

    Args:
        items: (n,) number of the item that a label was given to.
        annotators: (n,) number of the annotator, from 0.
        flagged: (n,) the label.

    Returns:
        One for each annotator number up to the largest.
    """
    who = np.asarray(annotators, np.int64)
    people = int(who.max(initial=-1)) + 1
    item = np.unique(np.asarray(items), return_inverse=True)[1]
    counts = np.zeros((int(item.max(initial=-1)) + 1, people, 2), np.int64)
    np.add.at(counts, (item, who, np.asarray(flagged, np.int64)), 1)
    counts = counts[(counts.sum(axis=2) > 0).sum(axis=1) >= 2]
    if not len(counts):
        return [Reliability(0, 0.0, None, None)] * people
    fitted = dawid_skene(counts)
    met = counts.sum(axis=2) > 0
    identified = _in_triangle(met)
    result = []
    for person in range(people):
        mine = fitted.classes[met[:, person]].sum(axis=0)
        known = identified[person] and met[:, person].sum() >= LEAST_LABELS
        rates = fitted.rates[person]
        result.append(
            Reliability(
                labels=int(met[:, person].sum()),
                faulty=float(mine[1]),
                recall=float(rates[1, 1]) if known and mine[1] >= LEAST_OF_CLASS else None,
                specificity=float(rates[0, 0]) if known and mine[0] >= LEAST_OF_CLASS else None,
            )
        )
    return result


def consensus(items: Sequence[int], labels: Sequence[int]) -> Ints:
    """Compare each label with what most of the others said of the same item.

    Args:
        items: (n,) numbers of items; nobody gave one two labels.
        labels: (n,) numbers of labels, from 0.

    Returns:
        (n,): 1 it is; 0 it is not; -1 the others are tied, or there are none.

    >>> consensus([0, 0, 0, 1, 1, 2], [1, 1, 0, 0, 0, 0]).tolist()
    [-1, -1, 0, 1, 1, -1]
    """
    label = np.asarray(labels, np.int64)
    item = np.unique(np.asarray(items, np.int64), return_inverse=True)[1]
    counts = np.zeros((int(item.max(initial=-1)) + 1, int(label.max(initial=-1)) + 1), np.int64)
    np.add.at(counts, (item, label), 1)
    others, here = counts[item], np.arange(len(item))
    others[here, label] -= 1
    most = others.max(axis=1, initial=0)
    clear = (most > 0) & ((others == most[:, None]).sum(axis=1) == 1)
    return np.where(clear, others[here, label] == most, -1)


def _in_triangle(met: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[bool]:
    """Whether two people met by an annotator met each other too; else the estimate is not identified."""
    together = (met.T.astype(np.int64) @ met.astype(np.int64)) >= _LEAST_MET
    np.fill_diagonal(together, False)
    link = together.astype(np.int64)
    return [bool(found) for found in np.diagonal(link @ link @ link) > 0]
