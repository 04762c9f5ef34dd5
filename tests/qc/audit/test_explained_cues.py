"""Which found cue explains which: score tests that agree with statsmodels, and groups that one can see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.discrete.conditional_models import ConditionalLogit

from qc.audit.audit_request import Asked
from qc.audit.audit_result import Audit, Explained
from qc.audit.audit_run import run
from qc.audit.cues import heuristics, tokens
from qc.audit.cues.heuristics import HEURISTICS
from qc.audit.explained_cues import COMPARED, KIN, columns_of, kin_of
from qc.audit.layers.score_test import given
from qc.reports.audit_report.audit_document import document
from qc.reports.audit_report.audit_findings import findings
from qc.set_statistics.layer_statistics import read
from qc.set_statistics.options import Floats, Options
from tests.qc.audited import made

QUICK = Asked(layers=("heuristics", "tokens"), permutations=199, replicates=0)


def drawn(count: int, seed: int, columns: int, sizes: tuple[int, ...] = (4,)) -> tuple[Options, Floats]:
    random = np.random.default_rng(seed)
    items = made(count, seed=seed)
    items["options"] = [texts[: sizes[n % len(sizes)]] for n, texts in enumerate(items["options"])]
    items["key"] = [n % len(texts) for n, texts in enumerate(items["options"])]
    options = Options.of(items)
    return options, random.normal(size=(len(options.item_of), columns))


def following(options: Options, worth: Floats, seed: int = 0) -> Options:
    """The same options, keys drawn by a softmax of worth."""
    noise = np.random.default_rng(seed).gumbel(size=len(worth))
    best = [int(np.argmax(part)) for part in np.split(worth + noise, options.starts[1:])]
    return Options(options.items.assign(key=best))


def test_without_a_leader_it_is_the_audits_own_statistic() -> None:
    options = Options.of(made(120, longest=0.4, never=0.3))
    named, words = heuristics.prepare(options), tokens.prepare(options)
    for layer, prepared, names in (
        ("heuristics", named, ["longest", "hedges", "most_in_question", "position:2"]),
        ("tokens", words, ["token:never"]),
    ):
        reading = read(prepared, options, options.labellings(9, 0))
        z = {(cue.name, cue.statistic): one for cue, one in zip(reading.cues, reading.z, strict=True)}
        columns = columns_of(named, words, [(layer, name) for name in names])  # type: ignore[misc]
        for name in names:
            here = columns[f"{layer}/{name}"]
            told = given(options, here, here[:, :0])
            assert told[0] == pytest.approx(z[name, "competency" if layer == "tokens" else "accuracy"], abs=1e-3)
            if (name, "difference") in z:
                assert told[1] == pytest.approx(z[name, "difference"], abs=1e-3)


@pytest.mark.parametrize("sizes", [(4,), (2, 3, 4)])
def test_what_is_left_agrees_with_a_conditional_logit_of_another_library(sizes: tuple[int, ...]) -> None:
    options, columns = drawn(200, 1, 3, sizes)
    columns[:, 2] += columns[:, 0]  # follows the leader
    options = following(options, 1.2 * columns[:, 0] + 0.3 * columns[:, 1])
    left = given(options, columns[:, 1:], columns[:, :1])
    endog = np.zeros(len(options.item_of))
    endog[options.keys] = 1
    for place in (1, 2):
        both = columns[:, [0, place]]
        null = ConditionalLogit(endog, both[:, :1], groups=options.item_of).fit(disp=False).params[0]
        model = ConditionalLogit(endog, both, groups=options.item_of)
        score = model.score(np.array([null, 0.0]))
        information = -model.hessian(np.array([null, 0.0]))
        z = score[1] / np.sqrt(information[1, 1] - information[0, 1] ** 2 / information[0, 0])
        assert left[place - 1] == pytest.approx(z, abs=5e-3)
    alone = given(options, columns[:, 1:], columns[:, :0])
    assert abs(alone[1]) > 5 > 3 > abs(left[1])
    assert left[0] > 3


def test_what_is_left_of_a_cue_that_tells_nothing_new_is_standard_normal() -> None:
    told = []
    for seed in range(200):
        options, columns = drawn(60, seed, 2)
        columns[:, 1] += columns[:, 0]
        options = following(options, columns[:, 0], seed)
        told.append(given(options, columns[:, 1:], columns[:, :1])[0])
    assert abs(np.mean(told)) < 0.2
    assert 0.85 < np.std(told) < 1.15


def test_of_a_copy_nothing_is_left_also_where_the_leader_is_always_right() -> None:
    options, columns = drawn(80, 3, 1)
    best = [int(np.argmax(part)) for part in np.split(columns[:, 0], options.starts[1:])]
    options = Options(options.items.assign(key=best))
    credits = options.credits(columns)
    assert given(options, credits, credits[:, :0])[0] > 10
    assert given(options, np.column_stack([credits, -2 * credits, 0 * credits]), credits).tolist() == [0, 0, 0]
    assert np.isfinite(given(options, columns, credits)).all()


def told(audit: Audit) -> dict[tuple[str, bool], Explained]:
    return {(one.name, one.positive): one for one in audit.explained}


RULES = replace(QUICK, layers=("heuristics",))


def test_one_planted_cue_is_one_group_with_its_guises() -> None:
    audit = run(made(200, longest=0.5), RULES)
    found = told(audit)
    assert {"longest", "most_words", "shortest"} <= {effect.name for effect in audit.detected}
    length = [found[name, sign] for name, sign in (("longest", True), ("most_words", True), ("shortest", False))]
    assert {one.group for one in length} == {1}
    assert sorted(one.leads for one in length) == [False, False, True]
    assert all(one.given is None for one in length), "the first, and the same measured otherwise"
    assert found["most_like_question", True].group == 1, "what is longer shares more"
    verdict = document(audit)["verdict"]
    assert verdict["counts"]["groups"] == sum(one.leads for one in audit.explained) <= 2


def test_of_many_guises_the_words_that_were_planted_lead() -> None:
    """Long keys were made so with “and also”: the rule of length is a guise of these words."""
    audit = run(made(200, longest=0.5), QUICK)
    (lead,) = [one for one in audit.explained if one.leads]
    assert "and also" in lead.name
    assert abs(told(audit)["longest", True].given or 0) < 2


def test_two_planted_cues_are_two_groups() -> None:
    audit = run(made(300, longest=0.4, never=0.5, languages=("eng_Latn",)), RULES)
    found = told(audit)
    assert 2 <= sum(one.leads for one in audit.explained) < len([one for one in audit.explained if one.group]) / 2
    assert found["longest", True].group != found["negation", False].group
    assert found["absolutes", False].group == found["negation", False].group
    critical = {layer.name: layer.critical or 0 for layer in audit.layers}
    for one in audit.explained:
        if one.group and not one.leads and one.given is not None:
            assert abs(one.given) <= critical[one.layer]


def test_grouping_changes_nothing_that_is_tested() -> None:
    audit = run(made(200, longest=0.5), QUICK)
    assert {(e.layer, e.name, e.z > 0) for e in audit.detected} == {
        (one.layer, one.name, one.positive) for one in audit.explained
    }
    bare = replace(audit, explained=())
    assert bare.detected == audit.detected
    assert sorted(one.strongest.name for one in findings(audit.detected)) == sorted(
        one.strongest.name for one in findings(audit.detected, audit.explained)
    )


def test_a_leader_explains_what_leans_the_same_way_only() -> None:
    """Where keys are the longest in one language and the shortest in another, that is no one shortcut."""
    long = made(150, languages=("aaa_Latn",), longest=0.6)
    other = made(150, languages=("bbb_Latn",), seed=1)
    other["key"] = [
        int(np.argmin([len(text) for text in texts])) if n % 2 else key
        for n, (texts, key) in enumerate(zip(other["options"], other["key"], strict=True))
    ]
    audit = run(pd.concat([long, other], ignore_index=True), QUICK)
    found = told(audit)
    assert found["longest", True].group != found["shortest", True].group


def test_names_of_kin_and_of_compared_rules_exist() -> None:
    options = Options.of(made(20))
    names = {rule.name for rule in HEURISTICS} | {cue.name for cue in heuristics.prepare(options).cues}
    names |= {f"position:{place}" for place in range(1, 11)}
    assert names >= COMPARED
    assert all(kin <= names for kin in KIN)
    assert kin_of("heuristics", "longest") == kin_of("heuristics", "fewest_words")
    assert kin_of("tokens", "token:never") == {"token:never"}
    assert kin_of("heuristics", "position:2") == kin_of("heuristics", "position")
