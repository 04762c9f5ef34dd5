"""Two reviewers of one campaign, who read Arabic and French: each has their own words, and the ledger reads alike.

A real Label Studio and a real Chromium; the two answer the same question, and what they chose is read as it is
from English pages.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.campaign.contacts import set_contact
from tests.chromium_fixture import open_task, task_address
from tests.flows.small_campaign import BOATS, Small, at
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.real_server, pytest.mark.slow]

ARAB, FRENCH = "arb_Arab", "fra_Latn"
SAID = {
    ARAB: {
        "who": "reader-ar", "dir": "rtl", "lang": "ar", "about": "النص", "asks": "ما مدى تأكدك؟",
        "none": "لا يمكن الإجابة من النص", "unsure": "غير متأكد",
    },
    FRENCH: {
        "who": "reader-fr", "dir": "ltr", "lang": "fr", "about": "Passage", "asks": "En êtes-vous sûr ?",
        "none": "Le passage ne permet pas de répondre", "unsure": "Pas sûr",
    },
}  # fmt: skip


@pytest.fixture
def small(tmp_path: Path, studio: LabelStudio, campaign_id: str) -> Small:
    campaign = at("answering", tmp_path, campaign_id)
    campaign.servers = {"main": studio}
    open_for = list(dict.fromkeys(campaign.open("answering", question=BOATS)["person"]))[:2]
    for person, code in zip(open_for, (ARAB, FRENCH), strict=True):
        campaign.configure(f'code = "{person}"', f'code = "{person}"\npage_language = "{code}"')
    campaign.advance()
    return campaign


def signed_in(browser: Browser, studio: LabelStudio, email: str) -> Page:
    """A page of somebody's, in a browser of their own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(studio.url)
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url(lambda url: "/user/login" not in url, wait_until="commit")
    return page


def test_each_reads_their_own_language_and_the_ledger_reads_alike(
    browser: Browser, studio: LabelStudio, visitor: Callable[[str], SignedInUser], small: Small
) -> None:
    chosen = {one.page_language: one.code for one in small.state.campaign.people if one.page_language}
    keys = {code: small.keys("answering", question=BOATS, person=person)[0] for code, person in chosen.items()}
    for code, said in SAID.items():
        set_contact(small.state.campaign.id, chosen[code], visitor(said["who"]).email)
        title = small.state.campaign.workbench_title("answering", "eng_Latn", chosen[code])
        (bench,) = studio.workbenches(title).values()
        task = next(one for one in studio.tasks(bench) if one.key == keys[code])
        page = signed_in(browser, studio, visitor(said["who"]).email)
        open_task(page, task_address(studio, bench, task.id))
        expect(page.locator(".page .about").first).to_have_text(said["about"])
        heading = page.locator(".page h4", has_text=said["asks"])
        expect(heading).to_have_css("direction", said["dir"])
        expect(page.locator(".page")).to_have_css("direction", said["dir"])
        expect(page.locator(".page .sentences")).to_have_css("direction", "ltr")  # the passage is English
        expect(page.locator(".page .question .lsf-richtext__container")).to_have_css("direction", "ltr")
        for label in ("none", "unsure"):
            page.locator(f".page label:has(input[name='{said[label]}'])").click()
        page.get_by_test_id("bottombar-submit-button").click()
        expect(page.get_by_test_id("bottombar-update-button").or_(page.get_by_text("complete"))).to_be_visible()
        page.context.close()
    small.advance()
    state = small.state
    theirs = state.annotations[state.annotations["task_key"].isin(keys.values())]
    results = state.results_of(set(theirs["event_id"]))
    assert len(results) == 2
    for result in results.values():
        given = {one["from_name"]: one["value"].get("choices") for one in result}
        assert (given["choice"], given["sure"]) == (["none"], ["unsure"])
    assert set(state.tasks["task_key"][state.tasks["done"]]) >= {*keys.values()}
