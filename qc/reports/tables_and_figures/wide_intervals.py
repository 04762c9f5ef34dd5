"""When an interval is too wide to tell anything: one rule for every table, figure and sentence of the reports.

An interval from 18 to 100 % says no more than that too few were counted, which readers miss beside a precise-
looking estimate. So it is said wherever an interval of a share or of a coefficient of agreement covers more
than half of the way from 0 to 1. A rate has no upper end: it is said where the interval's upper end is more
than four times its lower one. Whatever the estimate is, with such an interval it may be low or high alike.
"""

from __future__ import annotations

from typing import Literal

WIDE = 0.5
"""The width of an interval between 0 and 1 above which it tells nothing."""

WIDE_RATIO = 4.0
"""The ratio of a rate's two ends above which its interval tells nothing."""

TOO_FEW = "too few to tell"

NOTE = (
    "Too few to tell: the interval covers more than half of the way from 0 to 1 (0 to 100\u00a0%), or, of a rate, "
    "its upper end is more than four times its lower one."
)
"""What stands below a table that has such a cell."""

Scale = Literal["share", "rate"]


def too_wide(low: float | None, high: float | None, scale: Scale = "share") -> bool:
    """Return whether an interval is too wide to tell anything; no interval is not.

    Args:
        low: its lower end, of a share or a coefficient at most 1, of a rate 0 or more.
        high: its upper end.
        scale: whether it has an end at 1.

    >>> too_wide(0.18, 1.0), too_wide(0.4, 0.9), too_wide(None, None)
    (True, False, False)
    >>> too_wide(0.5, 2.1, "rate"), too_wide(1.5, 2.1, "rate"), too_wide(0.0, 0.0, "rate")
    (True, False, False)
    """
    if low is None or high is None:
        return False
    return high - low > WIDE if scale == "share" else high > WIDE_RATIO * low


def too_few(noun: str, low: float | None, high: float | None) -> str:
    r"""Return a sentence where the interval of a share is too wide to tell anything, else "".

    Args:
        noun: what was counted, in the plural.
        low: the interval's lower end.
        high: its upper end.

    >>> too_few("guesses", 0.18, 1.0), too_few("guesses", 0.2, 0.3)
    ('Too few guesses to tell: it may be anything from 18 to 100\xa0%.', '')
    """
    if low is None or high is None or not too_wide(low, high):
        return ""
    return f"Too few {noun} to tell: it may be anything from {100 * low:.0f} to {100 * high:.0f}\u00a0%."
