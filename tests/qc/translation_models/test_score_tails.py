"""A line by the tail of the scores flags the share that it promises, and scatters less than an order statistic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from qc.translation_models.held_out_scores import DrawnLine, HeldOutScores, lines_of, shrunk
from qc.translation_models.score_tails import ScoreTail, tail_edge, tail_lines

Floats = npt.NDArray[np.float64]
RATE = 0.0025


def logistic(seed: int, size: int) -> Floats:
    return np.random.default_rng(seed).logistic(size=size)


def scores(drawn: Floats, each: int = 1) -> HeldOutScores:
    return HeldOutScores("khm_Khmr", drawn.tolist(), [f"d{place // each}" for place in range(len(drawn))])


def short_tailed(share: Floats | float) -> Floats:
    """Scores that end at -1, by their share of new texts below."""
    return np.asarray(np.sqrt(share) - 1)


def lengths(runs: int, size: int) -> tuple[list[DrawnLine], list[HeldOutScores]]:
    """The lines of a check in so many languages, each with so many texts at four lengths."""
    cells = [[scores(logistic(4 * run + length, size)) for length in range(4)] for run in range(runs)]
    lines = [line for of_language in cells for line in lines_of(of_language, RATE)]
    return [line for line in lines if line is not None], [cell for of_language in cells for cell in of_language]


def below(lines: Sequence[DrawnLine | None]) -> Floats:
    """The share of new texts below each line."""
    return np.array([1 / (1 + np.exp(-one.line)) for one in lines if one is not None])


@pytest.mark.parametrize("size", [200, 600])
def test_the_promised_share_of_new_texts_lies_below_and_the_interval_holds_its_line(size: int) -> None:
    lines, cells = lengths(40, size)
    assert len(lines) == len(cells)
    assert 0.75 * RATE < below(lines).mean() < 1.15 * RATE
    true = np.log(RATE / (1 - RATE))
    assert np.mean([one.low <= true <= one.high for one in lines]) > 0.9


def test_a_line_by_the_tail_scatters_less_than_the_order_statistic() -> None:
    lines, cells = lengths(25, 800)
    tails, places = below(lines), below([one.order_statistic(RATE) for one in cells])
    assert tails.std() < 0.75 * places.std()
    assert (tails > 2.5 * RATE).sum() < (places > 2.5 * RATE).sum()


def test_a_cell_borrows_the_shape_of_its_tail_from_the_others() -> None:
    few = [scores(short_tailed(np.random.default_rng(seed).random(200))) for seed in range(15)]
    many = [scores(short_tailed(np.random.default_rng(100 + one).random(2000))) for one in range(6)]
    true = float(short_tailed(RATE))
    alone = np.array([line.line for one in few if (line := lines_of([one], RATE)[0])])
    among = np.array([line.line for one in few if (line := lines_of([*many, one], RATE)[-1])])
    assert np.abs(among - true).mean() < np.abs(alone - true).mean()
    assert (alone < -1).mean() > (among < -1).mean()  # beyond the end of the tail nothing is ever flagged


def test_texts_of_one_document_widen_the_interval() -> None:
    drawn = np.random.default_rng(5).normal(size=150).repeat(8) + np.random.default_rng(6).normal(0, 0.01, 1200)
    apart, close = (lines_of([scores(drawn, each)], RATE)[0] for each in (1, 8))
    assert apart is not None and close is not None
    assert close.high - close.low > 1.3 * (apart.high - apart.low)


def test_scores_that_are_mostly_one_and_the_same_have_no_tail() -> None:
    mostly_one = np.concatenate([np.ones(590), [0.2] * 6, [0.1] * 4])
    assert tail_edge(np.sort(mostly_one)) is None
    assert lines_of([scores(mostly_one)], 0.01) == [DrawnLine(0.2, 0.1, 1.0)]  # the sixth lowest


def test_a_tail_tells_neither_what_is_far_beyond_it_nor_what_is_no_matter_of_tails() -> None:
    drawn = np.sort(logistic(1, 200))
    edge = tail_edge(drawn)
    assert edge is not None
    tail = ScoreTail(edge, edge - drawn[drawn < edge], 200)
    assert [tail.reaches(rate) for rate in (0.001, 0.002, 0.05, 0.06)] == [False, True, True, False]
    assert lines_of([scores(drawn)], 0.001) == [None]
    (line,) = tail_lines([tail], 0.002)
    assert line.low < line.line < drawn[0] < line.high


def test_lines_of_languages_that_are_alike_move_together() -> None:
    sure, unsure = DrawnLine(-2.0, -2.1, -1.9), DrawnLine(-4.0, -7.0, -1.0)
    kept, moved, none = shrunk([sure, unsure, None])
    assert none is None and kept is not None and moved is not None
    assert abs(moved.line - sure.line) < abs(unsure.line - sure.line) / 2 and abs(kept.line - sure.line) < 0.1
    assert (moved.high - moved.low) == unsure.high - unsure.low
    assert shrunk([unsure]) == [unsure]
