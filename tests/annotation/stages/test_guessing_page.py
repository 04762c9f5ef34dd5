"""What a guessing task shows and what a guess says."""

import inspect
import json

import pytest

from annotation.forms.submitted_form import Reading
from annotation.stages import guessing_page

ANSWERS = ["one", "two", "three", "four"]
PAYLOAD = guessing_page.payload(task_key="guessing/x/q/1/r", question="How many?", answers=ANSWERS)


def test_it_can_be_handed_neither_passage_nor_key():
    assert {"sentences", "passage", "key"}.isdisjoint(inspect.signature(guessing_page.payload).parameters)
    assert sorted(PAYLOAD["options"]) == sorted(ANSWERS)
    assert "$sentences" not in guessing_page.config("eng_Latn")
    assert "$notices" not in guessing_page.config("eng_Latn"), "a reply may tell what stands in the passage"


@pytest.mark.parametrize("choice", [1, 2, 3, 4])
@pytest.mark.parametrize("why", list(guessing_page.WHY))
def test_what_was_guessed_is_read_by_identity(choice: int, why: str):
    result = guessing_page.result(choice=choice, why=why, comment="hm", payload=PAYLOAD)
    assert guessing_page.read(result, PAYLOAD) == Reading({"choice": choice, "why": why, "comment": "hm"}, (), "")


def test_one_has_to_guess():
    read = guessing_page.read([], PAYLOAD)
    assert read.fields is None
    assert read.problems == (
        "Your guess is missing: choose one, even if you have no idea.",
        "What you went by is missing: choose what comes nearest.",
    )
    letter = json.loads(json.dumps(guessing_page.result(choice=1, why="knew", payload=PAYLOAD)))
    letter[0]["value"]["choices"] = ["none"]
    assert "cannot be 'none'" in guessing_page.read(letter, PAYLOAD).problems[0]
