"""Qualification as authors meet it: the quiz on their page, trials, then work.

`BELEBELE_SHOTS=folder` keeps pictures of the pages there.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.forms.option_letters import LETTERS
from annotation.forms.review_criteria import CRITERIA
from annotation.guidelines.guideline_files import ours
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import answering_page, authoring_page, judging_page, qualification_page
from data.campaign.contacts import set_contact
from data.ledger.item_copy_ids import trial_of
from flows.ledger_views.people.author_standings import standings
from tests.chromium_fixture import open_task, task_address
from tests.flows.small_campaign import TEXTS, Small, begin
from tests.labelstudio_fixture import PASSWORD

PEOPLE = ("ana", "ben", "r1", "r2", "r3")


@pytest.fixture
def small(own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser]) -> Small:
    """A campaign whose authors must qualify, with everybody signed up."""
    made = begun(tmp_path, visitor, studio)
    made.advance()
    return made


def begun(tmp_path: Path, visitor: Callable[[str], SignedInUser], studio: LabelStudio) -> Small:
    """Such a campaign, before its first advance."""
    name = f"q{uuid4().hex[:8]}"
    made = begin(tmp_path / "campaign", name)
    made.configure("required = false", "required = true")
    for code in PEOPLE:
        visitor(code)
        set_contact(name, code, f"{code}@example.org", "")
    made.servers = {"main": studio}
    return made


def on_desk(small: Small, person: SignedInUser, stage: str, code: str) -> list[OpenTask]:
    return person.open_tasks(small.state.campaign.workbench_title(stage, "eng_Latn", code))  # type: ignore[arg-type]


def chosen(shown: Mapping[str, Any], wrong: int) -> dict[str, int]:
    """The right options but for so many."""
    right = {name: one.right for name, one in ours().quiz.questions.items()}
    names = [asked["name"] for asked in shown["quiz"]]
    return {name: right[name] % 4 + 1 if at < wrong else right[name] for at, name in enumerate(names)}


def written(shown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A good question on whatever passage a page shows."""
    question = "boats-q1" if "Amina" in shown["sentences"][0] else "bakery-q1"
    notes = ["", *(f"The passage says otherwise of {n}." for n in (2, 3, 4))]
    return authoring_page.result(**TEXTS[question, "eng_Latn"], key=1, notes=notes, evidence=[1])


def review(small: Small, visitor: Callable[[str], SignedInUser]) -> None:
    """Whoever has a blind answer to give gives the right one; the judgement that follows says keep."""
    for code in ("r1", "r2", "r3"):
        for task in on_desk(small, visitor(code), "answering", code):
            result = answering_page.result(choice=1, sure=True, payload=task.data)
            visitor(code).submit(task.id, result)
    small.advance()
    for code in ("r1", "r2", "r3"):
        for task in on_desk(small, visitor(code), "judging", code):
            result = judging_page.result(rubric=dict.fromkeys(CRITERIA, True), recommend="keep")
            visitor(code).submit(task.id, result)
    small.advance()


def test_from_the_quiz_failed_once_to_the_first_real_question(
    small: Small, visitor: Callable[[str], SignedInUser]
) -> None:
    ana = visitor("ana")
    (first,) = on_desk(small, ana, "qualifying", "ana")
    ana.submit(first.id, qualification_page.result(chosen=chosen(first.data, 4), payload=first.data))
    small.advance()

    (second,) = on_desk(small, ana, "qualifying", "ana")
    assert len(second.data["findings"]) == 4
    assert [a["order"] for a in second.data["quiz"]] != [a["order"] for a in first.data["quiz"]]
    ana.submit(second.id, qualification_page.result(chosen=chosen(second.data, 0), payload=second.data))
    small.advance()

    trials = on_desk(small, ana, "authoring", "ana")
    assert [task.data["about"][:27] for task in trials] == ["Passage, for trial question"] * 2
    for task in trials:
        ana.submit(task.id, written(task.data))
    small.advance()
    review(small, visitor)

    assert {one.person: one.step for one in standings(small.state)} == {"ana": "qualified", "ben": "quiz"}
    tasks = on_desk(small, ana, "authoring", "ana")
    assert sorted(task.data["about"] for task in tasks) == ["Passage, for question 1"] * 2
    assert not on_desk(small, visitor("ben"), "authoring", "ben")
    ana.submit(tasks[0].id, written(tasks[0].data))
    small.advance()
    (question,) = small.state.questions["question_id"]
    assert trial_of(question) is None


@pytest.fixture
def page(browser: Browser, studio: LabelStudio, visitor: Callable[[str], SignedInUser]) -> Iterator[Page]:
    """Ben's browser, logged in."""
    visitor("ben")
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    page = context.new_page()
    page.goto(f"{studio.url}/user/login/")
    page.fill("input[name=email]", "ben@example.org")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("BELEBELE_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def take(page: Page, option: str) -> None:
    """Goes on with Tab to an option, and takes it with the space bar."""
    box = page.locator(f".page.quiz input[name='{option}']")
    for _ in range(12):
        if box.evaluate("box => box === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.press("Space")
    expect(box).to_be_checked()


@pytest.mark.browser
@pytest.mark.real_server
def test_the_quiz_by_keyboard(small: Small, page: Page, studio: LabelStudio) -> None:
    title = small.state.campaign.workbench_title("qualifying", "eng_Latn", "ben")
    for wrong in (4, 0):
        (bench,) = studio.workbenches(title).values()
        task = max(studio.tasks(bench), key=lambda task: task.id)
        (key,) = small.keys("qualifying", person="ben")
        open_task(page, task_address(studio, bench, task.id))
        shown = small.shown(key)
        expect(page.locator(".page.quiz .option")).to_have_count(4 * len(shown["quiz"]))
        expect(page.locator(".page .finding")).to_have_count(0 if wrong else 4)
        picture(page, f"quiz-{'first' if wrong else 'again'}")

        page.locator(".page.quiz input[name='0A']").focus()
        picks = chosen(shown, wrong)
        for number, asked in enumerate(shown["quiz"]):
            take(page, f"{number}{LETTERS[asked['order'].index(picks[asked['name']])]}")
        page.locator(".page.quiz .work .card").nth(3).scroll_into_view_if_needed()
        picture(page, f"quiz-{'first' if wrong else 'again'}-done")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_test_id("bottombar-update-button")).to_be_visible(timeout=60_000)
        small.advance()
    (ben,) = (one for one in standings(small.state) if one.person == "ben")
    assert (ben.step, ben.quiz, ben.wrong) == ("trials", 1.0, ())


FRENCH = """# Écrire une question

*Consignes pour les auteurs, version maison*

## En bref

1. Lisez **tout** le passage avant d'écrire.
2. Posez une question que seul le passage permet de résoudre.
3. Écrivez quatre réponses de même longueur ; l'une d'elles est juste. Prix : 5 $question.

## La question

| À faire | À éviter |
| --- | --- |
| une phrase entière | une négation |

> *Le bac s'arrêta en mars.*

<script>document.title = "cassé"</script> <b>pas gras</b> ![image](https://example.org/x.png)
"""
FRENCH_QUIZ = """sentences = [
    "Le bac de la Lune s'arrêta en mars, quand la glace se rompit.",
    "Les fermiers ne pouvaient plus porter leur lait à la laiterie <i>de la ville</i> ($about).",
]
""" + "".join(
    f"""
[[questions]]
name = "q{n}"
asks = "Question {n} : qu'est-ce qui ne va pas ici ?"
item = "Qu'est-ce que le fromage ?\\n1. Du lait\\n2. De la farine"
options = ["On le sait sans lire", "Rien du tout", "Le passage n'en dit rien", "Elle coûte 5 $name"]
right = 1
explains = "Il n'y a rien à lire pour répondre."
"""
    for n in range(1, 6)
)
ARABIC = """# كتابة سؤال

*إرشادات للمؤلفين*

## باختصار

1. اقرأ النص كله قبل أن تكتب أي شيء.
2. اسأل عمّا يقوله النص وحده (لا عن API).
3. اكتب أربع إجابات متقاربة الطول.

## السؤال

- جملة كاملة تنتهي بعلامة استفهام.
"""


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.real_server
def test_a_guideline_and_a_quiz_of_the_leads(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], page: Page
) -> None:
    small = begun(tmp_path, visitor, studio)
    small.configure("# folder = ", "folder = ")
    folder = small.folder / "guidelines"
    folder.mkdir()
    for name, text in {"authoring.md": FRENCH, "qualifying.md": FRENCH, "quiz.toml": FRENCH_QUIZ}.items():
        (folder / name).write_text(text, "utf-8")
    small.advance()

    address = desk(small, studio, "qualifying")
    open_task(page, address)
    expect(page.locator(".page.quiz .option")).to_have_count(20)
    expect(page.locator(".page .guide h4").first).to_have_text("En bref")
    expect(page.locator(".page .sentence").nth(1)).to_contain_text("<i>de la ville</i> ($about).")
    expect(page.locator(".page.quiz .work")).to_contain_text("Elle coûte 5 $name")
    picture(page, "french-quiz")
    page.locator(".page.quiz input[name='0A']").focus()
    for number, asked in enumerate(small.shown(small.keys("qualifying", person="ben")[0])["quiz"]):
        take(page, f"{number}{LETTERS[asked['order'].index(1)]}")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("bottombar-update-button")).to_be_visible(timeout=60_000)
    small.advance()
    (ben,) = (one for one in standings(small.state) if one.person == "ben")
    assert (ben.step, ben.quiz) == ("trials", 1.0)

    address = desk(small, studio, "authoring")
    open_task(page, address)
    points = page.locator(".page .guide h4")
    expect(points.nth(3)).to_contain_text("l'une d'elles est juste. Prix : 5 $")
    assert "question." in points.nth(3).inner_text()
    picture(page, "french-authoring")
    read_instructions(page, "Écrire une question")
    told = page.locator(".guideline")
    expect(told).to_contain_text('<script>document.title = "cassé"</script> <b>pas gras</b>')
    assert told.locator("script, b, img").count() == 0
    picture(page, "french-guideline")

    (folder / "authoring.md").write_text(ARABIC, "utf-8")
    small.advance()
    open_task(page, address)
    expect(points.first).to_have_text("باختصار")
    assert points.nth(1).evaluate("one => getComputedStyle(one).direction") == "rtl"
    picture(page, "arabic-authoring")
    read_instructions(page, "كتابة سؤال")
    assert page.locator(".guideline li").first.evaluate("one => getComputedStyle(one).direction") == "rtl"
    picture(page, "arabic-guideline")
    assert not small.advance().pushed


def desk(small: Small, studio: LabelStudio, stage: str) -> str:
    """The address of the last task on a workbench of Ben's."""
    title = small.state.campaign.workbench_title(stage, "eng_Latn", "ben")  # type: ignore[arg-type]
    (bench,) = studio.workbenches(title).values()
    return task_address(studio, bench, max(task.id for task in studio.tasks(bench)))


def read_instructions(page: Page, heading: str) -> None:
    """Opens the guideline from the page, as its button does."""
    page.get_by_role("button", name="Instructions").click()
    expect(page.locator(".guideline")).to_contain_text(heading)
