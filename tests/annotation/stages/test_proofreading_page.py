import re
from importlib.resources import files
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.forms import label_configuration
from annotation.forms.submitted_form import ITEM_FIELDS, tidy
from annotation.guidelines import guideline_files
from annotation.stages import (
    adjudication_page,
    answering_page,
    authoring_page,
    guessing_page,
    judging_page,
    proofreading_page,
    qualification_page,
    translation_page,
    wording_page,
)

DRAFT = {"question": "Pourquoi ?", "answers": ["a", "b", "c", "d"]}
PAYLOAD = proofreading_page.payload(
    source_sentences=["One."],
    target_sentences=["Un."],
    question="Why?",
    answers=["1", "2", "3", "4"],
    key=1,
    draft_question="Pourquoi ?",
    draft_answers=["a", "b", "c", "d"],
)


def test_a_finding_stands_at_the_field_of_its_place_with_its_mend() -> None:
    place = {"start": 0, "end": 1, "text": "d", "check": "mixed_script", "said": "two texts mix letters"}
    payload = {
        **PAYLOAD,
        "findings": ["reads like Danish", "two texts mix letters"],
        "places": [
            {**place, "part": "option_4", "reason": "it mixes letters", "fix": "d"},
            {**place, "part": "question", "reason": "so does this", "fix": None},
        ],
    }
    shown = proofreading_page.extra_fields(payload)
    assert shown["findings"] == ["reads like Danish"]
    assert shown["found_answer_4"] == ["it mixes letters. Write: “d”"]
    assert shown["found_question"] == ["so does this"]
    assert shown["found_answer_1"] == []


storable = st.characters(codec="utf-8", exclude_characters="\0")
written = st.text(storable, min_size=1).map(tidy).filter(bool)


@given(question=written, answers=st.lists(written, min_size=4, max_size=4), comment=st.text(storable).map(tidy))
def test_a_correction_is_read(question: str, answers: list[str], comment: str) -> None:
    errors = ["omission/major", "style/neutral"]
    fields = {
        "outcome": "corrected", "question": question, "answers": answers, "comment": comment, "errors": errors,
    }  # fmt: skip
    read = proofreading_page.read(proofreading_page.result(**fields), PAYLOAD)  # type: ignore[arg-type]
    assert (read.fields, read.problems) == (fields, ())


@pytest.mark.parametrize("outcome", ["accept", "return"])
@pytest.mark.parametrize("text", [{}, DRAFT])
def test_what_is_not_corrected_is_the_draft(outcome: str, text: dict[str, object]) -> None:
    errors = ["style/minor"]
    result = proofreading_page.result(outcome=outcome, comment="see 2", errors=errors, **text)  # type: ignore[arg-type]
    read = proofreading_page.read(result, PAYLOAD)
    left = errors if outcome == "return" else []
    assert read.fields == {"outcome": outcome, **DRAFT, "comment": "see 2", "errors": left}


def test_who_corrects_or_returns_says_what_was_wrong_and_how_serious_it_is() -> None:
    def problems(*errors: str) -> tuple[str, ...]:
        sent = proofreading_page.result(outcome="return", comment="Too literal.", errors=errors)
        return proofreading_page.read(sent, PAYLOAD).problems

    assert problems() == ("What was wrong is missing: mark at least one kind of error.",)
    assert problems("style", "other/minor") == ("How serious the style is, is missing: say it.",)
    assert problems("tone/minor")[0].startswith(
        "“what was wrong” cannot be 'tone': choose one of mistranslation, "
    )
    old = {name: value for name, value in PAYLOAD.items() if name != "form"}
    read = proofreading_page.read(proofreading_page.result(outcome="return", comment="Too literal."), old)
    assert read.fields is not None
    assert read.fields["errors"] is None


@pytest.mark.parametrize(
    ("outcome", "question", "comment", "problem"),
    [
        ("accept", "Quand ?", "", "You accepted the draft, but the question as corrected differs from it: "),
        ("corrected", "Pourquoi ?", "", "You chose to correct it, but nothing differs: "),
        ("corrected", "", "", "The question as corrected is missing: write it."),
        ("return", "Pourquoi ?", " ", "You return it without a comment: "),
        ("", "Pourquoi ?", "", "The outcome is missing: "),
    ],
)
def test_an_outcome_that_the_text_belies_is_told(outcome: str, question: str, comment: str, problem: str) -> None:
    errors = ["style/minor"] if outcome in ("corrected", "return") else []
    result = proofreading_page.result(
        outcome=outcome, question=question, answers=["a", "b", "c", "d"], comment=comment, errors=errors
    )
    read = proofreading_page.read(result, PAYLOAD)
    assert read.fields is None
    assert len(read.problems) == 1
    assert read.problems[0].startswith(problem)


CONFIGS = {
    "qualifying": qualification_page.config(guideline_files.ours().quiz, "eng_Latn"),
    "authoring": authoring_page.config("arb_Arab"),
    "guessing": guessing_page.config("arb_Arab"),
    "answering": answering_page.config("arb_Arab"),
    "judging": judging_page.config("arb_Arab"),
    "adjudicating": adjudication_page.config("arb_Arab"),
    "translating": translation_page.config("arb_Arab", "eng_Latn"),
    "proofreading": proofreading_page.config("arb_Arab", "eng_Latn"),
    "wording": wording_page.config("arb_Arab"),
}


@pytest.mark.parametrize("stage", CONFIGS)
def test_a_page_shows_text_as_text_and_ties_every_field_to_an_object(stage: str) -> None:
    root = ElementTree.fromstring(CONFIGS[stage])
    names = [node.get("name") for node in root.iter() if node.get("name")]
    assert len(names) == len(set(names))
    assert {node.tag for node in root.iter()} <= {
        "View", "Style", "Header", "Text", "TextArea", "Choices", "Choice", "Repeater",
        *(["Labels", "Label"] if stage == "proofreading" else []),
    }  # fmt: skip
    marking = [node for node in root.iter() if node.tag == "Labels" or node.get("perRegion")]
    rest = [node for node in root.iter() if node.get("toName") and node not in marking]
    assert {node.get("toName") for node in rest} == {"about"}
    assert {node.get("toName") for node in marking} <= {f"draft_{box.name}" for box in ITEM_FIELDS}
    keys = [node.get("hotkey") for node in root.iter() if node.get("hotkey")]
    assert len(keys) == len(set(keys)), "every key stands for one thing"
    assert all(
        set(node.get("value", "")[1:]) <= set("abcdefghijklmnopqrstuvwxyzABCD_0123456789[]{}.")
        for node in root.iter("Text")
    )
    style = root.findtext("Style") or ""
    assert not set(style) & set("<>&"), "Label Studio escapes these inside a style sheet"


GUIDELINES = {stage: label_configuration.guideline(text) for stage, text in guideline_files.ours().texts.items()}


@pytest.mark.parametrize("stage", GUIDELINES)
def test_a_guideline_says_its_version_and_is_html_on_one_line(stage: str) -> None:
    html = GUIDELINES[stage]
    assert re.search(r"version \d+</em>", html)
    assert "\n" not in html
    assert html.startswith('<div class="guideline"><h1>')
    assert "**" not in html


def test_guidelines_and_pages_are_the_files_of_the_stages() -> None:
    stages = set(CONFIGS)
    assert {
        path.name.removesuffix(".md")
        for path in files("annotation.guidelines").iterdir()
        if path.name.endswith(".md")
    } == stages
    assert {
        path.name.removesuffix(".xml")
        for path in files("annotation.stages.configs").iterdir()
        if path.name.endswith(".xml")
    } == {*stages, "notices", "query", "fate", "passages", "help", "found", "doubts", "mark", "marked", "feedback"}
