"""Controls of the whole: the default layers on real texts, with keys by lot and with keys that follow a cue.

`benchmarks/audit/audit_controls.py` counts the same over 200 copies and more.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from benchmarks.audit import audit_controls as controls
from qc.set_statistics.certificates.accuracy_bounds import effective_items, upper_bound
from qc.set_statistics.certificates.planted_cues import planted
from qc.set_statistics.cross_validation_folds import folds
from qc.set_statistics.options import Options


@pytest.fixture(scope="module")
def cosmos(shared_data: Path) -> Options:
    return controls.cosmos(shared_data, 200)


@pytest.fixture(scope="module")
def layers(cosmos: Options) -> controls.Layers:
    return controls.default_layers(cosmos)


@pytest.mark.slow
def test_permuted_keys_raise_alarms_at_the_nominal_rate(cosmos: Options) -> None:
    """20 copies of a real set."""
    found = controls.permuted(cosmos, copies=20)
    assert sum(map(bool, found)) <= binom.ppf(0.975, 20, controls.ALPHA)


@pytest.mark.slow
def test_sets_built_without_a_cue_raise_alarms_at_the_nominal_rate(shared_data: Path) -> None:
    sentences = controls.sentences_of(shared_data / "flores200_dataset.tar.gz")
    found = controls.built(sentences, sets=10, count=100)
    assert sum(map(bool, found)) <= binom.ppf(0.99, 10, controls.ALPHA)


@pytest.mark.parametrize("kind", ["lexical", "stylistic", "match"])
def test_a_strong_natural_cue_is_found(cosmos: Options, layers: controls.Layers, kind: str) -> None:
    true = planted(cosmos, kind, 0.4, 1.0, count=1, seed=3)[0]
    permuted = cosmos.labellings(controls.PERMUTATIONS, 0)[:, 1:]
    assert controls.alarms(layers, cosmos, np.column_stack([true, permuted]))


def test_bounds_of_a_cross_fitted_learner_cover_the_truth_near_the_margin(cosmos: Options) -> None:
    """Where a binomial bound does not: truths are the means of 300 sets that are planted alike."""
    from qc.models import ranker

    learner = ranker.prepare(cosmos, folds(cosmos), inputs=("options",))
    spread = float(learner.measure(cosmos.labellings(400, 0)[:, 1:]).accuracy[0].std())
    effective = effective_items(cosmos, spread=spread)
    assert effective < 0.9 * len(cosmos)
    for kind, share in (("lexical", 0.0), ("lexical", 0.1), ("stylistic", 0.1), ("match", 0.1)):
        accuracy = learner.measure(planted(cosmos, kind, share, 1.0, count=300, seed=2)[0]).accuracy[0]
        covers = np.mean([upper_bound(float(one), effective) >= accuracy.mean() for one in accuracy])
        assert covers >= 0.95 - 2 * (0.05 * 0.95 / 300) ** 0.5
