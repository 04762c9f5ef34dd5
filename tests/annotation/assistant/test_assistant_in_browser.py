"""The assistant beside somebody who writes: a real Label Studio, a real Chromium, an assistant on this machine."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.assistant.assistant_app import Asked, app
from annotation.forms.submitted_form import feedback
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio, admit
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import authoring_page
from tests.annotation.assistant.assistant_fixture import KEYRING, serving
from tests.chromium_fixture import open_task, task_address
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.real_server]

SENTENCES = ["The harbour of Tamsin froze in 1871.", "Because flour was scarce, two bakers shared one oven."]
NOTHING: dict[str, object] = {"fate": "", "fate_title": "", "fates": [], "fate_changes": []}
FORMER = {
    "question": "Why did the bakers share an oven?",
    "answers": ["Flour was scarce", "A mill burnt", "It was cold", "They were kin"],
    "key": 1,
    "notes": ["", "No mill.", "Not told.", "Not told."],
    "evidence": [2],
}


class Judge:
    """Says what it was asked about, after a while that a test may set."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.pause = 0.0
        self.lock = threading.Lock()

    def __call__(self, asked: Asked) -> tuple[list[str], float]:
        time.sleep(self.pause)
        with self.lock:
            self.asked.append(asked)
            said = f"Reading {len(self.asked)}: {', '.join(sorted(asked.fields))}."
        return [said, "Is answer 1 <b>right</b>?"], 0.5


@pytest.fixture(scope="module")
def page(browser: Browser, studio: LabelStudio, visitor: Callable[[str], SignedInUser]) -> Iterator[Page]:
    email = visitor("writer").email
    page = browser.new_page(viewport={"width": 1440, "height": 1100})
    page.goto(studio.url)
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    yield page
    page.close()


@pytest.fixture
def desk(
    page: Page, studio: LabelStudio, label_studio: LocalLabelStudio, campaign_id: str
) -> Iterator[Callable[..., tuple[Judge, str]]]:
    judge = Judge()
    with ExitStack() as stack:
        address = stack.enter_context(serving(app(KEYRING, judge, lambda: "v1", patience=2.0)))
        admit(label_studio.data_dir, "desk", address)

        def opened(*, down: bool = False, **more: object) -> tuple[Judge, str]:
            title = f"{campaign_id}/authoring/x/p"
            bench = studio.open(title, authoring_page.config("eng_Latn", feedback=True), "<p>g</p>", "d")
            assert studio.assist(bench, address, KEYRING.of(title, 1))
            assert not studio.assist(bench, address, KEYRING.of(title, 1))
            payload = authoring_page.payload(sentences=SENTENCES, number=1, **more)  # type: ignore[arg-type]
            studio.push(bench, [("authoring/k", {**NOTHING, **payload, **authoring_page.extra_fields(payload)})])
            (task,) = studio.tasks(bench)
            if down:
                stack.close()
            open_task(page, task_address(studio, bench, task.id))
            return judge, title

        yield opened


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("BELEBELE_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_feedback_appears_and_is_replaced_while_an_author_types_on(
    desk: Callable[..., tuple[Judge, str]], page: Page, studio: LabelStudio
) -> None:
    judge, _ = desk()
    judge.pause = 0.4
    said = page.locator(".page .feedback .lsf-textarea__region")
    keyboard = page.keyboard
    page.locator("[name='question']").click()
    keyboard.type(FORMER["question"])
    keyboard.press("Shift+Enter")
    page.locator("[name='answer_1']").click()
    keyboard.type("Flour was scarce in the town for weeks", delay=25)  # the answer comes while this is typed
    expect(said).to_contain_text("Reading 1: question.")
    expect(page.locator("[name='answer_1']")).to_be_focused()
    expect(page.locator("[name='answer_1']")).to_have_value("Flour was scarce in the town for weeks")
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(page.locator("[name='note_1']")).to_be_focused()
    keyboard.type("Not to be lost by what comes back meanwhile", delay=25)
    expect(said).to_contain_text("Reading 2: answer_1, question.")
    expect(page.locator("[name='note_1']")).to_have_value("Not to be lost by what comes back meanwhile")
    expect(page.locator("[name='note_1']")).to_be_focused()
    expect(said).to_have_count(1)
    expect(said).to_contain_text("Is answer 1 <b>right</b>?")
    page.locator(".page .keyed label:has(input)").nth(1).click()
    page.locator("[name='note_1']").click()
    keyboard.press("Shift+Enter")
    expect(said).to_contain_text("Reading 3: answer_1, key, note_1, question.")
    expect(said).to_have_count(1)
    page.locator("[name^='answer_1']").click()
    keyboard.press("End")
    keyboard.type(" and weeks")
    keyboard.press("Enter")
    expect(said).to_contain_text("Reading 4")
    picture(page, "feedback")


@pytest.mark.slow
def test_what_stands_in_other_boxes_of_a_returned_question_survives(
    desk: Callable[..., tuple[Judge, str]], page: Page, studio: LabelStudio
) -> None:
    judge, title = desk(former=FORMER)
    judge.pause = 0.4
    said = page.locator(".page .feedback .lsf-textarea__region")
    page.locator("[name='answer_4']").click()
    page.keyboard.press("End")
    page.keyboard.type(", all of them")  # never put down
    page.locator("[name='answer_2']").click()
    page.keyboard.press("End")
    page.keyboard.type(" down")
    page.keyboard.press("Enter")
    page.locator("[name='answer_3']").click()
    page.keyboard.press("End")
    page.keyboard.type(" in the whole town", delay=40)
    expect(said).to_contain_text("Reading 1: answer_1, answer_2, answer_3, answer_4, evidence, key, note_2")
    expect(page.locator("[name='answer_3']")).to_have_value("It was cold in the whole town")
    expect(page.locator("[name='answer_3']")).to_be_focused()
    picture(page, "feedback-returned")
    page.get_by_test_id("bottombar-submit-button").click()
    expect(page.get_by_test_id("bottombar-update-button")).to_be_visible()
    (submission,) = studio.submissions(studio.workbenches(title).values()).submissions
    payload = authoring_page.payload(sentences=SENTENCES, number=1, former=FORMER)
    read = authoring_page.read(submission.result, payload)
    assert read.problems == () and read.fields is not None
    wanted = [
        "Flour was scarce",
        "A mill burnt down",
        "It was cold in the whole town",
        "They were kin, all of them",
    ]
    assert read.fields["answers"] == wanted
    assert feedback(submission.result).startswith("Reading 1:")


@pytest.mark.slow
def test_who_changes_what_was_put_down_stays_in_the_box_that_they_are_in(
    desk: Callable[..., tuple[Judge, str]], page: Page
) -> None:
    judge, _ = desk()
    judge.pause = 0.15  # no answer comes sooner through a server; a busy browser has drawn the focus by then
    said = page.locator(".page .feedback .lsf-textarea__region")
    keyboard = page.keyboard
    for number in (1, 2, 3, 4):
        page.locator(f"[name='answer_{number}']").click()
        keyboard.type(f"Answer {number}")
        keyboard.press("Enter")
        expect(said).to_contain_text(f"Reading {number}:")
        expect(page.locator(f"[name^='answer_{number}:']")).to_be_focused()
    readings = 4
    for change, then in ((1, 2), (3, 2), (4, 1), (2, 2)):
        page.locator(f"[name^='answer_{change}:']").click()
        keyboard.press("End")
        keyboard.type("!")
        page.locator(f"[name^='answer_{then}:']").click() if then != change else keyboard.press("Enter")
        readings += 1
        expect(said).to_contain_text(f"Reading {readings}:")
        box = page.locator(f"[name^='answer_{then}:']")
        expect(box).to_be_focused()
        before = box.input_value()
        keyboard.press("End")
        keyboard.type(" and on")
        expect(box).to_have_value(f"{before} and on")
        keyboard.press("Enter")
        readings += 1
        expect(said).to_contain_text(f"Reading {readings}:")
        expect(page.locator(f"[name^='answer_{then}:']")).to_be_focused()


@pytest.mark.slow
def test_without_the_assistant_an_author_writes_and_submits(
    desk: Callable[..., tuple[Judge, str]], page: Page, studio: LabelStudio
) -> None:
    _, title = desk(former=FORMER, down=True)
    page.locator("[name='answer_2']").click()
    page.keyboard.press("End")
    page.keyboard.type(" down")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[name='note_2']")).to_be_focused()
    page.get_by_test_id("bottombar-submit-button").click()
    expect(page.get_by_test_id("bottombar-update-button")).to_be_visible()
    (submission,) = studio.submissions(studio.workbenches(title).values()).submissions
    read = authoring_page.read(
        submission.result, authoring_page.payload(sentences=SENTENCES, number=1, former=FORMER)
    )
    assert read.fields is not None and read.fields["answers"][1] == "A mill burnt down"
