"""Flags beside chance: the probabilities are right, and of cells called unusual few are so by chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom, binom

from qc.checks.translation_checks import TRANSLATED_TEXT_SUITE
from qc.set_statistics.expected_flags import (
    FALSE_DISCOVERIES,
    MEASURED,
    FalseAlarms,
    FlagCount,
    RateSource,
    binomial_tail,
    measured,
    tail_of_many,
    unusual,
)


@pytest.mark.parametrize("tries", [1, 7, 900, 109_800])
@pytest.mark.parametrize("rate", [0.00001, 0.0125, 0.4])
def test_the_tail_is_the_binomial_one(tries: int, rate: float) -> None:
    for least in sorted({0, 1, 2, 3, round(tries * rate), round(tries * rate * 1.3) + 4, tries}):
        if least <= tries:
            assert binomial_tail(least, tries, rate) == pytest.approx(binom.sf(least - 1, tries, rate), rel=1e-9)


@pytest.mark.parametrize("items", [200, 900, 50_000])
@pytest.mark.parametrize(("tries", "rate"), [(1, 0.01), (300, 0.0025), (900, 0.3)])
def test_the_tail_of_an_estimated_rate_is_the_beta_binomial_one(tries: int, rate: float, items: int) -> None:
    a, b = rate * (items + 1), (1 - rate) * (items + 1)
    for least in {0, 1, round(tries * rate), round(tries * rate * 1.3) + 4, tries}:
        if least <= tries:
            wanted = betabinom.sf(least - 1, tries, a, b)
            assert binomial_tail(least, tries, rate, items) == pytest.approx(wanted, rel=1e-6, abs=1e-10)


def test_an_estimate_that_came_out_low_makes_nothing_unusual() -> None:
    """Two hundred accepted items tell a rate of one in two hundred badly."""
    draw = np.random.default_rng(3)
    alarmed = {True: 0, False: 0}
    for _ in range(40):
        rates = np.full(600, 0.005)
        estimates = (draw.binomial(200, rates) + 0.5) / 201
        flagged = draw.binomial(200, rates)
        for told in alarmed:
            some = [
                FlagCount("c", "l", 200, int(count),
                          FalseAlarms(float(rate), RateSource.ACCEPTED, 200 if told else None))
                for count, rate in zip(flagged, estimates, strict=True)
            ]  # fmt: skip
            alarmed[told] += any(unusual(some))
    assert alarmed[True] <= 40 * (FALSE_DISCOVERIES + 0.07) < alarmed[False]


def test_the_tail_of_many_is_the_binomial_one_where_rates_are_equal() -> None:
    for least in range(8):
        assert tail_of_many(least, [0.2] * 7) == pytest.approx(binom.sf(least - 1, 7, 0.2))
    mixed = np.random.default_rng(1).random((200_000, 3)) < [0.1, 0.2, 0.5]
    assert tail_of_many(2, [0.1, 0.2, 0.5]) == pytest.approx((mixed.sum(axis=1) >= 2).mean(), abs=0.003)


def test_what_is_measured_is_of_checks_that_there_are() -> None:
    assert set(MEASURED) == {check.name for check in TRANSLATED_TEXT_SUITE}


def cells(flagged: np.ndarray, rates: np.ndarray) -> list[FlagCount]:
    return [
        FlagCount("c", str(place), 300, int(count), FalseAlarms(float(rate), RateSource.PASSAGES))
        for place, (count, rate) in enumerate(zip(flagged, rates, strict=True))
    ]


def test_few_of_the_unusual_are_so_by_chance() -> None:
    """With every tenth cell really worse, and with none: one in twenty at most is called so wrongly."""
    draw = np.random.default_rng(7)
    rates = draw.uniform(0.002, 0.0125, 600)
    wrong, found, alarmed = [], [], 0
    for _ in range(60):
        worse = draw.random(600) < 0.1
        odd = np.array(unusual(cells(draw.binomial(300, np.where(worse, rates + 0.05, rates)), rates)), bool)
        wrong.append((odd & ~worse).sum() / max(1, odd.sum()))
        found.append(odd[worse].mean())
        alarmed += any(unusual(cells(draw.binomial(300, rates), rates)))
    assert np.mean(wrong) <= FALSE_DISCOVERIES
    assert np.mean(found) > 0.9
    assert alarmed / 60 <= FALSE_DISCOVERIES + 0.06  # two standard errors of 60 draws


def test_where_nothing_was_measured_nothing_is_expected() -> None:
    assert measured("edit_rates") is None
    assert FlagCount("numbers_kept", "kor_Hang", 300, 200, None).expected is None
    assert FlagCount("blank_text", "kor_Hang", 0, 0, measured("blank_text")).expected is None
    told = unusual(
        [
            FlagCount("numbers_kept", "kor_Hang", 300, 200, None),
            FlagCount("blank_text", "kor_Hang", 300, 1, measured("blank_text")),
            FlagCount("end_marks", "kor_Hang", 300, 0, measured("end_marks")),
            FlagCount("end_marks", "khm_Khmr", 0, 0, measured("end_marks")),
        ]
    )
    assert told == [None, True, False, None]
