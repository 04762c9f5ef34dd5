from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc.check_run import run
from qc.checks.structure_checks import (
    STRUCTURE_SUITE,
    all_of_the_above,
    contained_option,
    distinct_options,
    duplicate_question,
    four_options,
    key_in_range,
)


def judged(check, table, **parameters):
    """(flagged, reason) per item; None for 'could not judge'."""
    found = check(table, **parameters)
    flags = found["flagged"].astype(object).where(found["flagged"].notna(), None)
    return list(zip(flags, found["reason"], strict=True))


def test_a_sound_item_passes_every_check(items):
    assert [check.name for check in STRUCTURE_SUITE if check(items({}))["flagged"].tolist() != [False]] == []


def test_checks_take_any_index(items):
    table = items({}, {"question_id": "p2-q1", "passage_id": "p2"}).set_index(pd.Index([7, 7]))
    assert all(check(table).index.tolist() == [7, 7] for check in STRUCTURE_SUITE)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"answers": ["one", "two", "three"]}, "there are 3 options, 4 are wanted"),
        ({"answers": ["one", " ", "three", ""]}, "option 2 is empty; option 4 is empty"),
        ({"answers": ["one", None, "three", "four"]}, "option 2 is empty"),
        ({"answers": None}, "there are 0 options, 4 are wanted"),
        ({"question": ""}, "there is no question"),
        ({"question": None}, "there is no question"),
    ],
)
def test_four_options(items, item, reason):
    assert judged(four_options, items(item)) == [(True, reason)]


def test_how_many_options_is_a_parameter(items):
    assert judged(four_options, items({"answers": ["yes", "no"]}), count=2) == [(False, "")]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (["six", "seven", "eight", "Seven."], "options 2 and 4 are the same: “seven”"),
        (["a b", "a  b", "“A b”", "c"], "options 1, 2 and 3 are the same: “a b”"),
        (["ｋｍ", "x", "km", "X!"], "options 1 and 3 are the same: “ｋｍ”; options 2 and 4 are the same: “x”"),
        (["ice cream", "icecream", "b", "c"], "options 1 and 2 are the same: “ice cream”"),
        (["مساء", "مساء\u200f", "b", "c"], "options 1 and 2 are the same: “مساء”"),
        (["北京", "北 京", "b", "c"], "options 1 and 2 are the same: “北京”"),
    ],
)
def test_same_options(items, answers, reason):
    assert judged(distinct_options, items({"answers": answers})) == [(True, reason)]


@pytest.mark.parametrize(
    "answers",
    [
        ["1.5", "15", "-15", "15%"],
        ["की", "के", "को", "का"],
        ["C", "C++", "C#", "c*"],
        ["", "", " ", "a"],  # empty ones are another check's business
    ],
)
def test_distinct_options(items, answers):
    assert judged(distinct_options, items({"answers": answers})) == [(False, "")]


@given(
    st.lists(st.text(max_size=4), min_size=4, max_size=4).flatmap(
        lambda o: st.tuples(st.just(o), st.permutations(o))
    )
)
def test_the_order_of_options_does_not_matter(items, options):
    one, other = (items({"answers": answers}) for answers in options)
    assert distinct_options(one)["flagged"].tolist() == distinct_options(other)["flagged"].tolist()
    assert contained_option(one)["flagged"].tolist() == contained_option(other)["flagged"].tolist()


@pytest.mark.parametrize(("one", "other"), [("ışık", "IŞIK"), ("İzin", "izin"), ("iyi", "İYİ")])
def test_turkish_capitals_are_the_same_letters(items, one, other):
    assert distinct_options(items({"answers": [one, "x", other, "y"]}))["flagged"].tolist() == [True]


@given(st.text(min_size=1).filter(lambda text: text.strip()))
def test_a_doubled_option_is_always_found(items, text):
    assert distinct_options(items({"answers": [text, "x", f" {text}  ", "y"]}))["flagged"].tolist() == [True]


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (0, "the key is 0, but there are 4 options"),
        (5, "the key is 5, but there are 4 options"),
        (None, "no option is marked as correct"),
    ],
)
def test_key_out_of_range(items, key, reason):
    assert judged(key_in_range, items({"key": key})) == [(True, reason)]


def test_key_in_range(items):
    assert judged(key_in_range, items({"key": 1}, {"key": 4})) == [(False, ""), (False, "")]


def test_contained_option(items):
    table = items(
        {"answers": ["London", "Greater London", "Londonderry", "Paris"]},
        {"answers": ["in May", "in May 2004", "maybe", "in June"]},
        {"language": "zho_Hans", "answers": ["北京", "北京大学", "上海", "京"]},
        {"answers": ["same", "same", "other", "more"]},  # equal ones are another check's business
    )
    assert judged(contained_option, table) == [
        (True, "option 1 is contained in option 2: “London”"),
        (True, "option 1 is contained in option 2: “in May”"),
        (True, "option 1 is contained in option 2: “北京”"),
        (False, ""),
    ]


def test_duplicate_question(items):
    other = ["a", "b", "c", "d"]
    table = items(
        {},
        {"question_id": "p1-q2", "question_number": 2, "question": "when did the boat leave"},
        {"question_id": "p1-q3", "question_number": 3, "question": "Why?"},
        {"question_id": "p2-q1", "passage_id": "p2"},
        {"question_id": "p3-q1", "passage_id": "p3", "question": "Why?"},
        {"question_id": "p3-q2", "passage_id": "p3", "question": "Why?", "question_number": 2, "answers": other},
        {"language": "deu_Latn"},
    )
    found = duplicate_question(table)
    assert judged(duplicate_question, table) == [
        (True, "asks the same as question 2 on this passage, with the same options"),
        (True, "asks the same as question 1 on this passage, with the same options"),
        (False, ""),
        (False, ""),
        (True, "asks the same as question 2 on this passage, with other options"),
        (True, "asks the same as question 1 on this passage, with other options"),
        (False, ""),
    ]
    assert found["score"].tolist() == [0.0, 0.0, 1.0, 1.0, 0.5, 0.5, 1.0]


def test_two_versions_of_one_question_are_no_duplicates(items):
    assert judged(duplicate_question, items({}, {"revision": 2})) == [(False, ""), (False, "")]


@pytest.mark.parametrize(
    "option",
    [
        "All of the above", "None of the above.", "none of the above choices .", "Both A and B", "A and C",
        "Neither of these", "All of these are correct", "Options 1 and 3", "both 2 and 4 are true",
        "None of the others", "All are correct", "B & D",
    ],
)  # fmt: skip
def test_options_about_options(items, option):
    table = items({"answers": ["one", "two", "three", option]})
    assert judged(all_of_the_above, table) == [(True, f"option 4 speaks of the other options: “{option}”")]


@pytest.mark.parametrize(
    "option", ["All of the passengers", "Above the clouds", "None", "1 and 2", "Both sisters"]
)
def test_options_about_the_text(items, option):
    assert judged(all_of_the_above, items({"answers": ["one", "two", "three", option]})) == [(False, "")]


def test_options_about_options_in_other_languages(items, translated):
    said = "phrases are known for English only; a reader must judge it"
    assert judged(all_of_the_above, items({"language": "fra_Latn"})) == [(None, said)]
    assert judged(all_of_the_above, translated({})) == [(False, "judged with the source item")]


@settings(max_examples=30)
@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "question": st.one_of(st.none(), st.text(max_size=30)),
                "answers": st.one_of(st.none(), st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=5)),
                "key": st.one_of(st.none(), st.integers(-1, 9)),
                "language": st.sampled_from(
                    ["eng_Latn", "arb_Arab", "tha_Thai", "zho_Hans", "ell_Grek", "fra_Latn"]
                ),
            }
        ),
        max_size=4,
    )
)
def test_no_text_breaks_the_suite(items, lines):
    found = run(STRUCTURE_SUITE, items(*lines), now=datetime(2026, 1, 1, tzinfo=UTC)).frame
    assert len(found) == len(STRUCTURE_SUITE) * len(lines)
    assert found.loc[found["flagged"].fillna(True), "reason"].str.len().gt(0).all()
