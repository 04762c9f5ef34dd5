"""What each annotator's labels are worth: Dawid and Skene's model, and the consensus of the others.

Nobody knows which items are faulty, and with two labels an item the other's label is no truth either. Dawid and
Skene (1979, Applied Statistics 28, 20-28) estimate both at once by EM: how likely each item is of which class, and
how often each annotator gives which label to which class. crowd-kit has the same; it needs transformers,
scikit-learn and nltk to be there at import, and these lines do not. The tests compare the two.

With two labels an item the estimate is only as good as the net that the pairs make: two people who never meet a
third cannot be told apart, and who saw three faulty items has no recall to speak of. So what too few labels stand
behind is None. By simulation (`benchmarks/agreement.py`: six reviewers, two labels an item) the error of a recall,
root mean square, is .30 at 15 faulty items each, .15 at 30 and .10 at 60; that of a specificity .06 at 100 labels.
A weak prior was tried and pulled recalls up by a tenth. Planted faults tell recall with far fewer labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from qc.agreement.agreement_coefficients import Floats, Ints

LEAST_LABELS = 100
"""Labels on items that others labelled too, below which nothing is said of an annotator."""

LEAST_OF_CLASS = 50
"""Items of a class, as estimated, that an annotator must have labelled for a rate on that class."""

_LEAST_MET = 10
"""Items that two annotators must share to count as having met."""


@dataclass(frozen=True)
class Fitted:
    """Dawid and Skene's estimates.

    Attributes:
        prevalence: (classes,) share of items of each class.
        rates: (annotators, classes, labels): how often who gives which label to an item of which class.
        classes: (items, classes): probability of each item's class.
    """

    prevalence: Floats
    rates: Floats
    classes: Floats


@dataclass(frozen=True)
class Reliability:
    """Of one annotator who flags items or does not.

    Attributes:
        labels: on items that others labelled too.
        faulty: of these, how many are estimated to be faulty.
        recall: share of faulty items that are flagged; None where too few labels tell.
        specificity: share of sound items that are not flagged; None likewise.
    """

    labels: int
    faulty: float
    recall: float | None
    specificity: float | None


def dawid_skene(counts: Ints, *, most: int = 500, tolerance: float = 1e-7) -> Fitted:
    """Maximum-likelihood estimates by EM, from the shares of labels as a start.

    Args:
        counts: (items, annotators, labels): how often who gave which label to which item; 0 where not asked.
        most: rounds.
        tolerance: largest change of a probability at which it ends.
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
            told = np.log(prevalence) + np.einsum("ial,ajl->ij", n, logs)
        told = np.exp(told - told.max(axis=1, keepdims=True))
        before, classes = classes, told / told.sum(axis=1, keepdims=True)
        if np.abs(classes - before).max(initial=0.0) < tolerance:
            break
    return Fitted(prevalence, rates, classes)


def reliabilities(items: Sequence[int], annotators: Sequence[int], flagged: Sequence[bool]) -> list[Reliability]:
    """Each annotator's recall and specificity.

    Args:
        items: (n,) number of the item that a label was given to.
        annotators: (n,) number of who gave it, from 0; every number up to the largest is told of.
        flagged: (n,) the label.

    Returns:
        One for each annotator.
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
    told = []
    for person in range(people):
        mine = fitted.classes[met[:, person]].sum(axis=0)
        known = identified[person] and met[:, person].sum() >= LEAST_LABELS
        rates = fitted.rates[person]
        told.append(
            Reliability(
                labels=int(met[:, person].sum()),
                faulty=float(mine[1]),
                recall=float(rates[1, 1]) if known and mine[1] >= LEAST_OF_CLASS else None,
                specificity=float(rates[0, 0]) if known and mine[0] >= LEAST_OF_CLASS else None,
            )
        )
    return told


def consensus(items: Sequence[int], labels: Sequence[int]) -> Ints:
    """Whether each label is what most of the others said of the same item.

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
    """Whether two whom each annotator met have met each other too; else nothing is identified."""
    together = (met.T.astype(np.int64) @ met.astype(np.int64)) >= _LEAST_MET
    np.fill_diagonal(together, False)
    link = together.astype(np.int64)
    return [bool(found) for found in np.diagonal(link @ link @ link) > 0]
