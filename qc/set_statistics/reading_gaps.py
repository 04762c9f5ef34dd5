"""How well a model reads: its accuracy from pictures beside that from text and from nothing, by group of items.

Every item is answered under every condition, so the differences are paired. Questions on one passage share its
picture and are not independent: the interval of a share counts passages as clusters (Wilson 1927, with the
variance between clusters), that of a difference is the percentiles of a bootstrap over passages (Field & Welsh
2007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

from qc.set_statistics.clustered_shares import clustered_interval

COLUMNS = ("item_id", "language", "script", "passage", "condition", "right", "font", "size", "degradation")
"""The columns of answers: one line per item, language and condition; `passage` is the same for what shares it."""

LEAST_PASSAGES = 10
"""The fewest passages whose bootstrap tells the interval of a difference."""

_DRAWS = 2000
_SEED = 11


@dataclass(frozen=True)
class Accuracy:
    """Share of right answers under one condition, with its 95 % interval.

    Attributes:
        condition: its name.
        items: how many were answered.
        right: the share of right answers.
        low: lower end of the interval.
        high: upper end.
    """

    condition: str
    items: int
    right: float
    low: float
    high: float


@dataclass(frozen=True)
class Gap:
    """Accuracy under one condition less that under another, on the items that were answered under both.

    Attributes:
        items: how many these are.
        passages: on how many passages.
        gap: the difference of the shares; None without items.
        low: lower end of its 95 % interval; None with fewer than `LEAST_PASSAGES` passages.
        high: upper end.
    """

    items: int
    passages: int
    gap: float | None
    low: float | None
    high: float | None


def accuracies(answers: pd.DataFrame) -> list[Accuracy]:
    """Return the accuracy under each condition, in the order in which the conditions first occur.

    Args:
        answers: `COLUMNS`.
    """
    found = []
    for condition in answers["condition"].unique():
        part = answers[answers["condition"] == condition]
        share, low, high = clustered_interval(part["right"].tolist(), part["passage"].tolist())
        found.append(Accuracy(str(condition), len(part), share, low, high))
    return found


def gap(answers: pd.DataFrame, one: str, other: str) -> Gap:
    """Return the accuracy under one condition less that under another.

    Args:
        answers: `COLUMNS`.
        one: a condition.
        other: the condition that it is compared with.
    """
    key = ["item_id", "language"]
    sides = [answers.loc[answers["condition"] == name, [*key, "right", "passage"]] for name in (one, other)]
    both = sides[0].merge(sides[1][[*key, "right"]], on=key, suffixes=("", "_other"))
    if both.empty:
        return Gap(0, 0, None, None, None)
    gained = both["right"].astype(int) - both["right_other"].astype(int)
    sums = gained.groupby(both["passage"]).agg(["sum", "size"]).to_numpy(float)
    share = float(gained.mean())
    if len(sums) < LEAST_PASSAGES:
        return Gap(len(both), len(sums), share, None, None)
    drawn = np.random.default_rng(_SEED).integers(0, len(sums), size=(_DRAWS, len(sums)))
    totals = sums[drawn].sum(axis=1)
    low, high = np.percentile(totals[:, 0] / totals[:, 1], [2.5, 97.5])
    return Gap(len(both), len(sums), share, float(low), float(high))


def grouped(
    answers: pd.DataFrame, by: Sequence[str], pairs: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """Return accuracies and gaps of every group of items.

    Args:
        answers: `COLUMNS`.
        by: the columns that make a group; none for all items together.
        pairs: the gaps to tell, by name: the condition, and that which it is compared with.

    Returns:
        A line a group, sorted: its columns, `accuracies` and `gaps` by name.
    """
    groups = answers.groupby(list(by), sort=True) if by else [((), answers)]
    return [
        {
            **dict(zip(by, (_plain(one) for one in key), strict=True)),
            "accuracies": {one.condition: asdict(one) for one in accuracies(part)},
            "gaps": {name: asdict(gap(part, *pair)) for name, pair in pairs.items()},
        }
        for key, part in groups
    ]


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
