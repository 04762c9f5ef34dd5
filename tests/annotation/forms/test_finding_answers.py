"""What pages ask about findings, and what is read of the answers."""

from __future__ import annotations

from typing import Any

import pytest

from annotation.forms import finding_answers
from annotation.stages import proofreading_page, translation_page

TEXTS = {
    "arb_Arab": ("لماذا تقاسم خبازا تامسين فرنًا واحدًا?", "؟"),
    "khm_Khmr": ("ហេតុអ្វីបានជាអ្នកដុតនំទាំងពីរប្រើឡរួមគ្នា?", "？"),
    "jpn_Jpan": ("😀𠮷野のパン屋はなぜ𠮷田とかまどを共有したのか?", "？"),
}
"""Questions that end in a mark which is certainly another one; the last has characters beyond the basic plane."""

OPTIONS = ["ا", "ខ 😀 (ខ", "𠮷", "d"]


def place(part: str, text: str, start: int, end: int, fix: str | None = None, **more: object) -> dict[str, Any]:
    check = str(more.pop("check", "end_marks" if fix else "unpaired_brackets"))
    return {
        "part": part, "start": start, "end": end, "text": text[start:end], "reason": f"see “{text[start:end]}”",
        "fix": fix, "check": check, "version": 2, "digest": f"of {part}", "said": f"{check} in {part}", **more,
    }  # fmt: skip


def task(question: str, *places: dict[str, Any]) -> dict[str, object]:
    return proofreading_page.payload(
        source_sentences=["One."], target_sentences=["Un."], question="Why?", answers=list("1234"), key=1,
        draft_question=question, draft_answers=OPTIONS, findings=[one["said"] for one in places], places=places,
    )  # fmt: skip


def read(payload: dict[str, object], **fields: Any) -> Any:
    return proofreading_page.read(proofreading_page.result(**fields, payload=payload), payload)


@pytest.mark.parametrize("language", TEXTS)
def test_a_mend_is_applied_once_at_its_code_points(language: str) -> None:
    question, mark = TEXTS[language]
    payload = task(question, place("question", question, len(question) - 1, len(question), mark))
    mend = [{"number": 1, "why": "mend"}]
    taken = read(payload, outcome="accept", findings=mend)
    assert taken.problems == ()
    assert taken.fields["question"] == question[:-1] + mark
    assert (taken.fields["outcome"], taken.fields["errors"]) == ("corrected", None)
    assert taken.fields["findings"] == [
        {"number": 1, "check": "end_marks", "version": 2, "part": "question", "text": "of question",
         "why": "mend", "words": ""},
    ]  # fmt: skip
    written = {"outcome": "corrected", "answers": OPTIONS, "errors": ["linguistic/minor"], "findings": mend}
    assert read(payload, question=question, **written).fields["question"] == question[:-1] + mark
    refused = read(payload, question=question[:-1] + mark, **written)
    assert refused.fields is None
    assert refused.problems[0].startswith(
        "The fix of finding 1 (on the question) cannot be applied: “?” is no longer"
    )
    returned = read(payload, outcome="return", comment="No.", errors=["style/minor"], findings=mend)
    assert returned.problems == (
        "You return it but apply a fix: choose to correct it, or clear your choice of the fix.",
    )


def test_all_places_of_a_check_in_a_part_are_one_finding_and_are_mended_together() -> None:
    text = "😀 a  b  c 𠮷"
    spaces = [place("question", text, start, start + 2, " ", check="stray_whitespace") for start in (3, 6)]
    payload = task(text, *spaces, place("option_2", OPTIONS[1], 4, 5))
    shown = proofreading_page.extra_fields(payload)
    assert [len(shown[name]) for name in ("mend_question", "dismiss_question", "dismiss_answer_2")] == [1, 0, 1]  # type: ignore[arg-type]
    assert shown["findings"] == []
    done = read(payload, outcome="accept", findings=[{"number": 1, "why": "mend"}, {"number": 2, "why": "usual"}])
    assert done.fields["question"] == "😀 a b c 𠮷"
    assert [one["why"] for one in done.fields["findings"]] == ["mend", "usual"]


def test_mends_that_touch_the_same_letters_are_refused() -> None:
    text = "ab cd"
    one = place("question", text, 0, 2, "AB", check="mixed_script")
    other = place("question", text, 1, 4, "", check="quote_debris")
    both = [{"number": number, "why": "mend"} for number in (1, 2)]
    refused = read(task(text, one, other), outcome="accept", findings=both)
    assert refused.fields is None and "cannot be applied" in refused.problems[0]


def test_another_reason_needs_words_and_words_count_for_nothing_else() -> None:
    payload = task("?", place("option_2", OPTIONS[1], 4, 5))
    silent = read(payload, outcome="accept", findings=[{"number": 1, "why": "other"}])
    assert silent.problems == (
        "Your reason on finding 1 (on answer 2) is missing: write it, or clear your choice.",
    )
    said = read(payload, outcome="accept", findings=[{"number": 1, "why": "other", "words": "هكذا 😀"}])
    assert said.fields["findings"][0]["words"] == "هكذا 😀"
    kept = read(payload, outcome="accept", findings=[{"number": 1, "why": "source", "words": "once other"}])
    assert kept.fields["findings"][0]["words"] == ""


def test_findings_of_before_are_shown_and_nothing_is_asked() -> None:
    old = {name: value for name, value in place("option_2", OPTIONS[1], 4, 5).items() if name != "digest"}
    payload = task("?", old)
    assert finding_answers.asked(payload) == ()
    shown = proofreading_page.extra_fields(payload)
    assert shown["found_answer_2"] == ["see “(”"]
    assert shown["dismiss_answer_2"] == shown["mend_answer_2"] == []
    assert "findings" not in read(payload, outcome="accept").fields
    assert proofreading_page.PAGE.sheet.columns_of(payload) == proofreading_page.PAGE.sheet.columns


def test_a_translator_contests_without_being_offered_the_mend() -> None:
    item = {**place("item", "", 0, 0), "start": None, "end": None}
    payload = translation_page.payload(
        source_sentences=["One."], target_sentences=["Un."], question="Why?", answers=list("1234"), key=1,
        findings=["Please revise:", "• mixed_script in option_3", "• unpaired_brackets in item"],
        places=[place("option_3", OPTIONS[2], 0, 1, "吉", check="mixed_script"), item],
    )  # fmt: skip
    shown = translation_page.extra_fields(payload)
    assert shown["findings"] == ["Please revise:"]
    assert [len(shown[name]) for name in ("dismiss_item", "dismiss_answer_3", "mend_answer_3")] == [1, 1, 0]  # type: ignore[arg-type]
    given = [{"number": 2, "why": "other", "words": "A name."}]
    sent = translation_page.result(question="?", answers=OPTIONS, findings=given, payload=payload)
    read_back = translation_page.read(sent, payload)
    assert read_back.fields is not None
    assert [(one["part"], one["why"], one["words"]) for one in read_back.fields["findings"]] == [
        ("option_3", "other", "A name.")
    ]
    sent[-2]["value"]["choices"] = ["mend"]
    assert "cannot be 'mend'" in translation_page.read(sent, payload).problems[0]
