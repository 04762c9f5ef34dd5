"""A check of numbers in digits: a digit that was changed in translation, told from what may rightly differ.

`numbers_kept` notes every difference, and many are right: units and calendars are converted, numbers are written
as words. Here only what cannot be a conversion is flagged: one number on each side is left over, and they have as
many digits, or all but one of them in common.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
import regex

from qc.check import Span, check, findings
from qc.checks.source_comparison import SOURCE_ITEM, Rendering, renderings
from qc.checks.wording_checks import quoted
from qc.text.numerals import Number, unmatched
from qc.text.text_folding import script_of

_CALENDARS: Mapping[str, frozenset[int]] = {
    "Thai": frozenset({543, 544}), "Laoo": frozenset({543, 544}), "Khmr": frozenset({543, 544}),
    "Sinh": frozenset({543, 544}), "Mymr": frozenset({543, 544, 638}), "Ethi": frozenset({7, 8}),
    "Deva": frozenset({56, 57, 78}), "Beng": frozenset({593, 594, 78}), "Hebr": frozenset({3760, 3761}),
    "Hant": frozenset({1911}), "Hans": frozenset({1911}), "Arab": frozenset({621, 622}),
}  # fmt: skip
"""Years between the common calendar and those of a script's readers: Buddhist, Burmese, Ethiopian, Nepali, Saka,
Bengali, Hebrew, of the Republic of China, Persian."""


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
            slips = list(_slips(lost, added, digits, script_of(one.code)))
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


def _slips(
    lost: tuple[Number, ...], added: tuple[Number, ...], least: int, script: str
) -> Iterator[tuple[Number, Number]]:
    """Yield the pairs of which one comes from the other by a slip and by no known conversion."""
    if len(lost) == len(added) == 1 and _slip(lost[0].digits, added[0].digits, least, script):
        yield lost[0], added[0]


_UNITS = (1.609, 3.281, 2.205, 2.54, 3.785, 4.546, 2.471, 1.852, 1.151, 28.35, 30.48, 2.59, 1.094, 1.196)
"""Factors between units that translators convert: miles, feet, pounds, inches, gallons, acres, …"""

_ROUNDED, _EXACT = 0.04, 0.012
"""How far a converted number may be from the exact one, as a share of it: one that ends in 0 or 5, and others."""


def _converted(was: int, now: int, script: str) -> bool:
    """Whether one number may be the other in another unit, calendar or clock."""
    if abs(was - now) == 12 and max(was, now) <= 24:
        return True
    if min(was, now) == 0 or _of_another_calendar(was, now, script):
        return True
    ratio = max(was, now) / min(was, now)
    near = _EXACT if now % 5 else _ROUNDED
    degrees = abs(was * 9 / 5 + 32 - now) <= 1 or abs((was - 32) * 5 / 9 - now) <= 1
    return degrees or any(abs(ratio / factor - 1) < near for factor in _UNITS)


def _of_another_calendar(was: int, now: int, script: str) -> bool:
    if abs(was - now) in _CALENDARS.get(script, ()):
        return True
    if script != "Arab":
        return False
    common, hijri = max(was, now), min(was, now)
    return common > 622 and abs((common - 622) * 33 / 32 - hijri) <= 1.5


def _slip(was: str, now: str, least: int, script: str) -> bool:
    if min(len(was), len(now)) < least or was == now or _converted(int(was), int(now), script):
        return False
    if len(was) == len(now):
        return True
    longer, shorter = (was, now) if len(was) > len(now) else (now, was)
    if len(longer) != len(shorter) + 1 or len(shorter) < 3:
        return False
    return any(longer[:n] + longer[n + 1 :] == shorter for n in range(len(longer)))
