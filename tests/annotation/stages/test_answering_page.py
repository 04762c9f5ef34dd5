import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms.submitted_form import tidy
from annotation.stages import answering_page

ANSWERS = ["flour", "salt", "water", "yeast"]
ANSWERING = answering_page.payload(
    task_key="answering/eng_Latn/p-q1/1/r1", sentences=["One."], question="What?", answers=ANSWERS
)

storable = st.characters(codec="utf-8", exclude_characters="\0")
comments = st.text(storable).map(tidy)


@given(key=st.text(), choice=st.integers(0, 4), sure=st.booleans(), comment=comments)
def test_a_blind_answer_is_read_as_an_identity(key: str, choice: int, sure: bool, comment: str) -> None:
    payload = answering_page.payload(task_key=key, sentences=["One."], question="What?", answers=ANSWERS)
    fields = {"choice": choice, "sure": sure, "comment": comment}
    read = answering_page.read(
        answering_page.result(choice=choice, sure=sure, comment=comment, payload=payload), payload
    )
    assert (read.fields, read.problems) == (fields, ())


def test_the_letter_chosen_stands_for_the_answer_shown_there() -> None:
    result = answering_page.result(choice=None, sure=True, payload=ANSWERING)
    result.append({"from_name": "choice", "value": {"choices": ["C"]}})
    read = answering_page.read(result, ANSWERING)
    assert read.fields is not None
    assert ANSWERS[read.fields["choice"] - 1] == ANSWERING["options"][2]  # type: ignore[index]


def test_a_blind_task_does_not_change_with_the_key_and_names_none() -> None:
    shown = json.dumps(ANSWERING).casefold()
    assert set(ANSWERING) == {
        "about", "place", "notices", "findings", "sentences", "question", "options", "order", "comment",
    }  # fmt: skip
    assert "key" not in shown
    assert "correct" not in shown


@pytest.mark.parametrize(
    ("left_out", "problem"),
    [
        ("choice", "Your answer is missing: choose one, or say that the passage does not tell."),
        ("sure", "How sure you are is missing: say whether you are sure."),
    ],
)
def test_an_unfinished_blind_answer_is_told(left_out: str, problem: str) -> None:
    whole = answering_page.result(choice=1, sure=True, payload=ANSWERING)
    read = answering_page.read([one for one in whole if one["from_name"] != left_out], ANSWERING)
    assert read.problems == (problem,)
