"""The pages as people meet them: a real Label Studio, a real Chromium, keyboard and mouse.

`BELEBELE_SHOTS=folder` keeps a picture of every page there.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.forms import review_criteria
from annotation.forms.submitted_form import Reading, comment_refilled
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import (
    answering_page,
    authoring_page,
    judging_page,
    page_of,
    proofreading_page,
    translation_page,
)
from tests.chromium_fixture import close_notice, open_task, take_by_key, task_address
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.real_server]

SENTENCES = [
    "The harbour of Tamsin froze in the winter of 1871, and no ship came in for eleven weeks.",
    "Because flour could not be brought by sea, the town's two bakers agreed to share one <b>oven</b>.",
    "<script>document.title = 'broken'</script> Each loaf cost $5 & was weighed on $question.",
]
ARABIC = [
    "تجمّد ميناء تامسين في شتاء عام 1871، ولم تدخله أي سفينة طوال أحد عشر أسبوعًا.",
    "ولأن الدقيق لم يكن ممكنًا جلبه بحرًا، اتفق خبازا البلدة على تقاسم فرن واحد.",
    "وكان كل رغيف يكلّف خمسة دولارات ويوزن أمام المشتري.",
]
QUESTION = "Why did the two bakers of Tamsin share an oven?"
ANSWERS = [
    "Flour was scarce while the harbour was frozen",
    "A new bakery had opened near the station",
    "One of the ovens <i>had</i> been damaged for $5",
    "The railway brought them too much flour",
]
DRAFT = {
    "question": "لماذا تقاسم خبازا تامسين فرنًا واحدًا؟",
    "answers": [
        "لأن الدقيق كان شحيحًا حين تجمد الميناء",
        "لأن مخبزًا جديدًا افتُتح قرب المحطة",
        "لأن الجليد أتلف أحد الفرنين",
        "لأن القطار جلب لهما دقيقًا أكثر مما يلزم",
    ],
}
WRITTEN: dict[str, Any] = {
    "question": QUESTION,
    "answers": ANSWERS,
    "key": 1,
    "notes": ["", "No bakery opens.", "No damage is told of.", "There is no railway."],
    "translator_note": "Tamsin is a place.",
    "evidence": [1, 2],
}
NOTHING: dict[str, object] = {"fate": "", "fate_title": "", "fates": [], "fate_changes": []}
HELP = {
    "question": {
        "terms": [["bakers", "خبازان"], ["oven", "<b>فرن</b>"]],
        "memory": [["Why did the bakers share?", "لماذا تقاسم <i>الخبازان</i>؟", 0.84]],
    },
    "passage": {"terms": [["harbour", "ميناء"]]},
}


class Desk:
    """One person at the browser, and the program's view of what they submit."""

    def __init__(self, page: Page, studio: LabelStudio, campaign: str) -> None:
        self.page = page
        self._studio = studio
        self._campaign = campaign
        self._title = ""
        self._address = ""

    def open(self, stage: str, config: str, payload: dict[str, object]) -> None:
        self._title = f"{self._campaign}/{stage}/x/p"
        bench = self._studio.open(self._title, config, "<p>guideline</p>", stage)
        shown = {**NOTHING, **payload, **page_of(stage).extra_fields(payload)}
        self._studio.push(bench, [(f"{self._campaign}/{stage}", shown)])
        (task,) = self._studio.tasks(bench)
        self._address = task_address(self._studio, bench, task.id)
        self.reopen()

    def reopen(self) -> None:
        open_task(self.page, self._address)
        expect(self.page.locator(".page textarea").first).to_be_attached()

    def choose(self, label: str, within: str = ".page") -> None:
        self.page.locator(f"{within} label:has(input[name='{label}'])").click()

    def box(self, name: str) -> Any:
        return self.page.locator(f"[name='{name}']")

    def picture(self, name: str) -> None:
        folder = os.environ.get("BELEBELE_SHOTS")
        if folder:
            self.page.screenshot(path=Path(folder) / f"{name}.png")

    def submit(self, read: Callable[[object, dict[str, Any]], Reading], payload: dict[str, object]) -> Reading:
        self.page.get_by_test_id("bottombar-submit-button").click()
        expect(self.page.get_by_test_id("bottombar-update-button")).to_be_visible()
        return self.collect(read, payload)

    def collect(self, read: Callable[[object, dict[str, Any]], Reading], payload: dict[str, object]) -> Reading:
        benches = self._studio.workbenches(self._title).values()
        (submission,) = self._studio.submissions(benches).submissions
        return read(submission.result, payload)

    def nothing_submitted(self) -> bool:
        return not self._studio.submissions(self._studio.workbenches(self._title).values()).submissions


@pytest.fixture(scope="module")
def signed_in(browser: Browser, studio: LabelStudio, visitor: Callable[[str], SignedInUser]) -> Iterator[Page]:
    """A page of somebody who has signed up and logged in."""
    email = visitor("reader").email
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(studio.url)
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    yield page
    page.close()


@pytest.fixture
def desk(signed_in: Page, studio: LabelStudio, campaign_id: str) -> Desk:
    return Desk(signed_in, studio, campaign_id)


def test_an_author_writes_a_question_by_keyboard(desk: Desk) -> None:
    payload = authoring_page.payload(
        sentences=SENTENCES, number=1, domain="wikinews", topic="history", link="https://x.org"
    )
    desk.open("authoring", authoring_page.config("eng_Latn"), payload)
    page, keyboard = desk.page, desk.page.keyboard
    expect(page.locator(".page .sentence")).to_have_text(SENTENCES)
    expect(page.locator(".page .findings")).to_be_hidden()
    assert page.title() != "broken"
    marks = page.locator(".page .marked input")
    keys = page.locator(".page .keyed input[type=radio]")
    take_by_key(page, "2", "2", ".marked")
    expect(marks.nth(1)).to_be_checked()
    desk.box("question").click()
    keyboard.type(QUESTION)
    for number in range(4):
        keyboard.press("Tab")
        expect(keys.nth(number)).to_be_focused()
    for number, answer in enumerate(ANSWERS, start=1):
        keyboard.press("Tab")
        expect(desk.box(f"answer_{number}")).to_be_focused()
        keyboard.type(answer)
        if number % 2:  # with Enter or without, what stands in a box is submitted
            keyboard.press("Enter")
        keyboard.press("Tab")
        expect(desk.box(f"note_{number}")).to_be_focused()
        keyboard.type(WRITTEN["notes"][number - 1] or "1 2 3")
    keyboard.press("Tab")
    keyboard.type("  Tamsin is a place.")
    expect(marks.nth(0)).not_to_be_checked()  # what is typed in a box marks nothing
    page.locator(".page .about").first.click()
    keyboard.press("Shift+1")
    expect(keys.nth(0)).to_be_checked()
    expect(desk.box("note_1")).to_be_hidden()
    marks.nth(0).focus()
    keyboard.press("Space")
    expect(marks.nth(0)).to_be_checked()
    expect(page.locator(".page .guide")).to_contain_text("Read the whole passage")
    desk.picture("authoring")
    assert desk.submit(authoring_page.read, payload) == Reading(WRITTEN, (), "")


def test_the_passage_stays_in_view_and_its_text_can_be_selected(desk: Desk) -> None:
    desk.open(
        "authoring", authoring_page.config("eng_Latn"), authoring_page.payload(sentences=SENTENCES, number=1)
    )
    page = desk.page
    desk.box("translator_note").scroll_into_view_if_needed()
    page.mouse.wheel(0, 2000)
    expect(page.locator(".page .sentence").first).to_be_in_viewport()
    text = page.locator(".page .sentence .lsf-richtext__line").first.bounding_box()
    assert text is not None
    page.mouse.move(text["x"] + 2, text["y"] + 12)
    page.mouse.down()
    page.mouse.move(text["x"] + 200, text["y"] + 12)
    page.mouse.up()
    assert SENTENCES[0].startswith(str(page.evaluate("String(getSelection())")).strip() or "nothing")
    expect(page.locator(".page .marked input").first).not_to_be_checked()


@pytest.mark.slow
def test_without_evidence_it_is_not_submitted(desk: Desk) -> None:
    payload = authoring_page.payload(sentences=SENTENCES, number=1, former={**WRITTEN, "evidence": []})
    desk.open("authoring", authoring_page.config("eng_Latn"), payload)
    expect(desk.box("answer_3")).to_have_value(ANSWERS[2])
    desk.page.get_by_test_id("bottombar-submit-button").click()
    expect(desk.page.get_by_text("Mark the evidence: the sentences of the passage")).to_be_visible()
    close_notice(desk.page)
    assert desk.nothing_submitted()
    desk.page.locator(".page .marked label").nth(2).click()
    assert desk.submit(authoring_page.read, payload) == Reading({**WRITTEN, "evidence": [3]}, (), "")


def test_an_author_sees_what_became_of_a_question(desk: Desk) -> None:
    payload = authoring_page.payload(sentences=SENTENCES, number=1, former=WRITTEN) | {
        "fate_title": "What became of your question",
        "fates": [
            {"happened": "It came back", "said": "answer 3 can be defended"},
            {"happened": "Reviewer 1 recommended to", "said": "revise: <b>no</b> word of $5"},
        ],
        "fate_changes": translation_page.segments("Answer 3", ANSWERS[2], "The mill had burnt down"),
    }
    desk.open("authoring", authoring_page.config("eng_Latn"), payload)
    fate = desk.page.locator(".page .fate")
    expect(fate.locator(".said")).to_have_text(["answer 3 can be defended", "revise: <b>no</b> word of $5"])
    expect(fate.locator(".removed").filter(has_text="damaged")).to_be_visible()
    expect(fate.locator(".added").filter(has_text="burnt")).to_be_visible()
    desk.picture("authoring-fate")


def test_a_form_with_a_gap_is_not_submitted(desk: Desk) -> None:
    payload = authoring_page.payload(sentences=SENTENCES, number=1)
    desk.open("authoring", authoring_page.config("eng_Latn"), payload)
    desk.page.locator(".page .marked label").first.click()
    desk.choose("1", ".keyed")
    desk.box("question").fill(QUESTION)
    desk.page.get_by_test_id("bottombar-submit-button").click()
    expect(desk.page.get_by_text("Write answer 1.")).to_be_visible()
    close_notice(desk.page)
    assert desk.nothing_submitted()


@pytest.mark.slow
def test_a_returned_question_keeps_what_the_author_does_not_touch(desk: Desk) -> None:
    findings = ["Answer 3 could be defended: <b>nothing</b> says that the ovens were whole.", "Answer 1 is long."]
    payload = authoring_page.payload(sentences=SENTENCES, number=1, findings=findings, former=WRITTEN)
    desk.open("authoring", authoring_page.config("eng_Latn"), payload)
    expect(desk.page.locator(".page .finding")).to_have_text(findings)
    expect(desk.box("answer_3")).to_have_value(ANSWERS[2])  # the page fills itself in once it is drawn
    desk.picture("authoring-returned")
    desk.box("answer_3").fill("The mill had burnt down")
    read = desk.submit(authoring_page.read, payload)
    answers = [ANSWERS[0], ANSWERS[1], "The mill had burnt down", ANSWERS[3]]
    assert read == Reading({**WRITTEN, "answers": answers}, (), "")


@pytest.mark.slow
def test_what_was_put_down_survives_a_closed_browser_and_is_still_open_to_edit(desk: Desk) -> None:
    payload = translation_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1
    )
    desk.open("translating", translation_page.config("arb_Arab", "eng_Latn"), payload)
    desk.box("answer_1").fill("مؤقت")
    with desk.page.expect_response(lambda answer: "/drafts" in answer.url and answer.request.method == "POST"):
        desk.box("answer_1").press("Enter")
    desk.reopen()
    kept = desk.page.locator(".page [data-testid='htx-textbox-input']")
    expect(kept).to_have_value("مؤقت")
    kept.fill(DRAFT["answers"][0])
    for name, text in zip(
        ("question", "answer_2", "answer_3", "answer_4"), [DRAFT["question"], *DRAFT["answers"][1:]], strict=True
    ):
        desk.box(name).fill(str(text))
    assert desk.submit(translation_page.read, payload) == Reading(DRAFT, (), "")


@pytest.mark.slow
def test_who_cannot_go_on_says_why_and_need_not_fill_in_the_rest(desk: Desk) -> None:
    payload = authoring_page.payload(sentences=SENTENCES, number=1)
    desk.open("authoring", authoring_page.config("eng_Latn"), payload)
    desk.choose("Yes, and I cannot do this task because of it")
    expect(desk.box("question")).to_be_hidden()
    desk.box("query").fill("Sentence 2 is cut off.")
    desk.picture("query")
    assert desk.submit(authoring_page.read, payload) == Reading(None, (), "Sentence 2 is cut off.")


def test_a_reviewer_answers_blind_by_mouse_on_the_text_or_by_key(desk: Desk) -> None:
    payload = answering_page.payload(task_key="t", sentences=SENTENCES, question=QUESTION, answers=ANSWERS)
    desk.open("answering", answering_page.config("eng_Latn"), payload)
    options = desk.page.locator(".page .option .target")
    expect(options).to_have_text([str(one) for one in payload["options"]])  # type: ignore[attr-defined]
    third = options.nth(2).bounding_box()
    assert third is not None
    desk.page.mouse.click(third["x"] + third["width"] / 2, third["y"] + 6)
    take_by_key(desk.page, "u", "Not sure")
    desk.box("comment").fill("Between C and A.")
    desk.picture("answering")
    chosen = payload["order"][2]  # type: ignore[index]
    read = desk.submit(answering_page.read, payload)
    assert read == Reading({"choice": chosen, "sure": False, "comment": "Between C and A."}, (), "")


def test_a_reviewer_judges_with_the_key_in_view(desk: Desk) -> None:
    payload = judging_page.payload(
        sentences=SENTENCES, question=QUESTION, answers=ANSWERS, key=1, choice=3, sure=False, comment="Hm.",
        evidence=[2],
    )  # fmt: skip
    assert payload["settles"] == ["", "evidence", ""]
    desk.open("judging", judging_page.config("eng_Latn"), payload)
    marks = desk.page.locator(".page .answer .mark")
    expect(marks).to_have_text(["correct answer", "", "your answer", ""])
    desk.picture("judging")
    rubric = dict.fromkeys(review_criteria.CRITERIA, True) | {"one_right": False}
    for number, fulfilled in enumerate(rubric.values()):
        row = desk.page.locator(".page .criterion").nth(number)
        row.locator(f"label:has(input[name='{'Yes' if fulfilled else 'No'}'])").click()
    expect(desk.page.locator(".page .criterion input:checked")).to_have_count(len(rubric))
    desk.choose("Revise it")
    desk.box("comment").fill("Answer 3 holds too.")
    desk.picture("judging-filled")
    read = desk.submit(judging_page.read, payload)
    assert read == Reading({"rubric": rubric, "recommend": "revise", "comment": "Answer 3 holds too."}, (), "")


def test_a_returned_translation_shows_what_changed_and_is_written_from_right_to_left(desk: Desk) -> None:
    payload = translation_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1,
        translator_note="Tamsin is a place.", findings=["The source question changed after you translated it."],
        former=DRAFT,
        changed=[("Question", "Why did both bakers share an oven?", QUESTION), ("Answer 1", "a", "a")],
        corrected=[("Answer 1", "لأن الدقيق كان نادرًا", str(DRAFT["answers"][0]))], evidence=[2], help=HELP,
    )  # fmt: skip
    desk.open("translating", translation_page.config("arb_Arab", "eng_Latn"), payload)
    page = desk.page
    expect(page.locator(".page .segment .removed").filter(has_text="both")).to_be_visible()
    expect(page.locator(".page .fate .added").filter(has_text="شحيحًا")).to_be_visible()
    expect(page.locator(".page .pair .source .parts")).to_have_text(SENTENCES)
    expect(page.locator(".page .pair .part.term").filter(has_text="harbour")).to_be_visible()
    line = page.locator(".page .line").first
    expect(line.locator(".parts")).to_have_text(QUESTION)
    expect(line.locator(".part.term")).to_contain_text(["bakers", "oven"])
    rendered = ["خبازان", "<b>فرن</b>", "لماذا تقاسم <i>الخبازان</i>؟"]
    expect(line.locator(".help .rendered .target")).to_have_text(rendered)
    expect(page.locator(".page .pair").nth(1).locator(".settles")).to_be_hidden()
    assert page.locator(".page .pair:has(.settles .lsf-richtext__line:not(:empty))").count() == 1
    expect(page.locator(".page .pair .target")).to_have_text(ARABIC)
    expect(desk.box("answer_1")).to_have_css("direction", "rtl")
    expect(page.locator(".page .pair .target .lsf-richtext__container").first).to_have_css("direction", "rtl")
    expect(page.locator(".page .pair .source .lsf-richtext__container").first).to_have_css("direction", "ltr")
    desk.picture("translating-returned")
    desk.box("answer_4").fill("لأن السفن توقفت")
    desk.box("question").click()
    for _ in range(4):  # Tab brings every box out from under the passage
        page.keyboard.press("Tab")
    passage, box = page.locator(".page .reading").bounding_box(), desk.box("answer_4").bounding_box()
    assert passage is not None
    assert box is not None
    assert box["y"] >= passage["y"] + passage["height"]
    desk.picture("translating-form")
    expected = {"question": DRAFT["question"], "answers": [*DRAFT["answers"][:3], "لأن السفن توقفت"]}
    assert desk.submit(translation_page.read, payload) == Reading(expected, (), "")


@pytest.mark.slow
def test_a_pivot_written_from_right_to_left_reads_so_beside_a_source_that_is_not(desk: Desk) -> None:
    before = "لماذا تقاسم الخبازان فرنًا؟"
    payload = translation_page.payload(
        source_sentences=SENTENCES, target_sentences=["ចំណត", "ម្សៅ", "នំ"], question=QUESTION, answers=ANSWERS,
        key=1, former={"question": "ហេតុអ្វី?", "answers": ["ម្សៅ", "ហាង", "ឡ", "ផ្លូវ"]},
        changed=[("Question", "Why did bakers share?", QUESTION), ("Arabic", before, str(DRAFT["question"]))],
    )  # fmt: skip
    payload |= {
        "pivot_language": "arb_Arab", "pivot_revision": 2, "pivot_question": DRAFT["question"],
        "pivot_answers": list(DRAFT["answers"]),
    }  # fmt: skip
    desk.open("translating", translation_page.config("khm_Khmr", "eng_Latn"), payload)
    page = desk.page
    pivot = page.locator(".page .line").first.locator(".help.pivot .other .lsf-richtext__line")
    expect(pivot).to_have_text(str(DRAFT["question"]))
    badge = page.locator(".page .line").first.locator(".help.pivot .likeness .lsf-richtext__line")

    def left(text: str, among: str) -> float:
        box = page.locator(f".page .changes {among} .lsf-richtext__line").filter(has_text=text).bounding_box()
        assert box is not None
        return float(box["x"])

    first, name = pivot.bounding_box(), badge.bounding_box()
    assert first is not None and name is not None
    assert first["y"] > name["y"], "on a line of its own"
    assert first["x"] > name["x"] + 50, "which begins at the right"
    assert left("Why did", ".same") < left("share?", ".removed"), "English from left to right"
    places = left("لماذا", ".same"), left("الخبازان", ".removed"), left("واحد", ".added")
    assert places == tuple(sorted(places, reverse=True)), "Arabic from right to left"
    desk.picture("translating-pivot")


MIXED = "letters of another script within a word: “لا”"
PROOF = proofreading_page.payload(
    source_sentences=SENTENCES, target_sentences=ARABIC[:2], question=QUESTION, answers=ANSWERS, key=1,
    draft_question=str(DRAFT["question"]), draft_answers=list(DRAFT["answers"]),
    translator_note="Tamsin is a place.",
    findings=["Answer 4 is much longer than the others.", "reads like Persian", MIXED],
    places=[
        {"part": "option_2", "start": 0, "end": 2, "text": "لا", "reason": MIXED, "fix": "لأ",
         "check": "mixed_script", "said": MIXED},
    ],
)  # fmt: skip


ACCEPTED = Reading({"outcome": "accept", **DRAFT, "comment": "", "errors": []}, (), "")


def test_a_proofreader_accepts_with_one_key(desk: Desk) -> None:
    desk.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), PROOF)
    expect(desk.page.locator(".page .findings .finding")).to_have_text(["reads like Persian"])
    fourth = desk.page.locator(".page .line").nth(4)
    expect(fourth.locator(".found .finding")).to_have_text(["Answer 4 is much longer than the others."])
    second = desk.page.locator(".page .line").nth(2)
    second.scroll_into_view_if_needed()
    expect(second.locator(".found .finding")).to_have_text([f"{MIXED}. Write: “لأ”"])
    expect(desk.page.locator(".page .pair .count")).to_have_text(["1–2", "3"])  # three sentences beside two
    desk.picture("proofreading")
    take_by_key(desk.page, "a", "It is right as it stands")
    assert desk.submit(proofreading_page.read, PROOF) == ACCEPTED


def test_a_proofreader_takes_a_mend_and_dismisses_by_key(desk: Desk) -> None:
    mixed, bracket = (
        {"reason": f"see {name}", "check": name, "said": name, "version": 1, "digest": name, "start": 0, "end": 2}
        for name in ("mixed_script", "unpaired_brackets")
    )
    payload = proofreading_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1,
        draft_question=str(DRAFT["question"]), draft_answers=list(DRAFT["answers"]),
        findings=["mixed_script", "unpaired_brackets"],
        places=[{**mixed, "part": "option_2", "text": "لأ", "fix": "لإ"},
                {**bracket, "part": "option_2", "text": "لأ", "fix": None, "contested": "هكذا 😀"}],
    )  # fmt: skip
    desk.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), payload)
    second = desk.page.locator(".page .line").nth(2)
    expect(second.locator(".contested").last).to_have_text("هكذا 😀")
    hints = [hint.strip("[]") for hint in second.locator(".lsf-hint").all_inner_texts()]
    assert len(set(hints)) == len(hints) == 5 + 4, "every choice has a key of its own"
    expect(second.locator(".words").first).to_be_hidden()
    take_by_key(desk.page, "a", "It is right as it stands")
    take_by_key(desk.page, hints[0], "Apply the suggested fix", ".page .line:nth-child(3)")
    desk.page.keyboard.press(hints[-1])
    words = second.locator(".words").locator("visible=true").locator("input, textarea")
    words.fill("اسم 😀")
    read = desk.submit(proofreading_page.read, payload)
    assert read.problems == () and read.fields is not None
    assert read.fields["answers"][1] == "لإ" + DRAFT["answers"][1][2:]
    assert [(one["check"], one["why"], one["words"]) for one in read.fields["findings"]] == [
        ("mixed_script", "mend", ""),
        ("unpaired_brackets", "other", "اسم 😀"),
    ]


def test_a_proofreader_corrects_in_place(desk: Desk) -> None:
    desk.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), PROOF)
    desk.choose("I correct it here")
    desk.box("answer_4").fill("لأن الدقيق كثر")
    desk.page.get_by_test_id("bottombar-submit-button").click()
    expect(desk.page.get_by_text("Mark what was wrong")).to_be_visible()
    close_notice(desk.page)
    wrong = desk.page.locator(".page .errors")
    desk.page.locator(".page .about").first.click()
    desk.page.keyboard.press("1")
    wrong.locator("label").filter(has_text="Style").click()
    expect(wrong.locator(".severity .lsf-choices").locator("visible=true")).to_have_count(2)
    wrong.locator(".severity label").filter(has_text="Major").locator("visible=true").first.click()
    minor = wrong.locator(".severity label").filter(has_text="Minor").locator("visible=true")
    minor.first.click()
    minor.last.click()
    expect(minor.locator("input:checked")).to_have_count(2)  # radio buttons of one name would put each other out
    wrong.locator(".severity label").filter(has_text="Major").locator("visible=true").first.click()
    expect(minor.locator("input:checked")).to_have_count(1)
    desk.picture("proofreading-corrected")
    read = desk.submit(proofreading_page.read, PROOF)
    answers = [*DRAFT["answers"][:3], "لأن الدقيق كثر"]
    assert read.fields == {
        "outcome": "corrected",
        "question": DRAFT["question"],
        "answers": answers,
        "comment": "",
        "errors": ["mistranslation/major", "style/minor"],
    }


@pytest.mark.slow
def test_a_correction_taken_back_leaves_the_draft(desk: Desk) -> None:
    desk.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), PROOF)
    desk.choose("I correct it here")
    desk.box("answer_2").fill("شيء آخر")
    desk.box("answer_2").press("Enter")
    desk.choose("It is right as it stands")
    read = desk.submit(proofreading_page.read, PROOF)
    assert read == ACCEPTED


@pytest.mark.slow
def test_what_was_not_valid_comes_back_with_the_reason_and_the_comment(desk: Desk) -> None:
    sent = judging_page.result(recommend="keep", comment="Which bakers?\nBoth?")
    problems = judging_page.read(sent, {}).problems
    shown = judging_page.payload(
        sentences=SENTENCES, question=QUESTION, answers=ANSWERS, key=1, choice=1, sure=True, findings=problems
    )
    shown |= comment_refilled(sent)
    desk.open("judging", judging_page.config("eng_Latn"), shown)
    desk.picture("judging-came-back")
    expect(desk.page.locator(".findings .finding")).to_have_count(len(problems))
    expect(desk.page.locator(".findings")).to_contain_text("the passage alone settles the question")
    expect(desk.box("comment")).to_have_value("Which bakers?\nBoth?")


def draw_over(page: Page, field: str, words: str) -> None:
    """Draws over words of a draft with the mouse, from the first letter to the last, in either direction."""
    start, end = page.evaluate(
        """([field, words]) => {
            const line = document.querySelectorAll('.page .line')[field];
            const box = line.querySelector('.draft .lsf-richtext__line');
            box.scrollIntoView({block: 'center'});
            const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
            for (let node; (node = walk.nextNode());) {
                const at = node.data.indexOf(words);
                if (at < 0) continue;
                const range = document.createRange();
                const right = getComputedStyle(box).direction === 'rtl';
                const edge = (from, to, first) => {
                    range.setStart(node, from); range.setEnd(node, to);
                    const r = range.getBoundingClientRect();
                    return [first === right ? r.right - 1 : r.left + 1, r.top + r.height / 2];
                };
                return [edge(at, at + words.length, true), edge(at, at + words.length, false)];
            }
        }""",
        [field, words],
    )
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def test_a_proofreader_marks_where_the_error_is(desk: Desk) -> None:
    answers = [DRAFT["answers"][0], "𝄞😀 لأن مخبزًا جديدًا افتُتح", *DRAFT["answers"][2:]]
    payload = proofreading_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1,
        draft_question=str(DRAFT["question"]), draft_answers=answers,
    )  # fmt: skip
    desk.open("proofreading", proofreading_page.config("arb_Arab", "eng_Latn"), payload)
    take_by_key(desk.page, "c", "I correct it here")
    desk.page.keyboard.press("Shift+E")
    draw_over(desk.page, 2, "مخبزًا جديدًا")
    line = desk.page.locator(".page .line").nth(2)
    line.get_by_text("Mark where").click()
    draw_over(desk.page, 2, "افتُتح")
    expect(line.locator(".htx-highlight")).to_have_count(2)
    line.locator(".htx-highlight").last.click()
    desk.page.keyboard.press("Backspace")
    expect(line.locator(".htx-highlight")).to_have_count(1)
    line.locator(".htx-highlight").click()
    place = desk.page.locator(".page .place").locator("visible=true")
    place.locator("label").filter(has_text="Terminology").click()
    place.locator("label").filter(has_text="Critical").click()
    desk.picture("proofreading-marked")
    desk.box("answer_2").fill("لأن فرنًا جديدًا افتُتح")
    desk.page.locator(".page .about").first.click()
    desk.page.keyboard.press("5")
    desk.page.locator(".page .errors .severity label").filter(has_text="Major").locator(
        "visible=true"
    ).first.click()
    read = desk.submit(proofreading_page.read, payload)
    assert read.problems == () and read.fields is not None
    (mark,) = read.fields["marks"]
    assert mark == {
        "part": "option_2", "start": 7, "end": 20, "text": "مخبزًا جديدًا",
        "category": "terminology", "severity": "critical",
    }  # fmt: skip
    assert read.fields["errors"] == ["terminology/critical"]
