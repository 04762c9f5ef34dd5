"""Bounds, against statsmodels and the figures that were published for this size; verdicts and their words."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta, binom
from statsmodels.stats.proportion import proportion_confint

from qc.set_statistics.certificates import accuracy_bounds
from qc.set_statistics.certificates.certificate import certify
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.layer_statistics import Cue, Detection, LayerReading
from qc.set_statistics.options import Floats, Options

LONGEST = Cue("longest", "accuracy", "the correct option is the longest", "it is seldom", CueKind.RULE)
LONGER = Cue("longest", "difference", "the correct option is longer", "it is shorter", CueKind.RULE)
LEARNED = Cue("options", "accuracy", "options tell", "options mislead", CueKind.INPUTS)


def items(count: int, *, language: str = "eng_Latn", sizes: int = 4, per_group: int = 1) -> Options:
    ids = [f"i{line:05}" for line in range(count)]
    return Options.of(
        pd.DataFrame(
            {
                "item_id": ids,
                "language": language,
                "group": [f"g{line // per_group:05}" for line in range(count)],
                "passage": None,
                "question": "",
                "options": [list("abcdefghij"[:sizes]) for _ in ids],
                "key": 0,
            }
        )
    )


def reading(
    accuracy: float, cue: Cue = LONGEST, *, language: str = "eng_Latn", spread: float = 0.0144
) -> LayerReading:
    one = np.array([accuracy])
    return LayerReading(
        language=language,
        cues=[cue],
        z=one * 0 + 1.0,
        p=one * 0 + 0.4,
        accuracy=one,
        spread=np.array([spread]),
        largest=np.zeros(199),
        centre=one * 0,
        scale=one * 0 + 1,
        quantiles=np.zeros((1, 7)),
    )


def detection(adjusted: float, readings: int = 1) -> Detection:
    return Detection([np.array([adjusted])] * readings, 3.0, 0.025, 199)


@given(st.integers(5, 2000), st.floats(0, 0.999), st.sampled_from([0.01, 0.05, 0.2]))
def test_whole_counts_give_clopper_and_pearson(n: int, share: float, alpha: float) -> None:
    hits = int(share * n)
    theirs = proportion_confint(hits, n, alpha=2 * alpha, method="beta")[1]
    assert accuracy_bounds.upper_bound(hits / n, n, alpha) == pytest.approx(theirs, abs=1e-9)


def test_a_fixed_rule_passes_five_points_up_to_247_of_900() -> None:
    assert accuracy_bounds.upper_bound(247 / 900, 900) <= 0.30 < accuracy_bounds.upper_bound(248 / 900, 900)
    assert round(247 / 900, 4) == 0.2744


def test_the_power_of_900_items_is_the_published_one() -> None:
    assert accuracy_bounds.passing_power(0.30, 0.25, 900) == pytest.approx(binom.cdf(247, 900, 0.25))
    assert accuracy_bounds.passing_power(0.30, 0.25, 900) == pytest.approx(0.96, abs=0.005)
    assert accuracy_bounds.passing_power(0.29, 0.25, 900) == pytest.approx(0.85, abs=0.005)
    assert accuracy_bounds.passing_power(0.30, 0.25, 8) == 0.0


def test_three_points_take_1350_to_1860_items() -> None:
    low, high = accuracy_bounds.items_needed(0.25, 0.03)
    assert low == pytest.approx(1350, abs=5)
    assert high == pytest.approx(1860, abs=5)
    for power, count in zip(
        accuracy_bounds.POWERS, (low, high), strict=True
    ):  # the binomial's steps cost a little
        assert binom.cdf(_most_that_pass(count, 0.28), count, 0.25) == pytest.approx(power, abs=0.02)


def _most_that_pass(count: int, limit: float) -> int:
    hits = np.arange(count)
    return int(hits[beta.ppf(0.95, hits + 1, count - hits) <= limit].max())


def test_the_best_of_122_null_languages_is_expected_at_288() -> None:
    drawn = np.random.default_rng(1).binomial(900, 0.25, (4000, 122)).max(axis=1).mean() / 900
    assert accuracy_bounds.best_by_luck(0.25, 900, 122) == pytest.approx(drawn, abs=5e-4)
    assert accuracy_bounds.best_by_luck(0.25, 900, 122) == pytest.approx(0.288, abs=5e-4)


def test_two_questions_that_fall_together_count_as_one() -> None:
    earned = np.repeat(np.random.default_rng(0).random(200) < 0.3, 2).astype(float)[:, None]
    assert accuracy_bounds.design_effect(earned, np.repeat(np.arange(200), 2))[0] == pytest.approx(2, rel=0.01)
    assert accuracy_bounds.design_effect(np.array([[1.0], [0.0]] * 50), np.repeat(np.arange(50), 2))[0] == 1.0


def test_the_design_effect_is_statsmodels_cluster_robust_variance() -> None:
    random = np.random.default_rng(3)
    groups = random.integers(0, 120, 300)
    earned = (random.random(300) < 0.2 + 0.4 * random.random(120)[groups]).astype(float)
    fitted = sm.OLS(earned, np.ones(300)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    mean = earned.mean()
    theirs = float(fitted.cov_params()[0, 0]) / (mean * (1 - mean) / 300)
    assert accuracy_bounds.design_effect(earned[:, None], groups)[0] == pytest.approx(max(1, theirs), rel=1e-9)


def test_a_learner_counts_fewer_items_than_a_rule() -> None:
    set_of = items(900)
    assert accuracy_bounds.effective_items(set_of) == 900
    learned = accuracy_bounds.effective_items(set_of, spread=0.0178)
    assert learned == pytest.approx(900 * (0.25 * 0.75 / 900) / 0.0178**2)
    assert (
        accuracy_bounds.passing_power(0.31, 0.25, learned) >= 0.83
        and accuracy_bounds.passing_power(0.32, 0.25, learned) <= 0.99
    )


def test_the_bound_reaches_as_far_as_planted_truths_lay() -> None:
    random = np.random.default_rng(0)
    calm = random.normal(0.27, 0.018, (6, 400))
    wild = random.normal(0.27, 0.036, (6, 400))
    assert accuracy_bounds.reach_of(calm, 0.018, 0.25, 0.35) == pytest.approx(1.0, abs=0.05)
    assert accuracy_bounds.reach_of(wild, 0.018, 0.25, 0.35) == pytest.approx(1.95, abs=0.1)
    assert accuracy_bounds.reach_of(wild, 0.018, 0.25, 0.26) == 1.0  # no planted truth lies near the margin
    assert accuracy_bounds.reach_of(wild[:, :10], 0.018, 0.25, 0.35) == 1.0  # too few to tell


def _certified(accuracy: float, adjusted: float | None = 0.9, count: int = 900, **given: object) -> str:
    found = None if adjusted is None else detection(adjusted)
    one = certify("rules", [reading(accuracy)], {"eng_Latn": items(count)}, margin=0.05, detection=found)
    return one.verdict


def test_verdicts() -> None:
    assert _certified(0.26) == "certified"
    assert _certified(0.28) == "not certified"
    assert _certified(0.26, 0.001) == "found"
    assert _certified(0.26, None) == "not tested"
    assert _certified(0.26, count=100) == "not certified"


def test_a_difference_that_was_found_leaves_its_class_uncertified() -> None:
    both = reading(0.26, LONGER)
    both.accuracy[:] = math.nan
    found = certify("rules", [both], {"eng_Latn": items(900)}, margin=0.05, detection=detection(0.001))
    assert (found.verdict, found.bounds) == ("found", ())


def test_a_rule_that_is_seldom_right_gives_two_options_away() -> None:
    seldom = certify(
        "rules", [reading(0.40)], {"eng_Latn": items(900, sizes=2)}, margin=0.05, detection=detection(0.9)
    )
    assert seldom.verdict == "not certified"
    assert seldom.bounds[0].avoiding == pytest.approx(accuracy_bounds.upper_bound(0.60, 900))
    assert seldom.bounds[0].worst > 0.60


def test_every_cue_in_every_language_must_pass() -> None:
    sets = {code: items(900, language=code) for code in ("aaa_Latn", "bbb_Latn")}
    readings = [reading(0.25, language="aaa_Latn"), reading(0.285, language="bbb_Latn")]
    one = certify("rules", readings, sets, margin=0.05, detection=detection(0.9, 2), attempt=3)
    assert one.verdict == "not certified"
    assert one.languages == ("aaa_Latn",)
    assert one.could_be == math.ceil(100 * (accuracy_bounds.upper_bound(0.285, 900) - 0.25))
    assert "This is attempt 3 to certify this set." in one.sentences
    assert any("1 of 2 languages pass" in told for told in one.sentences)
    assert any(f"could be certified at +{one.could_be} points" in told for told in one.sentences)


def test_the_sentence_of_a_learner_is_the_exact_one() -> None:
    one = certify(
        "kernel ranker",
        [reading(0.26, LEARNED, spread=0.0178)],
        {"eng_Latn": items(900)},
        margin=0.06,
        detection=detection(0.9),
        learned=lambda _: True,
    )
    upper = accuracy_bounds.upper_bound(0.26, 0.25 * 0.75 / 0.0178**2)
    assert one.sentences[0] == (
        "For model class kernel ranker, trained on about 810 items under grouped 10-fold cross-fitting, "
        f"options-only accuracy was 0.260 (permutation p = 0.4; one-sided 95 % upper bound {upper:.3f}). "
        "Cues that need more data or pretrained knowledge are not excluded."
    )
    assert one.verdict == "certified"


def test_a_class_that_was_trained_elsewhere_says_so() -> None:
    one = certify(
        "small network",
        [reading(0.26, LEARNED)],
        {"eng_Latn": items(900)},
        margin=0.06,
        detection=detection(0.9),
        outside={"eng_Latn": 12345},
        measured=False,
    )
    assert one.sentences[0].startswith(
        "For model class small network, trained on 12,345 outside items and on none of this set, options-only"
    )
    assert "Cues that those items do not teach" in one.sentences[0]
    assert "What cues of this set this class would have found was not measured." in one.sentences
    assert not one.bounds[0].learned, "a fixed rule: avoiding what it picks is bounded too"


def test_a_bound_on_avoiding_is_said_where_it_is_the_higher_one() -> None:
    sets = {code: items(500, language=code) for code in ("aaa_Latn", "bbb_Latn")}
    readings = [reading(0.12, language="aaa_Latn"), reading(0.25, language="bbb_Latn")]
    one = certify("rules", readings, sets, margin=0.05, detection=detection(0.9, 2))
    avoiding = accuracy_bounds.upper_bound(1 - 0.12, 500) / 3
    assert one.sentences[0].startswith("Of rules, the highest bound (in aaa_Latn): ")
    assert one.sentences[0].endswith(
        f"Of guessing among the options that it does not pick: one-sided 95 % upper bound {avoiding:.3f}."
    )


def test_shuffled_words_are_said_in_the_sentence() -> None:
    cue = Cue("question+options, shuffled", "accuracy", "", "", CueKind.INPUTS)
    one = certify("kernel ranker", [reading(0.25, cue)], {"eng_Latn": items(900)}, margin=0.06,
                  learned=lambda _: True)  # fmt: skip
    assert "question+options-only accuracy with words shuffled was 0.250" in one.sentences[0]


def test_many_languages_are_told_what_luck_gives() -> None:
    codes = [f"l{number:02}_Latn" for number in range(12)]
    readings = [reading(0.25, language=code) for code in codes]
    sets = {code: items(900, language=code) for code in codes}
    one = certify("rules", readings, sets, margin=0.05, detection=detection(0.9, 12))
    luck = f"{accuracy_bounds.best_by_luck(0.25, 900, 12):.3f}"
    assert any(f"12 languages without any cue is expected to reach {luck}" in told for told in one.sentences)


@pytest.mark.parametrize(("truth", "kind"), [(0.25, "alone"), (0.30, "alone"), (0.30, "pairs"), (0.30, "ties")])
def test_bounds_of_rules_cover_the_truth(truth: float, kind: str) -> None:
    """Of 1,500 sets; two questions of a passage are as good or bad for both, or options share an item."""
    random, groups = np.random.default_rng(5), np.repeat(np.arange(150), 2)
    covered = 0
    for _ in range(1500):
        earned = _earned(random, truth, kind)
        design = float(accuracy_bounds.design_effect(earned[:, None], groups)[0])
        covered += accuracy_bounds.upper_bound(float(earned.mean()), 300 / design) >= truth
    assert covered / 1500 >= 0.95 - 2 * math.sqrt(0.05 * 0.95 / 1500)


def _earned(random: np.random.Generator, truth: float, kind: str) -> Floats:
    if kind == "pairs":
        rate = np.repeat(random.beta(2 * truth, 2 * (1 - truth), 150), 2)
        return (random.random(300) < rate).astype(float)
    hits = (random.random(300) < truth).astype(float)
    if kind == "ties":  # half of the items share between four options, and so earn a quarter surely
        return np.where(random.random(300) < 0.5, truth, hits)
    return hits
