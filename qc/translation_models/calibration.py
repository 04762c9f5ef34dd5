"""Calibration: the score below which a learned check flags a text, by language and length, at a known rate.

A learned check gives every text a score, lower for a stranger one. Where to draw the line is not its author's to
guess: the same score is rare in one language and usual in another, and short texts scatter more than long ones.
So the line is drawn from held-out texts that are known to be correct, at the share of them that may be flagged by
mistake. A language with few such texts borrows from the others, as far as languages differ little; with fewer than
`LEAST_TEXTS` there is no line, and the check does not judge. How many checks there are decides how much each may
flag: `shared_rates` divides what a reader of clean texts puts up with.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from itertools import groupby

import numpy as np

from data.ledger.tables import canonical_json, digest
from qc.translation_models.held_out_scores import DrawnLine, HeldOutScores, lines_of, shrunk

FALSE_ALARMS = 0.05
"""The share of a language's clean items that all learned checks together may flag."""


@dataclass(frozen=True, slots=True, order=True)
class LengthClass:
    """A range of text lengths, in code points.

    Attributes:
        shortest: the least length.
        longest: the greatest; None if there is no bound.
    """

    shortest: int
    longest: int | None

    def __str__(self) -> str:
        """The range as reports write it: `41-80`, `401-`."""
        return f"{self.shortest}-{'' if self.longest is None else self.longest}"


LENGTH_CLASSES = (
    LengthClass(1, 15), LengthClass(16, 40), LengthClass(41, 80), LengthClass(81, 170), LengthClass(171, 400),
    LengthClass(401, None),
)  # fmt: skip
"""An option of one or two words, a longer one, a question, question and options, a paragraph, a passage."""

_LONGEST = np.array([one.longest for one in LENGTH_CLASSES[:-1]])


def length_class(characters: int) -> LengthClass:
    """Return the class of a text's length; an empty text counts as one of the shortest.

    >>> str(length_class(0)), str(length_class(15)), str(length_class(16)), str(length_class(5000))
    ('1-15', '1-15', '16-40', '401-')
    """
    return LENGTH_CLASSES[int(np.searchsorted(_LONGEST, characters))]


@dataclass(frozen=True, slots=True)
class HeldOutText:
    """The score of a text that is known to be correct and that the judging model did not learn from.

    Attributes:
        score: lower for a stranger text; finite, or NaN where the check did not judge.
        language: the text's language.
        characters: its length in code points.
        document: the document that it is from; texts of one document are not independent.
    """

    score: float
    language: str
    characters: int
    document: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """The line for one language and length class.

    Attributes:
        language: the language.
        length_class: the lengths, as `LengthClass` is written.
        texts: the number of held-out texts.
        documents: the number of documents they are from.
        threshold: a text with a lower score is flagged; None where there are too few texts.
        low: lower end of the threshold's interval (.95).
        high: its upper end.
        flagged: the share of the held-out texts below the threshold.
        flagged_low: lower end of that share's interval (Wilson's, documents counting as clusters).
        flagged_high: its upper end.
    """

    language: str
    length_class: str
    texts: int
    documents: int
    threshold: float | None = None
    low: float | None = None
    high: float | None = None
    flagged: float | None = None
    flagged_low: float | None = None
    flagged_high: float | None = None


@dataclass(frozen=True)
class Calibration:
    """The thresholds of one check.

    Attributes:
        check: the check's name.
        rate: the share of correct texts that each threshold is to flag.
        fitted_on: what the held-out texts and the model were taken from, in words.
        thresholds: by language and length class, sorted.
    """

    check: str
    rate: float
    fitted_on: str
    thresholds: tuple[Threshold, ...] = field(repr=False)

    def of(self, language: str, characters: int) -> Threshold | None:
        """Return the line for a text; None if no text of its language and length was held out."""
        return self._by_cell.get((language, str(length_class(characters))))

    def threshold(self, language: str, characters: int) -> float | None:
        """Return the score below which a text is flagged; None if the check cannot judge it.

        Args:
            language: the text's language.
            characters: its length in code points.
        """
        cell = self.of(language, characters)
        return None if cell is None else cell.threshold

    def flags(self, score: float, language: str, characters: int) -> bool | None:
        """Return whether a text with this score is flagged; None if that cannot be told."""
        line = self.threshold(language, characters)
        return None if line is None or math.isnan(score) else score < line

    @cached_property
    def digest(self) -> str:
        """A digest of everything in it, 32 hexadecimal digits: the same for equal calibrations."""
        return digest("calibration", self.plain())

    @cached_property
    def _by_cell(self) -> Mapping[tuple[str, str], Threshold]:
        return {(one.language, one.length_class): one for one in self.thresholds}

    def plain(self) -> dict[str, object]:
        """Return it as plain data, of which canonical JSON can be made."""
        return {
            "check": self.check,
            "rate": self.rate,
            "fitted_on": self.fitted_on,
            "thresholds": [asdict(one) for one in self.thresholds],
        }

    def written(self) -> str:
        """Return it as canonical JSON."""
        return canonical_json(self.plain())

    @staticmethod
    def read(written: str) -> Calibration:
        """Return the calibration that `written` wrote."""
        plain = json.loads(written)
        plain["thresholds"] = tuple(Threshold(**one) for one in plain["thresholds"])
        return Calibration(**plain)


def calibrate(check: str, held_out: Iterable[HeldOutText], rate: float, *, fitted_on: str) -> Calibration:
    """Draw the line of a check for every language and length class.

    A line lies where a new correct text's score falls below it with probability `rate`, so far as can be told: by
    the tail of the cell's scores, whose shape is borrowed from the check's other cells (`score_tails`), or by an
    order statistic where scores have no tail (`held_out_scores`). Then it is moved towards the mean of all
    languages in the length class, as far as languages differ little (James–Stein).

    Args:
        check: the check's name.
        held_out: the scores of correct texts; those that are NaN are left out.
        rate: the share of correct texts that may be flagged, above 0 and below 1.
        fitted_on: what the texts and the model were taken from.

    Raises:
        ValueError: the rate is not between 0 and 1, or a score is infinite.
    """
    if not 0 < rate < 1:
        raise ValueError(f"a rate of false alarms lies between 0 and 1, not {rate}")
    cells: dict[tuple[LengthClass, str], list[HeldOutText]] = {}
    for text in held_out:
        if math.isinf(text.score):
            raise ValueError(f"the score of a held-out text in {text.language} is infinite")
        if not math.isnan(text.score):
            cells.setdefault((length_class(text.characters), text.language), []).append(text)
    order = sorted(cells)
    scores = [
        HeldOutScores(language, [one.score for one in some], [one.document for one in some])
        for (_, language), some in ((cell, cells[cell]) for cell in order)
    ]
    lines = lines_of(scores, rate)
    drawn: list[Threshold] = []
    for length, numbered in groupby(enumerate(order), key=lambda one: one[1][0]):
        places = [place for place, _ in numbered]
        for place, line in zip(places, shrunk([lines[place] for place in places]), strict=True):
            drawn.append(_threshold(scores[place], length, line))
    return Calibration(check, rate, fitted_on, tuple(sorted(drawn, key=lambda one: one.language)))


def moved(
    drawn: Mapping[str, Calibration], accepted: Iterable[HeldOutText], *, fitted_on: Mapping[str, str]
) -> dict[str, Calibration]:
    """Move the lines of a check by what texts scored that people accepted.

    What lines are drawn from is correct, but may be another kind of text than what is judged. Accepted texts are
    of the kind, but few; so each language's lines move together, by one amount for all lengths. It is found as
    `calibrate` finds a line, from how far each text is above the line of its length, and is as there moved towards
    the mean of all languages. A flagged text that was accepted since its flag was dismissed is one with a low
    score, and can only move the lines down; they move up only where many accepted texts score high.

    Args:
        drawn: by language, the lines to be moved, all of one check and at one rate.
        accepted: the scores of accepted texts.
        fitted_on: by language, what these texts are, in words.

    Returns:
        The moved lines of each language with `LEAST_TEXTS` such texts; `texts`, `documents` and what is flagged
        are those of the language's accepted texts of all lengths.
    """
    above = []
    for text in accepted:
        line = drawn[text.language].threshold(text.language, text.characters) if text.language in drawn else None
        if line is not None:
            above.append(replace(text, score=text.score - line, characters=0))
    if not above:
        return {}
    check, rate = next((one.check, one.rate) for one in drawn.values())
    shifts = calibrate(check, above, rate, fitted_on="")
    found = {}
    for shift in shifts.thresholds:
        if shift.threshold is None or shift.low is None or shift.high is None:
            continue
        lines = tuple(
            replace(
                one, texts=shift.texts, documents=shift.documents, threshold=one.threshold + shift.threshold,
                low=one.threshold + shift.low, high=one.threshold + shift.high, flagged=shift.flagged,
                flagged_low=shift.flagged_low, flagged_high=shift.flagged_high,
            )
            for one in drawn[shift.language].thresholds
            if one.threshold is not None
        )  # fmt: skip
        found[shift.language] = Calibration(check, rate, fitted_on[shift.language], lines)
    return found


def _threshold(cell: HeldOutScores, length: LengthClass, drawn: DrawnLine | None) -> Threshold:
    """Return the record of a line, or of there being none."""
    found = Threshold(cell.language, str(length), len(cell.scores), len(cell.documents))
    if drawn is None:
        return found
    share, low, high = cell.flagged(drawn.line)
    return replace(
        found, threshold=drawn.line, low=drawn.low, high=drawn.high, flagged=share, flagged_low=low,
        flagged_high=high,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LearnedCheck:
    """A learned check in a language's budget of false alarms.

    Attributes:
        name: the check's name.
        texts: the number of texts of an item that it judges one by one: 1 for the item as a whole, 4 for options.
        weight: its part of the budget, against the other checks' weights.
    """

    name: str
    texts: int = 1
    weight: float = 1.0


def shared_rates(checks: Iterable[LearnedCheck], total: float = FALSE_ALARMS) -> dict[str, float]:
    """Divide the false alarms of a language among its learned checks.

    However the checks depend on each other, together they flag at most the sum of what each flags (Bonferroni),
    and a check that judges several texts of an item at most the sum over these. So no more than `total` of the
    clean items are flagged; fewer if checks flag the same ones.

    Args:
        checks: the checks that judge this language; a check that cannot judge it takes nothing from the others.
        total: the share of clean items that may be flagged.

    Returns:
        By check name, the share of correct texts that it may flag: the `rate` of `calibrate`.

    >>> shared_rates([LearnedCheck("usual_length"), LearnedCheck("option_meaning", texts=4)], total=0.05)
    {'usual_length': 0.025, 'option_meaning': 0.00625}
    """
    listed = list(checks)
    weights = sum(one.weight for one in listed)
    return {one.name: total * one.weight / weights / one.texts for one in listed}
