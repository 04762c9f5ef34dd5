"""Cues named: ten planted ones in one set, and what is said of single items."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from qc.audit.cues import cue_names, heuristics, tokens
from qc.set_statistics.cue_kinds import CueName
from qc.set_statistics.layer_statistics import detect, read
from qc.set_statistics.options import Options

SHARE = 80
"""Items that follow each planted cue: where it has the key, 80 + 720 / 4 of 800 are right, 32.5 %."""

PLANTED = {
    "longest", "most_in_question", "verbatim", "only_year", "negation", "hedges", "none_of_above", "brackets",
    "position:1", "token:zorbal",
}  # fmt: skip


def of(lines: Sequence[dict[str, Any]]) -> Options:
    told = {"language": "eng_Latn", "passage": None, "question": "What?", "key": 0}
    items = [{**told, "item_id": f"i{at:04}", "group": f"g{at:04}", **line} for at, line in enumerate(lines)]
    return Options.of(pd.DataFrame(items))


def ten_cues(seed: int = 1) -> Options:
    """800 items of nonsense; each cue tells the key, or one wrong option, in a tenth of them."""
    random = np.random.default_rng(seed)
    words = np.array(sorted({"".join(random.choice(list("bdgklmnraeiou"), 5)) for _ in range(500)}))
    lines = []
    for number in range(10 * SHARE):
        texts = [" ".join(random.choice(words, 5)) for _ in range(4)]
        key, cue = int(random.integers(4)), number // SHARE
        wrong = (key + int(random.integers(1, 4))) % 4
        passage, question = " ".join(random.choice(words, 40)), " ".join(random.choice(words, 6))
        if cue == 0:
            texts[key] += " " + " ".join(random.choice(words, 4))
        elif cue == 1:
            texts[key] = " ".join([*texts[key].split()[:2], *question.split()[2:5]])
        elif cue == 2:
            texts[key] = " ".join(passage.split()[10:15])
        elif cue == 3:
            texts[key] = " ".join([*texts[key].split()[:4], f"{random.integers(1800, 2020)}"])
        elif cue == 4:
            texts[wrong] = " ".join([*texts[wrong].split()[:4], "not"])
        elif cue == 5:
            texts[key] = " ".join([*texts[key].split()[:4], "perhaps"])
        elif cue == 6:
            texts[wrong] = "None of the above"
        elif cue == 7:
            texts[key] = f"{texts[key][:12]}({texts[key][13:20]})"
        elif cue == 8:
            texts[0], texts[key] = texts[key], texts[0]
            key = 0
        else:
            texts[key] = " ".join([*texts[key].split()[:4], "zorbal"])
        lines.append({"options": texts, "key": key, "question": f"{question}?", "passage": passage})
    return of(lines)


@pytest.fixture(scope="module")
def found() -> tuple[Options, heuristics.Named, tokens.Tokens, dict[str, float]]:
    options = ten_cues()
    labellings = options.labellings(999, 0)
    named, spelt = heuristics.prepare(options), tokens.prepare(options)
    telling: dict[str, float] = {}
    for layer, alpha in ((named, 0.025), (spelt, 0.0125)):
        reading = read(layer, options, labellings)
        adjusted = detect([reading], alpha).adjusted[0]
        told = zip(reading.cues, reading.z, adjusted, strict=True)
        telling |= {cue.name: float(z) for cue, z, p in told if p <= alpha}
    return options, named, spelt, telling


def test_ten_planted_cues_are_all_detected(found: Any) -> None:
    *_, telling = found
    assert set(telling) >= PLANTED
    assert telling["negation"] < 0 and telling["none_of_above"] < 0 and telling["token:zorbal"] > 0


def test_each_planted_cue_is_named_where_it_was_planted(found: Any) -> None:
    options, named, spelt, telling = found
    told = cue_names.names(options, named, spelt, telling).set_index("item_id")
    assert list(told.index) == list(options.items["item_id"])
    said = {
        0: "is the longest", 1: "that repeats words of the question", 2: "stands word for word in the passage",
        3: "is the only one with a year", 4: "a negation", 5: "perhaps", 6: "“none of the above”", 7: "brackets",
        8: "is the first", 9: "zorbal",
    }  # fmt: skip
    for cue, words in said.items():
        items = [f"i{number:04}" for number in range(cue * SHARE, (cue + 1) * SHARE)]
        share = told.loc[items, "cue"].str.contains(words, regex=False).mean()
        # a wrong option that is out gives away less than what else may tell the key; three cues are named
        assert share >= (0.5 if cue in (4, 6) else 0.9), (words, share, told.loc[items, "cue"].head(3).tolist())


def test_rates_of_the_set_stand_in_the_sentence(found: Any) -> None:
    options, named, spelt, telling = found
    told = cue_names.names(options, named, spelt, telling).set_index("item_id")
    first = told.loc[f"i{9 * SHARE:04}"]
    assert (first["cue_name"], first["bits"]) == ("token:zorbal", pytest.approx(2, abs=0.3))
    assert first["cue"].startswith(
        "Only the correct option has the word “zorbal”, and such options are right in 100% of 80 "
        "items (by lot 25%)"
    )


@pytest.mark.parametrize(
    ("line", "name", "says"),
    [
        (
            {"options": ["in 1969", "long ago", "never before", "last week"]},
            "only_year",
            "The correct option is the only one with a year (1969)",
        ),
        (
            {"options": ["he went to the old mill by the river", "he slept in", "he ran off", "he ate"]},
            "longest",
            "The correct option is the longest by far (9 words; the next has 3)",
        ),
        (
            {"question": "Who was the captain?", "options": ["The captain Ahab", "Mary", "Some sailor"]},
            "most_in_question",
            "The correct option is the only one that repeats words of the question: “captain”, “the”",
        ),
        (
            {"options": ["he slept", "he never slept", "he can’t sleep", "he did not dream"]},
            "negation",
            "Every wrong option has a negation, the correct one alone does not",
        ),
        (
            {"question": "It is called an", "options": ["apple", "pear", "fig"]},
            "grammar",
            "The correct option is the only one that fits the grammar of the question",
        ),
        (
            {"options": ["昨天在一九六九年", "今天", "明天"], "language": "zho_Hans"},
            "only_number",
            "The correct option is the only one with a number (一九六九)",
        ),
        ({"options": ["he ran", "he ate", "he sat"]}, "", ""),
        ({"options": ["in 1969", "long ago"]}, "", ""),  # of two, one is always the only one
    ],
)
def test_what_is_plain_in_one_item(line: dict[str, Any], name: str, says: str) -> None:
    options = of([line])
    told = cue_names.names(options, heuristics.prepare(options)).iloc[0]
    assert told["cue_name"] == name and says in told["cue"]
    assert bool(told["cue"]) == bool(says) and told["bits"] == 0


def test_a_wrong_option_that_is_out_is_named() -> None:
    lists = [["None of the above", "a cat", "a dog", "a hen"]] * 40
    options = of([{"options": texts, "key": 1 + number % 3} for number, texts in enumerate(lists)])
    told = cue_names.names(options, heuristics.prepare(options), telling={"none_of_above": -6.0})
    assert (
        told["cue"]
        .str.startswith(
            "Option 1, which is wrong, is “none of the above”, and such options are right in 0% of 40 "
            "items (by lot 25%)"
        )
        .all()
    )
    assert told["bits"].iloc[0] == pytest.approx(np.log2(4 / 3), abs=0.06)


def test_what_several_wrong_options_have_is_quoted_as_it_stands() -> None:
    lists = [["this is red", "this is blue", "green", "white"]] * 40
    options = of([{"options": texts, "key": 2 + number % 2} for number, texts in enumerate(lists)])
    spelt = tokens.prepare(options)
    telling = {cue.name: -9.0 for cue in spelt.cues if "this is" in CueName.read(cue.name).parts}
    told = cue_names.names(options, heuristics.prepare(options), spelt, telling)["cue"]
    assert told.str.contains("1 and 2, which are wrong, have the words “this is”", regex=False).all(), told[0]
    telling = {"most_in_passage": -9.0}
    shared = of([{"options": texts, "key": 2, "passage": "This is it."} for texts in lists])
    told = cue_names.names(shared, heuristics.prepare(shared), telling=telling)["cue"]
    assert told.str.contains("are wrong, share the most words with the passage", regex=False).all(), told[0]


def test_a_word_that_only_the_key_avoids() -> None:
    lists = [["he never ran", "he ran", "they never ran"]] * 40
    options = of([{"options": texts, "key": 1} for texts in lists])
    spelt = tokens.prepare(options)
    telling = {cue.name: -9.0 for cue in spelt.cues if cue.name.startswith("token:never ran")}
    told = cue_names.names(options, heuristics.prepare(options), spelt, telling)
    assert told["cue"].str.contains("only the correct option avoids the words ", case=False, regex=False).all()
