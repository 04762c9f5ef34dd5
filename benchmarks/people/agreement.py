"""The quality of the intervals and estimates about people: how often they cover the truth, in simulated worlds.

    python benchmarks/people/agreement.py

Agreement: two labels on each of two items a passage, faults clustered by passage, common (40 %), fewer (12 %),
rare (5 %). Accuracy: people, passages and items each have an effect on the log odds; the truth is the accuracy of
other people on other passages. Reliability: six reviewers with randomly drawn recall and specificity, two labels
an item. Without coverage these intervals would be ornaments.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show, timed
from qc.agreement.agreement_coefficients import Agreement, agreement, label_counts
from qc.agreement.annotator_reliability import dawid_skene
from qc.agreement.human_accuracy import accuracy

WORLDS = 400
FAULTS = {"faults in 40 %": (0.4, 0.8, 0.85), "in 12 %": (0.12, 0.7, 0.95), "in 5 %": (0.05, 0.6, 0.98)}
"""The shares of faulty items, of these that are flagged, and of sound items that are not flagged."""

READERS = {
    "6 people, 20 answers each, 30 passages": (6, 20, 30),
    "3 people, 60 answers each, 30 passages": (3, 60, 30),
    "10 people, 60 answers each, 150 passages": (10, 60, 150),
}


def main() -> list[Line]:
    _agreement()
    _accuracy()
    _reliability()
    random = np.random.default_rng(0)
    counts, passages = labels(random, 450, *FAULTS["in 12 %"])
    return [Line("agreement of 900 items, three intervals", timed(lambda: agreement(counts, passages)))]


def labels(
    random: np.random.Generator, passages: int, share: float, recall: float, specificity: float
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Return two people's labels on two items a passage, and each item's passage."""
    whose = np.repeat(np.arange(passages), 2)
    faulty = random.random(len(whose)) < expit(logit(share) + random.normal(0, 1, passages)[whose])
    flags = np.where(
        faulty[:, None], random.random((len(whose), 2)) < recall, random.random((len(whose), 2)) > specificity
    )
    units = np.repeat(np.arange(len(whose)), 2)
    return label_counts(units, flags.astype(int).ravel(), 2), whose


def _agreement() -> None:
    print(f"agreement: 95 % intervals that hold the truth ({WORLDS} worlds; share of worlds with an interval)")
    random = np.random.default_rng(1)
    names = ("percent", "alpha", "ac1")
    for kind, facts in FAULTS.items():
        counts, _ = labels(random, 200_000, *facts)
        truth = agreement(counts[:, :], np.zeros(len(counts)))
        for passages in (30, 150):
            found: list[Agreement] = []
            for world in range(WORLDS):
                found.append(agreement(*labels(random, passages, *facts), draws=1000, seed=world))
            told = []
            for name in names:
                known = [getattr(one, name) for one in found if getattr(one, name).low is not None]
                held = (
                    np.mean([one.low <= getattr(truth, name).value <= one.high for one in known])
                    if known
                    else np.nan
                )
                told.append(f"{name} {held:.3f} ({len(known) / WORLDS:.2f})")
            print(f"  {2 * passages:4} items, {kind:15} {', '.join(told)}")


def _accuracy() -> None:
    print(f"accuracy, clustered by person and passage: intervals that hold the truth ({WORLDS} worlds)")
    random = np.random.default_rng(2)
    truth = expit(2.5 + np.sqrt(0.75) * np.random.default_rng(0).normal(size=400_000)).mean()
    for kind, (people, each, passages) in READERS.items():
        held, naive = [], []
        for _ in range(WORLDS):
            who = np.repeat(np.arange(people), each)
            item = np.resize(random.permutation(2 * passages), len(who))
            effects = [random.normal(0, 0.5, size) for size in (people, passages, 2 * passages)]
            odds = 2.5 + effects[0][who] + effects[1][item // 2] + effects[2][item]
            right = random.random(len(who)) < expit(odds)
            one = accuracy(right, who, item // 2)
            half = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / len(right))
            held.append(one.low is not None and one.low <= truth <= one.high)
            naive.append(abs(right.mean() - truth) <= half)
        print(f"  {kind:42} {np.mean(held):.3f} (counting answers alone: {np.mean(naive):.3f})")


def _reliability() -> None:
    print("Dawid and Skene, six reviewers, two labels an item: error (root mean square) of recall and specificity")
    random = np.random.default_rng(3)
    for items in (60, 300, 600):
        for share in (0.15, 0.3):
            errors = np.array([_error(random, items, share) for _ in range(60)])
            recall, specificity = np.sqrt((errors**2).mean(axis=(0, 2)))
            each = items * 2 / 6
            about = f"{each:.0f} labels each, {each * share:.0f} on faulty items"
            print(f"  {items:4} items, {about:42} {recall:.2f} {specificity:.2f}")


def _error(random: np.random.Generator, items: int, share: float) -> npt.NDArray[Any]:
    recall, specificity = random.beta(6, 2.5, 6), random.beta(20, 2.5, 6)
    counts = np.zeros((items, 6, 2), np.int64)
    for item in range(items):
        faulty = random.random() < share
        for person in random.choice(6, 2, replace=False):
            flags = random.random() < (recall[person] if faulty else 1 - specificity[person])
            counts[item, person, int(flags)] = 1
    rates = dawid_skene(counts).rates
    return np.array([rates[:, 1, 1] - recall, rates[:, 0, 0] - specificity])


if __name__ == "__main__":
    show(main())
