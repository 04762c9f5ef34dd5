"""What gives the key away: in an item alone, and in the set as a whole."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.audit.audit_controls import cosmos
from data.errors import UsageError
from qc.checks.shortcut_checks import (
    LEAST,
    for_audit,
    fraction,
    given_away,
    narrowed_down,
    shortcuts,
    telling_option,
)

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


NONE = frozenset({"not none_of_above"})


def excluded(count: int, *, also_negated: int = 0, right: int = 0) -> list[dict[str, Any]]:
    """Items with “None of the above”, right in the last few; some have a wrong option that negates, too."""
    lines = drawn(count, seed=11)
    for n, line in enumerate(lines):
        key = line["key"] - 1
        line["question"] = f"What of the amber and the birch of day {n} is said?"
        line["answers"][key if n >= count - right else (key + 1) % 4] = "None of the above"
        if n < also_negated:
            line["answers"][(key + 2) % 4] = f"The {line['answers'][(key + 2) % 4]} was not there"
    return lines


def test_one_option_that_can_be_excluded_is_a_note(items: Items) -> None:
    table = items(*excluded(240, right=10))
    assert not given_away(table, shown=NONE)["flagged"].any(), "three of four are left to guess among"
    found = narrowed_down(table, shown=NONE)
    assert found["flagged"].tolist() == [True] * 230 + [False] * 10, "where it is right, nothing is given away"
    place = table["answers"].iloc[0].index("None of the above") + 1
    assert found["reason"].iloc[0] == (
        f"option {place} can be struck without reading, and 3 of 4 remain to guess among (33% right instead of "
        "25%): "
        f"option {place} is “none of the above”, and such options are right in 4% of 240 items (by lot 25%). "
        "Write there what only a reader can rule out, or let such an option be right at times"
    )


def test_two_of_four_that_can_be_excluded_send_an_item_back(items: Items) -> None:
    table = items(*excluded(240, also_negated=150))
    shown = NONE | {"not negation"}
    found, note = given_away(table, shown=shown), narrowed_down(table, shown=shown)
    back = found["flagged"].to_numpy(bool)
    # 150 guesses of a half and 90 of a third in place of a quarter: (37.5 + 7.5) / .25 must change, of those 150
    assert back.sum() == 150 and not back[150:].any()
    assert found["reason"].iloc[0].startswith("options ")
    assert "2 of 4 remain to guess among (50% right instead of 25%)" in found["reason"].iloc[0]
    assert "has a negation" in found["reason"].iloc[0] and "is “none of the above”" in found["reason"].iloc[0]
    assert note["flagged"].tolist() == [False] * 150 + [True] * 90, "nothing is said twice"
    lax = given_away(table, shown=shown, margin=0.2)
    assert not lax["flagged"].any(), "within the margin it is left to the selection"
    assert narrowed_down(table, shown=shown, margin=0.2)["flagged"].all()


def test_only_as_many_go_back_as_must_change(items: Items) -> None:
    lines = excluded(240, also_negated=150, right=38)
    found = given_away(items(*lines), shown=NONE | {"not negation"})
    # 150 / 2 + 52 / 3 guesses are right in place of 60: 32.3 too many, at a quarter each
    assert found["flagged"].sum() == 130


def test_a_cue_that_is_not_right_seldom_enough_excludes_nothing(items: Items) -> None:
    table = items(*excluded(240, right=50))
    assert not narrowed_down(table, shown=NONE)["flagged"].any()
    assert narrowed_down(table, shown=NONE, times=1.1)["flagged"].any()
    assert not narrowed_down(table, shown=frozenset({"none_of_above"}))["flagged"].any()
    assert narrowed_down(table, shown=None)["flagged"].isna().all()


def test_where_everything_could_be_excluded_nothing_is(items: Items) -> None:
    lines = excluded(240)
    lines[0]["answers"] = ["None of the above"] * 4
    assert narrowed_down(items(*lines), shown=NONE)["flagged"].tolist() == [False] + [True] * 239


def test_none_of_the_above_in_a_real_set(shared_data: Path) -> None:
    """In Cosmos QA it is seldom right: striking it leaves three of four, which is told and sends nothing back."""
    lines = cosmos(shared_data, 300).items
    table = pd.DataFrame(
        {"question_id": lines["item_id"], "language": lines["language"], "passage_id": lines["group"].str[:60],
         "passage": lines["passage"], "question": lines["question"], "answers": lines["options"],
         "key": lines["key"] + 1}
    )  # fmt: skip
    found = shortcuts(table, permutations=199)
    assert "not none_of_above" in set(found["subject"][found["flagged"]])
    has = np.array(["None of the above choices ." in texts for texts in table["answers"]])
    right = np.array(
        [
            texts[key - 1].startswith("None of the above")
            for texts, key in zip(table["answers"], table["key"], strict=True)
        ]
    )
    guess = np.where(right, 0, np.where(has, 1 / 3, 1 / 4)).mean()
    assert 0.25 < guess < 0.30, "worth something, and less than the margin"
    assert not given_away(table, shown=NONE)["flagged"].any()
    noted = narrowed_down(table, shown=NONE)
    assert (noted["flagged"].to_numpy(bool) == (has & ~right)).mean() > 0.99
    assert (
        noted["reason"][noted["flagged"]].str.contains("is “none of the above”, and such options are right").all()
    )
    assert noted["reason"][noted["flagged"]].str.contains("3 of 4 remain").all()


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
