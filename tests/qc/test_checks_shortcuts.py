"""What gives the key away: in an item alone, and in the set as a whole."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.errors import UsageError
from qc.checks.shortcuts import LEAST, for_audit, fraction, given_away, shortcuts, telling_option

Items = Callable[..., pd.DataFrame]

WORDS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty", "knoll"]


def drawn(count: int, seed: int = 0, longest: float = 0.0) -> list[dict[str, Any]]:
    """Items of drawn words, the key by lot; in a share of them the key is made the longest by far."""
    draw = np.random.default_rng(seed)
    lines = []
    for n in range(count):
        options = [" ".join(draw.choice(WORDS, 3, replace=False)) for _ in range(4)]
        key = int(draw.integers(4))
        if draw.random() < longest:
            options[key] += " " + " ".join(draw.choice(WORDS, 5))
        lines.append(
            {"question_id": f"p{n:04}-q1", "passage_id": f"p{n:04}", "passage": "It rained.",
             "question": f"What of the {n}?", "answers": options, "key": key + 1}
        )  # fmt: skip
    return lines


LONG = "They had waited for the boat since the early morning and were tired"


@pytest.mark.parametrize(
    ("question", "answers", "said"),
    [
        ("When did it happen?", ["In spring", "Around 1969", "In winter", "At night"], "the only one with a"),
        ("Why did they leave?", ["It rained", LONG, "No food", "Noise"], "the longest by far"),
        ("What grew in it?", ["A row of mint", "Much that grew", "A lot of weeds", "A bit of moss"], "“grew”"),
        ("What did he find?", ["A small ship", "He could not", "An old map", "A key"], "has a negation"),
    ],
)
def test_an_option_that_stands_out(items: Items, question: str, answers: list[str], said: str) -> None:
    found = telling_option(items({"question": question, "answers": answers, "key": 2}))
    assert found["flagged"].tolist() == [True]
    assert said in found["reason"].iloc[0]
    other = telling_option(items({"question": question, "answers": answers, "key": 1}))
    assert said not in other["reason"].iloc[0], "a wrong option may stand out"


def test_a_plain_item_is_not_flagged(items: Items) -> None:
    assert telling_option(items({"passage": "It rained."}))["flagged"].tolist() == [False]


def test_what_is_malformed_is_not_judged(items: Items) -> None:
    table = items({"key": 7}, {"answers": None}, {"answers": ["one"], "key": 1}, {"answers": ["a", None]}, {})
    table["passage"] = "It rained."
    table["question_id"] = [f"p{n}-q1" for n in range(5)]
    assert telling_option(table)["flagged"].tolist() == [pd.NA, pd.NA, pd.NA, pd.NA, False]
    assert for_audit(table)["item_id"].tolist() == ["p4-q1"]
    assert for_audit(table)["key"].tolist() == [1]
    assert telling_option(table.iloc[:0]).empty


def test_a_small_set_is_not_judged(items: Items) -> None:
    found = shortcuts(items(*drawn(5)))
    assert found["subject"].tolist() == ["set"]
    assert found["flagged"].isna().all()
    assert found["reason"].iloc[0] == f"5 questions are too few to judge as a set; {LEAST} are wanted"
    assert given_away(items(*drawn(5)), shown=None)["flagged"].isna().all()
    assert not given_away(items(*drawn(5)), shown=frozenset())["flagged"].any()
    with pytest.raises(UsageError, match="needs shown"):
        given_away(items({}))


@pytest.fixture(scope="module")
def tilted(items: Items) -> pd.DataFrame:
    return items(*drawn(400, longest=0.3))


def test_a_rule_that_the_set_obeys_is_found_and_named(tilted: pd.DataFrame) -> None:
    found = shortcuts(tilted, permutations=199).set_index("subject")
    line = found.loc["longest"]
    assert line["flagged"]
    lengths = tilted["answers"].map(lambda options: int(np.argmax([len(option) for option in options])))
    accuracy = (lengths == tilted["key"] - 1).mean()
    assert abs(float(line["reason"].split()[1]) - accuracy) < 0.02, "but for ties"
    assert "(chance .25), p = .005" in line["reason"]
    assert found.loc["not shortest", "flagged"]
    assert not found.loc["only_year", "flagged"]
    assert found.loc["only_year", "reason"] == ""
    assert not found["flagged"].isna().any()


def test_a_set_without_cues(items: Items) -> None:
    found = shortcuts(items(*drawn(300, seed=5)), permutations=199)
    assert not found["flagged"].any(), found[found["flagged"]]
    assert found["score"].between(0, 1).all()


def test_as_many_go_back_as_there_are_too_many(tilted: pd.DataFrame) -> None:
    found = given_away(tilted, shown=frozenset({"longest", "longest:difference", "not shortest"}))
    lengths = [[len(option) for option in answers] for answers in tilted["answers"]]
    right = [float(np.argmax(of) == key - 1) for of, key in zip(lengths, tilted["key"], strict=True)]
    too_many = (np.mean(right) - 0.25) * len(tilted) / 0.75
    assert abs(found["flagged"].sum() - too_many) < 10
    assert found["reason"][found["flagged"]].str.contains("the longest by far").all()
    leads = np.array([sorted(of)[-1] - sorted(of)[-2] for of in lengths])
    assert leads[found["flagged"].to_numpy(bool)].min() > 10


def test_a_word_that_tells(items: Items) -> None:
    lines = drawn(300, seed=3)
    for line in lines[:60]:
        line["answers"][line["key"] - 1] += " precisely"
    for line in lines[60:66]:
        line["answers"][line["key"] % 4] += " precisely"
    table = items(*lines)
    found = shortcuts(table, permutations=199)
    shown = frozenset(found["subject"][found["flagged"]])
    assert "token:precisely" in shown
    away = given_away(table, shown=frozenset({"token:precisely"}))
    assert 35 <= away["flagged"].sum() <= 60
    assert away["reason"][away["flagged"]].str.contains("“precisely”").all()
    assert not away["flagged"].iloc[66:].any()


def test_what_is_within_the_margin_is_left_to_the_selection(items: Items) -> None:
    table = items(*drawn(300, seed=5))
    assert not given_away(table, shown=frozenset({"longest", "hedges"}))["flagged"].any()


def test_the_order_of_the_items_changes_nothing(tilted: pd.DataFrame) -> None:
    other = tilted.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(shortcuts(tilted, permutations=99), shortcuts(other, permutations=99))
    shown = frozenset({"longest"})
    pd.testing.assert_frame_equal(
        given_away(tilted, shown=shown), given_away(other, shown=shown).loc[tilted.index]
    )


def test_nothing_heavy_is_imported_before_there_is_something_to_judge() -> None:
    code = "import sys, flows.advance; sys.exit(', '.join({'scipy', 'icu4py', 'torch'} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_fractions() -> None:
    assert [fraction(x) for x in (0.32, 0.25, 0.3046, 0.0, 1.0)] == [".32", ".25", ".305", ".00", "1.00"]
