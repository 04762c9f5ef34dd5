"""Flags beside those that chance alone explains, by check and language.

Every check flags some correct texts. How many is known for learned checks from the texts that they were
calibrated on, for others from translations by people where that was measured, and best from a campaign's own
accepted items. Where nothing was measured nothing is expected: such a cell has no number and is never called
unusual. Twenty checks in a hundred languages are two thousand cells, so single tests would call a hundred unusual
where nothing is: the share of wrong ones among those that are called so is held at `FALSE_DISCOVERIES` (Benjamini
and Hochberg 1995, Journal of the Royal Statistical Society B 57, 289-300).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

FALSE_DISCOVERIES = 0.05
"""The share of cells called unusual that may be so by chance."""

MEASURED: Mapping[str, float] = MappingProxyType(
    {
        "blank_text": 0.00001,
        "mixed_script": 0.001,
        "repeated_text": 0.00004,
        "digits_kept": 0.0012,
        "text_of_another_item": 0.0004,
        "reused_rendering": 0.0004,
        "one_rendering": 0.0002,
        "source_words_left": 0.0037,
        "cut_short": 0.0015,
        "doubled_words": 0.0012,
        "end_marks": 0.0009,
        "unpaired_brackets": 0.0014,
        "unpaired_quotes": 0.0032,
    }
)
"""The share of 413,827 translations by people, in 203 languages together, that a check flags
(`benchmarks/translation/translation_checks.py`)."""


class RateSource(StrEnum):
    """What a rate of false alarms was found on."""

    ACCEPTED = "accepted items"
    """The campaign's own items, accepted by a proofreader."""
    PASSAGES = "passages"
    """Held-out texts of the passages that a learned check was calibrated on; it may flag no more than this."""
    TRANSLATIONS = "translations by people"
    """Published translations in many languages together."""


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """The share of a language's correct items that a check flags.

    Attributes:
        rate: the share, above 0.
        source: what it was found on.
        items: the number of the language's items that knowing it is worth, since it may be off; None if it is not.
    """

    rate: float
    source: RateSource
    items: int | None = None


def measured(check: str) -> FalseAlarms | None:
    """Return what was measured of a check on translations by people; None if nothing was.

    Of a language's own rate only the mean over all languages is known then. The distribution that assumes nothing
    more is the exponential one (Jaynes 1957), which is worth as many items as one flag is expected in.
    """
    rate = MEASURED.get(check)
    return None if rate is None else FalseAlarms(rate, RateSource.TRANSLATIONS, round(1 / rate) - 1)


@dataclass(frozen=True, slots=True)
class FlagCount:
    """What a check flagged in a language.

    Attributes:
        check: its name.
        language: the language.
        judged: the number of items that it judged.
        flagged: the number of these that it flagged.
        by_chance: its false alarms; None where they are not known.
    """

    check: str
    language: str
    judged: int
    flagged: int
    by_chance: FalseAlarms | None

    @property
    def expected(self) -> float | None:
        """The number of flags if every item were correct; None where that is not known, or nothing was judged."""
        return None if self.by_chance is None or not self.judged else self.judged * self.by_chance.rate


def unusual(counts: Sequence[FlagCount], share: float = FALSE_DISCOVERIES) -> list[bool | None]:
    """Tell which cells have more flags than chance explains.

    Each is held against its expected number by a one-sided binomial test (beta-binomial where the rate itself was
    estimated on few items, else every estimate that came out low would make its cell unusual). Of the m cells that
    have such a number, the k with the smallest probabilities are unusual, k the largest for which the k-th is at
    most k/m of `share`.

    Args:
        counts: all cells of a report.
        share: the share of those called unusual that may be so by chance.

    Returns:
        For each cell whether it is unusual; None where no number is expected.
    """
    probabilities = [
        None if one.by_chance is None or not one.judged
        else binomial_tail(one.flagged, one.judged, one.by_chance.rate, one.by_chance.items)
        for one in counts
    ]  # fmt: skip
    known = sorted(one for one in probabilities if one is not None)
    passed = [one for rank, one in enumerate(known, 1) if one <= share * rank / len(known)]
    line = max(passed, default=-1.0)
    return [None if one is None else one <= line for one in probabilities]


def binomial_tail(least: int, tries: int, rate: float, items: int | None = None) -> float:
    """Return the probability of at least so many successes.

    Args:
        least: the number of successes.
        tries: the number of independent tries.
        rate: the probability of success, above 0 and below 1.
        items: the number of other tries that knowing the rate is worth: it is then itself uncertain, by a beta
            distribution, and the number of successes is beta-binomial. None if the rate is known.

    >>> binomial_tail(0, 10, 0.1), round(binomial_tail(1, 10, 0.1), 4), round(binomial_tail(10, 10, 0.5), 6)
    (1.0, 0.6513, 0.000977)
    >>> round(binomial_tail(1, 10, 0.1, items=9), 4)
    0.5263
    """
    if least <= 0:
        return 1.0
    if least > tries:
        return 0.0
    if items is None:
        odds = rate / (1 - rate)
        first = _ways(least, tries) + least * math.log(rate) + (tries - least) * math.log1p(-rate)
    else:
        a, b = rate * (items + 1), (1 - rate) * (items + 1)
        first = _ways(least, tries) + _log_beta(least + a, tries - least + b) - _log_beta(a, b)

    def rise(count: int) -> float:
        """Return the probability of one success more, against that of so many."""
        more = (tries - count) / (count + 1)
        return more * (odds if items is None else (count + a) / (tries - count - 1 + b))

    total = term = math.exp(first)
    if least > tries * rate:  # from there on terms only fall
        for count in range(least, tries):
            term *= rise(count)
            total += term
            if term < total * 1e-17:
                break
        return min(1.0, total)
    below = 0.0
    for count in range(least - 1, -1, -1):
        term /= rise(count)
        below += term
        if term < below * 1e-17:
            break
    return max(0.0, 1.0 - below)


def _ways(count: int, tries: int) -> float:
    return math.lgamma(tries + 1) - math.lgamma(count + 1) - math.lgamma(tries - count + 1)


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def tail_of_many(least: int, rates: Sequence[float]) -> float:
    """Return the probability of at least so many successes in independent tries of different probabilities.

    Args:
        least: the number of successes.
        rates: the probability of success of each try.

    >>> round(tail_of_many(2, [0.5, 0.5, 0.5]), 4)
    0.5
    """
    exactly = [1.0] + [0.0] * len(rates)
    for done, rate in enumerate(rates, 1):
        for count in range(done, 0, -1):
            exactly[count] = exactly[count] * (1 - rate) + exactly[count - 1] * rate
        exactly[0] *= 1 - rate
    return min(1.0, math.fsum(exactly[max(0, least) :]))
