"""Learners that were trained on other items: what they see, what they are tested by, what may be said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from data.errors import UsageError
from qc.audit.audit_request import Asked
from qc.audit.audit_run import run
from qc.models import outside_learners
from qc.models.encoder import Encoder
from qc.models.network import Network
from qc.reports.audit_report.audit_document import document
from qc.set_statistics.layer_statistics import read
from qc.set_statistics.options import Options
from tests.qc.audited import WORDS, made

SAME_CUE = 0.7


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> str:
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    (folder / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]) + "\n")
    BertTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    torch.manual_seed(0)
    shape = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8}
    BertModel(BertConfig(vocab_size=5 + len(WORDS), max_position_embeddings=64, **shape)).save_pretrained(folder)
    return str(folder)


def test_both_sets_stand_side_by_side_and_copies_are_left_out() -> None:
    options, outside = Options.of(made(20)), made(30, seed=1)
    copied = pd.concat(
        [outside, options.items.assign(item_id="x" + options.items["item_id"], group="own")], ignore_index=True
    )
    both = outside_learners.joint(options, Options.of(copied))
    assert (both.own, both.outside) == (20, 30)
    assert both.folds.tolist() == [0] * 20 + [-1] * 30
    assert both.options.items["item_id"].iloc[:20].tolist() == options.items["item_id"].tolist()
    assert both.options.texts[: len(options.texts)] == options.texts
    with pytest.raises(UsageError, match="none of the 20 items is other than the audited ones"):
        outside_learners.joint(options, options)


def test_a_network_learns_there_what_it_finds_here() -> None:
    options, outside = Options.of(made(80, longest=SAME_CUE)), Options.of(made(300, seed=1, longest=SAME_CUE))
    both = outside_learners.joint(options, outside)
    rule = outside_learners.trained(
        Network(both.options, both.folds, inputs=("options",)), both, options, "a small network"
    )
    reading = read(rule, options, options.labellings(199, 0))
    assert rule.trained_on == 300
    assert reading.accuracy[0] > 0.5
    assert reading.p[0] == 1 / 200
    assert rule.cues[0].says.startswith("a small network trained on other items that sees the options alone picks")
    drawn = options.items.assign(key=0)
    other = outside_learners.joint(Options(drawn), outside)
    again = outside_learners.trained(
        Network(other.options, other.folds, inputs=("options",)), other, Options(drawn), ""
    )
    assert np.allclose(again.fixed, rule.fixed, atol=1e-5), "no key of the set was seen"


def test_an_encoder_is_tuned_once(checkpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options.of(made(12))
    both = outside_learners.joint(options, Options.of(made(16, seed=1)))
    learner = Encoder(both.options, both.folds, checkpoint, inputs=("options",))
    tuned = []
    real = learner._tune
    monkeypatch.setattr(learner, "_tune", lambda *given: tuned.append(given[2].tolist()) or real(*given))
    rule = outside_learners.trained(learner, both, options, "the encoder tiny")
    assert tuned == [list(range(12, 28))], "on the outside items and on nothing else"
    assert rule.fixed.shape == (len(options.item_of), 1)
    assert rule.scores(options.labellings(3, 0)).shape == (1, len(options.item_of), 4)


ASKED = Asked(layers=("heuristics", "learners", "network"), permutations=199, replicates=5)


def test_an_audit_trained_elsewhere_claims_what_was_done_and_no_more() -> None:
    items, outside = made(80, longest=SAME_CUE), made(200, seed=1, longest=SAME_CUE)
    audit = run(items, ASKED, outside=outside)
    assert dict(audit.parameters.shares) == {"heuristics": 0.5, "learners": 0.25, "network": 0.25}
    tested = {layer.name: (layer.tested, layer.permutations) for layer in audit.layers}
    assert tested["network"] == (True, 199), "one fixed rule, tested at every labelling without a refit"
    assert {e.layer for e in audit.detected} >= {"learners", "network"}
    classes = {one.name: one for one in audit.classes}
    for name in ("kernel ranker", "small network"):
        said = " ".join(classes[name].sentences)
        assert "trained on 200 outside items and on none of this set" in said
        assert "cross-fitting" not in said
        assert "What cues of this set this class would have found was not measured." in said
        assert not classes[name].measured
    assert classes["named heuristics"].measured and classes["conditional logit"].measured
    assert "not measured" not in " ".join(classes["named heuristics"].sentences)
    assert {point.layer for point in audit.sensitivity} == {"heuristics"}
    assert any("their sensitivity was not measured" in note for note in audit.notes)
    told = document(audit)
    assert told["facts"]["trained_on"] == 200


def test_without_outside_items_a_network_is_an_effect_whose_sensitivity_is_not_measured() -> None:
    audit = run(made(40), replace(ASKED, layers=("heuristics", "network"), replicates=2))
    network = next(one for one in audit.classes if one.layer == "network")
    assert network.verdict == "not tested" and not network.measured
    assert "was not measured" in " ".join(network.sentences)
    assert "under grouped 10-fold cross-fitting" in " ".join(network.sentences)


def test_where_nothing_is_found_it_is_said_why_that_is_little() -> None:
    outside = made(120, seed=2)
    audit = run(made(120), replace(ASKED, layers=("learners",), replicates=5), outside=outside)
    (one,) = audit.classes
    assert one.verdict in ("not certified", "certified")
    said = " ".join(one.sentences)
    assert "Cues that those items do not teach" in said and "was not measured" in said
    assert audit.sensitivity == () and audit.sensitive == ()
