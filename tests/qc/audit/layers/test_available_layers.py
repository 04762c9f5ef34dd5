"""Layers that have read a language's texts are used again; what they give hangs on nothing asked before."""

from __future__ import annotations

import pytest

from qc.audit.layers.available_layers import Setting, laid, made, shares_of
from qc.set_statistics import language_results
from qc.set_statistics.cross_validation_folds import folds, grouping
from qc.set_statistics.layer_statistics import LayerName
from qc.set_statistics.options import Options
from tests.qc.audited import made as drawn


@pytest.mark.parametrize("layer", ["heuristics", "tokens", "learners"])
def test_what_was_read_once_gives_the_same_to_the_byte(layer: LayerName) -> None:
    options = Options.of(drawn(60, longest=0.5))
    clusters = grouping(options.items).clusters
    setting = Setting(
        labellings=options.labellings(60, 0),
        clusters=clusters,
        folds=folds(options, clusters=clusters),
        alphas=shares_of([layer], 0),
    )
    anew = made(layer, options, setting)
    ready = laid(layer, options, setting)
    first, again = (made(layer, options, setting, ready) for _ in range(2))
    wanted = language_results.to_bytes(anew)
    assert language_results.to_bytes(first) == wanted
    assert language_results.to_bytes(again) == wanted
    labellings = options.labellings(20, 5)
    fresh = laid(layer, options, setting).measure(labellings)
    used = ready.measure(labellings)  # as the measured curve asks it
    assert (fresh.statistic == used.statistic).all()
