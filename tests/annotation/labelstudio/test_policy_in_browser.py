"""Label Studio's content security policy is in force: what people need works, what somebody plants does not run.

Every page that the policy touches is walked in a real Chromium, which says what it forbade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.guidelines.guideline_files import ours
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import (
    adjudication_page,
    answering_page,
    authoring_page,
    guessing_page,
    judging_page,
    page_of,
    qualification_page,
    translation_page,
    wording_page,
)
from data.ledger import tables
from flows.workbenches import outcome_cards
from tests.annotation.stages.test_pages_in_browser import ANSWERS, ARABIC, PROOF, QUESTION, SENTENCES, Desk
from tests.annotation.stages.test_review_pages_in_browser import REVIEWS
from tests.chromium_fixture import open_task, task_address
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.real_server]

LISTEN = """
document.addEventListener('securitypolicyviolation', event => window.forbade(
  [event.disposition, event.effectiveDirective, event.blockedURI, event.sample]))
"""
STYLED = """() => [...document.styleSheets].some(
  sheet => [...sheet.cssRules].some(rule => (rule.selectorText || '').startsWith('.page')))"""
Forbidden = list[tuple[str, str, str, str, str]]
"""Which page, and of each thing that its policy forbade: enforced or not, directive, address, its beginning."""

STAGE_PAYLOADS: dict[str, dict[str, Any]] = {
    "qualifying": qualification_page.payload(task_key="k", quiz=ours().quiz, number=1),
    "authoring": authoring_page.payload(sentences=SENTENCES, number=1),
    "guessing": guessing_page.payload(task_key="k", question=QUESTION, answers=ANSWERS),
    "answering": answering_page.payload(task_key="t", sentences=SENTENCES, question=QUESTION, answers=ANSWERS),
    "judging": judging_page.payload(
        sentences=SENTENCES, question=QUESTION, answers=ANSWERS, key=1, choice=3, sure=False
    ),
    "adjudicating": adjudication_page.payload(
        sentences=SENTENCES, question=QUESTION, answers=ANSWERS, key=1, reviews=REVIEWS[:2], evidence=[1]
    ),
    "translating": translation_page.payload(
        source_sentences=SENTENCES, target_sentences=ARABIC, question=QUESTION, answers=ANSWERS, key=1
    ),
    "proofreading": PROOF,
    "wording": wording_page.payload(language="arb_Arab"),
}


FORBIDDEN = {
    ("", "enforce", "script-src-elem", "inline", "function handleThemeColor() {\n        le"),
    ("", "enforce", "script-src-attr", "inline", "smart_submit()"),
    ("sign-up", "enforce", "script-src-elem", "inline", "function handleThemeColor() {\n        le"),
    ("sign-up", "enforce", "script-src-elem", "inline", 'document.querySelector("#how_find_us").a'),
    ("sign-up", "enforce", "script-src-attr", "inline", "document.getElementById('allow_newslette"),
}
"""All of it Label Studio's own: what colours the browser's frame, asks at sign-up where one heard of it and
whether one wants its news, and a second way to send the forms of the account page."""


class Walk:
    """One person's way through the pages, and what was forbidden on each."""

    def __init__(self, page: Page) -> None:
        self.page, self.at = page, ""
        self.forbidden: Forbidden = []
        page.context.expose_binding("forbade", lambda _, what: self.forbidden.append((self.at, *what)))
        page.context.add_init_script(LISTEN)

    def to(self, name: str, address: str) -> None:
        self.at = name
        self.page.goto(address, wait_until="networkidle", timeout=60_000)


@pytest.fixture
def walk(browser: Browser) -> Iterator[Walk]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Walk(context.new_page())
    context.close()


@pytest.mark.slow
def test_people_sign_up_log_in_and_work_and_nothing_that_they_need_is_forbidden(
    walk: Walk, studio: LabelStudio, campaign_id: str
) -> None:
    page, email = walk.page, f"{uuid4().hex[:8]}@example.org"
    walk.to("sign-up", studio.invitation())
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.click('button[type="submit"], button[aria-label="Create Account"]')
    page.wait_for_url(lambda url: "/user/signup" not in url, wait_until="commit")
    walk.at = "start"
    expect(page.get_by_text("Create your first project").or_(page.get_by_text("Recent Projects"))).to_be_visible()
    page.goto("about:blank")  # where nothing asks for anything, and is given the session again
    page.context.clear_cookies()
    walk.to("login", f"{studio.url}/user/login/")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    walk.to("account", f"{studio.url}/user/account")
    expect(page.get_by_role("link", name="Personal Info")).to_be_visible()
    for stage in tables.STAGES:
        walk.at = stage
        language = "arb_Arab" if stage in ("translating", "proofreading") else "eng_Latn"
        payload = STAGE_PAYLOADS[stage]
        shown = {**outcome_cards.NOTHING, **payload, **page_of(stage).extra_fields(payload)}
        form = page_of(stage).config(language, "eng_Latn", feedback=True)
        bench = studio.open(f"{campaign_id}/{stage}/x/p", form, "<p>Guideline.</p>", stage)
        studio.push(bench, [("k", shown)])
        (task,) = studio.tasks(bench)
        open_task(page, task_address(studio, bench, task.id))
        lost = page.evaluate("[...document.fonts].filter(font => font.status == 'error').map(font => font.family)")
        assert lost == []
        assert page.evaluate(STYLED), "our style is in force"
    walk.to("list", f"{studio.url}/projects/")
    expect(page.get_by_text(f"{campaign_id}/proofreading")).to_be_visible()
    told = {(at if at == "sign-up" else "", *what) for at, *what in walk.forbidden}
    assert told == FORBIDDEN


@pytest.mark.parametrize("in_force", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_script_that_somebody_plants_in_a_form_does_not_run(
    browser: Browser, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str, in_force: bool
) -> None:
    """With the policy switched off in the browser it does, and reads the token of whoever opens the page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, bypass_csp=not in_force)
    page, thief = context.new_page(), visitor("thief")
    page.goto(studio.url)
    page.fill("#email", visitor("reader").email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    desk = Desk(page, studio, campaign_id)
    desk.open("guessing", guessing_page.config("eng_Latn"), STAGE_PAYLOADS["guessing"])
    (bench,) = studio.workbenches(f"{campaign_id}/").values()
    steal = "fetch('/api/current-user/token').then(r => r.json()).then(told => { top.stolen = told.token })"
    frame = f'<iframe srcdoc="{escape(f"<script>{steal}</script>")}"></iframe>'
    form = str(thief._ask("GET", f"/api/projects/{bench.id}/")["label_config"])
    end = form.rindex("</View>")
    planted = f'{form[:end]}<Markdown name="planted" value="{escape(frame)}"/>{form[end:]}'
    thief._ask("PATCH", f"/api/projects/{bench.id}/", body={"label_config": planted})
    desk.reopen()
    expect(page.locator("iframe[srcdoc]")).to_be_attached()
    if in_force:
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.stolen") is None
    else:
        page.wait_for_function("window.stolen")
    context.close()
