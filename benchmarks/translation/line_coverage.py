"""The share of new correct texts below the lines of learned checks, where the true distribution is known.

    python benchmarks/translation/line_coverage.py [--languages 50]

Scores are made up: of a tail that ends (`short`), of log odds (`logistic`), and of a heavy one (`heavy`); texts of
a document, four each, are independent or alike (correlation .3). In every language a check has four lengths with
so many texts each, and its lines are drawn by the tail of the scores, as the program draws them, and by an order
statistic (split conformal prediction). Of the shares of new texts that lie below the lines are printed, against
the rate that is promised: the mean, the share of lines below which more than twice that lies, and how many lines
cannot be drawn; and of the lines by tails how often the interval holds the true one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.table import Line, show
from qc.translation_models.held_out_scores import DrawnLine, HeldOutScores, lines_of

Floats = npt.NDArray[np.float64]

LENGTHS, EACH, ALIKE = 4, 4, 0.3
RATES = (0.0021, 0.0083)
SIZES = (200, 600, 1600)


def _short(share: Floats) -> Floats:
    return np.asarray(share**0.3 - 1)


def _logistic(share: Floats) -> Floats:
    return np.asarray(np.log(share) - np.log1p(-share))


def _heavy(share: Floats) -> Floats:
    return np.asarray(-(share**-0.25))


SCORES: Mapping[str, Callable[[Floats], Floats]] = {"short": _short, "logistic": _logistic, "heavy": _heavy}
"""By kind, the score below which a share of new texts lies."""

BELOW: Mapping[str, Callable[[Floats], Floats]] = {
    "short": lambda line: np.maximum(line + 1, 0) ** (1 / 0.3),
    "logistic": lambda line: 1 / (1 + np.exp(-line)),
    "heavy": lambda line: np.maximum(-line, 1e-9) ** -4.0,
}
"""By kind, the share of new texts below a score."""


def cell(draw: np.random.Generator, kind: str, size: int, alike: float) -> HeldOutScores:
    """Return the scores of so many texts, whose documents' texts correlate."""
    documents = np.arange(size) // EACH
    shared = draw.normal(size=documents[-1] + 1)[documents]
    normal = np.sqrt(alike) * shared + np.sqrt(1 - alike) * draw.normal(size=size)
    scores = SCORES[kind](np.clip(ndtr(normal), 1e-12, 1 - 1e-12))
    return HeldOutScores("made up", scores.tolist(), [str(one) for one in documents])


def said(lines: Sequence[DrawnLine | None], kind: str, rate: float) -> str:
    """Return the mean of the true shares, the share of lines with more than twice the rate, and of none."""
    drawn = np.array([one.line for one in lines if one is not None])
    if not len(drawn):
        return f"{'':8} {'':8} {1:8.2f}"
    below = BELOW[kind](drawn)
    return f"{below.mean():8.5f} {(below > 2 * rate).mean():8.3f} {1 - len(drawn) / len(lines):8.2f}"


def main() -> list[Line]:
    """Print the table."""
    asked = argparse.ArgumentParser(description="Coverage of the lines of learned checks")
    asked.add_argument("--languages", type=int, default=50)
    given = asked.parse_args()
    began = perf_counter()
    print(f"{'':32} by the tail: mean, beyond twice, none; interval   by an order statistic: the same")
    for rate in RATES:
        for kind, scores in SCORES.items():
            true = float(scores(np.array([rate]))[0])
            for alike in (0.0, ALIKE):
                for size in SIZES:
                    draw = np.random.default_rng(0)
                    tails: list[DrawnLine | None] = []
                    places: list[DrawnLine | None] = []
                    for _ in range(given.languages):
                        cells = [cell(draw, kind, size, alike) for _ in range(LENGTHS)]
                        tails += lines_of(cells, rate)
                        places += [one.order_statistic(rate) for one in cells]
                    held = np.mean([one.low <= true <= one.high for one in tails if one is not None])
                    about = f"{rate:.4f} {kind:9} alike {alike:.1f} {size:5}"
                    print(f"{about:32} {said(tails, kind, rate)} {held:8.2f}   {said(places, kind, rate)}")
    return [Line(f"lines of {given.languages} languages", perf_counter() - began)]


if __name__ == "__main__":
    show(main())
