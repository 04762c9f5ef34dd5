"""Agreement, accuracy, reliability and pace against published examples and maintained libraries."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.agreement.agreement_coefficients import LEAST_CLUSTERS, Agreement, Level, agreement, label_counts
from qc.agreement.annotator_reliability import LEAST_LABELS, consensus, dawid_skene, reliabilities
from qc.agreement.human_accuracy import accuracy, share, variance
from qc.agreement.time_on_task import CAP, pace, typed_at_once
from tests.qc.agreement.dawid1979 import counts as anaesthetists


def table(lines: list[str], categories: int) -> np.ndarray:
    given = [(unit, int(one) - 1) for line in lines for unit, one in enumerate(line) if one != "0"]
    units, labels = zip(*given, strict=True)
    return label_counts(units, labels, categories)


FOUR_RATERS = table(["123321412000", "123322412503", "033323422510", "123324412510"], 5)
"""Krippendorff (2011), Computing alpha-reliability, example C: four observers, twelve units, 0 for none. Gwet's
Handbook of inter-rater reliability (2014) has the same counts."""


@pytest.mark.parametrize(("level", "published"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_of_krippendorffs_example(level: Level, published: float) -> None:
    assert agreement(FOUR_RATERS, level=level).alpha.value == pytest.approx(published, abs=5e-4)


def test_ac1_of_gwets_example() -> None:
    told = agreement(FOUR_RATERS)
    assert told.ac1.value == pytest.approx(0.77544, abs=5e-6)
    assert told.percent.value == pytest.approx(0.81818, abs=5e-6)


def test_ac1_of_two_abstractors() -> None:
    """Gwet's 100 pregnancies; irrCAC 0.4.4, whose pins keep it from being a dependency, gives the same."""
    pairs = np.array([[13, 0, 0], [0, 20, 7], [0, 4, 56]])
    lines = [
        np.eye(3, dtype=int)[one] + np.eye(3, dtype=int)[other]
        for one in range(3)
        for other in range(3)
        for _ in range(pairs[one, other])
    ]
    told = agreement(lines)
    assert (told.units, told.percent.value) == (100, pytest.approx(0.89))
    assert told.ac1.value == pytest.approx(0.84933, abs=5e-6)


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=5), min_size=2, max_size=30),
    st.sampled_from(["nominal", "ordinal"]),
)
def test_alpha_as_the_library_has_it(labels: list[list[int]], level: Level) -> None:
    krippendorff = pytest.importorskip("krippendorff")
    units = [unit for unit, given in enumerate(labels) for _ in given]
    flat = [label for given in labels for label in given]
    told = agreement(label_counts(units, flat, 4), level=level, draws=10).alpha.value
    if len(set(flat)) == 1:
        assert told is None
    else:
        theirs = krippendorff.alpha(value_counts=label_counts(units, flat, 4), level_of_measurement=level)
        assert told == pytest.approx(theirs, abs=1e-9)


def pairs(*told: str) -> np.ndarray:
    """Two labels a unit: "ny" for a no and a yes."""
    units = [unit for unit, _ in enumerate(told) for _ in range(2)]
    return label_counts(units, ["ny".index(one) for pair in told for one in pair], 2)


def test_where_nobody_disagrees_the_bound_is_exact() -> None:
    told = agreement(pairs(*["yy"] * 10))
    assert told.alpha == (None, None, None)
    assert told.percent == (1.0, pytest.approx(0.05**0.1), 1.0)
    assert told.ac1 == (1.0, None, None)


def test_no_interval_from_few_passages_or_rare_labels() -> None:
    many = ["yy"] * 30 + ["ny"] * 4
    told = agreement(pairs(*many))
    assert told.percent.low is not None
    assert told.alpha.low is None  # four noes only
    few = agreement(pairs(*many), np.arange(len(many)) % (LEAST_CLUSTERS - 1))
    assert few.percent == (pytest.approx(30 / 34), None, None)


def test_nothing_to_say() -> None:
    told = agreement(np.zeros((0, 2)))
    assert (told.units, told.percent.value, told.alpha.value, told.ac1.value) == (0, None, None, None)


def test_intervals_hang_on_the_data_alone_and_widen_with_clusters() -> None:
    random = np.random.default_rng(7)
    flags = random.random((60, 2)) < 0.3
    flags[::2] = flags[1::2]  # the two items of a passage say the same
    table = label_counts(np.repeat(np.arange(60), 2), flags.astype(int).ravel(), 2)

    def wide(told: Agreement) -> float:
        assert told.ac1.low is not None and told.ac1.high is not None
        return told.ac1.high - told.ac1.low

    passages = np.arange(60) // 2
    assert agreement(table, passages) == agreement(table, passages)
    assert wide(agreement(table, passages)) > 1.2 * wide(agreement(table))


def test_options_have_no_names_across_questions() -> None:
    """Authors who put the right answer first make nobody agree by chance: as if options were named anew."""
    random = np.random.default_rng(3)
    chosen = np.where(random.random((400, 2)) < 0.8, 1, random.integers(0, 5, (400, 2)))
    units = np.repeat(np.arange(400), 2)
    told = agreement(label_counts(units, chosen.ravel(), 5), exchangeable=(1, 2, 3, 4), draws=10)
    renamed = []
    for _ in range(30):
        names = np.array([[0, *1 + random.permutation(4)] for _ in range(400)])
        anew = names[np.arange(400)[:, None], chosen]
        renamed.append(agreement(label_counts(units, anew.ravel(), 5), draws=10).alpha.value)
    assert told.alpha.value == pytest.approx(np.mean(renamed), abs=0.005)
    plain = agreement(label_counts(units, chosen.ravel(), 5), draws=10).alpha.value
    assert plain is not None and told.alpha.value is not None and plain < told.alpha.value - 0.2


# Accuracy --------------------------------------------------------------------------------------------------------


def test_two_way_variance_as_statsmodels_has_it() -> None:
    sandwich = pytest.importorskip("statsmodels.stats.sandwich_covariance")
    linear = pytest.importorskip("statsmodels.regression.linear_model")
    random = np.random.default_rng(1)
    who, where = random.integers(0, 6, 200), random.integers(0, 30, 200)
    right = (random.random(200) < 0.6 + 0.05 * who).astype(float)
    fitted = linear.OLS(right, np.ones(200)).fit()
    both, first, second = sandwich.cov_cluster_2groups(fitted, who, where)
    told = variance(right - right.mean(), who, where)
    assert told == pytest.approx(max(both[0, 0], first[0, 0], second[0, 0]), rel=1e-9)


def test_accuracy_widens_with_few_people() -> None:
    right = np.tile([1, 1, 1, 1, 0], 48)
    passages = np.arange(240) % 30
    many = accuracy(right, np.arange(240) % 24, passages)
    few = accuracy(right, np.arange(240) % 3, passages)
    assert many.value == few.value == 0.8
    assert few.low < many.low < 0.8 < many.high < few.high  # type: ignore[operator]
    assert accuracy(right, np.arange(240) % 2, passages) == (0.8, None, None)
    assert accuracy([], [], []) == (None, None, None)


def test_all_right_has_a_one_sided_bound() -> None:
    assert share([1] * 10, range(10)) == (1.0, pytest.approx(0.05**0.1), 1.0)
    assert share([0] * 10, range(10)) == (0.0, 0.0, pytest.approx(1 - 0.05**0.1))


# Reliability -----------------------------------------------------------------------------------------------------


def test_dawid_and_skenes_anaesthetists() -> None:
    told = dawid_skene(anaesthetists())
    assert told.prevalence.round(2).tolist() == [0.40, 0.42, 0.11, 0.07]
    assert told.rates[0].round(2).tolist() == [
        [0.89, 0.11, 0.0, 0.0], [0.07, 0.88, 0.05, 0.0], [0.0, 0.34, 0.66, 0.0], [0.0, 0.0, 0.56, 0.44],
    ]  # fmt: skip
    assert told.classes.sum(axis=1) == pytest.approx(1)


def test_as_crowd_kit_has_it() -> None:
    """From the same start on the same labels; crowd-kit's own use of pandas is older than ours."""
    pytest.importorskip("crowdkit")
    random = np.random.default_rng(5)
    faulty = random.random(200) < 0.3
    flags = np.where(faulty[:, None], random.random((200, 5)) < 0.8, random.random((200, 5)) < 0.1).astype(int)
    counts = np.eye(2, dtype=np.int64)[flags]
    lines = [(item, person, flags[item, person]) for item in range(200) for person in range(5)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from crowdkit.aggregation import DawidSkene

        model = DawidSkene(n_iter=500, tol=1e-12).fit(pd.DataFrame(lines, columns=["task", "worker", "label"]))
    told = dawid_skene(counts)
    assert told.prevalence == pytest.approx(model.priors_.to_numpy(), abs=1e-3)
    theirs = [[[model.errors_.loc[(p, label), true] for label in (0, 1)] for true in (0, 1)] for p in range(5)]
    assert told.rates == pytest.approx(np.array(theirs), abs=1e-3)


def test_reliability_is_told_only_where_labels_tell_it() -> None:
    random = np.random.default_rng(8)
    skill = np.array([0.9, 0.8, 0.6, 0.85])
    faulty = random.random(1500) < 0.4
    lines = [
        (item, person, bool(random.random() < (skill[person] if faulty[item] else 0.05)))
        for item in range(1500)
        for person in random.choice(4, 3, replace=False)
    ]
    items, people, flagged = zip(*lines, strict=True)
    told = reliabilities(items, people, flagged)
    assert [one.recall for one in told] == pytest.approx(list(skill), abs=0.08)
    assert [one.specificity for one in told] == pytest.approx([0.95] * 4, abs=0.05)
    early = [line for line in lines if line[0] < 60]
    few = reliabilities(*zip(*early, strict=True))
    assert all(one.labels < LEAST_LABELS and one.recall is one.specificity is None for one in few)


def test_two_people_alone_are_not_told_apart() -> None:
    items = np.repeat(np.arange(300), 2)
    flagged = np.random.default_rng(2).random(600) < 0.4
    assert all(one.recall is None for one in reliabilities(items, np.tile([0, 1], 300), flagged))
    assert reliabilities([0, 1], [0, 1], [True, False])[0].labels == 0


def test_consensus_leaves_ties_and_loners_out() -> None:
    items, labels = [0, 0, 0, 1, 1, 2, 3, 3, 3, 3], [1, 1, 0, 2, 2, 0, 0, 0, 1, 1]
    assert consensus(items, labels).tolist() == [-1, -1, 0, 1, 1, -1, 0, 0, 0, 0]


# Pace ------------------------------------------------------------------------------------------------------------


def test_pace_says_who_is_out_of_the_ordinary() -> None:
    others = [60, 70, 80, 90, 100, 110, 120, 130, 140, 150]
    hurried = pace([8] * 10, others)
    assert hurried.unusual == "fast" and hurried.others == pytest.approx(np.sqrt(100 * 110))
    assert pace([110] * 10, others).unusual == ""
    assert pace([900] * 10, others).unusual == "slow"
    assert pace([8] * 9, others).z is None  # too few
    assert pace([130] * 10, [100] * 10).unusual == ""  # an even pace of others makes nobody slow
    assert pace([], others).seconds is None


def test_a_page_left_open_counts_half_an_hour() -> None:
    told = pace([60, 7200, 90], [])
    assert (told.capped, told.hours) == (1, pytest.approx((60 + CAP + 90) / 3600))


def test_text_that_nobody_typed() -> None:
    assert typed_at_once([480, 480, 30, 0], [10, 300, 1, 1]) == 1
