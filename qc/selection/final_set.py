"""The final set: which of the kept items it has, and the order of their options, so that no rule of thumb pays.

An integer programme chooses (`qc.selection.integer_programme`); what cannot be met together is given up in a fixed
order and reported, so there is always an answer. The order is one of importance. The limit per passage always
holds. Then comes the size; then every named heuristic within its margin of chance, since a set of another mix is
still an honest one and a set that a rule solves is not; then the quotas, one column after another; then quality,
and heuristics within half their margin.

The positions of options are settled afterwards, anew for all items that were never released: the positions of the
key are balanced exactly, the other options follow a hash of the content. Moving only misplaced keys would leave a
trace, because authors like to sort numbers. Nothing depends on the clock or on the order of the candidates.

What was balanced is a fact to print and no longer a test, and cross-fitting inside a chosen set reads below chance
whatever the set hides: see `qc.selection.post_selection`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

import numpy as np
import pandas as pd

from data.errors import UsageError
from data.ledger.tables import digest
from qc.checks.shortcut_checks import fraction
from qc.selection.integer_programme import Programme, Quota
from qc.set_statistics.options import Floats, Ints


@dataclass(frozen=True)
class SetWishes:
    """The wishes for the final set.

    Attributes:
        size: how many items.
        per_passage: the most items of one group; None for no limit.
        margin: how far from chance a heuristic's accuracy may be, to either side.
        quotas: per column of the candidates (`domain`, `topic`, …), the most important first: per value a count
            (int) or a share of the size (float). Values that are not named are free.
    """

    size: int
    per_passage: int | None = None
    margin: float = 0.05
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Forgone:
    """A wish that could not be met.

    Attributes:
        wish: what was wanted: the size, a heuristic within its margin of chance, or a quota.
        name: the heuristic's, or the column's and the value's of a quota ("domain news"); "" for the size.
        had: what the set has: a count, or a heuristic's accuracy.
        wanted: the count, or the accuracy that would just have been allowed.
        limit: for the size, the limit per passage; None without a limit.
    """

    wish: Literal["size", "margin", "quota"]
    name: str
    had: float
    wanted: float
    limit: int | None = None

    @property
    def words(self) -> str:
        """The wording that is recorded and printed on the card."""
        if self.wish == "margin":
            return f"{self.name}: {fraction(self.had)}, margin {fraction(self.wanted)}"
        limit = f" (at most {self.limit} per passage)" if self.limit else ""
        return f"{self.name or 'size'}: {self.had:.0f} of {self.wanted:.0f}{limit}"


@dataclass(frozen=True, eq=False)
class ChosenSet:
    """The final set.

    Attributes:
        lines: (n chosen,): the chosen candidates, by their position, ascending.
        orders: per chosen item its options as shown, by their identities, counted from 1.
        accuracy: per heuristic its realised accuracy in the set.
        chance: the accuracy of guessing in the set.
        forgone: the wishes that could not be met; empty if all were.
    """

    lines: Ints
    orders: list[list[int]]
    accuracy: Mapping[str, float]
    chance: float
    forgone: tuple[Forgone, ...]

    @property
    def gave_up(self) -> tuple[str, ...]:
        """The wishes given up, in the recorded wording."""
        return tuple(one.words for one in self.forgone)


def choose(
    candidates: pd.DataFrame,
    credits: Floats,
    heuristics: Sequence[str],
    wanted: SetWishes,
    released: Mapping[str, Sequence[int]] | None = None,
) -> ChosenSet:
    """Choose the final set.

    Args:
        candidates: `item_id`, `group` (the passage), `question`, `options` (lists of texts), `key` (counted from
            0), optionally `quality` in [0, 1] (1 where there is none), and a column per quota.
        credits: (n candidates, h): what picking by each heuristic earns on each item, in [0, 1]; ties share.
        heuristics: their h names. Those that depend only on an option's position do not belong here: positions are
            balanced.
        wanted: the set's size and make-up.
        released: orders of options that were released, by item_id; they stay as they are.

    Raises:
        UsageError: there are no candidates, the size is below 1, or quotas name nothing or add up to too much.
    """
    _validate(candidates, wanted)
    order = np.argsort(content_marks(candidates), kind="stable")
    worth = np.asarray(credits, dtype=float).reshape(len(candidates), len(heuristics))
    chances = 1 / candidates["options"].map(len).to_numpy(float)
    quality = candidates["quality"].to_numpy(float) if "quality" in candidates else np.ones(len(candidates))
    in_order = candidates.iloc[order].reset_index(drop=True)
    programme = Programme.of(
        (worth - chances[:, None])[order],
        quality[order],
        size=wanted.size,
        margin=wanted.margin,
        limits=_limits(in_order, wanted),
        quotas=_quotas(in_order, wanted),
    )
    lines = np.sort(order[programme.solved()]).astype(np.int64)
    chosen = candidates.iloc[lines]
    accuracy = dict(zip(heuristics, map(float, worth[lines].mean(axis=0)), strict=True))
    chance = float(chances[lines].mean())
    forgone = _forgone(chosen, accuracy, chance, wanted)
    return ChosenSet(lines, shown_orders(chosen, released), accuracy, chance, tuple(forgone))


def shown_orders(items: pd.DataFrame, frozen: Mapping[str, Sequence[int]] | None = None) -> list[list[int]]:
    """Return an order of options for every item: the key equally often in each position, the others ordered by a
    hash.

    Args:
        items: columns as for `choose`. Among items with equally many options the counts of positions differ by at
            most 1, as far as frozen orders allow.
        frozen: orders that stand already, by item_id; the others are balanced against them.

    Returns:
        Per item the identities of its options (counted from 1) as shown.
    """
    marks = content_marks(items)
    names, counts, keys = (items[name].tolist() for name in ("item_id", "options", "key"))
    counts = [len(options) for options in counts]
    standing = frozen or {}
    orders: list[list[int]] = [list(standing.get(name, ())) for name in names]
    met = Counter((counts[n], order.index(int(keys[n]) + 1)) for n, order in enumerate(orders) if order)
    for line in sorted(range(len(marks)), key=marks.__getitem__):
        if orders[line]:
            continue
        count = counts[line]
        place = min(range(count), key=lambda position: (met[count, position], position))
        met[count, place] += 1
        orders[line] = order_with_key_at(place, marks[line], int(keys[line]) + 1, count)
    return orders


def order_with_key_at(place: int, mark: str, key: int, count: int) -> list[int]:
    """Return an order of options that shows the key in a given place, the others ordered by a hash.

    Args:
        place: counted from 0.
        mark: of the item's content.
        key: its identity, counted from 1.
        count: how many options there are.
    """
    hashes = {digest(mark, identity): identity for identity in range(1, count + 1) if identity != key}
    others = [hashes[one] for one in sorted(hashes)]
    return [*others[:place], key, *others[place:]]


def content_marks(items: pd.DataFrame) -> list[str]:
    """Return a hash of each item's content, which breaks ties."""
    columns = (items[name] for name in ("item_id", "question", "options"))
    return [digest("candidate", item, question, options) for item, question, options in zip(*columns, strict=True)]


def _limits(items: pd.DataFrame, wanted: SetWishes) -> list[tuple[Ints, int]]:
    if wanted.per_passage is None:
        return []
    groups = [np.asarray(lines, np.int64) for lines in items.groupby("group").indices.values()]
    return [(lines, wanted.per_passage) for lines in groups if len(lines) > wanted.per_passage]


def _quotas(items: pd.DataFrame, wanted: SetWishes) -> list[list[Quota]]:
    return [
        [
            ((items[column].astype(str) == value).to_numpy(bool), target)
            for value, target in _targets(quotas, wanted.size).items()
        ]
        for column, quotas in wanted.quotas.items()
    ]


def _validate(candidates: pd.DataFrame, wanted: SetWishes) -> None:
    if wanted.size < 1:
        raise UsageError(f"a set of {wanted.size} items cannot be chosen; ask for 1 at least")
    if candidates.empty:
        raise UsageError("there is nothing to choose from")
    for column, quotas in wanted.quotas.items():
        if column not in candidates.columns:
            raise UsageError(f"the items have no {column}, so there can be no quotas of it")
        there = sorted(candidates[column].dropna().astype(str).unique())
        for value in quotas:
            if value not in there:
                near = get_close_matches(value, there, n=1, cutoff=0.5) or there[:5]
                raise UsageError(f"no item has {column} {value!r}; there is {', '.join(near) or 'none at all'}")
        counts = _targets(quotas, wanted.size)
        if sum(counts.values()) > wanted.size:
            listed = ", ".join(f"{value} {count}" for value, count in counts.items())
            raise UsageError(f"the quotas of {column} add up to more than {wanted.size}: {listed}; lower them")


def _targets(quotas: Mapping[str, float], size: int) -> dict[str, int]:
    """Return quotas as counts; shares are rounded so that their sum is too (largest remainders)."""
    exact = {value: quota * size if isinstance(quota, float) else float(quota) for value, quota in quotas.items()}
    counts = {value: int(np.floor(amount + 1e-9)) for value, amount in exact.items()}
    lacking = round(sum(exact.values())) - sum(counts.values())
    for name in sorted(exact, key=lambda one: (counts[one] - exact[one], one))[:lacking]:
        counts[name] += 1
    return counts


def _forgone(
    chosen: pd.DataFrame, accuracy: Mapping[str, float], chance: float, wanted: SetWishes
) -> Iterator[Forgone]:
    if len(chosen) < wanted.size:
        yield Forgone("size", "", len(chosen), wanted.size, wanted.per_passage)
    for name, share in accuracy.items():
        if abs(share - chance) > wanted.margin + 1e-6:
            yield Forgone("margin", name, share, chance + (wanted.margin if share > chance else -wanted.margin))
    for column, quotas in wanted.quotas.items():
        for value, target in _targets(quotas, wanted.size).items():
            count = int((chosen[column].astype(str) == value).sum())
            if count != target:
                yield Forgone("quota", f"{column} {value}", count, target)
