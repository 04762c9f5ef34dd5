"""Error scores and medians: by hand, their limits, and how often their intervals hold the truth."""

import numpy as np
import pytest

from qc.agreement.agreement_coefficients import Estimate
from qc.agreement.mqm_scores import Spread, error_points, error_score, spread


def test_errors_weigh_as_mqm_has_it():
    assert error_points(["mistranslation/critical", "style/neutral", "locale/minor", "omission/major"]) == 31
    assert error_points([]) == 0
    assert error_points(None) is None
    assert error_points(["style/", "locale/minor"]) is None, "how serious one is, nobody knows"


def test_a_handful_is_needed_for_a_figure_and_eight_passages_for_an_interval():
    assert error_score([5] * 4, [20] * 4, list("abcd")) == Estimate(None)
    assert error_score([5, 0, 0, 0, 1], [20] * 5, list("abcde")) == Estimate(pytest.approx(6))
    assert spread([90.0] * 4, list("abcd")) == Spread(None)
    assert spread([50.0, 100, 100, 90, 80], list("abcde")) == Spread(90, None, None, (80, 100))
    eight = error_score([5, 0] * 4, [20] * 8, list("abcdefgh"))
    assert eight.low is not None and eight.high is not None and eight.low < 12.5 < eight.high
    assert error_score([0] * 8, [20] * 8, list("abcdefgh")) == Estimate(0)


def test_drafts_on_one_passage_are_not_independent():
    rng = np.random.default_rng(0)
    points = np.repeat(rng.choice([0, 1, 5, 25], 20, p=[0.4, 0.3, 0.2, 0.1]), 2)
    alone = error_score(points, np.full(40, 30), np.arange(40))
    together = error_score(points, np.full(40, 30), np.repeat(np.arange(20), 2))
    assert alone.value == together.value
    assert together.low < alone.low < alone.high < together.high


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    rng = np.random.default_rng(1)
    passages, held = np.repeat(np.arange(30), 2), []
    truth = 100 * 0.8 * 2.5 / 30
    for _ in range(400):
        passage = rng.gamma(2, 0.4, 30).repeat(2)  # mean .8 errors
        points = rng.poisson(passage) * rng.choice([1.0, 4.0], 60)
        score = error_score(points, np.full(60, 30), passages)
        middle = spread(rng.normal(80, 5, 60) + rng.normal(0, 5, 30).repeat(2), passages)
        held.append((score.low < truth < score.high, middle.low <= 80 <= middle.high))
    for share in np.mean(held, axis=0):
        assert 0.91 < share < 0.99, np.mean(held, axis=0)
