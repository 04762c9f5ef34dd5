"""A check of numbers in digits: a digit that was changed in translation, told from what may rightly differ.

`numbers_kept` notes every difference, and many are right: units and calendars are converted, numbers are written
as words. Here only what cannot be a conversion is flagged: one number on each side is left over, and one comes
from the other by one slip of a finger.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import regex

from qc.check import Span, check, findings
from qc.checks.source_comparison import SOURCE_ITEM, Rendering, renderings
from qc.checks.wording_checks import quoted
from qc.text.numerals import Number, unmatched

_CALENDARS = frozenset({543, 544, 638, 621, 622, 579, 580, 7, 8, 56, 57, 78, 1911, 3760, 3761, 593, 594, 31, 333})
"""Years between the common calendar and others: Buddhist, Burmese, Persian, Hijri, Ethiopian, Nepali, Saka, …"""


@check(scope="item")
def digits_kept(items: pd.DataFrame, *, digits: int = 2) -> pd.DataFrame:
    """No number in digits differs from its source's by one slip: a digit changed, lost, added or two exchanged.

    Both texts must have digits, of any script. A difference that is none of these slips could not be judged: it
    may be a converted unit or calendar, or a number in words.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        digits: fewest digits of a number that counts.
    """
    flagged: list[bool | None] = []
    reasons, spans, applicable = [], [], []
    for parts in renderings(items):
        found: list[Span] = []
        unsure: list[str] = []
        fits = False
        for one in parts or ():
            if not _DIGIT.search(one.text) and not _DIGIT.search(one.source):
                continue
            fits = True
            lost, added = unmatched(one.source, one.text, one.source_code, one.code)
            if not lost and not added:
                continue
            slips = list(_slips(lost, added, digits))
            found += [_told(one, was, now) for was, now in slips]
            if len(slips) < max(len(lost), len(added)):
                unsure.append(f"{one.subject} has other numbers than its source, maybe converted or in words")
        flagged.append(True if found else None if unsure else False)
        reasons.append("; ".join([*(span.reason for span in found), *([] if found else unsure)]))
        if parts is None:
            reasons[-1] = SOURCE_ITEM
        spans.append(found)
        applicable.append(fits)
    return findings(items, flagged, reasons, spans=spans, applicable=applicable)


_DIGIT = regex.compile(r"\d")


def _told(one: Rendering, was: Number, now: Number) -> Span:
    said = f"{one.subject} has {now.digits} where the source has {was.digits}: {quoted(one.text)}"
    return Span(one.part, said, now.start, now.end)


def _slips(lost: tuple[Number, ...], added: tuple[Number, ...], least: int) -> Iterator[tuple[Number, Number]]:
    """Yield the pairs of which one comes from the other by a slip and by no known conversion."""
    if len(lost) == len(added) == 1 and _slip(lost[0].digits, added[0].digits, least):
        yield lost[0], added[0]


def _slip(was: str, now: str, least: int) -> bool:
    if min(len(was), len(now)) < least or was == now:
        return False
    if abs(int(was) - int(now)) in _CALENDARS:
        return False
    if len(was) == len(now):
        differ = [n for n, pair in enumerate(zip(was, now, strict=True)) if pair[0] != pair[1]]
        if len(differ) == 1:
            return len(was) > 2
        if len(differ) == 2 and differ[1] == differ[0] + 1:
            first, second = differ
            return was[first] == now[second] and was[second] == now[first]
        return False
    longer, shorter = (was, now) if len(was) > len(now) else (now, was)
    if len(longer) != len(shorter) + 1 or len(shorter) < 3:
        return False
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))
