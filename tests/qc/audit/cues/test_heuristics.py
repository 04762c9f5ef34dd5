"""Named heuristics: each on texts whose answer one can see, and their statistics recomputed by scipy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from qc.audit.cues.heuristic_rules import HEURISTICS
from qc.audit.cues.heuristics import balance_of_positions, heuristic_scores, prepare
from qc.set_statistics.layer_statistics import detect, read
from qc.set_statistics.options import Options


def options_of(*lists: Sequence[str], language: str = "eng_Latn", **columns: Any) -> Options:
    lines = len(lists)
    told = {"question": "What?", "passage": None, "key": 0, **columns}
    return Options.of(
        pd.DataFrame(
            {
                "item_id": [f"i{line:04}" for line in range(lines)],
                "language": language,
                "group": [f"g{line:04}" for line in range(lines)],
                "options": [list(texts) for texts in lists],
                **{name: value if isinstance(value, list) else [value] * lines for name, value in told.items()},
            }
        )
    )


def pick(name: str, *texts: str, **columns: Any) -> list[int] | None:
    """Which options a rule picks in one item, None where it says nothing."""
    options = options_of(texts, **columns)
    rules, scores = heuristic_scores(options)
    column = scores[:, [rule.name for rule in rules].index(name)]
    credits = options.credits(column)
    return None if np.isnan(column).all() else np.flatnonzero(credits).tolist()


PASSAGE = "Maya left for Rome in 1969. Her brother, who may have known, stayed in the harbour."


@pytest.mark.parametrize(
    ("name", "texts", "picked"),
    [
        ("longest", ("aa bb", "aaaaaa", "a b c", "b"), [1]),
        ("shortest", ("aa bb", "aaaaaa", "a b c", "b"), [3]),
        ("most_words", ("aa bb", "aaaaaa", "a b c", "b"), [2]),
        ("fewest_words", ("aa bb", "aaaaaa", "a b c", "b"), [1, 3]),
        ("long_words", ("aa bb", "aaaaaa", "a b c", "b"), [1]),
        ("most_in_passage", ("Maya stayed in Rome", "nothing of it", "Maya sang"), [0]),
        ("least_in_passage", ("Maya stayed in Rome", "nothing of it", "Maya sang"), [1]),
        ("most_like_passage", ("harbours", "forests", "meadows"), [0]),
        ("verbatim", ("in the harbour.", "harbour in", "nowhere"), [0]),
        ("most_digits", ("12", "1,5", "3.14", "none"), [2]),
        ("only_number", ("seven", "in 7 days", "later", "never"), [1]),
        ("only_without_number", ("7", "8", "later", "9"), [2]),
        ("only_year", ("in 7 days", "in 1969", "in 12 years"), [1]),
        ("middle_number", ("10", "30", "20"), [2]),
        ("negation", ("it isn’t", "it is", "it was"), [0]),
        ("absolutes", ("it always is", "it is", "it was"), [0]),
        ("hedges", ("it may be", "it is", "it was"), [0]),
        ("none_of_above", ("x", "y", "None of the above choices ."), [2]),
        ("all_of_above", ("x", "All of the above", "y"), [1]),
        ("punctuation", ("x, y; z", "x.", "y"), [0]),
        ("full_stop", ("x.", "y", "z?"), [0, 2]),
        ("capitals", ("Maya and John", "maya", "Rome"), [0]),
        ("begins_with_capital", ("maya", "Rome", "it"), [1]),
        ("brackets", ("x (y)", "x", "y)"), [0]),
        ("quotation", ("“x”", "x", "y"), [0]),
        ("convergence", ("red boat", "red car", "blue boat", "old tree"), [0]),
        ("divergence", ("red boat", "red car", "blue boat", "old tree"), [3]),
        ("odd_one_out", ("the boat left", "the boat stayed", "xyzzy"), [2]),
        ("nearest", ("the boat left", "the boat stayed", "the boat left and stayed", "xyzzy"), [0, 2]),
        ("position:2", ("x", "y", "z"), [1]),
    ],
)
def test_what_a_rule_picks(name: str, texts: tuple[str, ...], picked: list[int]) -> None:
    found = pick(name, *texts, passage=PASSAGE)
    assert found == picked or (name == "nearest" and found is not None and set(found) <= set(picked))


def test_the_question_is_matched() -> None:
    texts = ("a boat", "the captain of the vessel", "a storm")
    asked = "Who was the captain of the ship?"
    assert pick("most_in_question", *texts, question=asked) == [1]
    assert pick("most_like_question", *texts, question=asked) == [1]


@pytest.mark.parametrize(
    ("question", "texts", "picked"),
    [
        ("The animal was an", ("horse", "elephant", "cow"), [1]),
        ("He had read a ___", ("ode", "epic", "unicorn story"), [2]),
        ("Which animals were seen?", ("horses", "a cow", "an ox"), [0]),
        ("Which animal was seen?", ("the horses", "a cow", "dogs and cats"), [1]),
        ("Which animal was seen?", ("a horse", "a cow", "dogs"), None),
        ("What?", ("a horse", "a cow", "dogs"), None),
    ],
)
def test_grammar_gives_away_only_where_one_option_fits(
    question: str, texts: tuple[str, ...], picked: list[int] | None
) -> None:
    assert pick("grammar", *texts, question=question) == picked


def test_where_there_is_no_list_a_rule_says_nothing() -> None:
    assert pick("negation", "x", "y", "z", language="xho_Latn") is None
    assert pick("negation", "他不去", "他去", "她走", language="zho_Hans") == [0]
    assert pick("hedges", "vielleicht", "immer", "heute", language="deu_Latn") == [0]
    assert pick("most_in_passage", "x", "y", "z") is None  # no passage


def test_a_set_without_a_language_that_reads_as_english_is_english() -> None:
    options = options_of(["the end of it", "not the end"], ["a bit of the sea", "land"], language="")
    rules, scores = heuristic_scores(options)
    negation = scores[:, [rule.name for rule in rules].index("negation")]
    assert not np.isnan(negation).any() and negation.sum() == 1


def test_recurring_options_and_common_words() -> None:
    lists = [["Nobody knows.", "red"], ["nobody knows", "green"], ["blue", "yellow"]]
    rules, scores = heuristic_scores(options_of(*lists))
    recurring = scores[:, [rule.name for rule in rules].index("recurring")]
    assert recurring.tolist() == [1, 0, 1, 0, 0, 0]


def set_of(count: int = 300, seed: int = 0, most: int = 4, key: str = "lot") -> Options:
    """Items of nonsense words with two to `most` options."""
    random = np.random.default_rng(seed)
    words = np.array(["".join(random.choice(list("bdgklmnoaeiu"), 4)) for _ in range(60)])
    lists = [
        [" ".join(random.choice(words, random.integers(1, 7))) for _ in range(random.integers(2, most + 1))]
        for _ in range(count)
    ]
    keys = [
        int(np.argmax([len(text) for text in texts])) if key == "longest" else int(random.integers(len(texts)))
        for texts in lists
    ]
    return options_of(*lists, key=keys, passage=[" ".join(random.choice(words, 30)) for _ in range(count)])


def test_statistics_are_those_of_the_textbook() -> None:
    options = set_of(200, most=4)
    named = prepare(options)
    measured = named.measure(options.labellings(0, 0))
    rules, scores = heuristic_scores(options)
    sizes = options.items["options"].map(len)
    for place, cue in enumerate(named.cues[:-1]):
        if cue.name not in ("longest", "most_in_passage", "position:1"):
            continue
        column = [rule.name for rule in rules].index(cue.name)
        worth, variance, mean = 0.0, 0.0, 0.0
        for item, size in enumerate(sizes):
            here = scores[options.starts[item] : options.starts[item] + size, column]
            if cue.statistic == "accuracy":
                each = (here == here.max()) / (here == here.max()).sum()
            else:
                each = stats.zscore(here) if np.ptp(here) > 0 else np.zeros(size)
            worth += each[options.items["key"].iloc[item]]
            mean, variance = mean + each.mean(), variance + each.var()
        assert measured.statistic[place, 0] == pytest.approx((worth - mean) / np.sqrt(variance), abs=1e-4)
        if cue.statistic == "accuracy":
            assert measured.accuracy[place, 0] == pytest.approx(worth / len(sizes), abs=1e-6)
        else:
            assert np.isnan(measured.accuracy[place, 0])


def test_balance_is_pearsons_chi_square_made_normal() -> None:
    options = options_of(*[["a", "b", "c", "d"]] * 100, key=[0] * 40 + [1] * 25 + [2] * 20 + [3] * 15)
    found = balance_of_positions(options, options.labellings(0, 0))[0]
    tested = stats.chisquare([40, 25, 20, 15])
    assert found == pytest.approx(stats.norm.isf(tested.pvalue), abs=0.03)  # what Wilson and Hilferty promise
    even = options_of(*[["a", "b", "c", "d"]] * 100, key=[0, 1, 2, 3] * 25)
    assert balance_of_positions(even, even.labellings(0, 0))[0] == 0


def test_balance_keeps_its_size_with_items_of_different_size() -> None:
    options = set_of(150, seed=4, most=5)
    permuted = balance_of_positions(options, options.labellings(4000, 1))[1:]
    assert (permuted > stats.norm.isf(0.05)).mean() == pytest.approx(0.05, abs=0.012)


def test_permuted_keys_are_standard() -> None:
    options = set_of(200, seed=2)
    named = prepare(options)
    permuted = named.measure(options.labellings(2000, 3)).statistic[:-1, 1:]
    varying = permuted.std(axis=1) > 0
    assert varying.sum() > 30
    assert np.abs(permuted[varying].mean(axis=1)).max() < 0.1
    assert permuted[varying].std(axis=1) == pytest.approx(1, abs=0.1)
    assert (permuted[~varying] == 0).all()  # no digits, no capitals …: 0 throughout


def test_a_set_whose_key_is_the_longest_is_told_so() -> None:
    options = set_of(200, key="longest")
    reading = read(prepare(options), options, options.labellings(199, 0))
    found = detect([reading], 0.025)
    best = int(np.argmax(reading.z))
    assert (reading.cues[best].name, found.adjusted[0][best]) == ("longest", 1 / 200)
    assert reading.cues[best].says in (
        "the correct option is the longest",
        "the correct option is longer than the wrong ones",
    )


def test_every_rule_has_words_for_both_signs_and_a_name_of_its_own() -> None:
    cues = [cue for rule in HEURISTICS for cue in rule.cues()]
    assert len({(cue.name, cue.statistic) for cue in cues}) == len(cues)
    assert len({cue.says for cue in cues} | {cue.against for cue in cues}) == 2 * len(cues)
    assert all(text.startswith("the correct option ") for cue in cues for text in (cue.says, cue.against))


@settings(max_examples=25)
@given(
    st.lists(st.lists(st.text(max_size=20), min_size=2, max_size=5), min_size=1, max_size=4),
    st.sampled_from(["", "eng_Latn", "tha_Thai", "xx"]),
    st.sampled_from([None, "", "A passage of 1969."]),
)
def test_any_texts_have_scores(lists: list[list[str]], language: str, passage: str | None) -> None:
    options = options_of(*lists, language=language, passage=passage)
    measured = prepare(options).measure(options.labellings(5, 0))
    assert np.isfinite(measured.statistic).all()
    told = ~np.isnan(measured.accuracy)
    assert ((measured.accuracy[told] >= 0) & (measured.accuracy[told] <= 1 + 1e-6)).all()


def test_the_order_of_the_input_changes_nothing() -> None:
    options = set_of(60)
    turned = Options.of(options.items.sample(frac=1, random_state=1))
    one, other = (prepare(each).measure(each.labellings(20, 0)).statistic for each in (options, turned))
    assert np.array_equal(one, other)
