import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms.submitted_form import tidy
from annotation.stages import translation_page

PAYLOAD = translation_page.payload(
    source_sentences=["One.", "Two."],
    target_sentences=["Un.", "Deux."],
    question="Why?",
    answers=["a", "b", "c", "d"],
    key=3,
)
storable = st.characters(codec="utf-8", exclude_characters="\0")
written = st.text(storable, min_size=1).map(tidy).filter(bool)


@given(question=written, answers=st.lists(written, min_size=4, max_size=4))
def test_what_was_translated_is_read(question: str, answers: list[str]) -> None:
    read = translation_page.read(translation_page.result(question=question, answers=answers), PAYLOAD)
    assert (read.fields, read.problems) == ({"question": question, "answers": answers}, ())


def test_an_answer_left_out_is_told() -> None:
    read = translation_page.read(translation_page.result(question="q", answers=["a", "", "c", "d"]), PAYLOAD)
    assert (read.fields, read.problems) == (None, ("Answer 2 is missing: write it.",))


@given(before=st.text(), now=st.text())
def test_the_changes_put_together_are_both_texts(before: str, now: str) -> None:
    parts = translation_page.segments("Question", before, now)
    if before == now:
        assert parts == []
    else:
        assert "".join(part["same"] + part["removed"] for part in parts) == before
        assert "".join(part["same"] + part["added"] for part in parts) == now
        assert [part["label"] for part in parts] == ["Question"] + [""] * (len(parts) - 1)


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        ("the old red fox", "the red fox", [(" old", "")]),
        ("in 1871", "in 1872", [("1871", "1872")]),
        ("他们分享烤箱", "他们共用烤箱", [("分享", "共用")]),
        ("same", "same", []),
    ],
)
def test_changes_are_shown_by_words_or_by_characters_where_words_have_no_spaces(
    before: str, now: str, changed: list[tuple[str, str]]
) -> None:
    parts = translation_page.segments("Question", before, now)
    assert [(part["removed"], part["added"]) for part in parts if not part["same"]] == changed


@pytest.mark.parametrize(
    ("source", "target", "count"), [(["a", "b"], ["x", "y"], 2), (["a", "b"], ["x"], 1), (["a"], ["x"], 1)]
)
def test_sentences_stand_side_by_side_where_they_can(source: list[str], target: list[str], count: int) -> None:
    assert len(translation_page.pairs(source, target)) == count


def test_texts_that_share_little_are_shown_whole() -> None:
    parts = translation_page.segments("Answer 3", "One of the ovens had been damaged", "The mill burnt down")
    assert [(part["same"], part["removed"], part["added"]) for part in parts] == [
        ("", "One of the ovens had been damaged", "The mill burnt down")
    ]


def test_a_finding_stands_at_the_field_that_it_is_about() -> None:
    placed = translation_page.beside([
        "options 2 and 4 are the same: “option 1”", "option 3 is empty", "the question does not end in ؟: “a”",
        "reads like Persian, not arb_Arab", "“answer 2” is a quotation",
    ])  # fmt: skip
    assert {name: len(found) for name, found in placed.items()} == {
        "findings": 2, "found_question": 1, "found_answer_1": 0, "found_answer_2": 1, "found_answer_3": 1,
        "found_answer_4": 1,
    }  # fmt: skip


def test_the_evidence_stands_at_the_sentences_of_the_source_also_where_they_are_joined() -> None:
    pairs = translation_page.pairs(
        ["One.", "Two.", "Three is longer."], ["Un, deux.", "Trois est plus long."], [2]
    )
    assert [(pair["number"], pair["settles"]) for pair in pairs] == [("1–2", "evidence"), ("3", "")]


def test_a_task_of_an_older_version_can_be_shown() -> None:
    old = {name: PAYLOAD[name] for name in ("findings", *(f"source_answer_{n}" for n in range(1, 5)))}
    old |= {"source_question": "Why?", "pairs": [{"source": "One.", "target": "Un."}]}
    shown = translation_page.extra_fields(old)
    assert shown["parts_question"] == [{"plain": "Why?", "term": ""}]
    assert shown["pairs"] == [
        {"number": "1", "settles": "", "source": "One.", "target": "Un.", "parts": [{"plain": "One.", "term": ""}]}
    ]


def test_only_the_key_is_marked() -> None:
    assert [PAYLOAD[f"mark_{n}"] for n in (1, 2, 3, 4)] == ["", "", "correct answer", ""]


def test_both_directions_stand_on_one_page() -> None:
    page = translation_page.config("arb_Arab", "eng_Latn")
    assert ".page .target { direction: rtl;" in page
    assert ".page .source { direction: ltr;" in page
