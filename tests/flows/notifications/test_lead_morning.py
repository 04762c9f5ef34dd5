"""The lead's morning, from the mail to a decision, on a real server in a real browser: no address is typed."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from annotation.labelstudio.local_server import FIRST_USER, LocalLabelStudio
from data.campaign.contacts import set_contact
from data.environment import state_dir
from flows.cli.commands import main
from flows.ledger_views.lead_queries import queries_to_lead
from tests.flows.small_campaign import BAKERY, FRENCH, at
from tests.mail_and_webhook_servers import Mailbox

pytestmark = [pytest.mark.browser, pytest.mark.servers, pytest.mark.slow]


def run(line: str) -> None:
    done = CliRunner().invoke(main, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output


def test_from_the_mail_to_an_answer(
    box: Mailbox, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environments = state_dir()
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    with LocalLabelStudio(environments, data_dir=tmp_path / "data", tell=print) as server:
        monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", server.url)
        monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", server.token)
        small = at("translating", tmp_path / "campaign", "morning")
        small.configure("[notify]\nenabled = false", "[notify]\nenabled = true")
        set_contact("morning", "lead", "lead@example.org")
        small.submit(small.keys("translating", FRENCH, BAKERY)[0], query="Is the market on Friday?")
        run(f"belebele advance {small.address}")

        body = box.to("lead@example.org")[-1].get_body(("plain",))
        assert body is not None
        (link,) = re.findall(r"http\S+/lead\b", body.get_content())
        page = browser.new_page()
        page.goto(link)
        page.fill("#email", FIRST_USER)
        page.fill("#password", server.password)
        page.press("#password", "Enter")
        expect(page.get_by_text("Is the market on Friday?").first).to_be_visible(timeout=60_000)
        assert page.url.endswith("/lead")
        shown = page.locator("body").inner_text()
        (command,) = set(re.findall(r"belebele answer .* TEXT", shown))
        run(command.replace("TEXT", "'Yes, on Friday.'"))
        run(f"belebele advance {small.address}")
        assert list(queries_to_lead(small.state)["reply"]) == ["Yes, on Friday."]
        page.reload()
        expect(page.get_by_text("Is the market on Friday?")).to_have_count(0)
