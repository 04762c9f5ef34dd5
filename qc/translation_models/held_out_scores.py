"""The scores of texts that are known to be correct, and the lines that they draw for one check."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from qc.set_statistics.clustered_shares import independent, score_interval
from qc.translation_models.score_tails import ScoreTail, tail_edge, tail_lines

LEAST_TEXTS = 200
"""Fewest held-out texts of a language and length for a threshold."""

_Z = 1.959963984540054  # of an interval that holds with probability .95


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A line and its interval (.95)."""

    line: float
    low: float
    high: float

    @property
    def variance(self) -> float:
        """The variance of the line, if its interval is that of a normal distribution."""
        return ((self.high - self.low) / (2 * _Z)) ** 2

    def at(self, line: float) -> DrawnLine:
        """Return it moved to another score, its interval with it."""
        return DrawnLine(line, self.low + line - self.line, self.high + line - self.line)


class HeldOutScores:
    """The scores of correct texts of one language and length.

    Args:
        language: the language.
        scores: of each text; finite.
        documents: the document of each.

    Attributes:
        scores: sorted, the lowest first.
        documents: the names of the documents.
    """

    def __init__(self, language: str, scores: Sequence[float], documents: Sequence[str]) -> None:
        order = np.argsort(scores, kind="stable")
        self.language = language
        self.scores: npt.NDArray[np.float64] = np.array(scores, dtype=np.float64)[order]
        self.documents, self._of_document = np.unique(np.array(documents)[order], return_inverse=True)

    def tail(self) -> ScoreTail | None:
        """Return the tail of the scores; None if they have none, since most are one and the same."""
        edge = tail_edge(self.scores)
        if edge is None:
            return None
        below = self.scores[self.scores < edge]
        return ScoreTail(edge, edge - below, len(self.scores), self._independent(edge) / len(self.scores))

    def order_statistic(self, rate: float) -> DrawnLine | None:
        """Return the line by the k-th smallest score, k = ⌊rate (n + 1)⌋; None if k is 0.

        A new correct text falls below it with probability at most `rate` (split conformal prediction; Papadopoulos
        et al. 2002). The interval is between the order statistics at the score interval of `rate`.
        """
        place = math.floor(rate * (len(self.scores) + 1) + 1e-9)
        if place < 1:
            return None
        line = float(self.scores[place - 1])
        return DrawnLine(line, *(self._at(share) for share in score_interval(rate, self._independent(line))))

    def flagged(self, line: float) -> tuple[float, float, float]:
        """Return the share of the texts below a line, and its interval (.95, Wilson's, by documents)."""
        share = float((self.scores < line).mean())
        return share, *score_interval(share, self._independent(line))

    def _at(self, share: float) -> float:
        return float(self.scores[min(len(self.scores) - 1, math.floor(share * len(self.scores)))])

    def _independent(self, line: float) -> float:
        """Return the number of independent texts that tell the share below a line as well as these do."""
        return min(float(len(self.scores)), independent(self.scores < line, self._of_document))


def lines_of(cells: Sequence[HeldOutScores], rate: float) -> list[DrawnLine | None]:
    """Return the line of each cell of a check by its own texts; None where they are too few.

    Where the scores have a tail, the line is the tail's, of which each cell borrows the shape from the others;
    otherwise, and at rates that are no matter of tails, it is an order statistic.
    """
    enough = [cell if len(cell.scores) >= LEAST_TEXTS else None for cell in cells]
    tails = [cell.tail() if cell is not None else None for cell in enough]
    reaching = {place: tail for place, tail in enumerate(tails) if tail is not None and tail.reaches(rate)}
    by_tail = dict(zip(reaching, tail_lines(list(reaching.values()), rate), strict=True)) if reaching else {}
    return [
        DrawnLine(*by_tail[place])
        if place in by_tail
        else cell.order_statistic(rate)
        if cell is not None
        else None
        for place, cell in enumerate(enough)
    ]


def shrunk(lines: Sequence[DrawnLine | None]) -> list[DrawnLine | None]:
    """Return the lines of one length, moved towards the mean of all languages.

    By the share that a line's variance has in the sum of its own and the one between languages (James–Stein):
    hardly where it rests on many texts or where languages differ, far where neither holds.
    """
    told = [line for line in lines if line is not None]
    if len(told) < 2:
        return list(lines)
    places, own = np.array([one.line for one in told]), np.array([one.variance for one in told])
    between = max(0.0, float(places.var(ddof=1) - own.mean()))
    middle = float(np.average(places, weights=[1.0 / total if (total := between + one) else 1.0 for one in own]))
    found: list[DrawnLine | None] = []
    for line in lines:
        if line is not None and (total := between + line.variance):
            kept = between / total
            found.append(line.at(kept * line.line + (1 - kept) * middle))
        else:
            found.append(line)
    return found
