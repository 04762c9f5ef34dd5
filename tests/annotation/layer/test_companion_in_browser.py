"""The companion script on the labelling page: a real Label Studio with our layer, a real Chromium.

`BELEBELE_SHOTS=folder` keeps a picture of what the script shows there.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Locator, Page, expect

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio, Workbench
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import (
    answering_page,
    authoring_page,
    judging_page,
    page_of,
    proofreading_page,
    translation_page,
)
from annotation.words.catalogues import words_in
from annotation.words.form_words import spoken
from data.environment import state_dir
from tests.annotation.assistant.test_assistant_in_browser import (  # noqa: F401 - held to with the layer too
    desk,
    page,
    test_feedback_appears_and_is_replaced_while_an_author_types_on,
    test_who_changes_what_was_put_down_stays_in_the_box_that_they_are_in,
)
from tests.annotation.stages.test_pages_in_browser import (
    ANSWERS,
    ARABIC,
    DRAFT,
    NOTHING,
    QUESTION,
    SENTENCES,
    WRITTEN,
)
from tests.chromium_fixture import OPTIONS, open_task, take_by_key, task_address
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.real_server]

EMAIL = "companion@example.org"
WAIT = 15_000  # ms; a draft goes out five seconds after the one before


@pytest.fixture(scope="module")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLabelStudio]:
    """A Label Studio with our layer, in place of the one without."""
    place = tmp_path_factory.mktemp("layered")
    with LocalLabelStudio(state_dir(), data_dir=place / "data", tell=print) as server:
        yield server


class OpenToAll(LabelStudio):
    """A client that admits every account to what it opens."""

    def open(self, *about: Any, **more: Any) -> Workbench:
        bench = super().open(*about, **more)
        self.admit({bench.id: [int(account.partition(" ")[0]) for account in self.accounts().values()]})
        return bench


@pytest.fixture(scope="module")
def studio(label_studio: LocalLabelStudio) -> Iterator[LabelStudio]:
    with OpenToAll(label_studio.url, label_studio.token) as client:
        yield client


@pytest.fixture(scope="module")
def visitor(studio: LabelStudio) -> Iterator[Callable[[str], SignedInUser]]:
    """Name → that person, signed up as name@example.org."""
    with ExitStack() as stack:

        def of(name: str) -> SignedInUser:
            signed = SignedInUser.sign_up(studio.url, studio.invitation(), f"{name}@example.org", PASSWORD)
            return stack.enter_context(signed)

        yield of


@pytest.fixture(scope="module")
def signed_in(browser: Browser, studio: LabelStudio, visitor: Callable[[str], SignedInUser]) -> Iterator[Page]:
    visitor("companion")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield log_in(context.new_page(), studio)
    context.close()


def log_in(view: Page, studio: LabelStudio) -> Page:
    view.goto(studio.url)
    view.fill("#email", EMAIL)
    view.fill("#password", PASSWORD)
    view.press("#password", "Enter")
    view.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    return view


class Seat:
    """A page at which somebody types, and what the server has of it."""

    def __init__(self, view: Page, studio: LabelStudio) -> None:
        self.page, self.studio = view, studio
        self.title, self.address = "", ""
        self.drafts: list[dict[str, Any]] = []
        self.steps = 0  # keys and clicks besides typing
        view.on("response", self._draft)
        view.on("dialog", self._dialog)
        self.asked: list[str] = []

    def _dialog(self, dialog: Dialog) -> None:
        self.asked.append(dialog.type)
        dialog.accept()

    def _draft(self, response: Any) -> None:
        if "/drafts" in response.url and response.request.method in ("POST", "PATCH") and response.ok:
            self.drafts.append(
                {one["from_name"]: one["value"] for one in response.request.post_data_json["result"]}
            )

    def close(self) -> None:
        self.page.remove_listener("response", self._draft)
        self.page.remove_listener("dialog", self._dialog)

    def open(self, stage: str, config: str, *payloads: dict[str, object], stream: bool = False) -> None:
        self.title = f"c{uuid4().hex[:8]}/{stage}/x/p"
        bench = self.studio.open(self.title, config, "<p>guideline</p>", stage)
        shown = [{**NOTHING, **one, **page_of(stage).extra_fields(one)} for one in payloads]  # type: ignore[arg-type]
        self.studio.push(bench, [(f"{self.title}/{number}", one) for number, one in enumerate(shown)])
        task = self.studio.tasks(bench)[0]
        in_stream = f"{self.studio.url}/projects/{bench.id}/data?labeling=1"
        self.address = in_stream if stream else task_address(self.studio, bench, task.id)
        self.reopen()

    def reopen(self) -> None:
        open_task(self.page, self.address)
        for _ in range(600):  # the page's policy forbids to wait for a function
            if self.page.evaluate("window.belebele.companion.missing().length == 0"):
                break
            self.page.wait_for_timeout(100)
        self.page.wait_for_timeout(600)  # the script has looked at the page twice
        self.page.keyboard.press("Escape")  # the stream shows the guideline first

    def box(self, name: str) -> Locator:
        return self.page.locator(f".page [name='{name}'], .page [name^='{name}:']")

    def write(self, name: str, text: str) -> None:
        self.box(name).click()
        self.page.keyboard.type(text)

    def wait_for_draft(self, **texts: str) -> None:
        wanted = {name: {"text": [text]} for name, text in texts.items()}
        for _ in range(WAIT // 100):
            if self.drafts and wanted.items() <= self.drafts[-1].items():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{wanted} is not in the latest draft: {self.drafts[-1:]}")

    def wait_for_empty_store(self) -> None:
        for _ in range(WAIT // 100):
            if not (kept := self.page.evaluate(KEYS)):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"the browser still keeps {kept}")

    def submit(self) -> None:
        self.page.keyboard.press("Control+Enter")
        expect(self.page.get_by_test_id("bottombar-update-button")).to_be_visible()

    def submitted(self) -> list[tuple[str, dict[str, Any]]]:
        benches = self.studio.workbenches(self.title).values()
        found = self.studio.submissions(benches).submissions
        return [(one.kind, {entry["from_name"]: entry["value"] for entry in one.result}) for one in found]

    def picture(self, name: str) -> None:
        if folder := os.environ.get("BELEBELE_SHOTS"):
            self.page.screenshot(path=Path(folder) / f"companion-{name}.png")

    # Steps, counted as a person would: each key that is pressed and each click, besides the letters of a text.

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.steps += 1

    def click(self, place: Locator) -> None:
        place.click()
        self.steps += 1


@pytest.fixture
def seat(signed_in: Page, studio: LabelStudio) -> Iterator[Seat]:
    seat = Seat(signed_in, studio)
    yield seat
    seat.close()


def authoring(number: int = 1, **more: Any) -> dict[str, object]:
    return authoring_page.payload(sentences=SENTENCES, number=number, **more)


def judging() -> dict[str, object]:
    return judging_page.payload(
        sentences=SENTENCES, question=QUESTION, answers=ANSWERS, key=1, choice=1, sure=True, evidence=[2]
    )


def translating(**more: Any) -> dict[str, object]:
    return translation_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1, **more
    )


def correcting() -> dict[str, object]:
    return proofreading_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1,
        draft_question=str(DRAFT["question"]), draft_answers=DRAFT["answers"],
    )  # fmt: skip


AUTHORING = authoring_page.config("eng_Latn")
TRANSLATING = translation_page.config("arb_Arab", "eng_Latn")


def test_all_that_the_script_leans_on_is_there_and_one_thing_less_is_said_on_the_page(seat: Seat) -> None:
    seat.open("authoring", AUTHORING, authoring())
    assert seat.page.evaluate("belebele.companion.missing()") == []
    assert len(seat.page.evaluate("belebele.companion.leansOn")) > 25
    gone = seat.page.context.new_page()
    gone.add_init_script("""
        Object.defineProperty(window, 'APP_SETTINGS', { set(value) { delete value.user; this._settings = value },
                                                        get() { return this._settings } });""")
    gone.clock.install()
    open_task(gone, seat.address)
    gone.clock.run_for(30_000)
    expect(gone.get_by_role("status").filter(has_text="APP_SETTINGS.user.id")).to_contain_text("is off")
    gone.keyboard.press("Control+Enter")  # Label Studio's own
    expect(gone.get_by_text("Mark the evidence: the sentences of the passage")).to_be_visible()
    expect(gone.locator(".companion.missing")).to_have_count(0)
    gone.close()


def test_text_that_was_typed_and_not_put_down_is_drafted_and_comes_back(seat: Seat) -> None:
    seat.open("authoring", AUTHORING, authoring())
    seat.write("question", QUESTION)
    seat.page.keyboard.press("Tab")  # leaves the box; nothing is put down
    seat.wait_for_draft(question=QUESTION)
    expect(seat.box("question")).to_have_attribute("name", "question")
    seat.write("answer_3", "Typed a second ago")
    seat.page.wait_for_timeout(1_000)
    seat.page.goto("about:blank")
    assert seat.asked == ["beforeunload"]  # it had not reached the server
    seat.reopen()
    expect(seat.box("question")).to_have_value(QUESTION)
    expect(seat.box("answer_3")).to_have_value("Typed a second ago")


def test_a_refused_submit_names_all_that_is_missing_and_drafts_go_on(seat: Seat) -> None:
    seat.open("translating", TRANSLATING, translating())
    seat.write("question", str(DRAFT["question"]))
    seat.page.keyboard.press("Control+Enter")
    told = seat.page.get_by_role("alert")
    expect(told.locator("li:visible")).to_have_text(
        [f"Write the translation of: Answer {number}." for number in range(1, 5)]
    )
    expect(seat.box("answer_1")).to_be_focused()
    seat.picture("missing")
    seat.page.keyboard.type(str(DRAFT["answers"][0]))
    expect(told.locator("li:visible")).to_have_count(3)
    seat.page.keyboard.press("Tab")
    seat.wait_for_draft(question=str(DRAFT["question"]), answer_1=str(DRAFT["answers"][0]))
    told.get_by_text("Answer 4").click()
    expect(seat.box("answer_4")).to_be_focused()
    for number in (2, 3, 4):
        seat.write(f"answer_{number}", str(DRAFT["answers"][number - 1]))
    expect(told).to_have_count(0)
    seat.submit()
    ((kind, values),) = seat.submitted()
    assert kind == "submitted" and values["answer_4"] == {"text": [DRAFT["answers"][3]]}
    seat.reopen()
    expect(seat.page.get_by_role("status")).to_have_count(0)  # what was submitted is not offered again
    seat.wait_for_empty_store()


KEYS = """() => new Promise(done => { indexedDB.open('belebele', 1).onsuccess = event => {
  const asked = event.target.result.transaction('typed').objectStore('typed').getAllKeys()
  asked.onsuccess = () => done(asked.result) } })"""


@pytest.mark.slow
def test_boxes_say_their_language_and_direction(seat: Seat) -> None:
    seat.open("translating", TRANSLATING, translating())
    seat.page.locator(".page .query label").first.click()
    for name, language, direction in [
        ("question", "arb-Arab", "rtl"),
        ("answer_2", "arb-Arab", "rtl"),
        ("query", "", "auto"),
    ]:
        expect(seat.box(name)).to_have_attribute("lang", language)
        expect(seat.box(name)).to_have_attribute("dir", direction)
    seat.write("answer_1", "مؤقت")
    seat.page.keyboard.press("Enter")
    expect(seat.box("answer_1")).to_have_attribute("name", re.compile("answer_1:"))
    expect(seat.box("answer_1")).to_have_attribute("lang", "arb-Arab")
    expect(seat.box("answer_1")).to_be_focused()


@pytest.mark.slow
def test_a_shortcut_works_after_a_click_and_never_types_into_a_box(seat: Seat) -> None:
    seat.open("authoring", AUTHORING, authoring())
    seat.write("answer_1", "Four")
    seat.page.keyboard.press("Control+Enter")  # refused; Label Studio would put the answer down and focus it
    expect(seat.page.get_by_role("alert")).to_be_visible()
    seat.page.keyboard.press("3")
    marks = seat.page.locator(".page .marked input")
    expect(marks.nth(2)).to_be_checked()
    expect(seat.box("answer_1")).to_have_value("Four")
    seat.page.locator(".page .marked label").nth(0).click()
    seat.page.keyboard.press("2")  # the mark that was clicked has the focus
    expect(marks.nth(1)).to_be_checked()


@pytest.mark.slow
def test_going_on_and_skipping_ask_and_nothing_is_given_away_by_one_click(seat: Seat) -> None:
    seat.open("authoring", AUTHORING, authoring(1), authoring(2), stream=True)
    view = seat.page
    dialog = view.locator("dialog.companion")
    seat.write("question", QUESTION)
    view.get_by_test_id("next-task").click()
    expect(dialog).to_contain_text("You have not submitted this page")
    view.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(seat.box("question")).to_have_value(QUESTION)
    view.get_by_test_id("next-task").click()
    expect(dialog).to_be_visible()
    view.keyboard.press("Enter")
    seat.wait_for_draft(question=QUESTION)
    expect(seat.box("question")).to_have_value("")
    view.get_by_test_id("prev-task").click()
    expect(seat.box("question")).to_have_value(QUESTION)
    view.get_by_test_id("bottombar-skip-button").click()
    seat.picture("skip")
    view.keyboard.press("Escape")
    assert seat.submitted() == []
    view.get_by_test_id("bottombar-skip-button").click()
    view.keyboard.press("1")  # the source is wrong: the page asks what, and the lead reads it
    expect(seat.box("query")).to_be_focused()
    view.keyboard.press("Control+Space")
    with view.expect_request(
        lambda asked: asked.url.endswith("/annotations/") or "/annotations" in asked.url
    ) as sent:
        view.keyboard.press("2")
    assert sent.value.post_data_json["comment"] == "cannot do it"
    expect(seat.box("question")).to_have_value("")
    assert [kind for kind, _ in seat.submitted()] == ["skipped"]


@pytest.mark.slow
def test_logging_out_erases_what_the_browser_kept_once_the_server_has_it(
    browser: Browser, studio: LabelStudio, signed_in: Page
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    seat = Seat(log_in(context.new_page(), studio), studio)
    seat.open("authoring", AUTHORING, authoring())
    seat.write("question", QUESTION)
    seat.page.wait_for_timeout(1_000)
    assert len(seat.page.evaluate(KEYS)) == 1
    seat.page.get_by_test_id("userpic").first.click()
    seat.page.locator("a[href*='logout']").click()
    seat.page.wait_for_url(re.compile("/user/login"))
    seat.wait_for_empty_store()
    assert seat.drafts[-1] == {"question": {"text": [QUESTION]}}
    context.close()


@pytest.mark.slow
def test_a_killed_browser_loses_two_seconds_at_most(
    browser: Browser, studio: LabelStudio, signed_in: Page, tmp_path: Path
) -> None:
    profile = tmp_path / "profile"

    def started() -> BrowserContext:
        for lock in ("SingletonLock", "SingletonSocket", "SingletonCookie"):
            (profile / lock).unlink(missing_ok=True)
        return browser.browser_type.launch_persistent_context(
            profile,
            executable_path=shutil.which("chromium"),
            args=OPTIONS,
            viewport={"width": 1440, "height": 900},
        )

    context = started()
    seat = Seat(log_in(context.pages[0], studio), studio)
    seat.open("authoring", AUTHORING, authoring())
    seat.box("question").click()
    text = " ".join(f"word{number}" for number in range(60))
    seat.page.keyboard.type(text, delay=15)  # never left, never put down
    seat.page.wait_for_timeout(2_000)
    seat.page.keyboard.type("!")
    for process in main_processes(profile):
        os.kill(process, signal.SIGKILL)
    with contextlib.suppress(Exception):
        context.close()
    assert seat.drafts == []
    context = started()
    again = Seat(context.pages[0], studio)
    if "/user/login" in again.page.goto(studio.url).url:  # type: ignore[union-attr] # the cookie may not be on the disk
        log_in(again.page, studio)
    again.address = seat.address
    again.reopen()
    assert again.box("question").input_value().startswith(text)
    context.close()


def main_processes(profile: Path) -> list[int]:
    """The browser's own process, not those of its pages."""
    found = []
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            line = (folder / "cmdline").read_text() if folder.name.isdigit() else ""
            if f"--user-data-dir={profile}" in line and "--type=" not in line:
                found.append(int(folder.name))
    return found


@pytest.mark.slow
def test_no_with_keep_asks_once_and_one_key_answers_yes_to_all(seat: Seat) -> None:
    seat.open("judging", judging_page.config("eng_Latn"), judging())
    view = seat.page
    view.locator(".criterion").nth(3).locator("label").filter(has_text="No").click()
    view.keyboard.press("y")
    expect(view.locator(".criterion input[name='Yes']:checked")).to_have_count(len(CRITERIA) - 1)
    take_by_key(view, "k", "Keep it")
    view.keyboard.press("Control+Enter")
    asked = view.locator("dialog.companion")
    expect(asked).to_contain_text("Needs the passage")
    seat.picture("keep")
    view.keyboard.press("Escape")
    assert seat.submitted() == []
    view.keyboard.press("Control+Enter")
    view.keyboard.press("Enter")
    expect(view.get_by_test_id("bottombar-update-button")).to_be_visible()
    ((_, values),) = seat.submitted()
    assert values["rubric_passage_only"] == {"choices": ["no"]} and values["recommend"] == {"choices": ["keep"]}


@pytest.mark.slow
def test_what_a_correction_changes_is_marked_in_the_draft_and_is_nobodys_own_mark(seat: Seat) -> None:
    answers = ["أ ب", "𝄞😀 لأن مخبزًا جديدًا افتُتح", "ج د", "ه و"]
    payload = proofreading_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1,
        draft_question="ما هذا؟", draft_answers=answers,
    )  # fmt: skip
    seat.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), payload)
    lines = seat.page.locator(".page .line")
    drawn = [lines.nth(number).locator(".htx-highlight") for number in range(5)]
    seat.press("c")
    seat.box("answer_2").fill("𝄞😀 لأن فرنًا جديدًا أُغلق")
    expect(drawn[2]).to_have_text(["مخبزًا", "افتُتح"])
    seat.picture("changed")
    seat.box("answer_2").fill("𝄞😀 لأن مخبزًا جديدًا أُغلق")
    expect(drawn[2]).to_have_text(["افتُتح"])
    seat.box("answer_3").fill("ج ك")
    expect(drawn[3]).to_have_text(["د"])
    drawn[3].click()
    seat.page.keyboard.press("Backspace")
    expect(drawn[3]).to_have_count(0)
    seat.box("answer_3").fill("ج ك ل")
    seat.box("answer_4").fill("ه و ز")
    seat.page.locator(".page .errors .lsf-choice").filter(has_text="Linguistic").locator("label").click()
    seat.page.locator(".page .severity:visible label").filter(has_text="Minor").click()
    seat.page.wait_for_timeout(1000)
    expect(drawn[3]).to_have_count(0)
    expect(drawn[4]).to_have_count(0)
    seat.submit()
    benches = seat.studio.workbenches(seat.title).values()
    (sent,) = seat.studio.submissions(benches).submissions
    (mark,) = (one for one in sent.result if one["from_name"].startswith("mark_"))
    assert (mark["value"]["start"], mark["value"]["end"]) == (21, 27) and mark["origin"] == "prediction"
    read = proofreading_page.read(sent.result, payload)
    assert read.problems == () and read.fields is not None
    assert read.fields["errors"] == ["linguistic/minor"] and "marks" not in read.fields


@pytest.mark.slow
def test_a_letter_begins_the_question_and_a_shortcut_begins_nothing(seat: Seat) -> None:
    seat.open("authoring", AUTHORING, authoring())
    view = seat.page
    for key in ("2", "Shift+1", "7", " ", "?"):
        view.keyboard.press(key)
    expect(seat.box("question")).to_have_value("")
    expect(view.locator(".page .marked input").nth(1)).to_be_checked()
    expect(view.locator(".page .keyed input[type=radio]").first).to_be_checked()
    view.keyboard.type("When?")
    expect(seat.box("question")).to_be_focused()
    expect(seat.box("question")).to_have_value("When?")
    view.locator(".page .about").first.click()
    view.keyboard.type("abc")  # there is a question: nothing is added behind its author's back
    expect(seat.box("question")).to_have_value("When?")
    seat.open("judging", judging_page.config("eng_Latn"), judging())
    take_by_key(view, "k", "Keep it")
    view.keyboard.type("zz")
    expect(seat.box("comment")).to_have_value("")


@pytest.mark.slow
def test_nothing_stays_beneath_the_list_of_what_is_missing(seat: Seat) -> None:
    """In a narrow window too: all of the page can be scrolled above it, and the passage that stays ends there."""
    for size in ({"width": 860, "height": 720}, {"width": 1440, "height": 900}):
        seat.page.set_viewport_size(size)  # type: ignore[arg-type]
        for stage, config, payload in (
            ("translating", TRANSLATING, translating()),
            ("authoring", AUTHORING, authoring()),
        ):
            seat.open(stage, config, payload)
            seat.page.keyboard.press("Control+Enter")
            expect(seat.page.get_by_role("alert")).to_be_visible()
            seat.page.wait_for_timeout(500)
            focused, beneath = seat.page.evaluate(BENEATH)
            seat.picture(f"missing-{stage}-{size['width']}")
            assert (focused, beneath) == (False, []), (stage, size)


SCROLLS = """() => {
  let scrolls = document.querySelector('.page');
  const does = one => one.scrollHeight > one.clientHeight + 1
    && /auto|scroll/.test(getComputedStyle(one).overflowY);
  while (scrolls && !does(scrolls)) scrolls = scrolls.parentElement;
  return scrolls }"""

BENEATH = (
    f"""() => {{ const scrolls = ({SCROLLS})();"""
    + """
  const list = document.querySelector('.companion.missing').getBoundingClientRect();
  const place = one => one.getBoundingClientRect();
  const focused = place(document.activeElement).bottom > list.top;
  scrolls.scrollTop = scrolls.scrollHeight;
  const shown = [...document.querySelectorAll('.page .card, .page .passage, .page .guide, .page .reading')];
  const beneath = shown.filter(one => place(one).height && place(one).bottom > list.top + 1)
    .map(one => one.className);
  return [focused, beneath] }"""
)


@pytest.mark.slow
def test_correcting_takes_a_screen_and_a_half_and_the_verdict_stands_below(seat: Seat) -> None:
    seat.page.set_viewport_size({"width": 1440, "height": 900})
    config = proofreading_page.config("arb_Arab", "eng_Latn")
    seat.open("proofreading", config, correcting())
    take_by_key(seat.page, "c", "I correct it here")
    take_by_key(seat.page, "6", "Linguistic conventions: grammar, spelling, punctuation")
    seat.page.locator(".page .severity:visible label").filter(has_text="Minor").click()
    screens, below = seat.page.evaluate(
        f"""() => {{ const scrolls = ({SCROLLS})();"""
        + """
      const place = name => document.querySelector(name).getBoundingClientRect();
      const last = Math.max(place('.page .errors').bottom, place('.page .comment').bottom);
      const room = place('.lsf-bottombar').top - scrolls.getBoundingClientRect().top;
      return [(last - place('.page').top) / room, place('.page .verdict').top - place('.page .lines').bottom] }"""
    )
    seat.picture("correcting")
    print(f"correcting: {screens:.2f} screens")
    assert screens <= 1.5 and below >= 0


ENGLISH_SKIP = "If you skip this task, somebody else gets it. Why skip it?"
FRENCH_SKIP = "Si vous passez cette tâche, elle ira à quelqu’un d’autre. Pourquoi la passer ?"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("locale", "words", "language", "direction", "title", "missing"),
    [
        ("ar-EG", "", "ar", "rtl", "إن تخطّيت هذه المهمة فستُعطى لشخص آخر. لماذا تتخطاها؟", "ما زال ناقصًا: 5"),
        ("fr-FR", "", "fr", "ltr", FRENCH_SKIP, "Il manque encore : 5"),
        ("th-TH", "fra_Latn", "fr", "ltr", FRENCH_SKIP, "Il manque encore : 5"),
        ("th-TH", "", "en", "ltr", ENGLISH_SKIP, "Still missing: 5"),
    ],
)
def test_the_script_speaks_the_pages_language_or_the_browsers(
    browser: Browser, studio: LabelStudio, signed_in: Page,
    locale: str, words: str, language: str, direction: str, title: str, missing: str,
) -> None:  # fmt: skip
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale=locale)
    seat = Seat(log_in(context.new_page(), studio), studio)
    form = spoken(TRANSLATING, words_in([words])) if words else TRANSLATING
    seat.open("translating", form, translating(), stream=True)
    seat.page.keyboard.press("Control+Enter")
    told = seat.page.get_by_role("alert")
    expect(told.get_by_role("heading")).to_have_text(missing)
    seat.picture(f"missing-{language}")
    seat.page.keyboard.press("Control+Space")
    asked = seat.page.locator("dialog.companion")
    expect(asked.get_by_role("heading")).to_have_text(title)
    seat.picture(f"skip-{language}")
    for shown in (told, asked):
        expect(shown).to_have_attribute("lang", language)
        expect(shown).to_have_css("direction", direction)
    context.close()


# Keys and clicks of one item besides typing.


def answer(seat: Seat) -> None:
    seat.open(
        "answering",
        answering_page.config("eng_Latn"),
        answering_page.payload(task_key="t", sentences=SENTENCES, question=QUESTION, answers=ANSWERS),
    )
    seat.press("b", "s", "Control+Enter")


def judge(seat: Seat) -> None:
    seat.open("judging", judging_page.config("eng_Latn"), judging())
    seat.press("y", "k", "Control+Enter")


def translate(seat: Seat) -> None:
    seat.open("translating", TRANSLATING, translating())
    seat.click(seat.box("question"))
    seat.page.keyboard.type(str(DRAFT["question"]))
    for text in DRAFT["answers"]:
        seat.press("Tab")
        seat.page.keyboard.type(text)
    seat.press("Control+Enter")


def correct(seat: Seat) -> None:
    seat.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), correcting())
    seat.press("c")
    seat.click(seat.box("answer_2"))
    seat.page.keyboard.press("End")
    seat.page.keyboard.type(" 2")
    seat.click(seat.page.locator(".page .errors .lsf-choice").filter(has_text="Linguistic").locator("label"))
    seat.click(seat.page.locator(".page .severity:visible label").filter(has_text="Minor"))
    seat.press("Control+Enter")


def author(seat: Seat) -> None:
    seat.open("authoring", AUTHORING, authoring())
    boxes = (("answer", ANSWERS), ("note", WRITTEN["notes"]))
    seat.press("2", "Shift+1")
    seat.page.keyboard.type(QUESTION)  # the first letter begins the question
    expect(seat.box("question")).to_have_value(QUESTION)
    wrong = [(f"{kind}_{n}", texts[n - 1]) for n in (2, 3, 4) for kind, texts in boxes]
    for name, text in [("answer_1", ANSWERS[0]), *wrong]:
        seat.press("Tab")
        expect(seat.box(name)).to_be_focused()
        seat.page.keyboard.type(text)
    seat.press("Control+Enter")


@pytest.mark.slow
@pytest.mark.parametrize(("work", "most"), [(answer, 3), (judge, 4), (translate, 6), (correct, 6), (author, 10)])
def test_an_item_takes_few_keys_and_clicks_besides_typing(
    seat: Seat, work: Callable[[Seat], None], most: int
) -> None:
    work(seat)
    expect(seat.page.get_by_test_id("bottombar-update-button")).to_be_visible()
    ((kind, _),) = seat.submitted()
    print(f"{work.__name__}: {seat.steps} keys and clicks")
    assert kind == "submitted" and seat.steps <= most
