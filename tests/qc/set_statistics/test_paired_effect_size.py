"""Cohen's d_z: recomputed from the texts, its interval against other computations of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap, nct, ttest_rel

from qc.audit.audit_request import Asked
from qc.audit.audit_run import run
from qc.set_statistics.options import Options
from qc.set_statistics.paired_effect_size import differences, effect_sizes, interval
from tests.qc.audited import made


def test_three_items_whose_effect_one_can_see() -> None:
    found = np.array([[1.0], [2.0], [3.0]])
    (size, low, high) = effect_sizes(found, ["a", "b", "c"])[0]
    assert size == pytest.approx(2.0)
    assert low < 2 < high
    assert np.isnan(effect_sizes(np.zeros((3, 1)), ["a", "b", "c"])).all()


def test_recomputed_from_the_texts() -> None:
    items = made(150, longest=0.3, passages=150)
    audit = run(items, Asked(layers=("heuristics",), permutations=99, replicates=0))
    effect = next(e for e in audit.effects if (e.name, e.statistic) == ("longest", "difference"))
    keys, others = [], []
    for texts, key in zip(items["options"], items["key"], strict=True):
        lengths = np.array([len(text) for text in texts], float)
        scores = (lengths - lengths.mean()) / lengths.std()
        keys.append(scores[key])
        others.append(np.delete(scores, key).mean())
    found = np.array(keys) - np.array(others)
    assert effect.size == pytest.approx(found.mean() / found.std(ddof=1), abs=1e-6)
    assert effect.size == pytest.approx(ttest_rel(keys, others).statistic / np.sqrt(150), abs=1e-6)
    assert effect.size_low is not None and effect.size_high is not None
    assert nct.cdf(effect.size * np.sqrt(150), 149, effect.size_low * np.sqrt(150)) == pytest.approx(
        0.975, abs=1e-4
    )
    assert nct.cdf(effect.size * np.sqrt(150), 149, effect.size_high * np.sqrt(150)) == pytest.approx(
        0.025, abs=1e-4
    )
    drawn = bootstrap(
        (found,), lambda x, axis: x.mean(axis=axis) / x.std(axis=axis, ddof=1), method="percentile", rng=1
    ).confidence_interval
    assert (effect.size_low, effect.size_high) == pytest.approx((drawn.low, drawn.high), abs=0.05)
    lines = audit.items.set_index("item_id").loc[items["item_id"]]
    assert lines["longest.difference"].to_numpy(float) == pytest.approx(found)
    picking = next(e for e in audit.effects if (e.name, e.statistic) == ("longest", "accuracy"))
    assert picking.size == pytest.approx(2 * np.arcsin(np.sqrt(picking.accuracy or 0)) - 2 * np.arcsin(0.5))
    assert (picking.size_low or 0) < (picking.size or 0) < (picking.size_high or 0)


def test_key_less_the_mean_of_the_others() -> None:
    options = Options.of(made(5))
    scores = options.centred(np.arange(20.0)[:, None])
    told = differences(options, scores)[:, 0]
    for item, key in enumerate(options.keys):
        here = scores[4 * item : 4 * item + 4, 0]
        assert told[item] == pytest.approx(here[key - 4 * item] - np.delete(here, key - 4 * item).mean())


def test_questions_of_a_passage_that_resemble_each_other_count_as_fewer() -> None:
    drawn = np.random.default_rng(0).normal(0.3, 1, 100)
    twice = np.repeat(drawn, 2)[:, None]
    together = effect_sizes(twice, np.repeat(np.arange(100), 2))[0]
    apart = effect_sizes(twice, np.arange(200))[0]
    assert together[0] == apart[0]
    assert together[2] - together[1] == pytest.approx(np.sqrt(2) * (apart[2] - apart[1]), rel=0.02)


@settings(max_examples=60, deadline=None)
@given(st.floats(-3, 3), st.floats(2.5, 5000))
def test_intervals_hold_the_size_and_mirror(size: float, items: float) -> None:
    low, high = interval(size, items)
    assert low < size < high
    assert interval(-size, items) == pytest.approx((-high, -low), abs=1e-9)


@pytest.mark.slow
def test_intervals_cover() -> None:
    drawn = np.random.default_rng(3).normal(0.4, 1, (600, 25))
    ends = [interval(x.mean() / x.std(ddof=1), 25) for x in drawn]
    assert 0.93 < np.mean([low <= 0.4 <= high for low, high in ends]) < 0.97
