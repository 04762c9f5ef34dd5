"""Planted cues, and what a layer that sees one kind of cue finds of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint, proportion_effectsize

from qc.set_statistics.certificates.planted_cues import _CARRIERS, carriers_of, planted
from qc.set_statistics.certificates.sensitivity import Cell, Power, measure, sentences, smallest_detectable, wilson
from qc.set_statistics.cue_kinds import CueKind
from qc.set_statistics.layer_statistics import Cue, Detection, LayerReading, Measured, detect, read
from qc.set_statistics.options import Floats, Ints, Options
from qc.set_statistics.permutation_tests import studentised, sums_at

NOUNS = (
    *("boat", "pier", "lamp", "gate", "rope", "tide", "moon", "sail"),
    *("crab", "dune", "reef", "gull", "mast", "cove", "buoy", "net"),
)


def harbour(count: int = 240, question: str = "Which one is by the sea?") -> Options:
    random = np.random.default_rng(7)
    texts = [
        [" ".join(random.choice(NOUNS, random.integers(1, 5), replace=False)) for _ in range(4)]
        for _ in range(count)
    ]
    lines = range(count)
    return Options.of(
        pd.DataFrame(
            {
                "item_id": [f"i{line:04}" for line in lines],
                "language": "eng_Latn",
                "group": [f"g{line // 2:04}" for line in lines],
                "passage": None,
                "question": [question and f"{question} The {NOUNS[line % 16]}" for line in lines],
                "options": texts,
                "key": random.integers(0, 4, count),
            }
        )
    )


@dataclass(frozen=True)
class Longest:
    """A toy layer: picks the longest option."""

    options: Options
    worth: Floats
    cues: Sequence[Cue] = (Cue("longest", "accuracy", "is the longest", "is not", CueKind.RULE),)
    studentised: bool = True

    def measure(self, labellings: Ints) -> Measured:
        hits = sums_at(self.worth, labellings) / len(self.options)
        return Measured(studentised(self.options, self.worth, labellings), hits)


def toy(options: Options) -> tuple[Longest, LayerReading, Detection]:
    layer = Longest(options, options.credits(np.array([len(text) for text in options.texts], float))[:, None])
    reading = read(layer, options, options.labellings(199, 0))
    return layer, reading, detect([reading], 0.05)


@pytest.mark.parametrize("kind", ["lexical", "stylistic", "match"])
def test_planted_keys_are_options_of_their_items(kind: str) -> None:
    options = harbour(40)
    labellings, reached, oracle = planted(options, kind, 0.1, 0.75, count=20, seed=0)
    assert (options.item_of[labellings] == np.arange(40)[:, None]).all()
    assert reached == pytest.approx(0.1)
    assert oracle == pytest.approx(0.1 * 0.75 + 0.9 * 0.25)
    again, _, _ = planted(options, kind, 0.1, 0.75, count=20, seed=0)
    other, _, _ = planted(options, kind, 0.1, 0.75, count=20, seed=1)
    assert (labellings == again).all() and (labellings != other).any()


def test_texts_are_read_once_for_all_plants_of_a_kind() -> None:
    """Options without their texts get the same labellings from the carriers that were made before."""
    options = harbour(40)
    carriers = carriers_of(options, "lexical")
    mute = Options(options.items.assign(options=[[""] * len(some) for some in options.items["options"]]))
    for share in (0.1, 0.4):
        made, _, _ = planted(options, "lexical", share, 1.0, count=5, seed=0)
        again, _, _ = planted(mute, "lexical", share, 1.0, count=5, seed=0, carriers=carriers)
        assert (made == again).all()


def test_a_planted_cue_is_as_strong_as_was_asked() -> None:
    options = harbour()
    labellings, reached, oracle = planted(options, "match", 0.4, 0.75, count=400, seed=0)
    (carriers,) = _CARRIERS["match"](options)(np.random.default_rng(0), 0.4)
    hits = np.isin(labellings, carriers)[options.item_of[carriers]].mean()
    wanted = reached * len(options) / len(carriers)  # the share of items with a carrier that follow it
    assert hits == pytest.approx(wanted * 0.75 + (1 - wanted) * 0.25, abs=0.01)
    assert oracle == pytest.approx(reached * 0.75 + (1 - reached) * 0.25)


def test_a_word_need_not_be_frequent_enough_alone() -> None:
    _, reached, _ = planted(harbour(), "lexical", 1.0, 1.0, count=3, seed=0)
    assert reached > 0.95


def test_a_layer_finds_what_it_sees_and_is_blind_to_the_rest() -> None:
    options = harbour()
    found = measure(options, {"toy": toy(options)}, shares=(0.1, 0.4), strengths=(1.0,), replicates=30)
    powers = {(cell.kind, cell.share): cell.power.found for cell in found.cells}
    assert powers["stylistic", 0.4] > 0.5 and powers["lexical", 0.4] < 0.5
    assert found.accuracy["toy"].shape == (1, 6, 30)
    assert found.language == "eng_Latn"
    cell = found.cells[0]
    assert (cell.power.low, cell.power.high) == wilson(round(cell.power.found * 30), 30)
    assert cell.layers["toy"] == cell.power
    again = measure(options, {"toy": toy(options)}, shares=(0.1, 0.4), strengths=(1.0,), replicates=30)
    assert again.cells == found.cells and (again.accuracy["toy"] == found.accuracy["toy"]).all()


def test_unplanted_keys_are_found_at_the_nominal_rate() -> None:
    options = harbour(100)
    found = measure(options, {"toy": toy(options)}, shares=(0.0,), strengths=(1.0,), replicates=200)
    alarms = sum(round(cell.power.found * 200) for cell in found.cells)
    assert binomtest(alarms, 600, 0.05).pvalue > 0.001


def test_without_questions_nothing_is_like_them() -> None:
    options = harbour(20, question="")
    found = measure(options, {"toy": toy(options)}, shares=(0.1,), strengths=(1.0,), replicates=2)
    assert [cell.kind for cell in found.cells] == ["lexical", "stylistic"]


def test_the_interval_is_wilson_s() -> None:
    for hits, tries in ((0, 50), (7, 50), (50, 50), (83, 100)):
        theirs = proportion_confint(hits, tries, method="wilson")
        assert wilson(hits, tries) == pytest.approx(theirs, abs=1e-12)


def test_the_sentence_says_the_weakest_cue_that_would_have_been_found() -> None:
    def cell(share: float, strength: float, found: float) -> Cell:
        power = Power(found, found - 0.1, min(1, found + 0.1))
        return Cell("lexical", share, share, strength, 50, power, {}, 0.3)

    cells = [cell(0.05, 1.0, 0.5), cell(0.1, 0.75, 0.83), cell(0.1, 1.0, 0.97), cell(0.2, 0.5, 0.9)]
    (said,) = sentences(cells)
    assert said.replace("\xa0", " ") == (
        "Had keys followed a word drawn by lot in 10 % of the items (c = 0.1; there q ≥ 0.75), the audit would "
        "have found it with 83 % (73 to 93 %; 50 runs)."
    )
    (said,) = sentences(cells[:1])
    assert "in no planted share of the items would it have been found" in said


def test_three_items_show_nothing() -> None:
    assert smallest_detectable(3, 0.25, 0.025) is None
    assert smallest_detectable(4, 0.25, 0.025) is not None


def test_the_smallest_that_can_be_seen_has_the_power_that_statsmodels_gives() -> None:
    smallest = smallest_detectable(900, 0.25, 0.05)
    assert smallest is not None
    effect = proportion_effectsize(smallest, 0.25)
    power = NormalIndPower(ddof=0).power(effect, 900, 0.05, ratio=0)
    assert power == pytest.approx(0.8, abs=0.02)
