"""The shortcut meter: what it learns, what it says of it, and that its parts sum to the whole."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.feedback import shortcut_meter
from qc.feedback.shortcut_meter import Item, Meter, items_of, train

WORDS = (
    "boat", "river", "hill", "tool", "bread", "oven", "town", "rain", "market", "school", "mill", "key", "old",
    "new", "long", "red",
)  # fmt: skip


def items(count: int, cue: str, seed: int = 0) -> list[Item]:
    """Items whose distractors hold the cue word; nothing else tells the key."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        options = [" ".join(draw.sample(WORDS, 4)) for _ in range(4)]
        key = draw.randrange(4)
        options = [text if n == key else f"{text} {cue}".strip() for n, text in enumerate(options)]
        made.append(Item("where is it", tuple(options), key, f"p{number}"))
    return made


@pytest.fixture(scope="module")
def trained() -> Meter:
    return train(items(160, "seldom"), "abc")


def test_a_planted_word_is_found_and_named(trained: Meter) -> None:
    assert trained.accuracy > 0.9
    read = trained.read(
        "where is it",
        (
            "old boat town hill mill",
            "mill red boat long seldom",
            "oven key bread rain seldom",
            "new tool key rain seldom",
        ),
        0,
    )
    assert read.probability > 0.6
    words = [one.what for one in read.leanings if not one.named]
    assert words[0] == "seldom"


def test_without_a_cue_it_is_no_better_than_chance_and_says_a_quarter() -> None:
    blind = train(items(200, ""), "x")
    assert 0.1 < blind.accuracy < 0.4
    assert blind.read("where", ("a boat", "a hill", "a mill", "a town"), 2).probability == pytest.approx(
        0.25, abs=0.12
    )


@given(st.lists(st.text(max_size=40), min_size=2, max_size=6), st.text(max_size=40), st.data())
def test_the_parts_sum_to_the_score_and_the_probabilities_to_one(
    options: list[str], question: str, data: st.DataObject
) -> None:
    draw = np.random.default_rng(1)
    weights, named = (
        draw.normal(size=(shortcut_meter.FOLDS, shortcut_meter.WIDTH)),
        draw.normal(size=(shortcut_meter.FOLDS, len(shortcut_meter.NAMED))),
    )
    drawn = Meter(weights, named, 9, 0.5, "v")
    key = data.draw(st.integers(0, len(options) - 1))
    read = drawn.read(question, options, key)
    assert sum(one.weight for one in read.leanings) == pytest.approx(read.score, abs=1e-9)
    scores = drawn.scores(question, options)
    assert read.score == pytest.approx(scores[key] - scores.mean(), abs=1e-9)
    every = [drawn.read(question, options, n).probability for n in range(len(options))]
    assert sum(every) == pytest.approx(1.0)


def test_it_comes_back_from_a_file_as_it_was(trained: Meter) -> None:
    again = shortcut_meter.parse(trained.packed())
    assert again is not None
    assert (again.version, again.items, again.accuracy) == ("abc", 160, trained.accuracy)
    options = ("red boat", "seldom a boat", "bread", "rain")
    assert again.read("q", options, 1).probability == pytest.approx(
        trained.read("q", options, 1).probability, rel=1e-4
    )


def test_the_gradient_is_that_of_the_loss() -> None:
    features, starts, keys = shortcut_meter._matrix(items(6, "seldom"))
    weights = np.random.default_rng(0).normal(size=features.shape[1])
    loss = lambda w: shortcut_meter._loss(features @ w, starts, keys)[0]  # noqa: E731
    slope = features.T @ shortcut_meter._loss(features @ weights, starts, keys)[1]
    at = np.argsort(-np.abs(slope))[:5]
    for place in at:
        step = np.zeros_like(weights)
        step[place] = 1e-5
        measured = (loss(weights + step) - loss(weights - step)) / 2e-5
        assert slope[place] == pytest.approx(measured, rel=1e-4)


def test_folds_are_by_group_and_order_changes_nothing() -> None:
    some = items(60, "seldom")
    one, other = train(some, "v"), train(some[::-1], "v")
    assert one.accuracy == pytest.approx(other.accuracy)
    text = ("seldom a boat", "hill", "mill", "town")
    assert one.read("q", text, 0).probability == pytest.approx(other.read("q", text, 0).probability, abs=1e-3)


def test_an_item_is_read_by_weights_that_saw_nothing_of_its_group() -> None:
    """With random keys there is nothing to learn, and whoever finds them has seen them."""
    draw = random.Random(5)
    some = [
        Item("where", tuple(" ".join(draw.sample(WORDS, 5)) for _ in range(4)), draw.randrange(4), f"p{n}")
        for n in range(120)
    ]
    blind = train(some, "v", penalty=0.01)
    found = [blind.scores(one.question, one.options, one.group).argmax() == one.key for one in some]
    assert np.mean(found) == pytest.approx(blind.accuracy)
    seen = [blind.scores(one.question, one.options, one.group + "x").argmax() == one.key for one in some]
    assert np.mean(found) < 0.4 < 0.6 < np.mean(seen)


def test_items_are_taken_from_a_frame() -> None:
    import pandas as pd

    frame = pd.DataFrame({"question": ["Who?"], "options": [["a", "b"]], "key": [1], "group": ["p"]})
    assert items_of(frame) == [Item("Who?", ("a", "b"), 1, "p")]
