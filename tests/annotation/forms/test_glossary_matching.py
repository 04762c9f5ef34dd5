import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms.glossary_matching import found, marked
from annotation.forms.sentence_alignment import aligned


@pytest.mark.parametrize(
    ("text", "terms", "hits"),
    [
        ("The heart of the art", ["art"], ["art"]),
        ("Two BAKERS, one baker's oven", ["baker"], ["BAKERS", "baker's"]),
        ("the big red oven", ["oven", "red oven"], ["red oven"]),
        ("他们分享面包房的烤箱", ["烤箱"], ["烤箱"]),
        ("คนทำขนมปังสองคนใช้เตาอบร่วมกัน", ["ขนมปัง"], ["ขนมปัง"]),
        ("اتفق الخَبّازون", ["الخبازون"], ["الخَبّازون"]),
        ("an ovenbird", ["oven"], []),
        ("$5 & <b>oven</b>", ["oven", "$5"], ["5", "oven"]),
        ("", ["oven"], []),
        ("oven", ["", "…"], []),
    ],
)
def test_whole_words_are_found_in_any_script(text: str, terms: list[str], hits: list[str]) -> None:
    assert [text[start:end] for start, end, _ in found(text, terms)] == hits


@given(st.text(), st.lists(st.text(max_size=6), max_size=4))
def test_the_parts_put_together_are_the_text(text: str, terms: list[str]) -> None:
    assert "".join(part["plain"] + part["term"] for part in marked(text, terms)) == text


sentences = st.lists(st.text(min_size=1, max_size=60), max_size=6)


@given(sentences, sentences)
def test_an_alignment_covers_both_sides_in_order(source: list[str], target: list[str]) -> None:
    runs = aligned(source, target)
    assert [place for ours, _ in runs for place in ours] == list(range(len(source)))
    assert [place for _, theirs in runs for place in theirs] == list(range(len(target)))


def test_lengths_tell_what_was_joined() -> None:
    source = ["A" * 40 + ".", "B" * 12 + ".", "C" * 30 + ".", "D" * 80 + "."]
    target = ["a" * 44 + ".", "b" * 13 + " " + "c" * 33 + ".", "d" * 88 + "."]
    assert [(len(ours), len(theirs)) for ours, theirs in aligned(source, target)] == [(1, 1), (2, 1), (1, 1)]
