import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms.label_configuration import config as page_config
from annotation.forms.submitted_form import tidy
from annotation.stages import authoring_page
from data.languages import direction_of

PAYLOAD = authoring_page.payload(sentences=["One.", "Two."], number=1)
FIELDS: dict[str, Any] = {
    "question": "Why?",
    "answers": ["a", "b", "c", "d"],
    "key": 2,
    "notes": ["x", "", "y", "z"],
    "translator_note": "",
    "evidence": [1, 2],
}

storable = st.characters(codec="utf-8", exclude_characters="\0")
written = st.text(storable, min_size=1).map(tidy).filter(bool)
four = st.lists(written, min_size=4, max_size=4)


def entry(name: str, *texts: str, kind: str = "text") -> dict[str, Any]:
    return {"from_name": name, "to_name": "about", "type": "textarea", "value": {kind: list(texts)}}


@given(question=written, answers=four, key=st.integers(1, 4), notes=four, note=st.text(storable).map(tidy))
def test_what_was_filled_in_is_read(
    question: str, answers: list[str], key: int, notes: list[str], note: str
) -> None:
    notes[key - 1] = ""
    fields = {"question": question, "answers": answers, "key": key, "notes": notes, "translator_note": note}
    fields["evidence"] = [2]
    read = authoring_page.read(authoring_page.result(**fields), PAYLOAD)
    assert (read.fields, read.problems, read.query) == (fields, (), "")


@pytest.mark.parametrize("half", ["a\0b", "a\ud83d", "\udc00b"])
def test_what_is_no_text_never_counts(half: str) -> None:
    read = authoring_page.read(authoring_page.result(**{**FIELDS, "question": half}), PAYLOAD)
    assert read.fields is None
    assert read.problems == ("“the question” holds half a character, or none at all (NUL): write it again.",)
    assert authoring_page.read(authoring_page.result(query=half), PAYLOAD).query == ""


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["from_name", "value", "text", "choices"]), inner)
    ),
)


@given(junk)
def test_whatever_comes_in_is_a_reading_and_never_an_error(result: object) -> None:
    read = authoring_page.read(result, PAYLOAD)
    assert read.fields is None
    assert read.problems


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (entry("question", "   "), "The question is missing: write it."),
        (entry("question", "a", "b"), "“the question” holds 2 texts: keep one."),
        (entry("question"), "The question is missing: write it."),
        (entry("key", "5", kind="choices"), "“the correct answer” cannot be '5': choose one of 1, 2, 3, 4."),
        (entry("key", "1", "2", kind="choices"), "“the correct answer” holds 2 choices: keep one."),
        (entry("key", "1"), "“the correct answer” holds no choice: fill it in on the page and submit again."),
        (
            entry("evidence", kind="choices"),
            "The evidence is missing: mark the sentences of the passage that settle the question.",
        ),
        (entry("evidence", "2", "3", kind="choices"), "“the evidence” cannot be '3': choose one of 1, 2."),
        (entry("note_3", "\n"), "Why answer 3 is tempting and wrong is missing: say it."),
    ],
)
def test_a_slip_is_told_in_words(changed: dict[str, Any], problem: str) -> None:
    others = [one for one in authoring_page.result(**FIELDS) if one["from_name"] != changed["from_name"]]
    read = authoring_page.read([*others, changed], PAYLOAD)
    assert (read.fields, read.problems) == (None, (problem,))


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        (entry("title", "x"), "This page has no field 'title': submit the work on the page that it was given on."),
        (entry("question", "again"), "“the question” was given twice: keep one."),
        ({"type": "relation"}, "This page has no field None: submit the work on the page that it was given on."),
        (
            entry("source", "stands", kind="choices"),
            "You said that something is wrong with the source or the passage: say what, in the box below.",
        ),
    ],
)
def test_what_does_not_belong_is_told(extra: dict[str, Any], problem: str) -> None:
    assert authoring_page.read([*authoring_page.result(**FIELDS), extra], PAYLOAD).problems == (problem,)


def test_all_that_is_missing_is_told_at_once() -> None:
    assert len(authoring_page.read([], PAYLOAD).problems) == 7


def test_a_query_alone_is_a_valid_submission() -> None:
    read = authoring_page.read(authoring_page.result(query="Sentence 2 is cut off."), PAYLOAD)
    assert (read.fields, read.problems, read.query) == (None, (), "Sentence 2 is cut off.")


def test_a_query_beside_the_work_leaves_the_work() -> None:
    read = authoring_page.read(authoring_page.result(**FIELDS, query="A comma is missing."), PAYLOAD)
    assert (read.fields, read.problems, read.query) == (FIELDS, (), "A comma is missing.")


def test_who_cannot_go_on_is_not_asked_for_the_rest() -> None:
    blocked = [entry("question", "half"), entry("source", "blocks", kind="choices"), entry("query", "No text.")]
    read = authoring_page.read(blocked, PAYLOAD)
    assert (read.fields, read.problems, read.query) == (None, (), "No text.")


def test_text_is_kept_but_for_line_ends_and_outer_space() -> None:
    read = authoring_page.read(
        authoring_page.result(**{**FIELDS, "question": "  “What\r\n\u00a0is”  it ?\t"}), PAYLOAD
    )
    assert read.fields is not None
    assert read.fields["question"] == "“What\n\u00a0is”  it ?"


def test_a_returned_task_starts_from_the_former_text() -> None:
    shown = authoring_page.payload(sentences=["One."], number=2, findings=["Too long."], former=FIELDS)
    assert [shown[f"answer_{n}"] for n in (1, 2, 3, 4)] == FIELDS["answers"]
    assert [one for one in shown["keys"] if one["selected"]] == [
        {"value": "2", "selected": True, "hotkey": "shift+2"}
    ]  # type: ignore[attr-defined]
    assert shown["findings"] == ["Too long."]
    marks = [(mark["value"], mark["selected"]) for mark in authoring_page.extra_fields(shown)["evidence_choices"]]  # type: ignore[attr-defined]
    assert marks == [("1", True)], "the passage has one sentence now"
    json.dumps(shown)


def test_a_task_of_before_evidence_was_asked_for_is_read_without_it() -> None:
    old = {name: value for name, value in PAYLOAD.items() if name != "form"}
    read = authoring_page.read(authoring_page.result(**{**FIELDS, "evidence": []}), old)
    assert (read.fields, read.problems) == ({**FIELDS, "evidence": None}, ())
    assert authoring_page.read(authoring_page.result(**FIELDS), old).fields == FIELDS


def test_what_was_marked_is_marked_again_when_it_comes_back() -> None:
    sent = authoring_page.result(**{**FIELDS, "question": ""})
    marks = authoring_page.extra_fields({**PAYLOAD, **authoring_page.refill(sent)})["evidence_choices"]
    assert [mark["value"] for mark in marks if mark["selected"]] == ["1", "2"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("language", "way"),
    [("eng_Latn", "ltr"), ("arb_Arab", "rtl"), ("xyz_Hebr", "rtl"), ("xyz", "ltr"), ("cmn_Hans", "ltr")],
)
def test_pages_are_set_the_way_the_language_is_written(language: str, way: str) -> None:
    assert direction_of(language) == way
    assert f".page .target {{ direction: {way};" in page_config("authoring", language)
    assert f".page .source {{ direction: {way};" in page_config("authoring", language)
