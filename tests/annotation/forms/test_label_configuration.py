"""Label Studio's own reading of a configuration holds our pages, tasks and submissions against each other.

`LabelInterface` of label-studio-sdk brings pandas and nltk with it, so nothing but this test imports it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree import ElementTree

import pytest
from label_studio_sdk.label_interface import LabelInterface

from annotation.forms.review_criteria import CRITERIA
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
from annotation.stages.adjudication_page import Review
from data.ledger.tables import STAGES
from data.prompt_words import ENGLISH_PROMPT_WORDS

SENTENCES = ["Amina mends boats beside the river.", "When the water rises she keeps her tools on the hill."]
ITEM: dict[str, Any] = {
    "question": "Where does Amina keep her tools when the water rises?",
    "answers": ["On the hill", "Under the bridge", "At the market", "In the boat"],
}
READ = {"sentences": SENTENCES, **ITEM}
FRENCH: dict[str, Any] = {
    "question": "Où Amina garde-t-elle ses outils quand l'eau monte ?",
    "answers": ["Sur la colline", "Sous le pont", "Au marché", "Dans le bateau"],
}
PAIRED = {
    "source_sentences": SENTENCES,
    "target_sentences": ["Amina répare.", "Elle les garde."],
    **ITEM,
    "key": 1,
}
FINE = dict.fromkeys(CRITERIA, True)
REVIEWS = [Review(1, True, "", FINE, "keep"), Review(3, False, "Both.", FINE, "revise", "See 3.")]
NOTHING = {"fate": "", "fate_title": "", "fates": [], "fate_changes": []}


@dataclass(frozen=True)
class Page:
    """A stage's page, what a task on it shows, and what somebody submits there."""

    config: str
    shown: Mapping[str, Any]
    result: list[dict[str, Any]]


PARTS = ("question", "option_1", "option_2", "option_3", "option_4")


def _of(stage: str) -> Page:
    quiz = guideline_files.ours().quiz
    match stage:
        case "qualifying":
            asked = qualification_page.payload(task_key="k", quiz=quiz, number=1)
            said = qualification_page.result(chosen=dict.fromkeys(quiz.questions, 1), payload=asked)
            return Page(
                qualification_page.config(quiz, "eng_Latn"),
                {**asked, **qualification_page.extra_fields(asked)},
                said,
            )
        case "authoring":
            asked = authoring_page.payload(sentences=SENTENCES, number=1)
            said = authoring_page.result(
                **ITEM, key=1, evidence=[2], notes=["", "No.", "No.", "No."], translator_note="-"
            )
            return Page(
                authoring_page.config("eng_Latn", feedback=True),
                {**asked, **authoring_page.extra_fields(asked)},
                said,
            )
        case "guessing":
            asked = guessing_page.payload(task_key="k", **ITEM)
            said = guessing_page.result(choice=2, why="sense", comment="The hill is dry.", payload=asked)
            return Page(guessing_page.config("eng_Latn"), asked, said)
        case "answering":
            asked = answering_page.payload(task_key="k", **READ)
            said = answering_page.result(choice=1, sure=True, comment="Clear.", payload=asked)
            return Page(answering_page.config("eng_Latn"), asked, said)
        case "judging":
            asked = judging_page.payload(**READ, key=1, choice=1, sure=True)
            said = judging_page.result(rubric=FINE, recommend="keep", comment="Good.")
            return Page(judging_page.config("eng_Latn"), {**asked, **judging_page.extra_fields(asked)}, said)
        case "adjudicating":
            asked = adjudication_page.payload(**READ, key=1, reviews=REVIEWS)
            said = adjudication_page.result(decision="keep", right=1, reason="Sentence 2.")
            return Page(
                adjudication_page.config("eng_Latn"), {**asked, **adjudication_page.extra_fields(asked)}, said
            )
        case "wording":
            asked = wording_page.payload(language="fra_Latn")
            said = wording_page.result(words=dict(ENGLISH_PROMPT_WORDS.items()))
            return Page(wording_page.config("fra_Latn"), asked, said)
        case "translating":
            asked = translation_page.payload(**PAIRED)
            said = translation_page.result(**FRENCH)
            return Page(
                translation_page.config("fra_Latn"), {**asked, **translation_page.extra_fields(asked)}, said
            )
        case _:
            asked = proofreading_page.payload(
                **PAIRED, draft_question=FRENCH["question"], draft_answers=FRENCH["answers"]
            )
            errors = [f"{category}/minor" for category in proofreading_page.CATEGORIES]
            marks = [
                {"part": part, "start": 0, "end": 1, "text": text[:1], "category": "style", "severity": "minor"}
                for part, text in zip(PARTS, [FRENCH["question"], *FRENCH["answers"]], strict=True)
            ]
            said = proofreading_page.result(
                outcome="corrected", **FRENCH, errors=errors, comment="A word.", marks=marks
            )
            drop = {"from_name": "drop_marks", "value": {"choices": ["drop"]}}
            said += [{**next(one for one in said if one["type"] == "choices"), "id": "drop", **drop}]
            return Page(
                proofreading_page.config("fra_Latn"), {**asked, **proofreading_page.extra_fields(asked)}, said
            )


def unrolled(config: str, shown: Mapping[str, Any]) -> str:
    """The page with what it repeats written out for a task, as the editor does it in the browser."""
    root = ElementTree.fromstring(config)
    while (parent := root.find(".//Repeater/..")) is not None:
        repeater = next(one for one in parent if one.tag == "Repeater")
        place = list(parent).index(repeater)
        parent.remove(repeater)
        inner = "".join(ElementTree.tostring(one, "unicode") for one in repeater)
        of = flat(shown)[repeater.attrib["on"].removeprefix("$")]
        for number in range(len(of)):
            copy = ElementTree.fromstring(
                f"<View>{inner.replace(repeater.attrib['indexFlag'], str(number))}</View>"
            )
            parent.insert(place + number, copy)
    return ElementTree.tostring(root, "unicode")


def flat(shown: object, name: str = "") -> dict[str, Any]:
    """What a task shows by the names that a page uses: `pairs[0].source`."""
    found = {name: shown} if name else {}
    if isinstance(shown, Mapping):
        for key, value in shown.items():
            found |= flat(value, f"{name}.{key}" if name else key)
    elif isinstance(shown, list):
        for number, value in enumerate(shown):
            found |= flat(value, f"{name}[{number}]")
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_page_its_tasks_and_its_submissions_belong_together(stage: str):
    here = _of(stage)
    LabelInterface(here.config).validate()  # as it goes to the server
    task = {**NOTHING, **here.shown, "task_key": "k"}
    interface = LabelInterface(unrolled(here.config, task))
    interface.validate()
    shown = flat(task)
    used = {one.value_name for one in interface.objects if one.value_is_variable}
    assert {"about"} < used <= set(shown)
    assert interface.validate_task({"data": shown})
    assert not interface.validate_task({"data": {name: shown[name] for name in shown if name != "about"}})

    wrong = partial(interface.validate_prediction, return_errors=True)
    assert wrong({"result": here.result}) == []
    filled = {entry["from_name"] for entry in here.result}
    assert {one.name for one in interface.controls} - filled <= {"source", "query", "feedback", "note_1"}
    first, *rest = here.result
    assert wrong({"result": [{**first, "from_name": "elsewhere"}, *rest]})
    assert wrong({"result": [{**first, "type": "labels"}, *rest]})


def test_a_choice_that_the_page_does_not_offer_is_no_submission():
    here = _of("judging")
    interface = LabelInterface(unrolled(here.config, {**NOTHING, **here.shown}))
    burn = [{**one, "value": {"choices": ["burn"]}} for one in here.result if one["from_name"] == "recommend"]
    assert len(burn) == 1 and not interface.validate_annotation({"result": burn})
