"""Tokens: competency statistics by hand and by simulation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.audit.cues.tokens import Token, Tokens, prepare, tokens_of
from qc.set_statistics.layer_statistics import detect, read
from qc.set_statistics.options import Options


def options_of(lists: Sequence[Sequence[str]], keys: Sequence[int] | None = None) -> Options:
    lines = range(len(lists))
    return Options.of(
        pd.DataFrame(
            {
                "item_id": [f"i{line:04}" for line in lines],
                "language": "",
                "group": [f"g{line:04}" for line in lines],
                "passage": None,
                "question": "What?",
                "options": [list(texts) for texts in lists],
                "key": [0] * len(lists) if keys is None else list(keys),
            }
        )
    )


def place_of(tokens: Tokens, name: str) -> int:
    return next(place for place, alike in enumerate(tokens.alike) if Token(False, name) in alike)


def words_of(tokens: Tokens) -> set[str]:
    return {token.text for alike in tokens.alike for token in alike if not token.is_run}


LISTS = [["a red cat", "a dog", "a red cow"], ["a red bat", "an owl"], ["a hen", "a rat", "a jay"]]


def test_statistics_by_hand() -> None:
    options = options_of(LISTS, keys=[0, 0, 1])
    tokens = prepare(options, least_items=1, least_share=0)
    red = place_of(tokens, "red")
    assert Token(False, "a red") in tokens.alike[red]  # they stand in the same options
    measured = tokens.measure(options.labellings(0, 0))
    mean, variance = 2 / 3 + 1 / 2, 2 / 3 * 1 / 3 + 1 / 4
    assert measured.statistic[red, 0] == pytest.approx((2 - mean) / np.sqrt(variance))
    # item 1: one of the two with it; item 2: the one with it; item 3: a guess
    assert measured.accuracy[red, 0] == pytest.approx((1 / 2 + 1 + 1 / 3) / 3)
    assert (tokens.count[red], tokens.keys(options.keys)[red]) == (3, 2)
    assert tokens.expected[red] == pytest.approx(mean)


def test_what_divides_no_item_is_no_cue() -> None:
    tokens = prepare(options_of([["an x", "an y"]] * 20 + [["the x", "the y"]] * 20))
    assert not words_of(tokens) & {"an", "the"} and tokens.alike


def test_rare_tokens_are_left_out() -> None:
    lists = [["seldom", "x"]] * 9 + [["often", "x"]] * 10 + [["y", "z"]] * 3
    found = words_of(prepare(options_of(lists)))
    assert "often" in found and "seldom" not in found
    assert len(prepare(options_of([["a", "b"]])).alike) == 0


def test_cues_are_told_in_words() -> None:
    cues = {cue.name: cue for cue in prepare(options_of([["none of it", "x"]] * 6 + [["y", "z"]] * 6), 1, 0).cues}
    assert "token:none of/of it" in cues
    assert cues["token:none of/of it"].says.startswith("an option that has the words “none of” and “of it” is")
    assert cues["token:x"].against == "an option that has the word “x” is correct less often than others"
    assert len(cues) == len({*cues})


def test_parts_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qc.audit.cues.tokens._PART", 7)
    options = options_of(LISTS * 3, keys=[0, 1, 2] * 3)
    tokens = prepare(options, 1, 0)
    labellings = options.labellings(5, 0)
    parts = list(tokens.parts())
    assert len(parts) > 1 and [cue for part in parts for cue in part.cues] == tokens.cues
    found = np.concatenate([part.measure(labellings).statistic for part in parts])
    assert np.array_equal(found, tokens.measure(labellings).statistic)


def nonsense(count: int, seed: int) -> list[list[str]]:
    random = np.random.default_rng(seed)
    words = ["".join(random.choice(list("bdgklmnoaeiu"), 4)) for _ in range(50)]
    return [[" ".join(random.choice(words, 4)) for _ in range(4)] for _ in range(count)]


def test_permuted_keys_are_standard() -> None:
    options = options_of(nonsense(300, 1))
    permuted = prepare(options).measure(options.labellings(1000, 0)).statistic[:, 1:]
    assert permuted.std(axis=1) == pytest.approx(1, abs=0.12)
    assert np.abs(permuted.mean(axis=1)).max() < 0.15


def test_a_planted_word_is_found_and_led_by() -> None:
    lists = nonsense(400, 2)
    keys = np.random.default_rng(3).integers(4, size=400)
    for item in range(0, 400, 5):
        lists[item][(keys[item] + 1) % 4] += " never"
    options = options_of(lists, keys)
    tokens = prepare(options)
    reading = read(tokens, options, options.labellings(999, 0))
    found = detect([reading], 0.0125)
    leading = [tokens.cues[place].name for place in tokens.leading(reading.z, 3)]
    assert leading[0] == "token:never" and reading.z[place_of(tokens, "never")] < -5
    assert found.adjusted[0][place_of(tokens, "never")] <= 0.0125
    assert sum("nev" in name for name in leading) == 1  # its parts are not shown again


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=4), min_size=1, max_size=5))
def test_any_texts_have_tokens(lists: list[list[str]]) -> None:
    options = options_of(lists)
    tokens = prepare(options, 1, 0)
    measured = tokens.measure(options.labellings(3, 0))
    assert np.isfinite(measured.statistic).all()
    assert ((measured.accuracy > -1e-6) & (measured.accuracy < 1 + 1e-6)).all()
    assert all(isinstance(token, Token) for texts in lists for text in texts for token in tokens_of(text))


def test_the_order_of_the_input_changes_nothing() -> None:
    options = options_of(nonsense(60, 4))
    turned = Options.of(options.items.sample(frac=1, random_state=1))
    one, other = prepare(options), prepare(turned)
    assert one.alike == other.alike
    same = [each.measure(each.options.labellings(5, 0)).statistic for each in (one, other)]
    assert np.array_equal(*same)
