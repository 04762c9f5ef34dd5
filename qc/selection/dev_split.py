"""The dev split: which items serve as few-shot examples, apart from those that a model is tested on.

Belebele has one split, so harnesses take their examples from the items that they test on. Items for `dev` are
drawn by passage (by what the passages come from), since a passage that stands on both sides is half an answer. A
hash draws; neither clock nor the order of the candidates matters.

Files are sorted by item_id, and harnesses take the first items as examples, so the first four are to be of four
passages with four different keys. The draw sees to it: the four that come first are from the first quarter of the
passages, if possible from ones with one question, for further questions of theirs can stand on neither side.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from data.ledger.tables import digest
from qc.selection.final_set import content_marks, order_with_key_at, shown_orders

LEAD = 4
"""How many items at the start of the split have different passages and different keys."""

_PASSAGES = 20
"""From how many passages the items are at least, or from half as many as there are items."""


def drawn(groups: Mapping[str, str], wanted: int, seed: str, standing: Collection[str] = ()) -> list[str] | None:
    """Draw the items that a dev split lacks.

    Args:
        groups: what each candidate's passage comes from, by item_id; none of them may be on the other side.
        wanted: how many items the split is to have.
        seed: of the hash that draws, such as the campaign's id.
        standing: the items that it has already; they stay.

    Returns:
        The new items, sorted; None where the candidates are too few: a split may not be larger than what is left
        for testing.
    """
    lacking = wanted - len(standing)
    if lacking <= 0:
        return []
    by_group: dict[str, list[str]] = defaultdict(list)
    for item in sorted(set(groups) - set(standing)):
        by_group[groups[item]].append(item)
    if not by_group:
        return None
    lot = {group: digest("dev", seed, group) for group in by_group}
    if standing:
        return _drawn(by_group, lot, sorted(standing)[:LEAD], lacking, _most(wanted))
    early = -(-len(by_group) // 4) if wanted > LEAD else len(by_group)
    for window in (early, LEAD):
        lead = _lead(by_group, lot, min(LEAD, wanted), max(window, LEAD))
        rest = _drawn(by_group, lot, lead, lacking - len(lead), _most(wanted))
        sides = {groups[item] for item in (*lead, *(rest or ()))}
        left = sum(len(items) for group, items in by_group.items() if group not in sides)
        if rest is not None and left >= wanted:
            return sorted([*lead, *rest])
    return None


def dev_orders(items: pd.DataFrame, frozen: Mapping[str, Sequence[int]], seed: str) -> list[list[int]]:
    """Return an order of options for each item of a dev split: keys balanced, those of the first four different.

    Args:
        items: columns as for `qc.selection.final_set.choose`.
        frozen: orders that stand already, by item_id.
        seed: as for `drawn`.
    """
    standing = {name: frozen[name] for name in items["item_id"] if name in frozen}
    if not standing:
        marks = content_marks(items)
        first = sorted(range(len(items)), key=items["item_id"].tolist().__getitem__)[:LEAD]
        places = sorted(range(LEAD), key=lambda place: digest("dev keys", seed, place))
        for line, place in zip(first, places, strict=False):
            item = items.iloc[line]
            count = len(item["options"])
            standing[str(item["item_id"])] = order_with_key_at(
                place % count, marks[line], int(item["key"]) + 1, count
            )
    return shown_orders(items, standing)


def _most(wanted: int) -> int:
    """Return the most items of one passage that a split of this size takes."""
    return max(1, wanted // max(1, min(_PASSAGES, wanted // 2)))


def _lead(by_group: Mapping[str, list[str]], lot: Mapping[str, str], count: int, window: int) -> list[str]:
    """Return the items that come first: one of each group, of those at the beginning."""
    early = sorted(by_group, key=lambda group: by_group[group][0])[:window]
    early.sort(key=lambda group: (len(by_group[group]) > 1, lot[group]))
    return sorted(by_group[group][0] for group in early[:count])


def _drawn(
    by_group: Mapping[str, list[str]], lot: Mapping[str, str], lead: Sequence[str], lacking: int, most: int
) -> list[str] | None:
    """Draw items that come after those at the start, sorted; None where there are too few.

    The group of the last of these goes first, then groups that are taken whole, then others in part.
    """
    first = max(lead)
    begun = {group for group, items in by_group.items() if set(items) & set(lead)}
    after = {group: [item for item in items if item > first] for group, items in by_group.items()}
    free = {group for group, items in after.items() if items and (group not in begun or first in by_group[group])}
    found: list[str] = []
    used = set[str]()
    for in_part in (False, True):
        for group in sorted(free, key=lambda group: (group not in begun, lot[group])):
            items, room = after[group], min(most - (group in begun), lacking - len(found))
            if room > 0 and group not in used and (in_part or len(items) <= room):
                used.add(group)
                found += items[:room]
    return sorted(found) if len(found) == lacking else None
