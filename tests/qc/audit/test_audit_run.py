"""A whole audit: what it finds, what it does not, and that it is the same however it came about."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass, replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom, binomtest

from data.errors import UsageError
from qc.audit import audit_run
from qc.audit.audit_request import Asked
from qc.audit.audit_result import Audit
from qc.audit.audit_run import content, run
from qc.audit.layers import available_layers, certificate_learners
from qc.reports.audit_report.audit_document import document, written
from qc.set_statistics import language_results
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.layer_statistics import QUANTILES, SHARES, Cue, LayerName, LayerReading, Measured
from qc.set_statistics.options import Floats, Ints, Options
from tests.qc.audited import keys_drawn, made

QUICK = Asked(layers=("heuristics", "tokens"), permutations=199, replicates=5)


def told(audit: Audit) -> bytes:
    return written(document(audit))


def test_a_planted_cue_is_found_and_named() -> None:
    audit = run(made(longest=0.6), QUICK)
    first = audit.detected[0]
    assert {"longest", "most_words", "logit"} & {effect.name for effect in audit.detected}
    longest = next(e for e in audit.effects if (e.name, e.statistic) == ("longest", "accuracy"))
    assert longest.says == "the correct option is the longest"
    assert longest.detected and first.adjusted == pytest.approx(1 / 200)
    assert not audit.certified
    items = audit.items.set_index("item_id")
    for name in longest.examples:
        texts = items.loc[name, "options"]
        assert max(range(4), key=lambda place: len(texts[place])) == items.loc[name, "key"]


def test_a_set_without_cues_passes_and_its_figures_can_be_recomputed() -> None:
    items = made(240, seed=5)
    audit = run(items, QUICK)
    assert audit.detected == ()
    longest = next(e for e in audit.effects if (e.name, e.statistic) == ("longest", "accuracy"))
    credits = []
    for texts, key in zip(items["options"], items["key"], strict=True):
        lengths = [len(text) for text in texts]
        best = [place for place, length in enumerate(lengths) if length == max(lengths)]
        credits.append((key in best) / len(best))
    assert longest.accuracy == pytest.approx(np.mean(credits))
    assert longest.chance == 0.25
    hits = round(np.sum(credits))  # hardly any ties: the exact test of the whole number is near
    assert longest.p == pytest.approx(binomtest(hits, 240, 0.25).pvalue, abs=0.15)
    assert longest.low is not None and longest.high is not None and longest.accuracy is not None
    exact = binomtest(hits, 240, 0.25).proportion_ci(method="exact")
    assert (longest.low, longest.high) == pytest.approx((exact.low, exact.high), abs=0.02)
    (facts,) = audit.facts.languages
    assert (facts.items, facts.groups, facts.passages, facts.options) == (240, 120, 240, {4: 240})
    assert sum(facts.positions) == 240
    assert facts.smallest == pytest.approx(0.34, abs=0.02)
    facts_alpha = max(audit.parameters.shares.values()) * 0.05
    needed = binom.isf(facts_alpha / 2, 240, 0.25) + 1
    assert binom.sf(needed - 1, 240, facts.smallest) == pytest.approx(0.8, abs=0.01)


@pytest.mark.slow
def test_permuted_keys_give_false_alarms_at_the_nominal_rate() -> None:
    items = made(80, seed=3, longest=0.5)
    asked = replace(QUICK, permutations=99, replicates=0)
    alarms = sum(bool(run(keys_drawn(items, seed), asked).detected) for seed in range(20))
    assert alarms <= binom.isf(0.01, 20, 0.05)  # 4


@pytest.mark.slow
def test_the_same_again_and_in_another_order_is_the_same_to_the_byte() -> None:
    items = made(60, languages=("eng_Latn", "fra_Latn"), longest=0.3)
    first = told(run(items, QUICK))
    assert told(run(items, QUICK)) == first
    assert told(run(items.sample(frac=1, random_state=1), QUICK)) == first


class Kept(dict[str, bytes]):
    """A store in memory."""

    def get(self, key: str) -> bytes | None:  # type: ignore[override]
        return dict.get(self, key)

    def put(self, key: str, data: bytes) -> None:
        self[key] = data


@pytest.mark.slow
def test_a_stopped_audit_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    items = made(60, languages=("aaa_Latn", "bbb_Latn", "ccc_Latn"))
    whole = told(run(items, QUICK))
    store = Kept()

    def stop(words: str, done: int, _: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(items, QUICK, store=store, tell=stop)
    assert len(store) == 3
    done: list[str] = []
    real = available_layers.made
    monkeypatch.setattr(
        audit_run, "made", lambda layer, options, *more: done.append(layer) or real(layer, options, *more)
    )
    assert told(run(items, QUICK, store=store)) == whole
    assert done == ["tokens", "heuristics", "tokens"]
    done.clear()
    other = items["language"] == "bbb_Latn"
    changed = items.assign(key=(items["key"] + other) % 4)
    run(changed, QUICK, store=store)
    assert done == ["heuristics", "tokens"]  # of the language that changed
    done.clear()
    run(items, replace(QUICK, seed=1), store=store)
    assert len(done) == 6


def test_work_is_read_back_as_it_was() -> None:
    random = np.random.default_rng(0)
    reading = LayerReading(
        language="x",
        cues=[Cue(f"c{n}", "accuracy", "says “it”", "against", CueKind.RULE) for n in range(300)],
        **{name: random.random(300) for name in ("z", "p", "accuracy", "spread", "centre", "scale")},
        largest=random.random(99),
        quantiles=np.zeros((0, len(QUANTILES))),
    )
    reading = replace(reading, z=np.linspace(-5, 1, 300))
    cut, kept = language_results.trimmed(replace(reading, largest=np.full(99, 4.0)), 0.05, np.array([7, 299]))
    assert kept.tolist() == [*range(50), 299]  # those of |z| >= 4, and what is to be shown
    assert cut.z.tolist() == reading.z[kept].tolist()
    before = language_results.LayerResult(
        cut,
        300,
        shown=np.array([7, 50]),
        names=("c1",),
        earned=random.random((4, 1)),
        items=pd.DataFrame({"item_id": ["a", "b", "c", "d"], "pvi": [0.1, 0.2, np.nan, 1.0]}),
        tokens=random.random((51, 3)),
        cloud=((3, 0.5, 0.25, 7),),
        scored=("c1",),
        scores=random.random((16, 1)),
        paired=random.random((51, 3)),
        trained_on=7,
    )
    after = language_results.from_bytes(language_results.to_bytes(before))
    assert after.items.equals(before.items)
    assert (after.names, after.cues, after.cloud) == (before.names, 300, before.cloud)
    assert after.reading.cues == cut.cues
    assert (after.scored, after.trained_on) == (("c1",), 7)
    assert np.array_equal(after.scores, before.scores) and np.array_equal(after.paired, before.paired)
    for name in ("z", "p", "accuracy", "spread", "largest", "centre", "scale", "quantiles"):
        assert np.array_equal(getattr(after.reading, name), getattr(cut, name))
    assert np.array_equal(after.earned, before.earned) and np.array_equal(after.tokens, before.tokens)
    assert after.shown is not None and after.shown.tolist() == [7, 50]


class Learner:
    """Always picks the longest option, whatever it was trained on."""

    inputs = ("options",)
    cues = (
        Cue("options", "accuracy", "says", "against", CueKind.INPUTS),
        Cue("options", "margin", "says", "against", CueKind.INPUTS),
    )
    studentised = False

    def __init__(self, options: Options) -> None:
        self.options = options
        self.asked: list[int] = []

    def measure(self, labellings: Ints) -> Measured:
        self.asked.append(labellings.shape[1])
        lengths = np.array([len(text) for text in self.options.texts], float)
        right = self.options.credits(lengths)[labellings].mean(axis=0)
        return Measured(np.stack([right, right]), np.stack([right, right]))

    def scores(self, labellings: Ints) -> Floats:
        lengths = np.array([len(text) for text in self.options.texts], float)
        return np.broadcast_to(lengths[None, :, None], (1, len(lengths), labellings.shape[1]))


def test_a_reserved_learner_is_an_effect_until_it_has_refits_of_its_own() -> None:
    options = Options.of(made(100, longest=0.5))
    labellings = options.labellings(199, 0)
    learner = Learner(options)
    effect = certificate_learners.worked(learner, options, labellings, 0)
    assert learner.asked == []
    assert len(effect.reading.largest) == 0 and np.isnan(effect.reading.p).all()
    sd = np.sqrt(0.25 * 0.75 / 100) * 0.0178 / 0.0144
    assert effect.reading.spread == pytest.approx([sd])
    assert effect.reading.accuracy == pytest.approx([effect.earned.mean()])
    tested = certificate_learners.worked(learner, options, labellings, 199)
    assert learner.asked == [200]
    assert tested.reading.accuracy[0] == effect.reading.accuracy[0]
    assert tested.reading.p[0] == pytest.approx(1 / 200)


def test_the_format_of_kept_work_follows_the_fields() -> None:
    """Nobody has to count a version on by hand: other names or types of fields are another format."""

    @dataclass
    class Small:
        name: str
        count: int

    before = language_results.shape_of(Small, Cue)
    later = make_dataclass("Small", [("name", "str"), ("count", "float")])
    longer = make_dataclass("Small", [("name", "str"), ("count", "int"), ("more", "int")])
    same = make_dataclass("Small", [("name", "str"), ("count", "int")])
    assert language_results.shape_of(same, Cue) == before
    assert (
        len(
            {
                before,
                language_results.shape_of(later, Cue),
                language_results.shape_of(longer, Cue),
                language_results.shape_of(Small),
            }
        )
        == 4
    )
    assert language_results.FORMAT.startswith("work/")


def test_work_of_another_format_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    items, store = made(60), Kept()
    run(items, QUICK, store=store)
    kept = set(store)
    monkeypatch.setattr(language_results, "FORMAT", "work/other")
    run(items, QUICK, store=store)
    assert len(store) == 2 * len(kept)


def test_what_is_said_of_a_language_is_read_back_as_it_was() -> None:
    columns = {
        "tokens/token:a/“b” ‹c›": np.eye(3, dtype=np.float32),
        "heuristics/longest": np.zeros((3, 1), np.float32),
    }
    said = language_results.CommonCues(pd.DataFrame({"item_id": ["a"], "cue": ["x"], "bits": [0.5]}), columns)
    back = language_results.told_of(language_results.told_bytes(said))
    assert back.names.equals(said.names)
    assert list(back.columns) == list(columns)
    assert all(np.array_equal(back.columns[name], columns[name]) for name in columns)


def test_a_curve_is_read_back_as_it_was() -> None:
    audit = Kept()
    run(made(60), QUICK, store=audit)
    (data,) = [data for data in audit.values() if b"sentences" in data and b"replicates" in data]
    curve = language_results.curve_of(data)
    assert curve.cells[0].replicates == 5
    assert language_results.curve_bytes(curve) == data


def test_too_few_items_are_not_judged() -> None:
    with pytest.raises(UsageError, match=r"too few items to judge: with n = 3 nothing above chance \(25%\)"):
        run(made(3, passages=3), QUICK)


def test_too_few_permutations_are_refused() -> None:
    with pytest.raises(UsageError, match=r"19 permutations can find nothing at alpha = 0\.025.* 39 or more"):
        run(made(40), replace(QUICK, permutations=19))


def test_a_source_language_must_be_there() -> None:
    with pytest.raises(UsageError, match=r"no items in the source language 'deu_Latn'; its languages are eng"):
        run(made(40, languages=("eng_Latn",)), replace(QUICK, source_language="deu_Latn"))


def test_a_cue_that_one_language_brought_in_is_told() -> None:
    plain = made(150, languages=("eng_Latn", "fra_Latn"))
    tilted = made(150, languages=("tur_Latn",), longest=0.5)
    asked = replace(QUICK, layers=("heuristics",), source_language="eng_Latn")
    audit = run(pd.concat([plain, tilted], ignore_index=True), asked)
    found = {(one.language, one.name) for one in audit.across if one.detected}
    assert ("tur_Latn", "longest") in found
    assert {language for language, _ in found} == {"tur_Latn"}


def test_content_is_what_the_items_hold_in_any_order() -> None:
    items = made(5)
    assert content(items) == content(items.iloc[::-1])
    assert content(items) != content(items.assign(key=0))


@pytest.mark.parametrize(
    ("named", "refits", "shares"),
    [
        (("heuristics",), 0, {"heuristics": 1.0}),
        (("heuristics", "tokens", "learners", "network"), 0, dict(SHARES)),
        (("heuristics", "tokens", "network"), 199, {"heuristics": 0.5, "tokens": 0.25, "network": 0.25}),
        (("network",), 0, {}),
    ],
)
def test_alpha_is_split_before_anything_is_seen(
    named: tuple[LayerName, ...], refits: int, shares: dict[str, float]
) -> None:
    assert available_layers.shares_of(named, refits) == shares
