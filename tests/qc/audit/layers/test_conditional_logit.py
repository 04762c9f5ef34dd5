"""The conditional logit: its weights are statsmodels' and scipy's, its held-out statistics those of a loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from statsmodels.discrete.conditional_models import ConditionalLogit
from threadpoolctl import threadpool_limits

from qc.audit.layers.conditional_logit import FEATURES, Weighing, fitted, padded, prepare
from qc.set_statistics.layer_statistics import read
from qc.set_statistics.options import Floats, Ints, Options


def choices(count: int = 150, most: int = 4, features: int = 3, strength: float = 0.0, seed: int = 0) -> Weighing:
    """Items with drawn features, whose keys follow the first one's size."""
    random = np.random.default_rng(seed)
    sizes = random.integers(2, most + 1, count)
    features_of = [random.normal(size=(size, features)) for size in sizes]
    chances = [np.exp(strength * own[:, 0]) for own in features_of]
    items = pd.DataFrame(
        {
            "item_id": [f"i{line:04}" for line in range(count)],
            "language": "",
            "group": [f"g{line:04}" for line in range(count)],
            "passage": None,
            "question": [f"{line:04}" for line in range(count)],
            "options": [[str(place) for place in range(size)] for size in sizes],
            "key": [int(random.choice(len(own), p=own / own.sum())) for own in chances],
        }
    )
    centred = np.concatenate([own - own.mean(axis=0) for own in features_of])
    return Weighing(Options.of(items), centred, np.arange(count) % 5)


def minimised(features: Floats, sizes: Ints, keys: Ints, ridge: float) -> Floats:
    """The weights of one labelling by scipy; `keys` counts from each item's first option."""
    parts = np.split(features, np.cumsum(sizes)[:-1])

    def loss(weights: Floats) -> float:
        worth = [part @ weights for part in parts]
        told = sum(one[key] - np.log(np.exp(one).sum()) for one, key in zip(worth, keys, strict=True))
        return float(ridge / 2 * weights @ weights - told)

    return np.asarray(minimize(loss, np.zeros(features.shape[1]), method="BFGS").x)


@pytest.mark.parametrize(("strength", "seed"), [(0.0, 1), (1.0, 2), (3.0, 3)])
def test_weights_are_those_of_statsmodels(strength: float, seed: int) -> None:
    set_ = choices(strength=strength, seed=seed)
    options = set_.options
    is_key = np.zeros(len(options.item_of))
    is_key[options.keys] = 1
    told = ConditionalLogit(is_key, set_.features, groups=options.item_of).fit(disp=0)
    shift = (options.keys - options.starts)[:, None]
    found = fitted(padded(options, set_.features), shift, 1e-6)[:, 0]
    assert found == pytest.approx(told.params, rel=2e-3, abs=2e-3 * told.bse.max())


def test_all_labellings_are_fitted_at_once_as_each_alone() -> None:
    set_ = choices(count=80, strength=2.0)
    labellings = set_.options.labellings(6, 0) - set_.options.starts[:, None]
    found = fitted(padded(set_.options, set_.features), labellings, 1.0)
    for place in range(labellings.shape[1]):
        alone = minimised(set_.features, set_.options.sizes, labellings[:, place], 1.0)
        assert found[:, place] == pytest.approx(alone, abs=1e-3)


@pytest.mark.parametrize("strength", [8.0, 50.0])
def test_where_keys_are_all_but_certain_the_penalty_keeps_weights_finite(strength: float) -> None:
    set_ = choices(count=60, strength=strength)
    shift = (set_.options.keys - set_.options.starts)[:, None]
    alone = minimised(set_.features, set_.options.sizes, shift[:, 0], 1.0)
    assert fitted(padded(set_.options, set_.features), shift, 1.0)[:, 0] == pytest.approx(alone, abs=5e-3)


def test_held_out_statistics_are_those_of_a_loop() -> None:
    set_ = choices(count=60, strength=1.0)
    options, keys = set_.options, set_.options.keys - set_.options.starts
    parts = np.split(set_.features, options.starts[1:])
    hits, told = [], []
    for item, key in enumerate(keys):
        inside = set_.folds != set_.folds[item]
        weights = minimised(
            np.concatenate([part for part, kept in zip(parts, inside, strict=True) if kept]),
            options.sizes[inside],
            keys[inside],
            set_.ridge,
        )
        worth = parts[item] @ weights
        hits.append(worth.argmax() == key)
        told.append(worth[key] - np.log(np.exp(worth).sum()))
    measured = set_.measure(options.labellings(3, 0))
    assert measured.statistic[0, 0] == pytest.approx(np.mean(hits))
    assert measured.statistic[1, 0] == pytest.approx(np.mean(told), abs=1e-4)
    assert measured.accuracy[0, 0] == measured.statistic[0, 0] and np.isnan(measured.accuracy[1]).all()


def test_options_that_nothing_tells_apart_are_a_guess() -> None:
    set_ = choices(count=20)
    alike = Weighing(set_.options, np.zeros_like(set_.features), set_.folds)
    measured = alike.measure(set_.options.labellings(4, 0))
    assert measured.statistic[0] == pytest.approx(set_.options.chance)
    assert measured.statistic[1] == pytest.approx(-np.log(set_.options.sizes).mean(), abs=1e-6)


def test_a_planted_cue_is_found_and_permuted_keys_are_not() -> None:
    set_ = choices(count=200, strength=1.0)
    reading = read(set_, set_.options, set_.options.labellings(199, 0))
    assert (reading.p == 1 / 200).all() and reading.accuracy[0] > set_.options.chance + 0.1
    null = choices(count=200, strength=0.0, seed=9)
    assert (read(null, null.options, null.options.labellings(199, 0)).p > 0.05).all()


def test_features_are_at_most_twenty_heuristics() -> None:
    set_ = choices(count=12)
    found = prepare(set_.options, set_.folds)
    assert found.features.shape == (len(set_.options.item_of), len(FEATURES)) and len(FEATURES) <= 20
    assert np.allclose(set_.options.per_item(found.features), 0, atol=1e-9)


def test_threads_change_no_bit() -> None:
    set_ = choices(count=60)
    labellings = set_.options.labellings(300, 0)
    with threadpool_limits(1, "blas"):
        one = set_.measure(labellings).statistic
    with threadpool_limits(2, "blas"):
        other = set_.measure(labellings).statistic
    assert np.array_equal(one, other)
