"""Offsets survive the way to a browser and back, also beyond the basic plane."""

import pytest

from data.text_offsets import from_utf16, to_utf16

TEXTS = [
    "plain",
    "a 👩‍👩‍👧 b",
    "𞤆𞤵𞤤𞤢𞤪 and 𞥑𞥒",
    "字𠮷野家𪚥",
    "नमस्ते क्षत्रिय",
    "cafe\u0301 မြန်မာ",
    "عَرَبِيّ",
    "",
]


@pytest.mark.parametrize("text", TEXTS)
def test_offsets_are_those_of_the_encoded_text(text: str) -> None:
    for place in range(len(text) + 1):
        units = len(text[:place].encode("utf-16-le")) // 2
        assert to_utf16(text, place) == units
        assert from_utf16(text, units) == place


@pytest.mark.parametrize("offset", [-1, 5])
def test_an_offset_outside_is_refused(offset: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        to_utf16("𠮷abc", offset)
    with pytest.raises(ValueError, match="outside"):
        from_utf16("𠮷abc", offset + 1 if offset > 0 else offset)


def test_an_offset_within_a_character_is_before_it() -> None:
    assert from_utf16("a😀b", 2) == 1
