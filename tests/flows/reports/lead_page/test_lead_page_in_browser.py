"""The lead's page in Chromium: on a phone, a screen and a projector nothing is cut off, and it prints."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from data.campaign.campaign import Campaign
from data.languages import languages
from data.ledger import Ledger
from flows.campaign_state import State
from flows.reports.lead_page.lead_facts import Facts, lead_facts
from qc.reports.lead_report.lead_report_page import page
from tests.flows.small_campaign import at, begin
from tests.stored_campaign import stored_campaign

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def in_122_languages(facts: Facts) -> Facts:
    """The facts of a campaign in one target language, as if it had Belebele's 122."""
    codes = [code for code, one in languages().items() if one.belebele]
    some, lines = dict(next(iter(facts["languages"].items()))[1]), facts["forecasts"]
    standing = dict(next(iter(facts["translations"].values())), proofread=1)
    ahead = [{**line, "language": code} for code in codes for line in lines if line["stage"] == "translating"]
    people = [{**line, "language": code} for code in codes for line in facts["people"][:2]]
    more = {"languages": dict.fromkeys(codes, some), "translations": dict.fromkeys(codes, standing)}
    return {**facts, **more, "forecasts": ahead, "people": people}


@pytest.mark.parametrize("kind", ["empty", "small", "whole", "122"])
def test_nothing_is_cut_off_and_every_list_has_its_items(kind: str, browser: Browser, tmp_path: Path) -> None:
    if kind == "whole":
        address = stored_campaign(tmp_path)
        facts = lead_facts(State(Campaign.load(address), Ledger(address)), "mybench")
    else:
        small = begin(tmp_path / "new") if kind == "empty" else at("translating", tmp_path)
        facts = lead_facts(small.state, "mybench")
    html = tmp_path / "lead.html"
    html.write_text(page(in_122_languages(facts) if kind == "122" else facts))
    with browser.new_context() as context:
        shown = context.new_page()
        problems: list[str] = []
        shown.on("console", lambda message: problems.append(message.text))
        for width in (390, 1280, 1920):
            shown.set_viewport_size({"width": width, "height": 900})
            shown.goto(html.as_uri())
            assert shown.evaluate("document.documentElement.scrollWidth") <= width
            cut = "[...document.querySelectorAll('.row > div, .points li, h1, .lead')]"
            assert shown.evaluate(f"{cut}.every(one => one.scrollWidth <= one.clientWidth + 1)")
        strays = "[...document.querySelectorAll('[role=listitem]')]"
        assert shown.evaluate(f"{strays}.every(one => one.parentElement.getAttribute('role') === 'list')")
        rows = shown.get_by_role("list").last.get_by_role("listitem")
        expect(rows).to_have_count(len(facts["languages"]) if kind != "122" else 122)
        parts = shown.locator(".row .bar").nth(1).get_attribute("aria-label") or ""
        expect(rows.first.get_by_role("img")).to_have_accessible_name("nothing yet" if kind == "empty" else parts)
        if kind == "122":
            others = shown.locator("details.rest").first
            expect(others.locator("tbody tr").first).to_be_hidden()
            others.locator("summary").click()
            expect(others.locator("tbody tr").first).to_be_visible()
        assert shown.pdf(format="A4").startswith(b"%PDF")
        assert problems == []
