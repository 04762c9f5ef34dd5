"""A person's day, from the letter to the third stage, on a real server in a real browser: no address is typed.

What is opened is what the letter says; what comes after it is reached by keys and by what the pages do.
`BELEBELE_SHOTS=folder` keeps a picture of each station.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from data.campaign.contacts import set_contact
from data.environment import state_dir
from flows.reports.link_letters import letters
from flows.reports.workbench_links import links
from tests.chromium_fixture import take_by_key
from tests.flows.small_campaign import FRENCH, Small, at
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]

ROLES = 'code = "r1"\nroles = ["reviewing", "translating"]\nlanguages = ["eng_Latn", "fra_Latn"]'
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
GONE = (
    "before => location.pathname === '/me' || (window.LabelStudio && "
    "[...LabelStudio.instances].at(-1)?.store?.task?.id !== before)"
)
"""Whether another task is there, or the person's own page."""
FIELDS = ("question", "answer_1", "answer_2", "answer_3", "answer_4")
FRENCH_TEXT = ("Où la nuit tombe-t-elle ?", "Ici", "Là", "Partout", "Nulle part")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    folder = tmp_path_factory.mktemp("day")
    with (
        LocalLabelStudio(state_dir(), data_dir=folder / "data", tell=print) as server,
        LabelStudio(server.url, server.token) as studio,
    ):
        small = at("answering", folder / "campaign", "day")
        small.configure('code = "r1"\nroles = ["reviewing"]', ROLES)
        for person in ("t1", "t2"):  # whose work is r1's here
            small.configure(
                f'[[people]]\ncode = "{person}"\nroles = ["translating"]\nlanguages = ["fra_Latn"]\n', ""
            )
        small.configure("[deadlines]\n", "[deadlines]\nanswering = 2099-12-11\n")
        small.servers = {"main": studio}
        small.advance()
        yield small


def shot(page: Page, name: str) -> None:
    if folder := os.environ.get("BELEBELE_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def labelling(page: Page) -> None:
    """Wait until a task is there and stays, and close the guidelines that Label Studio shows first."""
    expect(page.locator(".page")).to_be_visible(timeout=60_000)
    page.wait_for_load_state("networkidle")
    guidelines = page.locator(".lsf-modal-ls")
    with contextlib.suppress(TimeoutError):
        guidelines.wait_for(timeout=5_000)
        page.keyboard.press("Escape")
        guidelines.wait_for(state="hidden", timeout=10_000)


def say_yes_to_all(page: Page) -> None:
    """Press Y until it is taken: a page just drawn may not listen yet."""
    for _ in range(30):
        page.keyboard.press("y")
        with contextlib.suppress(AssertionError):
            expect(page.locator(".criterion input[name='Yes']:checked")).to_have_count(
                len(CRITERIA), timeout=1_000
            )
            return
    raise AssertionError("Y does not answer yes")


def number(page: Page) -> int:
    return int(page.evaluate("[...LabelStudio.instances].at(-1).store.task.id"))


def submit(page: Page) -> None:
    """Submit by key and wait for the next task, or for the person's page."""
    before = number(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(GONE, arg=before, timeout=60_000)


def others_do(small: Small, stage: str) -> None:
    small.submit(*(key for key in small.keys(stage) if "/r1" not in key))


def sign_up(browser: Browser, small: Small, person: str) -> Page:
    """Somebody's own page on their phone, once the program knows who they are."""
    page = browser.new_context(**PHONE).new_page()
    set_contact("day", person, f"{person}@example.org")
    page.goto(small.servers["main"].invitation(f"day/{person}"))
    page.fill("#email", f"{person}@example.org")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{small.servers['main'].url}/me")
    small.advance()
    page.reload()
    return page


def test_answering_works_on_a_phone(browser: Browser, small: Small) -> None:
    """All that is tapped lies within the width of the phone."""
    page = sign_up(browser, small, "r2")
    page.locator(".start:visible").tap()
    labelling(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    waits = small.keys("answering", person="r2")
    for place, _ in enumerate(waits):
        page.locator(".option").first.locator("label").tap()
        page.locator("label:has(input[name='Sure'])").tap()
        shot(page, f"7-phone-answering-{place}")
        before = number(page)
        page.get_by_test_id("bottombar-submit-button").tap()
        page.wait_for_function(GONE, arg=before, timeout=60_000)
    page.wait_for_url(f"{small.servers['main'].url}/me")
    small.advance()
    assert small.keys("answering", person="r2") == []
    page.context.close()


def test_from_the_letter_to_the_third_stage(browser: Browser, small: Small) -> None:
    set_contact("day", "r1", "r1@example.org", "Zoé")
    found, problems = links(small.state, small.servers, "r1")
    assert problems == []
    assert [link.kind for link in found] == ["sign up", "page"]
    (letter,) = letters(small.state, found)
    sign_up, own = re.findall(r"^http\S+$", letter.text, re.MULTILINE)
    assert own.endswith("/me") and "/projects/" not in letter.text

    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    typed: list[str] = []
    page.goto(sign_up)
    page.fill("#email", "r1@example.org")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(own)
    expect(page.get_by_text("Nothing is waiting for you.")).to_be_visible()  # nobody knows who they are so far
    small.advance()
    page.goto(own)  # the letter's second address, the last that is opened
    page.on("request", lambda one: typed.append(one.url) if one.is_navigation_request() else None)
    expect(page.locator(".hero.big")).to_contain_text("Answer questions blind in English")
    expect(page.locator(".hero.big")).to_contain_text("due 11 December 2099")
    shot(page, "1-page")

    page.keyboard.press("Enter")
    labelling(page)
    waits = len(small.keys("answering", person="r1"))
    expect(page.locator("html")).to_have_class(re.compile("counted"))
    assert (
        page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--open')") == f'"{waits} open"'
    )
    shot(page, "2-answering")
    for _ in range(waits):
        right = page.locator(".option", has_text=re.compile("hut on the hill|To the school"))
        right.locator("input").check()
        take_by_key(page, "s", "Sure")
        submit(page)
    page.wait_for_url(own)
    small.advance()
    others_do(small, "answering")
    small.advance()

    page.reload()
    expect(page.locator(".hero.big")).to_contain_text("Judge")
    shot(page, "3-page")
    page.keyboard.press("n")
    labelling(page)
    for _ in small.keys("judging", person="r1"):
        say_yes_to_all(page)
        take_by_key(page, "k", "Keep it")
        submit(page)
    page.wait_for_url(own)
    small.advance()
    others_do(small, "judging")
    small.advance()

    page.reload()
    expect(page.locator(".hero.big")).to_contain_text("Translate into French")
    page.keyboard.press("Enter")
    labelling(page)
    page.locator("a[href='/projects'], a[href='/projects/']").first.click()  # Label Studio's own way home
    page.wait_for_url(own)
    page.keyboard.press("Enter")
    labelling(page)
    waits = len(small.keys("translating", person="r1"))
    for _ in range(waits):
        for name, text in zip(FIELDS, FRENCH_TEXT, strict=True):
            page.locator(f".page [name='{name}']").fill(text)
        shot(page, "4-translating")
        submit(page)
    page.wait_for_url(own)
    small.advance()
    assert len(small.open("proofreading", FRENCH)) == waits
    shot(page, "5-page")
    assert len(typed) < 40, "no page leads round in a circle"
    page.context.close()


def test_what_needs_a_computer_says_so_on_a_phone(browser: Browser, small: Small) -> None:
    page = sign_up(browser, small, "s1")
    expect(page.get_by_text("What waits for you needs a computer")).to_be_visible()
    expect(page.locator(".start:visible")).to_have_count(0)
    shot(page, "6-phone-computer")
    page.locator(".work a.what").first.tap()
    expect(page.get_by_text("This page needs a computer")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="To your work").tap()
    page.wait_for_url(f"{small.servers['main'].url}/me")
    page.context.close()
