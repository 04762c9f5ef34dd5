from typing import Any

import numpy as np
import pandas as pd
import pytest

from qc.models.features import Features, _nearest, shuffled
from qc.set_statistics.options import COLUMNS, Options


def table(*lines: dict[str, Any]) -> Options:
    plain = {"language": "eng", "passage": None, "question": "", "options": ["a", "b"], "key": 0}
    made = [{"item_id": f"i{n}", "group": f"g{n}", **plain, **line} for n, line in enumerate(lines)]
    return Options.of(pd.DataFrame(made, columns=list(COLUMNS)))


def test_n_grams_of_one_item_only_are_left_out() -> None:
    options = table({"options": ["red kite", "red hill"]}, {"options": ["blue kite", "green"]})
    words, characters, style = Features(options).blocks("options")
    assert words.toarray().tolist() == [[1], [0], [1], [0]]  # `red` stands in one item, though in two options
    assert characters.shape[0] == style.shape[0] == 4


def test_style_tells_the_longest_and_what_the_options_share() -> None:
    options = table({"options": ["the old man", "the old dog 7", "Two"]}, {"options": ["same", "same"]})
    style = Features(options).blocks("options")[2].toarray()
    assert np.allclose(options.per_item(style), 0)
    assert not style[3:].any()
    longest, shortest, convergence = style[:3, -3:].T
    assert longest.argmax() == 1
    assert shortest.argmax() == 2
    assert convergence[0] > convergence[1] > convergence[2]  # shared: 2 of 3 words, 2 of 4, none
    assert style[:3, 3].argmax() == 1  # a digit


def test_what_the_passage_repeats() -> None:
    red, none = "the kite was red", "no kite at all"
    options = table(*({"passage": passage, "options": ["red kite", "green kite"]} for passage in (red, none) * 2))
    features = Features(options)
    repeated, overlap = (block.toarray() for block in features.blocks("passage"))
    assert len(np.unique(repeated, axis=0)) == 3  # neither passage has anything of the green kite but the kite
    first, second = (options.starts[(options.items["passage"] == one).argmax()] for one in (red, none))
    share = overlap[:, 0]
    assert share[first] > share[first + 1]
    assert share[second] == pytest.approx(share[second + 1])
    assert features.blocks("question") == []
    assert not features.has("both")


def test_pairs_are_of_a_question_s_words_and_the_option_s() -> None:
    options = table(
        {"question": "Who came?", "options": ["a man", "noon"]},
        {"question": "Who left?", "options": ["a man", "dusk"]},
        {"question": "When?", "options": ["a man", "night"]},
    )
    pairs = Features(options).blocks("question")[2]
    assert (pairs.toarray() > 0).sum() == 4  # who x a, who x man, in two items each
    asked = options.items["question"].str.startswith("Who").to_numpy()[options.item_of]
    assert set(np.flatnonzero(pairs.toarray().any(axis=1))) == set(np.flatnonzero(asked & (options.place == 0)))


def test_shuffling_hangs_on_the_text_alone() -> None:
    text = "One two, three four five six seven."
    assert shuffled(text) == shuffled(text) != "one two three four five six seven"
    assert sorted(shuffled(text).split()) == sorted(["one", "two", "three", "four", "five", "six", "seven"])
    assert shuffled("") == ""


def test_the_stretch_that_the_question_asks_about() -> None:
    assert _nearest("Where was the red kite?", "a b c red kite flew d e f", 3) in {"c red kite", "red kite flew"}
    assert _nearest("what", "short text") == "short text"


def test_texts_without_words_are_no_trouble() -> None:
    features = Features(table({"options": ["", "?"], "question": " "}, {"options": ["!", "…"], "question": "?"}))
    assert all(
        np.isfinite(block.toarray()).all() for part in ("options", "question") for block in features.blocks(part)
    )
