import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms.submitted_form import tidy
from annotation.stages import review_pages

ANSWERS = ["flour", "salt", "water", "yeast"]
ANSWERING = review_pages.answering_payload(
    task_key="answering/eng_Latn/p-q1/1/r1", sentences=["One."], question="What?", answers=ANSWERS
)
JUDGING = review_pages.judging_payload(
    sentences=["One."], question="What?", answers=ANSWERS, key=2, choice=3, sure=True
)
GOOD = dict.fromkeys(review_pages.CRITERIA, True)

storable = st.characters(codec="utf-8", exclude_characters="\0")
comments = st.text(storable).map(tidy)


@given(key=st.text(), choice=st.integers(0, 4), sure=st.booleans(), comment=comments)
def test_a_blind_answer_is_read_as_an_identity(key: str, choice: int, sure: bool, comment: str) -> None:
    payload = review_pages.answering_payload(task_key=key, sentences=["One."], question="What?", answers=ANSWERS)
    fields = {"choice": choice, "sure": sure, "comment": comment}
    read = review_pages.read_answering(
        review_pages.answer_result(choice=choice, sure=sure, comment=comment, payload=payload), payload
    )
    assert (read.fields, read.problems) == (fields, ())


def test_the_letter_chosen_stands_for_the_answer_shown_there() -> None:
    result = review_pages.answer_result(choice=None, sure=True, payload=ANSWERING)
    result.append({"from_name": "choice", "value": {"choices": ["C"]}})
    read = review_pages.read_answering(result, ANSWERING)
    assert read.fields is not None
    assert ANSWERS[read.fields["choice"] - 1] == ANSWERING["options"][2]  # type: ignore[index]


def test_a_blind_task_does_not_change_with_the_key_and_names_none() -> None:
    shown = json.dumps(ANSWERING).casefold()
    assert set(ANSWERING) == {
        "about", "place", "notices", "findings", "sentences", "question", "options", "order", "comment",
    }  # fmt: skip
    assert "key" not in shown
    assert "correct" not in shown


def test_the_order_is_the_same_each_time_and_fair_over_tasks() -> None:
    assert review_pages.shown_order("a", 4) == review_pages.shown_order("a", 4)
    first = Counter(review_pages.shown_order(f"task {n}", 4)[0] for n in range(2000))
    assert set(first) == {1, 2, 3, 4}
    assert max(first.values()) - min(first.values()) < 120


@pytest.mark.parametrize(
    ("left_out", "problem"),
    [
        ("choice", "Your answer is missing: choose one, or that the passage does not tell."),
        ("sure", "How sure you are is missing: say whether you are sure."),
    ],
)
def test_an_unfinished_blind_answer_is_told(left_out: str, problem: str) -> None:
    whole = review_pages.answer_result(choice=1, sure=True, payload=ANSWERING)
    read = review_pages.read_answering([one for one in whole if one["from_name"] != left_out], ANSWERING)
    assert read.problems == (problem,)


@given(
    rubric=st.fixed_dictionaries({name: st.booleans() for name in review_pages.CRITERIA}),
    recommend=st.sampled_from(["keep", "revise", "drop"]),
    comment=comments.filter(bool),
)
def test_a_judgement_is_read(rubric: dict[str, bool], recommend: str, comment: str) -> None:
    fields: dict[str, Any] = {"rubric": rubric, "recommend": recommend, "comment": comment}
    read = review_pages.read_judging(review_pages.judge_result(**fields), JUDGING)
    assert (read.fields, read.problems) == (fields, ())


@pytest.mark.parametrize(
    ("rubric", "recommend", "comment", "problems"),
    [
        (GOOD, "keep", "", 0),
        (GOOD, "revise", "", 1),
        (GOOD, "drop", "It is a riddle.", 0),
        ({**GOOD, "wording": False}, "revise", "", 0),
        ({**GOOD, "wording": False}, "keep", "", 0),
        ({}, "keep", "", 7),
    ],
)
def test_a_judgement_against_the_criteria_is_explained(
    rubric: dict[str, bool], recommend: str, comment: str, problems: int
) -> None:
    result = review_pages.judge_result(rubric=rubric, recommend=recommend, comment=comment)
    assert len(review_pages.read_judging(result, JUDGING).problems) == problems


def test_the_judge_sees_the_key_and_the_answer_given_blind() -> None:
    assert [one["mark"] for one in JUDGING["answers"]] == ["", "correct answer", "your answer", ""]  # type: ignore[attr-defined]
    assert JUDGING["own"] == "Before you saw the key you chose answer 3 (sure); the author has answer 2."


def test_every_criterion_stands_on_the_page() -> None:
    page = review_pages.judging_config("eng_Latn")
    assert all(f'name="rubric_{name}"' in page for name in review_pages.CRITERIA)
