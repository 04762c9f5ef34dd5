from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms import review_criteria
from annotation.forms.submitted_form import tidy
from annotation.stages import judging_page

ANSWERS = ["flour", "salt", "water", "yeast"]
JUDGING = judging_page.payload(sentences=["One."], question="What?", answers=ANSWERS, key=2, choice=3, sure=True)
GOOD = dict.fromkeys(review_criteria.CRITERIA, True)

storable = st.characters(codec="utf-8", exclude_characters="\0")
comments = st.text(storable).map(tidy)


@given(
    rubric=st.fixed_dictionaries({name: st.booleans() for name in review_criteria.CRITERIA}),
    recommend=st.sampled_from(["keep", "revise", "drop"]),
    comment=comments.filter(bool),
)
def test_a_judgement_is_read(rubric: dict[str, bool], recommend: str, comment: str) -> None:
    fields: dict[str, Any] = {"rubric": rubric, "recommend": recommend, "comment": comment}
    read = judging_page.read(judging_page.result(**fields), JUDGING)
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
    result = judging_page.result(rubric=rubric, recommend=recommend, comment=comment)
    assert len(judging_page.read(result, JUDGING).problems) == problems


def test_the_judge_sees_the_key_and_the_answer_given_blind() -> None:
    assert [one["mark"] for one in JUDGING["answers"]] == ["", "correct answer", "your answer", ""]  # type: ignore[attr-defined]
    assert JUDGING["own"] == "Before you saw the key you chose answer 3 (sure); the author marked answer 2."


def test_every_criterion_stands_on_the_page() -> None:
    page = judging_page.config("eng_Latn")
    assert all(f'name="rubric_{name}"' in page for name in review_criteria.CRITERIA)


def test_a_comment_that_is_read_from_the_right_keeps_its_full_stop() -> None:
    """In a sentence from the left it would stand before the comment's first word."""
    shown = judging_page.payload(
        sentences=["One."], question="?", answers=list("abcd"), key=1, choice=2, sure=True, comment="لا يقول ذلك."
    )
    assert "You wrote: \u2068لا يقول ذلك.\u2069" in str(shown["own"])
