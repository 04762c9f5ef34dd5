"""A check of numbers in digits: a digit that was changed in translation, told from what may rightly differ.

`numbers_kept` notes every difference, and many are right: units and calendars are converted, numbers are written
as words. Here only what cannot be a conversion is flagged: one number on each side is left over, and they have as
many digits, or all but one of them in common.
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
    """No number in digits was changed: one is only in the source, and one as long only in the translation.

    Both texts must have digits, of any script. A number with one digit more or less counts if the others are the
    same. Every other difference could not be judged, and none that may be a converted unit, calendar or clock.

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


_UNITS = (1.609, 3.281, 2.205, 2.54, 3.785, 4.546, 2.471, 1.852, 1.151, 28.35, 30.48, 2.59, 1.094, 1.196)
"""Factors between units that translators convert: miles, feet, pounds, inches, gallons, acres, …"""

_NEAR = 0.04
"""How far a converted number may be from the exact one, as a share of it: translators round."""


def _converted(was: int, now: int) -> bool:
    """Whether one number may be the other in another unit, calendar or clock."""
    if abs(was - now) in _CALENDARS or (abs(was - now) == 12 and max(was, now) <= 24):
        return True
    if min(was, now) == 0:
        return True
    ratio = max(was, now) / min(was, now)
    degrees = abs(was * 9 / 5 + 32 - now) <= 2 or abs(now * 9 / 5 + 32 - was) <= 2
    return degrees or any(abs(ratio / factor - 1) < _NEAR for factor in _UNITS)


def _slip(was: str, now: str, least: int) -> bool:
    if min(len(was), len(now)) < least or was == now or _converted(int(was), int(now)):
        return False
    if len(was) == len(now):
        return True
    longer, shorter = (was, now) if len(was) > len(now) else (now, was)
    if len(longer) != len(shorter) + 1 or len(shorter) < 3:
        return False
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))
