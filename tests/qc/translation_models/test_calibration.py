"""Thresholds flag as many correct texts as they were asked to, and say where they cannot know."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import count

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.translation_models.calibration import (
    Calibration,
    HeldOutText,
    LearnedCheck,
    calibrate,
    length_class,
    moved,
    shared_rates,
)
from qc.translation_models.held_out_scores import LEAST_TEXTS


def texts(
    language: str, scores: np.ndarray[tuple[int], np.dtype[np.float64]], characters: int = 100, each: int = 4
) -> list[HeldOutText]:
    return [
        HeldOutText(float(score), language, characters, f"document {number // each}")
        for score, number in zip(scores, count())
    ]


def normal(seed: int, size: int, middle: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(seed).normal(middle, 1, size)


def test_new_correct_texts_are_flagged_at_the_rate() -> None:
    shares = []
    for seed in range(60):
        line = calibrate("c", texts("khm_Khmr", normal(seed, 600)), 0.02, fitted_on="").threshold("khm_Khmr", 100)
        assert line is not None
        shares.append((normal(1000 + seed, 4000) < line).mean())
    assert 0.016 < np.mean(shares) < 0.0205


def test_few_texts_give_no_line_and_neither_does_a_rate_that_they_cannot_show() -> None:
    few = calibrate("c", texts("khm_Khmr", normal(1, LEAST_TEXTS - 1)), 0.05, fitted_on="").of("khm_Khmr", 100)
    assert few is not None
    assert (few.texts, few.threshold, few.flagged) == (LEAST_TEXTS - 1, None, None)
    rare = calibrate("c", texts("khm_Khmr", normal(1, LEAST_TEXTS)), 0.001, fitted_on="")
    assert rare.threshold("khm_Khmr", 100) is None
    assert rare.of("khm_Khmr", 10) is None  # another length
    assert rare.flags(-9.0, "arb_Arab", 100) is None


def test_a_language_with_few_texts_borrows_from_the_others_unless_languages_differ() -> None:
    few = texts("arb_Arab", normal(3, 220))
    alone = calibrate("c", few, 0.02, fitted_on="").of("arb_Arab", 100)
    others = [text for n in range(12) for text in texts(f"l{n:02}_Latn", normal(10 + n, 3000))]
    among_alike = calibrate("c", few + others, 0.02, fitted_on="").of("arb_Arab", 100)
    true = -2.0537  # of the normal distribution at .02
    assert alone is not None and among_alike is not None
    assert alone.threshold is not None and among_alike.threshold is not None
    assert abs(among_alike.threshold - true) < abs(alone.threshold - true) / 2
    strangers = [text for n in range(12) for text in texts(f"l{n:02}_Latn", normal(10 + n, 3000, middle=20 * n))]
    among_others = calibrate("c", few + strangers, 0.02, fitted_on="").of("arb_Arab", 100)
    assert among_others is not None and among_others.threshold is not None
    assert abs(among_others.threshold - alone.threshold) < 0.05


def test_texts_of_one_document_count_for_less() -> None:
    shared = np.repeat(normal(5, 150), 8)
    apart = calibrate("c", texts("l", normal(5, 1200), each=1), 0.05, fitted_on="").of("l", 100)
    close = calibrate("c", texts("l", shared, each=8), 0.05, fitted_on="").of("l", 100)
    assert apart is not None and close is not None
    assert close.documents == 150
    assert None not in (close.high, close.low, apart.high, apart.low, close.flagged_high, apart.flagged_high)
    assert close.high - close.low > 1.5 * (apart.high - apart.low)  # type: ignore[operator]
    assert close.flagged_high > apart.flagged_high  # type: ignore[operator]


def test_equal_scores_are_not_flagged() -> None:
    found = calibrate("c", texts("l", np.ones(500)), 0.05, fitted_on="")
    assert found.flags(1.0, "l", 100) is False
    assert found.flags(0.99, "l", 100) is True
    assert found.flags(math.nan, "l", 100) is None


def test_it_is_the_same_after_it_was_written_and_whatever_the_order_of_the_texts() -> None:
    given = [*texts("heb_Hebr", normal(1, 300)), *texts("tha_Thai", normal(2, 300), characters=20)]
    found = calibrate("c", given, 0.05, fitted_on="600 sentences")
    assert Calibration.read(found.written()) == found
    assert Calibration.read(found.written()).digest == found.digest
    shuffled = calibrate("c", [given[n] for n in np.random.default_rng(0).permutation(600)], 0.05,
                         fitted_on="600 sentences")  # fmt: skip
    assert shuffled.digest == found.digest
    assert calibrate("c", given, 0.04, fitted_on="600 sentences").digest != found.digest


def test_scores_that_are_no_numbers_are_left_out_and_infinite_ones_refused() -> None:
    given = texts("l", np.concatenate([normal(1, 300), np.full(50, np.nan)]))
    found = calibrate("c", given, 0.05, fitted_on="").of("l", 100)
    assert found is not None and found.texts == 300
    with pytest.raises(ValueError, match="infinite"):
        calibrate("c", texts("l", np.array([math.inf])), 0.05, fitted_on="")
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibrate("c", given, 5, fitted_on="")


def test_all_checks_together_stay_within_the_budget() -> None:
    checks = [LearnedCheck("a"), LearnedCheck("b", texts=4), LearnedCheck("c", weight=2)]
    rates = shared_rates(checks)
    assert sum(rates[one.name] * one.texts for one in checks) == pytest.approx(0.05)
    assert rates["c"] == 2 * rates["a"]
    random = np.random.default_rng(0)
    flagged = np.zeros(20_000, dtype=bool)
    for one in checks:
        flagged |= (random.random((20_000, one.texts)) < rates[one.name]).any(axis=1)
    assert flagged.mean() <= 0.052
    assert shared_rates([]) == {}


def test_every_length_has_a_class() -> None:
    assert [str(length_class(n)) for n in (15, 16, 40, 41, 170, 171, 400, 401)] == [
        "1-15", "16-40", "16-40", "41-80", "81-170", "171-400", "171-400", "401-",
    ]  # fmt: skip


def everyday(language: str, seed: int, mean: float, count: int = 400) -> list[HeldOutText]:
    """Scores of correct texts, two of a document, that lie lower than those of passages by some amount."""
    drawn = np.random.default_rng(seed).normal(mean, 1.0, count)
    sizes = np.random.default_rng(seed + 1).integers(20, 150, count)
    return [
        HeldOutText(float(score), language, int(size), f"d{place // 2}")
        for place, (score, size) in enumerate(zip(drawn, sizes, strict=True))
    ]


LANGUAGES = [f"l{number:02}" for number in range(20)]


def flagged(lines: Mapping[str, Calibration], texts: Sequence[HeldOutText]) -> float:
    return float(np.mean([lines[one.language].flags(one.score, one.language, one.characters) for one in texts]))


def drawn_from_passages() -> dict[str, Calibration]:
    passages = [one for place, code in enumerate(LANGUAGES) for one in everyday(code, place, 0.0, 4000)]
    whole = calibrate("options_swapped", passages, 0.01, fitted_on="passages")
    return {
        code: replace(whole, thresholds=tuple(one for one in whole.thresholds if one.language == code))
        for code in LANGUAGES
    }


def test_accepted_items_bring_false_alarms_back_to_what_is_allowed() -> None:
    drawn = drawn_from_passages()
    accepted, others = (
        [one for place, code in enumerate(LANGUAGES) for one in everyday(code, seed + place, -0.7, count)]
        for seed, count in ((100, 400), (200, 2000))
    )
    assert flagged(drawn, others) > 0.04  # passages promised .01
    lines = moved(drawn, accepted, fitted_on=dict.fromkeys(LANGUAGES, "items"))
    assert set(lines) == set(LANGUAGES)
    assert 0.004 < flagged(lines, others) < 0.013
    each = [flagged(lines, [one for one in others if one.language == code]) for code in LANGUAGES]
    assert max(each) < 0.02
    assert {one.length_class for one in lines["l00"].thresholds} == {
        one.length_class for one in drawn["l00"].thresholds
    }
    shifts = {
        round(now.threshold - before.threshold, 9)
        for now, before in zip(lines["l00"].thresholds, drawn["l00"].thresholds, strict=True)
        if now.threshold is not None and before.threshold is not None
    }
    assert len(shifts) == 1  # all lengths together


def test_few_accepted_items_move_nothing_and_a_dismissed_flag_moves_no_line_up() -> None:
    drawn = {"l00": drawn_from_passages()["l00"]}
    few = everyday("l00", 7, -0.7, 199)
    assert moved(drawn, few, fitted_on={"l00": "items"}) == {}
    accepted = everyday("l00", 7, 0.4)
    before = moved(drawn, accepted, fitted_on={"l00": "items"})["l00"]
    dismissed = [*accepted, *(replace(one, score=-9.0) for one in accepted[:10])]
    after = moved(drawn, dismissed, fitted_on={"l00": "items"})["l00"]
    assert all(
        now.threshold is not None and was.threshold is not None and now.threshold <= was.threshold
        for now, was in zip(after.thresholds, before.thresholds, strict=True)
    )
    assert moved({}, accepted, fitted_on={}) == {}


@cache
def drawn_at(rate: float) -> Calibration:
    return calibrate("option_meaning", everyday("l00", 1, 0.0, 2000), rate, fitted_on="passages")


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), count=st.integers(200, 900), dismissed=st.integers(1, 12),
    depth=st.floats(0.001, 4.0), rate=st.sampled_from([0.0021, 0.0083, 0.02]),
)  # fmt: skip
def test_dismissed_flags_of_whatever_score_move_no_line_up(
    seed: int, count: int, dismissed: int, depth: float, rate: float
) -> None:
    drawn = {"l00": drawn_at(rate)}
    accepted = everyday("l00", seed, 0.3, count)
    without = moved(drawn, accepted, fitted_on={"l00": "items"})
    line = max(one.threshold for one in without["l00"].thresholds if one.threshold is not None)
    low = [replace(one, score=line - depth) for one in accepted[:dismissed]]
    with_them = moved(drawn, [*accepted, *low], fitted_on={"l00": "items"})
    for now, was in zip(with_them["l00"].thresholds, without["l00"].thresholds, strict=True):
        assert now.threshold is not None and was.threshold is not None
        assert now.threshold <= was.threshold + 0.02  # of a score that scatters by 1


def test_two_hundred_items_of_four_options_move_a_line_at_a_fifth_of_a_per_cent() -> None:
    rate = 0.0021
    drawn = {"l00": drawn_at(rate)}
    shares = []
    for seed in range(12):
        lines = moved(drawn, everyday("l00", 50 + seed, -0.7, 800), fitted_on={"l00": "items"})
        shares.append(flagged(lines, everyday("l00", 500 + seed, -0.7, 4000)))
    assert flagged(drawn, everyday("l00", 999, -0.7, 4000)) > 4 * rate
    assert 0.5 * rate < np.mean(shares) < 1.3 * rate
