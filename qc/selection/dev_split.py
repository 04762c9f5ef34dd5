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
from collections.abc import Collection, Iterator, Mapping, Sequence

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
    lot = {group: digest("dev", seed, group) for group in by_group}
    begun = sorted(standing)[:LEAD]
    for window in (-(-len(by_group) // 4), LEAD) if not begun else (0,):
        lead = begun if begun else _lead(by_group, lot, min(LEAD, wanted), max(window, LEAD))
        after = {
            group: rest
            for group, items in by_group.items()
            if (rest := [item for item in items if not lead or item > max(lead)])
            and not any(groups.get(item) == group for item in lead)
        }
        chosen = [*(item for item in lead if item not in standing)]
        chosen += _rest(after, lot, lacking - len(chosen), _most(wanted))
        if len(chosen) == lacking:
            sides = {groups[item] for item in chosen}
            left = sum(len(items) for group, items in by_group.items() if group not in sides)
            return sorted(chosen) if left >= wanted or standing else None
    return None


def dev_orders(items: pd.DataFrame, frozen: Mapping[str, Sequence[int]], seed: str) -> list[list[int]]:
    """Return an order of options for each item of a dev split: keys balanced, those of the first four different.

    Args:
        items: columns as for `qc.selection.final_set.choose`.
        frozen: orders that stand already, by item_id.
        seed: as for `drawn`.
    """
    standing = dict(frozen)
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


def _rest(by_group: Mapping[str, list[str]], lot: Mapping[str, str], lacking: int, most: int) -> Iterator[str]:
    """Yield further items: of groups that are taken whole, then of others in part."""
    used = set[str]()
    for in_part in (False, True):
        for group in sorted(by_group, key=lot.__getitem__):
            items, room = by_group[group], min(most, lacking)
            if room and group not in used and (in_part or len(items) <= room):
                used.add(group)
                yield from items[:room]
                lacking -= len(items[:room])
