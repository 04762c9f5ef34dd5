"""Words, numbers and lengths: every script, by what a reader of it would say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.text.words import digits, grams, length, numbers, words, years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The well-known U.S. lawyer didn’t go.", ["the", "well", "known", "u.s", "lawyer", "didn't", "go"]),
        ("ฉันไปโรงเรียนทุกวัน", ["ฉัน", "ไป", "โรงเรียน", "ทุก", "วัน"]),
        ("ຂ້ອຍໄປໂຮງຮຽນທຸກວັນ", ["ຂ້ອຍ", "ໄປ", "ໂຮງຮຽນ", "ທຸກ", "ວັນ"]),
        ("ខ្ញុំទៅសាលារៀន", ["ខ្ញុំ", "ទៅ", "សាលារៀន"]),
        ("ကျွန်တော်ကျောင်းကိုသွားသည်", ["ကျွန်တော်", "ကျောင်း", "ကို", "သွား", "သည်"]),
        ("ང་ཉིན་ལྟར་སློབ་གྲྭར།", ["ང", "ཉིན", "ལྟར", "སློབ", "གྲྭར"]),
        ("我每天去学校学习汉语。", ["我", "每天", "去", "学校", "学习", "汉语"]),
        ("私は毎日学校に行きます。", ["私", "は", "毎日", "学校", "に", "行き", "ます"]),
        ("ሰላም፡ለዓለም።", ["ሰላም", "ለዓለም"]),
        ("나는 학교에 간다", ["나는", "학교에", "간다"]),
        ("नमस्ते दुनिया १९६९", ["नमस्ते", "दुनिया", "1969"]),
        ("… — !", []),
        ("", []),
    ],
)
def test_words_are_those_of_the_script(text: str, expected: list[str]) -> None:
    assert list(words(text)) == expected


def test_what_a_reader_does_not_see_changes_no_word() -> None:
    assert words("STRASSE\u200b und\u00ad ２０２６") == words("straße und 2026")


@pytest.mark.parametrize(("text", "seen"), [("กำ", 1), ("e\u0301te\u0301", 3), ("🇨🇭!", 2), ("  ab ", 2), ("", 0)])
def test_length_counts_what_a_reader_sees(text: str, seen: int) -> None:
    assert length(text) == seen


def test_numbers_and_years() -> None:
    assert numbers("from ٣٫٥ to 1,000 in ፲፱፻") == ("3٫5", "1,000", "፲", "፱", "፻")
    assert digits("3.14 and 10") == 5
    assert years("1969 or 2019–20, never 2,019 or 20195 or 12.1969") == ("1969", "2019")
    assert years("2543") == () and years("พ.ศ. 2543") == ("2543",)


def test_grams_of_short_texts_are_the_texts() -> None:
    assert grams("No!") == {"no"}
    assert grams("abcdef") == {"abcde", "bcdef"}
    assert grams("") == frozenset()


@given(st.text(max_size=60))
def test_any_text_has_words_and_a_length(text: str) -> None:
    found = words(text)
    assert all(word and word == word.strip() for word in found)
    assert length(text) <= len(text)
    assert digits(text) >= 0 and len(years(text)) <= len(text)
