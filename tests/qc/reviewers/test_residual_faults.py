"""The two estimates of remaining faults: by hand, against libraries, and on simulated campaigns."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some
from scipy.stats import hypergeom

from qc.reviewers.residual_faults import LEAST_PLANTS, audited, estimate

RECALL = {"wrong_key": (190, 200), "cue": (60, 200)}


def test_without_objections_beyond_false_alarms_nothing_is_faulty():
    found = estimate(RECALL, (10, 200), [(0, 2)] * 95 + [(1, 2)] * 10, [(0, 2)] * 95)
    assert found.prevalence is not None
    assert found.prevalence[0] < 0.05
    assert found.high is not None
    assert found.high < 0.08


def test_the_prevalence_is_rogan_and_gladens():
    # (objected - false alarms) / (recall - false alarms) = (0.3 - 0.05) / (0.625 - 0.05) = 0.435
    found = estimate(
        {"wrong_key": (95_000, 100_000), "cue": (30_000, 100_000)},
        (5_000, 100_000), [(1, 1)] * 30_000 + [(0, 1)] * 70_000, [(0, 2)],
    )  # fmt: skip
    assert found.prevalence is not None
    assert found.prevalence[0] == pytest.approx(0.25 / 0.575, abs=0.01)
    # Bayes by kinds: who was passed twice is faulty with pi * mean of squared misses over that and the sound
    missed = 0.435 * (0.05**2 + 0.7**2) / 2
    assert found.share == pytest.approx(missed / (missed + 0.565 * 0.95**2), abs=0.01)


def test_more_readers_leave_fewer_faults():
    reviewed = [(1, 2)] * 20 + [(2, 2)] * 20 + [(0, 2)] * 60
    shares = [estimate(RECALL, (5, 100), reviewed, [(0, k)] * 60).share for k in (1, 2, 4)]
    assert shares[0] is not None
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize(
    ("recall", "alarms", "reviewed", "accepted", "why"),
    [
        ({"cue": (3, LEAST_PLANTS - 1)}, (1, 50), [(0, 2)], [(0, 2)], "too few readings of plants"),
        ({"cue": (1, 4), "wrong_key": (9, 19)}, (1, 50), [(0, 2)], [(0, 2)], "too few readings of plants: 19"),
        ({"cue": (9, 40)}, (1, 5), [(0, 2)], [(0, 2)], "known to be sound"),
        ({"cue": (9, 40)}, (1, 50), [(0, 2)], [], "nothing was accepted"),
        ({"cue": (4, 40)}, (5, 50), [(0, 2)], [(0, 2)], "hardly more often"),
    ],
)  # fmt: skip
def test_where_nothing_can_be_said_it_says_why(recall, alarms, reviewed, accepted, why):
    found = estimate(recall, alarms, reviewed, accepted)
    assert found.share is None
    assert why in found.why_not


def test_the_same_counts_give_the_same_estimate():
    one, two = (estimate(RECALL, (5, 100), [(1, 2), (0, 2)] * 30, [(0, 2)] * 30) for _ in range(2))
    assert one == two


@given(some.data())
@settings(max_examples=60)
def test_the_recheck_is_exact_for_a_finite_set(data):
    whole = data.draw(some.integers(1, 60))
    drawn = data.draw(some.integers(1, whole))
    met = data.draw(some.integers(0, drawn))
    found = audited(whole, drawn, met)
    possible = range(met, whole - drawn + met + 1)
    tails = [(hypergeom.cdf(met, whole, k, drawn), hypergeom.sf(met - 1, whole, k, drawn)) for k in possible]
    assume(all(abs(tail - 0.025) > 1e-9 for both in tails for tail in both))  # a tie is decided by rounding
    stand = [k for k, both in zip(possible, tails, strict=True) if min(both) > 0.025]
    assert (round(found.low * whole), round(found.high * whole)) == (min(stand), max(stand))


def test_what_was_judged_whole_leaves_no_doubt():
    assert (audited(20, 20, 3).low, audited(20, 20, 3).high) == (0.15, 0.15)
    assert audited(20, 0, 0).share is None


def test_the_rechecks_interval_covers():
    random = np.random.default_rng(0)
    for bad in (0, 5, 20):
        met = random.hypergeometric(bad, 200 - bad, 40, 300) if bad else np.zeros(300, int)
        cover = np.mean(
            [(a := audited(200, 40, int(x))).low * 200 <= bad + 1e-9 <= a.high * 200 + 2e-9 for x in met]
        )
        assert cover >= 0.93
