import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc.text.text_folding import ascii_digits, fold, script_of


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Seven.", "“seven”"),
        ("ＡＢＣ", "abc"),
        ("Straße", "STRASSE"),
        ("first  of\u00a0all", "first of all"),
        ("well-known", "well known"),
        ("می\u200cخواهم", "میخواهم"),
        ("१९६९", "1969"),
        ("é", "e\u0301"),
        ("−5", "-5"),
        ("–5 °C", "-5 °c"),
    ],
)
def test_same_to_a_reader(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1.5", "15"),
        ("3:15", "31:5"),
        ("-5", "5"),
        ("5 %", "5"),
        ("C++", "C"),
        ("की", "के"),  # only a vowel sign apart
        ("نور", "نار"),
        ("?", "!"),
        ("10-20", "10–-20"),
    ],
)
def test_not_the_same_to_a_reader(one, other):
    assert fold(one) != fold(other)


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_only_decimal_digits_change(text):
    changed = ascii_digits(text)
    assert len(changed) == len(text)
    assert all(a == b or (a.isdecimal() and b in "0123456789") for a, b in zip(text, changed, strict=True))


def test_scripts_of_codes():
    assert [script_of(code) for code in ("eng_Latn", "zho_Hans", "arb_Arab", "cmn_Hans")] == [
        "Latn", "Hans", "Arab", "Hans",
    ]  # fmt: skip
