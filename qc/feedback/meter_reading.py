"""The shortcut meter's reading in an author's words, and its parsing from a submission.

What the page showed when a question was submitted comes back as text, which is the only record of which meter an
author saw. So these sentences are written and parsed here, and nowhere else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qc.feedback.shortcut_meter import MeterReading

_NAMED = 3  # how many words and features are named
_WEIGHTY = 0.05  # nats; a smaller weight is not mentioned
_STEADY = 0.5  # percentage points that do not count as a change
_VERSION = 8  # digits of a version that are shown


@dataclass(frozen=True)
class ShownReading:
    """A reading that an author saw.

    Attributes:
        version: of the meter, as it was shown.
        probability: that it gives the key, in whole hundredths.
    """

    version: str
    probability: float


def metered(read: MeterReading, options: int, before: float | None) -> str:
    """Return the meter's reading in words.

    >>> from qc.feedback.shortcut_meter import Leaning
    >>> metered(MeterReading(0.41, 0.5, (Leaning("never", False, 0.4), Leaning("length", True, 0.1))), 4, 0.29)
    'Without the passage, the correct answer is picked with 41 % (chance 25 %), 12 up since your last change; \
it leans on “never”, length.'
    """
    moved = ""
    if before is not None:
        points = 100 * (read.probability - before)
        way = "up" if points > 0 else "down"
        moved = f", {abs(points):.0f} {way} since your last change" if abs(points) >= _STEADY else ", as before"
    said = f"Without the passage, the correct answer is picked with {read.probability:.0%}".replace("%", " %")
    said += f" (chance {100 / options:.0f} %){moved}"
    leans = [one for one in read.leanings if one.weight > _WEIGHTY][:_NAMED]
    against = [one for one in reversed(read.leanings) if one.weight < -_WEIGHTY][:_NAMED]
    named = leans if read.score >= 0 else against
    if not named:
        return f"{said}."
    what = ", ".join(one.what if one.named else f"“{one.what}”" for one in named)
    return f"{said}; it leans on {what}." if read.score >= 0 else f"{said}; against it speak {what}."


def about_meter(version: str, items: int, accuracy: float) -> str:
    """Describe the meter that gave a reading.

    Args:
        version: hexadecimal; its first digits are shown.
        items: that it was trained on.
        accuracy: on items that it had not seen.

    >>> about_meter("0123456789abown", 1200, 0.314)
    '(Meter 01234567, trained on 1,200 questions; of those that it had not seen it gets 31 % right.)'
    """
    return (
        f"(Meter {version[:_VERSION]}, trained on {items:,} questions; of those that it had not seen it "
        f"gets {100 * accuracy:.0f} % right.)"
    )


def is_about_meter(line: str) -> bool:
    """Whether a line is one of `about_meter`."""
    return _METER_SHOWN.match(line) is not None


def shown_reading(text: str) -> ShownReading | None:
    """Parse the reading from a page's text, a sentence a line; None where it showed none.

    >>> print(shown_reading("Nothing was noticed."))
    None
    """
    version, given = _METER_SHOWN.search(text), _READING_SHOWN.search(text)
    return ShownReading(version[1], int(given[1]) / 100) if version and given else None


_METER_SHOWN = re.compile(rf"^\(Meter ([0-9a-f]{{{_VERSION}}}), ", re.MULTILINE)
_READING_SHOWN = re.compile(r"is picked with (\d+) %")
