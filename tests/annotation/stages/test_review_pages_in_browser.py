"""The pages on which reviewers guess and disputes are settled, in a real Label Studio and a real Chromium.

`BELEBELE_SHOTS=folder` keeps a picture of every page there.
"""

import pytest
from playwright.sync_api import expect

from annotation.forms.review_criteria import CRITERIA
from annotation.forms.submitted_form import Reading
from annotation.stages import adjudication_page, guessing_page
from annotation.stages.adjudication_page import Review
from tests.annotation.stages.test_pages_in_browser import (  # noqa: F401 - desk and signed_in are fixtures
    ANSWERS,
    ARABIC,
    DRAFT,
    QUESTION,
    SENTENCES,
    Desk,
    desk,
    signed_in,
)
from tests.chromium_fixture import close_notice, take_by_key

pytestmark = [pytest.mark.browser, pytest.mark.real_server]

FINE = dict.fromkeys(CRITERIA, True)
REVIEWS = [
    Review(1, True, "", FINE, "keep"),
    Review(3, False, "Between <b>1</b> and 3: sentence 2 can be read both ways.",
           {**FINE, "one_right": False, "distractors_wrong": False}, "revise",
           "Answer 3 can be defended for $5: nothing says that the oven was whole."),
    Review(1, True, "", {**FINE, "passage_only": False}, "keep", "The longest option again."),
    Review(0, False, "Not in the passage.", {**FINE, "answerable": False}, "drop", "I do not find it."),
    Review(1, True, "", FINE, "keep"),
]  # fmt: skip
NOTES = [
    "",
    "It would be a reason to bake together, but no bakery opens.",
    "Ice does damage things; yet <b>no</b> oven is said to be damaged, for $5 or otherwise.",
    "The railway is what one would think of, and it is not in the passage.",
]
CHECKS = ["option 1 is contained in the passage: “<i>froze</i>”", "the key is the longest option by 6 words"]


def test_a_reviewer_guesses_by_keyboard_and_sees_no_passage(desk: Desk) -> None:  # noqa: F811
    payload = guessing_page.payload(task_key="k", question=QUESTION, answers=ANSWERS)
    desk.open("guessing", guessing_page.config("eng_Latn"), payload)
    page = desk.page
    expect(page.locator(".page .option .target")).to_have_text([ANSWERS[n - 1] for n in payload["order"]])  # type: ignore[attr-defined]
    expect(page.locator(".page .sentence")).to_have_count(0)
    take_by_key(page, "b", "B")
    page.keyboard.press("l")
    desk.picture("guessing")
    box = desk.box("comment")
    box.click()
    page.keyboard.type("It is the longest.")
    read = desk.submit(guessing_page.read, payload)
    choice = payload["order"][1]  # type: ignore[index]
    assert read == Reading({"choice": choice, "why": "looks", "comment": "It is the longest."}, (), "")


@pytest.mark.slow
def test_a_guess_is_not_submitted_without_a_choice(desk: Desk) -> None:  # noqa: F811
    payload = guessing_page.payload(task_key="k", question=DRAFT["question"], answers=DRAFT["answers"])
    desk.open("guessing", guessing_page.config("arb_Arab"), payload)
    expect(desk.page.locator(".page .question .lsf-richtext__container")).to_have_css("direction", "rtl")
    desk.picture("guessing-arabic")
    desk.page.get_by_test_id("bottombar-submit-button").click()
    expect(desk.page.get_by_text("Choose one, even if you have no idea.")).to_be_visible()
    close_notice(desk.page)
    assert desk.nothing_submitted()


@pytest.mark.parametrize("reviewers", [pytest.param(2, marks=pytest.mark.slow), 5])
def test_an_adjudicator_sees_everything_side_by_side_and_decides_by_keyboard(
    desk: Desk,  # noqa: F811
    reviewers: int,
) -> None:
    payload = adjudication_page.payload(
        sentences=SENTENCES, question=QUESTION, answers=ANSWERS, key=1, reviews=REVIEWS[:reviewers],
        evidence=[1, 2], notes=NOTES, checks=CHECKS, last_round=reviewers == 5,
    )  # fmt: skip
    desk.open("adjudicating", adjudication_page.config("eng_Latn"), payload)
    page = desk.page
    expect(page.locator(".page .sentence")).to_have_text(SENTENCES, use_inner_text=True)
    settled = [one.evaluate("sentence => getComputedStyle(sentence).backgroundImage") for one in
               page.locator(".page .sentence").all()]  # fmt: skip
    assert [shade != "none" for shade in settled] == [True, True, False]
    why = page.locator(".page .answer .why")
    expect(why).to_have_text(NOTES)
    expect(why.first).to_be_hidden()
    expect(page.locator(".page .row")).to_have_count(len(payload["lines"]))  # type: ignore[arg-type]
    heads = page.locator(".page .row").first.locator(".cell")
    for number in range(9):
        expect(heads.nth(number)).to_be_visible(visible=number < reviewers)
    expect(page.locator(".page .remark .text")).to_have_text([r["text"] for r in payload["remarks"]])  # type: ignore[attr-defined]
    expect(page.locator(".page .checks .finding")).to_have_text(CHECKS)
    desk.picture(f"adjudicating-{reviewers}-top")
    take_by_key(page, "v", "Revise it")
    page.keyboard.press("3")
    desk.box("reason").click()
    page.keyboard.type("Sentence 2 allows answer 3: ask when, not why.")
    desk.picture(f"adjudicating-{reviewers}")
    desk.box("reason").scroll_into_view_if_needed()
    desk.picture(f"adjudicating-{reviewers}-end")
    read = desk.submit(adjudication_page.read, payload)
    reason = "Sentence 2 allows answer 3: ask when, not why."
    assert read == Reading({"decision": "revise", "right": 3, "reason": reason}, (), "")


@pytest.mark.slow
def test_an_adjudicator_of_arabic_questions_reads_from_the_right(desk: Desk) -> None:  # noqa: F811
    reviews = [
        Review(1, True, "", FINE, "keep"),
        Review(2, True, "", {**FINE, "wording": False}, "revise", "السؤال غامض: أي فرن؟"),
        Review(1, True, "", FINE, "keep"),
    ]
    payload = adjudication_page.payload(
        sentences=ARABIC, question=DRAFT["question"], answers=DRAFT["answers"], key=1, reviews=reviews,
        evidence=[2],
        notes=["", "لا يفتتح أي مخبز في النص.", "No damage is told of.", "لا قطار في النص قبل ذوبان الجليد."],
    )  # fmt: skip
    desk.open("adjudicating", adjudication_page.config("arb_Arab"), payload)
    expect(desk.page.locator(".page .question .lsf-richtext__container")).to_have_css("direction", "rtl")
    expect(desk.page.locator(".page .checks")).to_be_hidden()
    expect(desk.page.locator(".page .why").nth(1)).to_be_visible()
    desk.picture("adjudicating-arabic")
    desk.choose("Keep it")
    desk.page.get_by_test_id("bottombar-submit-button").click()
    expect(desk.page.get_by_text("Say why.")).to_be_visible()
    close_notice(desk.page)
    assert desk.nothing_submitted()
