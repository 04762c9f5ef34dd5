"""A question's whole way through a real browser: written, answered blind, judged, translated, proofread.

The campaign is real too: two passages of FLORES-200, an author, two reviewers, a translator into Arabic and a
proofreader, who sign up through the invitation link, find their workbench in the list and work by keyboard.
`BELEBELE_SHOTS=folder` keeps a picture of each page there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, expect

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio
from data.campaign import new_campaign
from data.campaign.campaign import Campaign
from data.campaign.contacts import set_contact
from data.campaign.settings import Person
from data.ledger import Ledger
from flows.advance import advance
from flows.campaign_state import State
from flows.lead import lead_actions
from flows.ledger_views.current_items import kept_questions
from flows.ledger_views.lead_queries import queries_to_lead
from flows.progress import Progress
from tests.chromium_fixture import close_notice, open_task, take_by_key, task_address
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.real_server, pytest.mark.slow]

ENGLISH, ARABIC = "eng_Latn", "arb_Arab"
PEOPLE = (
    Person(code="ana", roles=("authoring",), languages=(ENGLISH,)),
    Person(code="ben", roles=("authoring",), languages=(ENGLISH,)),
    Person(code="rae", roles=("reviewing",), languages=(ENGLISH,)),
    Person(code="tam", roles=("translating",), languages=(ARABIC,)),
    Person(code="pia", roles=("proofreading",), languages=(ARABIC,)),
)

QUESTION = "What will it probably cost to make one of the chips?"
ANSWERS = ["About 5 US dollars", "About 1 US cent", "About 50 US cents", "About 10 US dollars"]
KEY = 2
EVIDENCE = 1
NOTES = ["Sentence 1 names a far smaller sum.", "", "Too much by half a dollar.", "No dollars are spoken of."]
FOR_TRANSLATORS = "The currency is that of the United States."
RECONSIDERED = "What will it probably cost to make a single chip?"
FIRST_BOX = ".page .form .card:first-child"
TRANSLATED = {
    "question": "كم ستبلغ تكلفة صنع شريحة واحدة على الأرجح؟",
    "answers": [
        "حوالي 5 دولارات أمريكية",
        "حوالي سنت أمريكي",
        "حوالي 50 سنتًا أمريكيًا",
        "حوالي 10 دولارات أمريكية",
    ],
}
ASKED = "Is a chip one device, or a part of one?"
REPLY = "One device; call it what the passage calls it."
CORRECTED = "حوالي 1 سنت أمريكي"


class Seat:
    """One person in front of a browser of their own."""

    def __init__(self, page: Page, url: str, email: str) -> None:
        self.page = page
        self._url = url
        self._email = email
        self._answers: list[Response] = []
        page.on("response", lambda answer: self._answers.append(answer))

    def heard(self) -> list[str]:
        """What the server told this browser as JSON since it began at the list of projects."""
        said = [one for one in self._answers if "/api/" in one.url]
        return [one.text() for one in said if "json" in one.headers.get("content-type", "")]

    def sign_up(self, invitation: str) -> None:
        """Makes an account at the invitation link; the browser stays logged in."""
        self.page.goto(invitation)
        self.page.fill("input[name=email]", self._email)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("button[aria-label='Create Account']")
        self.page.wait_for_url(lambda url: "/user/signup" not in url, wait_until="commit")

    def begin(self, says: str) -> None:
        """Finds the workbench in the list of projects and begins to work; the guideline stands before the task."""
        self.page.goto(f"{self._url}/projects")
        self._answers.clear()
        card = self.page.get_by_text(says, exact=True).first  # of several campaigns, the newest
        expect(card).to_be_visible(timeout=60_000)
        self.picture("projects")
        card.click()
        self.page.get_by_role("button", name="Label All Tasks").click(timeout=60_000)
        self.read_guideline()

    def reopen(self, room: Room, title: str) -> None:
        """Opens the newest task of a workbench that is done, from the list of tasks."""
        (workbench,) = room.studio.workbenches(title).values()
        done = max(task.id for task in room.studio.tasks(workbench) if task.annotations)
        open_task(self.page, task_address(room.studio, workbench, done))
        expect(self.page.get_by_test_id("bottombar-update-button")).to_be_visible(timeout=60_000)

    def read_guideline(self) -> None:
        """Closes the guideline, and makes sure that it is one click away."""
        close = self.guideline.get_by_role("button").first
        expect(close).to_be_visible(timeout=60_000)
        close.click()
        expect(self.guideline).to_be_hidden()
        expect(self.page.locator(".page textarea").first).to_be_attached()

    @property
    def guideline(self) -> Locator:
        """What stands over the page when the guideline is open."""
        return self.page.locator("[role=dialog], .lsf-modal-ls, .dm-modal").filter(has_text="Guideline for")

    def box(self, name: str) -> Locator:
        """A box to write in."""
        return self.page.locator(f"[name='{name}']")

    def choose(self, label: str, within: str = ".page") -> None:
        """Takes a choice by mouse."""
        self.page.locator(f"{within} label:has(input[name='{label}'])").click()

    def submit(self) -> None:
        """Presses the button and waits until the server has it."""
        with self.page.expect_response(_is_submission) as sent:
            self.page.get_by_test_id("bottombar-submit-button").click()
        assert sent.value.ok

    def picture(self, name: str) -> None:
        """Keeps a picture, if they are wanted."""
        folder = os.environ.get("BELEBELE_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", animations="disabled")


def _is_submission(answer: Response) -> bool:
    return answer.request.method == "POST" and urlsplit(answer.url).path.rstrip("/").endswith("/annotations")


@dataclass
class Room:
    """The campaign with the browsers of its people."""

    address: str
    studio: LabelStudio
    seats: Callable[[str], Seat]

    @property
    def campaign(self) -> Campaign:
        return Campaign.load(self.address)

    def state(self) -> State:
        return State(self.campaign, Ledger(self.address))

    def advance(self) -> Progress:
        told = advance(self.address, {"main": self.studio})
        assert told.problems == []
        return told

    def title(self, stage: Any, language: str, person: str) -> str:
        return self.campaign.workbench_title(stage, language, person)

    def tasks(self, title: str) -> list[dict[str, Any]]:
        """What the open and done tasks of a workbench hold on the server."""
        (workbench,) = self.studio.workbenches(title).values()
        return [dict(task.data) for task in self.studio.tasks(workbench)]


@pytest.fixture(scope="module")
def room(
    browser: Browser,
    shared_data: Path,
    own_state: Path,
    studio: LabelStudio,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Room]:
    name = f"b{uuid4().hex[:5]}"
    address = str(tmp_path_factory.mktemp("browser") / "campaign")
    text = new_campaign.template(
        id=name, title="Seen in a browser", source="flores200",
        path=str(shared_data / "flores200_dataset.tar.gz"), languages=[ARABIC, "urd_Arab"], people=PEOPLE,
    )  # fmt: skip
    small = {
        "questions_per_passage = 2": "questions_per_passage = 1",
        "# passages = 100": "passages = 2",
        "reviewers = 2": "reviewers = 1",
    }
    for usual, wanted in small.items():
        assert usual in text
        text = text.replace(usual, wanted)
    new_campaign.init(address, text)
    with ExitStack() as stack:
        taken: dict[str, Seat] = {}

        def seat(code: str) -> Seat:
            if code not in taken:
                email = f"{code}@{name}.example"
                set_contact(name, code, email, "")
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                stack.callback(context.close)
                taken[code] = Seat(context.new_page(), studio.url, email)
                taken[code].sign_up(studio.invitation())
            return taken[code]

        yield Room(address, studio, seat)


def test_a_question_goes_its_whole_way(room: Room) -> None:
    assert room.advance().pushed == 2
    write(room)
    told = room.advance()
    assert (told.annotations, told.questions, told.pushed) == (1, 1, 1)
    answer_blind(room)
    assert room.advance().annotations == 1
    judge(room)
    assert room.advance().decisions == {"keep": 1}
    translate(room)
    assert room.advance().translations == 1
    (query,) = queries_to_lead(room.state())["query"]
    lead_actions.answer(room.state(), query, REPLY)
    assert room.advance().pushed == 1
    proofread(room)
    assert room.advance().decisions == {"keep": 1}
    (text,) = (
        room.state()
        .translation_texts(set(kept_questions(room.state())["question_id"]))
        .query("kind == 'proofread'")["answers"]
    )
    assert list(text) == [TRANSLATED["answers"][0], CORRECTED, *TRANSLATED["answers"][2:]]
    told_of_it(room)


def test_tired_people_do_no_harm(room: Room) -> None:
    """An empty form, Skip, somebody else's workbench, second thoughts."""
    room.advance()
    mine, bench = "ana · Write questions in English", room.title("authoring", ENGLISH, "ana")

    ben = room.seats("ben")
    ben.begin("ben · Write questions in English")
    ben.page.get_by_test_id("bottombar-submit-button").click()
    expect(ben.page.get_by_text("Mark the evidence: the sentences of the passage")).to_be_visible()
    close_notice(ben.page)
    with ben.page.expect_response(_is_submission):
        ben.page.get_by_test_id("bottombar-skip-button").click()
    expect(
        ben.page.get_by_text("No More Tasks")
    ).to_be_visible()  # there is no other task, and the skipped one stays away
    ben.picture("no-more-tasks")
    before = len(room.tasks(bench))
    assert (room.advance().pushed, len(room.tasks(bench))) == (1, before + 1)  # now it is ana's

    tam = room.seats("tam")
    tam.begin(mine)
    fill_in(tam)
    tam.submit()
    told = room.advance()
    assert (told.annotations, told.questions, told.pushed) == (
        1,
        0,
        1,
    )  # kept, not counted, and ana's to write still

    ana = room.seats("ana")
    ana.begin(mine)
    fill_in(ana)
    ana.submit()
    assert room.advance().questions == 1
    newest = room.state().questions.iloc[-1]
    assert (newest["person"], newest["revision"], newest["question"]) == ("ana", 1, QUESTION)

    ana.reopen(room, bench)
    expect(ana.page.locator(".lsf-topbar")).to_be_hidden()  # nothing to compare, and no second annotation to begin
    ana.picture("submitted-before")
    box = ana.page.locator(f"{FIRST_BOX} input, {FIRST_BOX} textarea").first
    box.fill(RECONSIDERED)
    update = ana.page.get_by_test_id("bottombar-update-button")
    grey = update.bounding_box()
    assert grey is not None
    ana.page.mouse.click(grey["x"] + grey["width"] / 2, grey["y"] + grey["height"] / 2)  # leaves the box
    expect(update).to_be_enabled()
    with ana.page.expect_response(
        lambda answer: answer.request.method == "PATCH" and "/annotations/" in answer.url
    ):
        update.click()
    assert room.advance().questions == 1
    newest = room.state().questions.iloc[-1]
    assert (newest["person"], newest["revision"], newest["question"]) == ("ana", 2, RECONSIDERED)


def write(room: Room) -> None:
    """The author: by keyboard, from the question to the last note."""
    seat = room.seats("ana")
    seat.begin("ana · Write questions in English")
    page = seat.page
    page.get_by_role("button", name="Instructions").click()
    expect(seat.guideline).to_contain_text("Writing a question")
    seat.picture("guideline")
    seat.read_guideline()
    expect(page.locator(".page .notices")).to_be_hidden()
    expect(page.locator(".page .findings")).to_be_hidden()
    seat.picture("authoring")
    fill_in(seat)
    seat.picture("authoring-filled")
    seat.submit()


def fill_in(seat: Seat) -> None:
    """A whole question by keyboard, from box to box with Tab."""
    keyboard = seat.page.keyboard
    seat.box("question").click()
    keyboard.type(QUESTION)
    for _ in range(KEY):
        keyboard.press("Tab")
    keyboard.press("Space")
    expect(seat.box(f"note_{KEY}")).to_be_hidden()
    seat.box("answer_1").click()  # Label Studio lets go of a choice that was taken, so Tab would lead back to it
    for answer, note in zip(ANSWERS, NOTES, strict=True):
        keyboard.type(answer)
        keyboard.press("Tab")
        if note:
            keyboard.type(note)
            keyboard.press("Tab")
    keyboard.type(FOR_TRANSLATORS)
    seat.page.locator(f".page .marked input[name='{EVIDENCE}']").focus()
    keyboard.press("Space")
    expect(seat.page.locator(f".page .marked input[name='{EVIDENCE}']")).to_be_checked()


def answer_blind(room: Room) -> None:
    """The reviewer: nothing that the browser holds or was told gives the key away."""
    seat = room.seats("rae")
    title = room.title("answering", ENGLISH, "rae")
    seat.begin("rae · Answer questions blind in English")
    expect(seat.page.locator(".page .question")).to_have_text(QUESTION)
    options = seat.page.locator(".page .option .target")
    assert sorted(options.all_text_contents()) == sorted(ANSWERS)
    seat.picture("answering")
    (task,) = room.tasks(title)
    assert {"key", "keys", "notes", "mark", "answer", "answers", "own"}.isdisjoint(task)
    heard = seat.heard()
    seen = [seat.page.content(), *heard, json.dumps(task)]
    assert any(QUESTION in text for text in heard)
    for told in [*filter(None, NOTES), FOR_TRANSLATORS, "correct answer"]:
        assert not [text for text in seen if told in text]
    options.filter(has_text=ANSWERS[KEY - 1]).click(force=True)  # the label lies over the whole option
    take_by_key(seat.page, "s", "Sure")
    seat.submit()


def judge(room: Room) -> None:
    """The reviewer again, with the key in view."""
    seat = room.seats("rae")
    seat.begin("rae · Judge questions in English")
    marks = seat.page.locator(".page .answer .mark")
    expect(marks.nth(KEY - 1)).to_have_text("correct answer · your answer")
    for row in range(len(CRITERIA)):
        seat.page.locator(".page .criterion").nth(row).locator("label:has(input[name='Yes'])").click()
    take_by_key(seat.page, "k", "Keep it")
    seat.picture("judging")
    seat.submit()


def translate(room: Room) -> None:
    """The translator: both passages in view, the boxes run from right to left."""
    seat = room.seats("tam")
    seat.begin("tam · Translate into Modern Standard Arabic")
    expect(seat.page.locator(".page .note")).to_contain_text(FOR_TRANSLATORS)
    seat.picture("translating")
    for name, text in zip(
        ("question", "answer_1", "answer_2", "answer_3", "answer_4"),
        (TRANSLATED["question"], *TRANSLATED["answers"]),
        strict=True,
    ):
        expect(seat.box(name)).to_have_css("direction", "rtl")
        seat.box(name).click()
        seat.page.keyboard.insert_text(str(text))
    seat.choose("Yes, but my work on this page still counts")
    seat.box("query").fill(ASKED)
    seat.picture("translating-filled")
    seat.submit()


def told_of_it(room: Room) -> None:
    """Author, translator and proofreader see on their own pages what became of their work."""
    for person, title, says in (
        ("ana", room.title("authoring", ENGLISH, "ana"), "It was kept"),
        ("tam", room.title("translating", ARABIC, "tam"), "omission, major"),
        ("pia", room.title("proofreading", ARABIC, "pia"), "omission, major"),
    ):
        seat = room.seats(person)
        seat.reopen(room, title)
        expect(seat.page.locator(".page .fate")).to_contain_text(says)
        if person != "ana":
            expect(seat.page.locator(".page .fate .added").filter(has_text="1")).to_be_visible()
        seat.picture(f"fate-{person}")
    assert room.advance().idle


def proofread(room: Room) -> None:
    """The proofreader: sees the draft and that a number was lost, and puts it back."""
    seat = room.seats("pia")
    seat.begin("pia · Proofread Modern Standard Arabic")
    expect(seat.page.locator(".page .found .finding")).not_to_have_count(0)  # at the answer that it is about
    expect(seat.page.locator(".page .notices .finding")).to_have_text([f"{ASKED} → {REPLY}"])
    expect(seat.page.locator(".page .draft").nth(KEY)).to_have_text(TRANSLATED["answers"][KEY - 1])
    seat.picture("proofreading")
    seat.choose("I correct it here")
    seat.box(f"answer_{KEY}").fill(CORRECTED)
    seat.page.locator(".page .errors label").filter(has_text="Omission").click()
    seat.page.locator(".page .severity label").filter(has_text="Major").locator("visible=true").click()
    seat.picture("proofreading-corrected")
    seat.submit()
