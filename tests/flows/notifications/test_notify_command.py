"""`belebele notify`: what a lead types and reads."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from annotation.labelstudio.local_server import LocalLabelStudio
from data.campaign.contacts import contacts, set_contact
from flows.cli.commands import main
from flows.ledger_views.sent_messages import sent_messages, switches
from tests.flows.notifications.conftest import campaign_id
from tests.flows.small_campaign import Small
from tests.mail_and_webhook_servers import Mailbox


@pytest.fixture(autouse=True)
def named(label_studio: LocalLabelStudio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_URL", label_studio.url)
    monkeypatch.setenv("BELEBELE_LABEL_STUDIO_TOKEN", label_studio.token)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def test_a_dry_run_shows_all_that_would_be_sent_and_sends_and_writes_nothing(small: Small, box: Mailbox) -> None:
    small.configure("[notify]\nenabled = true", "[notify]\nenabled = false")
    said = run("notify", small.address, "--dry-run")
    assert said.exit_code == 0, said.output
    assert "--- mail to t1 <t1@example.org>\nSmall: new work for you\n\nHello T1,\n" in said.stdout
    assert "· nothing is sent: set enabled = true below [notify] in campaign.toml" in said.stdout
    facts = json.loads(run("notify", small.address, "--dry-run", "--json").stdout)
    assert [one["person"] for one in facts["messages"]] == ["t1", "t2", "s1"]
    assert (box.mails, switches(small.state)) == ([], {})


def test_what_a_dry_run_shows_is_what_is_sent(small: Small, box: Mailbox) -> None:
    small.advance()  # mail begins, and what is open counts as known
    assert "nothing would be sent now" in run("notify", small.address, "--dry-run").stdout
    again = run("notify", small.address, "--again", "t1", "--dry-run", "--json")
    shown = json.loads(again.stdout)["messages"]
    assert [one["person"] for one in shown] == ["t1"]
    assert run("notify", small.address).stdout == "sent 0 messages\n"
    said = run("notify", small.address, "--again", "t1")
    assert said.stdout == "the next advance tells t1 what is open\n"
    assert run("notify", small.address).stdout == "sent 1 message\n"
    (mail,) = box.mails
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == shown[0]["text"]
    assert [one.outcome for one in sent_messages(small.state)] == ["sent"]


def test_a_trial_goes_to_the_lead_whether_messages_are_on_or_not(small: Small, box: Mailbox) -> None:
    small.configure("[notify]\nenabled = true", "[notify]\nenabled = false")
    said = run("notify", small.address, "--test")
    assert (said.exit_code, "belebele contact" in said.stderr) == (2, True)
    assert run("contact", small.address, "lead", "--email", "lead@example.org").exit_code == 0
    assert "the mail by 127.0.0.1:" in run("notify", small.address, "--test").stdout
    assert [mail["To"] for mail in box.mails] == ["lead@example.org"]


def test_bad_use_is_told(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    said = run("notify", small.address)
    assert (said.exit_code, "no channel is named" in said.stderr) == (2, True)
    said = run("notify", small.address, "--again", "t9")
    assert (said.exit_code, "no person 't9'" in said.stderr) == (2, True)
    said = run("notify", small.address, "--test", "--alerts")
    assert (said.exit_code, "say one" in said.stderr) == (2, True)
    small.configure("[notify]\nenabled = true", "[notify]\nenabled = false")
    for option in ((), ("--alerts",)):
        said = run("notify", small.address, *option)
        assert (said.exit_code, "enabled = true below [notify]" in said.stderr) == (2, True)


def test_who_wants_none_says_so_once(small: Small, box: Mailbox) -> None:
    person = campaign_id(small)
    assert run("contact", small.address, "t1", "--no-mail").stdout == "t1 gets no messages by e-mail from now on\n"
    set_contact(person, "t1", "new@example.org", "Tea")  # another address changes nothing about it
    assert contacts(person)["t1"].mail is False
    assert "no mail is wanted by t1" in run("notify", small.address, "--dry-run").stdout
    assert run("contact", small.address, "t1", "--mail").exit_code == 0
    assert contacts(person)["t1"].mail is True
    said = run("contact", small.address, "r1", "--no-mail")
    assert (said.exit_code, "no address of r1 is known" in said.stderr) == (2, True)


def test_a_check_says_by_what_messages_leave(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "· messages are wanted, and no channel is named" in run("check", small.address).stdout
    monkeypatch.setenv("BELEBELE_SMTP_URL", "smtp://mail.example.org")
    said = run("check", small.address)
    assert (said.exit_code, "✗ BELEBELE_MAIL_FROM is ''" in said.stdout) == (1, True)
    monkeypatch.setenv("BELEBELE_MAIL_FROM", "bench@example.org")
    said = run("check", small.address).stdout
    assert "✓ messages leave by mail (mail.example.org:587, as bench@example.org)" in said
    assert "· no address is known of the lead: belebele contact" in said
