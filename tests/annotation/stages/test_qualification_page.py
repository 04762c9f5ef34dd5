"""The quiz: what its page shows, what an answer means, and that the quiz itself is a good one."""

import json
import re
import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from annotation.forms import label_configuration
from annotation.forms.option_letters import LETTERS
from annotation.guidelines.guideline_files import ours
from annotation.guidelines.quiz import explained
from annotation.stages import page_of, qualification_page
from data.ledger.tables import Stage

QUIZ = tomllib.loads(files("annotation").joinpath("guidelines/quiz.toml").read_text("utf-8"))
OURS = ours().quiz
KEY = "qualifying/eng_Latn/quiz-ana/1/ana"


@pytest.mark.parametrize("question", QUIZ["questions"], ids=lambda question: question["name"])
def test_a_question_has_four_different_options_one_right_and_says_why(question):
    assert len(set(question["options"])) == len(LETTERS)
    assert 1 <= question["right"] <= len(LETTERS)
    assert question["explains"].endswith(".")
    if "item" in question:
        assert question["item"].count("(key)") == 1
        assert re.findall(r"(?m)^\d", question["item"]) == ["1", "2", "3", "4"]


def test_the_quiz_keeps_its_own_rules():
    names = [question["name"] for question in QUIZ["questions"]]
    assert len(names) == len(set(names)) == 10
    lengths = [[len(option) for option in question["options"]] for question in QUIZ["questions"]]
    rights = [question["right"] - 1 for question in QUIZ["questions"]]
    longest = sum(line.index(max(line)) == right for line, right in zip(lengths, rights, strict=True))
    shortest = sum(line.index(min(line)) == right for line, right in zip(lengths, rights, strict=True))
    assert longest <= 4
    assert shortest <= 4
    assert max(Counter(rights).values()) <= 4


def test_a_page_shows_every_question_and_no_key():
    shown = qualification_page.payload(task_key=KEY, quiz=OURS, number=1)
    assert {shown[f"asks_{n}"] for n in range(1, 11)} == {question["asks"] for question in QUIZ["questions"]}
    for number, asked in enumerate(shown["quiz"], start=1):
        options = next(q["options"] for q in QUIZ["questions"] if q["name"] == asked["name"])
        assert [shown[f"option_{number}_{letter}"] for letter in LETTERS] == [
            options[n - 1] for n in asked["order"]
        ]
    text = json.dumps(shown)
    assert not any(question["explains"] in text for question in QUIZ["questions"])
    assert "right" not in shown


def test_another_attempt_has_another_order():
    keys = [KEY.replace("/1/", f"/{n}/") for n in (1, 2)]
    orders = [qualification_page.payload(task_key=key, quiz=OURS, number=1)["quiz"] for key in keys]
    assert orders[0] != orders[1]
    assert {one["name"] for one in orders[0]} == {one["name"] for one in orders[1]}
    assert qualification_page.payload(task_key=KEY, quiz=OURS, number=1)["quiz"] == orders[0]


def test_what_was_answered_is_read_back():
    shown = qualification_page.payload(task_key=KEY, quiz=OURS, number=1)
    chosen = {question["name"]: question["right"] for question in QUIZ["questions"]}
    chosen["length"] = chosen["length"] % 4 + 1
    reading = qualification_page.read(qualification_page.result(chosen=chosen, payload=shown), shown)
    assert reading.fields == {"chosen": chosen}
    marked = qualification_page.marked(reading.fields["chosen"], OURS)
    assert [name for name, right in marked.items() if not right] == ["length"]
    (line,) = explained(OURS, ["length"])
    assert line.startswith("“How did Ines Varga get the good of the milk in spring?”: Who has read nothing")


def test_an_open_question_is_named_and_the_quiz_not_counted():
    shown = qualification_page.payload(task_key=KEY, quiz=OURS, number=1)
    chosen = {asked["name"]: 1 for asked in shown["quiz"][1:]}
    reading = qualification_page.read(qualification_page.result(chosen=chosen, payload=shown), shown)
    assert reading.fields is None
    assert reading.problems == ("The answer to question 1 is missing: choose an option.",)


def test_the_page_repeats_one_block_for_every_question_of_a_task():
    shown = qualification_page.payload(task_key=KEY, quiz=OURS, number=1)
    config = qualification_page.config(OURS, "eng_Latn")
    assert config.count("<Choices") == 1
    assert '<Repeater on="$asked"' in config
    assert "(key)" not in config
    asked = qualification_page.extra_fields(shown)["asked"]
    assert [one["asks"] for one in asked] == [OURS.questions[a["name"]].asks for a in shown["quiz"]]
    assert [one["C"] for one in asked] == [
        OURS.questions[a["name"]].options[a["order"][2] - 1] for a in shown["quiz"]
    ]


def test_the_guideline_for_authors_can_be_read_along():
    told = label_configuration.guideline("\n".join(ours().texts[name] for name in ("qualifying", "authoring")))
    assert "Before you write: a quiz" in told
    assert "Writing a question" in told


@pytest.mark.parametrize("stage", ["qualifying", "guessing", "answering"])
def test_the_marks_of_options_stand_where_their_language_begins(stage: Stage) -> None:
    """In a language that is read from the right they would be at the far end of a line otherwise."""
    page = page_of(stage).config("arb_Arab", "arb_Arab")
    assert re.findall(r'className="(options[^"]*)"', page) == ["options target"]
