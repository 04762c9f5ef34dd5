"""Marks of errors: what Label Studio and work files say, and which text it stands for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms import error_marks
from annotation.stages import proofreading_page

KHMER = "ហេតុអ្វី𝄞បានជាអ្នកដុតនំប្រើឡរួម?"
ANSWERS = ["لأن الدقيق كان شحيحًا", "😀 パン屋が😀新しく開店した", "אפייה אחת נפגעה", "𐐀𐐁 రొట్టె"]
PAYLOAD = proofreading_page.payload(
    source_sentences=["One."], target_sentences=["Un."], question="Why?", answers=["1", "2", "3", "4"], key=1,
    draft_question=KHMER, draft_answers=ANSWERS,
)  # fmt: skip
TEXT = {"question": KHMER, "answers": ANSWERS}


def region(field: str, start: int, end: int, text: str, **said: str) -> list[dict[str, Any]]:
    value = {"start": start, "end": end, "text": text}
    parts: list[tuple[str, str, dict[str, Any]]] = [("mark", "labels", {"labels": ["error"]})]
    parts += [(name, "choices", {"choices": [chosen]}) for name, chosen in said.items()]
    return [
        {"id": f"{field}{start}", "from_name": f"{name}_{field}", "to_name": f"draft_{field}", "type": kind,
         "origin": "manual", "value": {**value, **more}}
        for name, kind, more in parts
    ]  # fmt: skip


def returned(*marks: list[dict[str, Any]], errors: tuple[str, ...] = ("style/minor",)) -> Any:
    sent = proofreading_page.result(outcome="return", comment="See there.", errors=errors)
    return proofreading_page.read([*sent, *(entry for mark in marks for entry in mark)], PAYLOAD)


@pytest.mark.parametrize("width", ["code points", "UTF-16 units"])
@given(data=st.data())
def test_a_mark_stands_for_its_text_by_either_count(width: str, data: st.DataObject) -> None:
    draft = data.draw(st.text(st.sampled_from("aب文ក𝄞😀𐐀"), min_size=1, max_size=12))
    start = data.draw(st.integers(0, len(draft) - 1))
    end = data.draw(st.integers(start + 1, len(draft)))
    size = len if width == "code points" else lambda text: len(text.encode("utf-16-le")) // 2
    marked = region("answer_2", size(draft[:start]), size(draft[:end]), draft[start:end])
    rest, (mark,), problems = error_marks.taken_apart(marked, {"answer_2": draft}, (), ())
    assert (rest, problems, mark.text) == ([], [], draft[start:end])
    assert draft[mark.start : mark.end] == mark.text


def test_a_mark_of_another_text_or_kind_is_refused_and_white_space_is_none() -> None:
    for wrong in (
        region("answer_2", 0, 2, "パン"), region("answer_2", 1, 99, "x"), region("question", -1, 2, KHMER[:2]),
        region("answer_1", 0, 3, "لأن", kind="typo"),
    ):  # fmt: skip
        assert returned(wrong).fields is None
        assert "mark in" in returned(wrong).problems[0].casefold()
    blank = returned(region("answer_1", 3, 4, " "))
    assert blank.problems == () and "marks" not in blank.fields
    (wide,) = returned(region("answer_1", 3, 10, " الدقيق")).fields["marks"]
    assert (wide["start"], wide["end"], wide["text"]) == (4, 10, "الدقيق")


def test_a_mark_that_the_page_made_is_the_proofreaders_once_they_say_something_of_it() -> None:
    def made(origin: str, **said: str) -> list[dict[str, Any]]:
        return [{**entry, "origin": origin} for entry in region("answer_1", 4, 10, "الدقيق", **said)]

    both = ("style/minor", "omission/major")
    left_alone = returned(made("prediction"), errors=both)
    assert left_alone.problems == () and "marks" not in left_alone.fields
    assert tuple(sorted(left_alone.fields["errors"])) == tuple(sorted(both))
    (mark,) = returned(made("prediction", kind="omission"), errors=both).fields["marks"]
    assert (mark["category"], mark["severity"]) == ("omission", "major")
    assert returned(made("prediction-changed"), errors=both).fields is None


def test_a_mark_takes_the_only_kind_that_was_named_and_else_must_say_its_own() -> None:
    first, second = region("answer_1", 0, 3, "لأن"), region("answer_3", 0, 5, "אפייה", kind="omission")
    one = returned(first)
    assert [(mark["part"], mark["category"], mark["severity"]) for mark in one.fields["marks"]] == [
        ("option_1", "style", "minor")
    ]
    assert one.fields["errors"] == ["style/minor"], "one error, said twice"
    several = returned(first, errors=("style/minor", "omission/critical"))
    assert several.problems == ("Say of what kind the error marked at “لأن” (answer 1) is.",)
    unweighed = returned(second)
    assert unweighed.problems == ("Say how serious the error marked at “אפייה” (answer 3) is.",)


def test_every_marked_error_counts_and_a_worse_one_that_was_named_counts_besides() -> None:
    marks = [
        region("answer_1", 0, 3, "لأن", kind="style", severity_at="minor"),
        region("answer_1", 4, 10, "الدقيق", kind="style", severity_at="minor"),
        region("answer_3", 0, 5, "אפייה", kind="omission", severity_at="major"),
    ]
    assert returned(*marks).fields["errors"] == ["omission/major", "style/minor", "style/minor"]
    assert returned(*marks, errors=("style/critical",)).fields["errors"] == [
        "omission/major", "style/minor", "style/minor", "style/critical",
    ]  # fmt: skip
    assert returned(*marks, errors=()).fields["errors"] == ["omission/major", "style/minor", "style/minor"]


def test_who_accepts_has_marked_nothing() -> None:
    sent = proofreading_page.result(outcome="accept")
    read = proofreading_page.read([*sent, *region("answer_1", 0, 3, "لأن")], PAYLOAD)
    assert "accepted the draft but marked an error" in read.problems[0]


def test_marks_come_back_with_the_page_and_hold_until_others_are_made_in_their_field() -> None:
    sent = proofreading_page.result(outcome="return", errors=["style/minor"])  # no comment: it comes back
    sent += region("answer_1", 0, 3, "لأن") + region("answer_2", 2, 4, "パン", kind="other", severity_at="major")
    assert proofreading_page.read(sent, PAYLOAD).fields is None
    again = {**PAYLOAD, **proofreading_page.refill(sent, PAYLOAD)}
    assert proofreading_page.extra_fields(again)["marked"] == [
        {"says": "You marked “لأن” (answer 1)"}, {"says": "You marked “パン” (answer 2): other, major"},
    ]  # fmt: skip
    said: dict[str, Any] = {"outcome": "return", "comment": "So.", "errors": ["style/minor"]}

    def marks(*more: dict[str, Any]) -> list[tuple[str, str]]:
        read = proofreading_page.read([*proofreading_page.result(**said), *more], again)
        assert read.problems == () and read.fields is not None
        return [(one["part"], one["text"]) for one in read.fields.get("marks", ())]

    assert marks() == [("option_1", "لأن"), ("option_2", "パン")]
    assert marks(*region("answer_1", 4, 10, "الدقيق")) == [("option_1", "الدقيق"), ("option_2", "パン")]
    drop = {"id": "d", "from_name": "drop_marks", "to_name": "about", "type": "choices", "origin": "manual"}
    assert marks({**drop, "value": {"choices": ["drop"]}}) == []
    third = proofreading_page.refill(proofreading_page.result(outcome="return", errors=["style/minor"]), again)
    assert third["marks"] == again["marks"], "twice invalid, and still there"


def test_what_is_read_can_be_made_again() -> None:
    marks = [
        {"part": "question", "start": 8, "end": 12, "text": KHMER[8:12], "category": "style", "severity": "minor"},
        {"part": "option_4", "start": 0, "end": 2, "text": "𐐀𐐁", "category": "locale", "severity": "critical"},
    ]
    fields = {"outcome": "return", "comment": "So.", "errors": ["style/minor", "locale/critical"], "marks": marks}
    read = proofreading_page.read(proofreading_page.result(**fields), PAYLOAD)  # type: ignore[arg-type]
    assert read.fields == {**TEXT, **fields}


def test_a_work_file_names_words_and_which_of_several() -> None:
    sheet = proofreading_page.PAGE.sheet
    empty = dict.fromkeys(("query", *sheet.columns_of(PAYLOAD)), "")

    def read(written: str) -> tuple[list[dict[str, Any]], list[str]]:
        cells = error_marks.Cells({**empty, "outcome": "return", "errors": "style/minor", "marks": written})
        return sheet.fields(cells, PAYLOAD)["marks"], cells.problems

    marks, problems = read("answer2#2 omission/major: 😀\nquestion : 𝄞\n")
    assert problems == []
    assert [(one["part"], one["start"], one["end"], one["category"]) for one in marks] == [
        ("option_2", 6, 7, "omission"), ("question", 8, 9, ""),
    ]  # fmt: skip
    for wrong, told in (
        ("answer2: 😀", "2 times"), ("answer2#3: 😀", "2 times"), ("answer1: nowhere", "does not stand"),
        ("answer1 typo/major: لأن", "write the field"), ("answer9: x", "write the field"),
    ):  # fmt: skip
        assert told in read(wrong)[1][0]
