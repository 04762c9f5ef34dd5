"""Counts of people by what they are, with no cell so small that it tells who somebody is."""

from __future__ import annotations

from collections.abc import Mapping

LEAST = 5
"""The least number of people in a cell."""

OTHER = "other"
"""The cell of all that are too few to be told by themselves."""


def merged(counts: Mapping[str, int]) -> dict[str, int]:
    """Merge the cells of fewer than five people into one, which has five as well, or leave them out.

    Where those few are fewer than five together, the smallest of the others joins them: else whoever knows the sum
    could count them.

    >>> merged({"ind": 9, "fra": 6, "bre": 3, "gsw": 2})
    {'fra': 6, 'ind': 9, 'other': 5}
    >>> merged({"ind": 9, "fra": 6, "bre": 1})
    {'ind': 9, 'other': 7}
    >>> merged({"fra": 3, "bre": 1})
    {}
    """
    large = {name: number for name, number in sorted(counts.items()) if number >= LEAST}
    rest = sum(counts.values()) - sum(large.values())
    while 0 < rest < LEAST and large:
        rest += large.pop(min(large, key=lambda name: (large[name], name)))
    return large | ({OTHER: rest} if rest >= LEAST else {})
