"""People are told once of what has come, by a real mail server; nothing is lost, doubled or sent unasked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from annotation.labelstudio.client import LabelStudio
from data.campaign.contacts import forget, set_contact, set_mail
from data.ledger import Ledger, tables
from data.ledger.events import AccountsKeptApart
from data.server_ports import free_port
from flows.advance import idle_progress, preview
from flows.campaign_state import State
from flows.channels.mail_server import OpenMail
from flows.lead import lead_actions
from flows.ledger_views.sent_messages import sent_messages
from flows.notifications.delivery import Delivered, notify_people
from flows.notifications.lead_requests import settle
from flows.run_mode import Mode
from tests.flows.notifications.conftest import TRANSLATORS, campaign_id
from tests.flows.small_campaign import FRENCH, Small, at
from tests.mail_and_webhook_servers import Mailbox, webhook_receiver

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def also(small: Small, lines: str) -> None:
    """Write more below [notify]."""
    small.configure("[notify]\n", f"[notify]\n{lines}\n")


def tell(small: Small, now: datetime = NOON, mode: Mode = Mode.LIVE) -> Delivered:
    """The last step of an advance in which all that is open has just come."""
    with Ledger(small.address).lease() as ledger:
        return notify_people(State(small.state.campaign, ledger), small.servers, mode, now, known=-1)


def text(mail: EmailMessage) -> str:
    plain = mail.get_body(("plain",))
    assert plain is not None
    return str(plain.get_content()).replace("\r\n", "\n")


def people(box: Mailbox) -> list[str]:
    """Who got a mail, by code."""
    return [str(mail["To"]).partition("@")[0] for mail in box.mails]


def test_work_that_comes_is_told_once_to_whom_it_is_for(small: Small, box: Mailbox) -> None:
    assert tell(small) == Delivered(sent=3)
    assert people(box) == TRANSLATORS
    mail = box.mails[0]
    assert mail["Subject"] == "Small: new work for you"
    invitation, work = [line for line in text(mail).splitlines() if line.startswith("http")]
    assert invitation.startswith(small.servers["main"].url)
    assert work.endswith("/data")
    said = "Hello T1,\n\nNew work has come for you in “Small”:\n• Translate into French: 1 new, 1 open in all\n"
    assert text(mail).startswith(said)
    assert tell(small) == tell(small, NOON + DAY) == Delivered()
    assert len(box.mails) == 3


def test_nothing_is_sent_before_the_lead_switches_it_on_nor_of_what_was_open_then(
    small: Small, box: Mailbox
) -> None:
    small.configure("[notify]\nenabled = true", "[notify]\nenabled = false")
    assert tell(small) == Delivered()
    assert small.advance().told == 0
    small.configure("[notify]\nenabled = false", "[notify]\nenabled = true")
    done = small.advance()
    assert (done.told, done.idle, box.mails) == (0, True, [])
    assert idle_progress(small.address, small.servers) is not None
    settle(small.state, ["t1"], again=True)
    assert idle_progress(small.address, small.servers) is None
    assert small.advance().told == 1
    assert idle_progress(small.address, small.servers) is not None


def test_work_of_the_very_run_that_finds_it_switched_on_is_told(
    tmp_path: Path, own_state: Path, studio: LabelStudio, box: Mailbox
) -> None:
    small = at("translating", tmp_path, f"n{uuid4().hex[:8]}")
    small.servers = {"main": studio}
    set_contact(campaign_id(small), "t1", "t1@example.org")
    small.configure("[notify]\nenabled = false", "[notify]\nenabled = true")
    assert preview(small.address, small.servers).told == 0  # a dry run sends nothing
    assert (small.advance().told, people(box)) == (1, ["t1"])


def test_at_most_one_a_day_and_what_comes_later_is_told_the_next_day(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(small)
    box.mails.clear()
    with monkeypatch.context() as patch:
        patch.delenv("BELEBELE_SMTP_URL")
        lead_actions.reassign(small.state, "t1", "t2")
        small.advance()
    assert tell(small).sent == tell(small, NOON + timedelta(hours=11)).sent == 0
    assert (tell(small, NOON + DAY).sent, people(box)) == (1, ["t2"])
    assert "Translate into French: 1 new, 2 open in all" in text(box.mails[0])
    assert tell(small, NOON + 2 * DAY).sent == 0


def test_who_wants_no_mail_or_has_no_address_gets_none(small: Small, box: Mailbox) -> None:
    set_mail(campaign_id(small), "t1", wanted=False)
    forget(campaign_id(small), "s1")
    tell(small)
    assert people(box) == ["t2"]
    set_contact(campaign_id(small), "s1", "s1@example.org")  # whose address comes later is told then
    tell(small)
    assert people(box) == ["t2", "s1"]


def test_a_server_that_is_down_breaks_nothing_and_is_tried_again(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
    done = tell(small)
    assert (done.sent, len(done.problems)) == (0, 1)
    assert "the next run tries again" in done.problems[0]
    assert [one.outcome for one in sent_messages(small.state)] == []  # nothing was begun
    monkeypatch.setenv("BELEBELE_SMTP_URL", box.url)
    assert tell(small, mode=Mode.LOOK).unfinished == 3
    assert (tell(small).sent, people(box)) == (3, TRANSLATORS)


def test_a_crash_after_the_intention_leaves_a_message_in_doubt_that_is_not_sent_again(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(OpenMail, "send", crash)
        tell(small)
    assert [(one.person, one.outcome) for one in sent_messages(small.state)] == [("t1", "")]
    assert tell(small, NOON + DAY).sent == 2
    assert people(box) == ["t2", "s1"]
    (point,) = [line for line in small.agenda() if "may not have had" in line]
    assert "belebele notify --again t1, or belebele notify --seen t1" in point
    settle(small.state, ["t1"], again=True)
    assert not [line for line in small.agenda() if "may not have had" in line]
    assert tell(small, NOON + DAY).sent == 1
    assert people(box) == ["t2", "s1", "t1"]


def crash(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_crash_once_the_server_has_it_sends_no_second_one(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = OpenMail.send

    def send_and_crash(*arguments: Any) -> None:
        send(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(OpenMail, "send", send_and_crash)
        tell(small)
    tell(small)
    assert people(box) == TRANSLATORS


def test_a_line_that_breaks_after_the_mail_was_given_is_told_and_not_tried_again(
    small: Small, box: Mailbox
) -> None:
    box.breaks = True
    (problem,) = tell(small).problems
    assert (
        problem
        == "the mail to t1 broke off and may not have arrived: belebele status; 2 more wait for the next run"
    )
    box.breaks = False
    tell(small)
    assert people(box) == TRANSLATORS
    settle(small.state, ["t1"], again=False)
    assert not [line for line in small.agenda() if "may not have had" in line]
    assert tell(small, NOON + DAY).sent == 0


def test_a_refused_address_is_the_leads_and_stands_in_no_event(small: Small, box: Mailbox) -> None:
    box.answers["t1@example.org"] = "550 <t1@example.org> is unknown here"
    (problem,) = tell(small).problems
    assert problem == "the mail to t1 was refused (550): is their address right?"
    (point,) = [line for line in small.agenda() if "refused the message" in line]
    assert "belebele contact t1 --email" in point
    assert tell(small, NOON + DAY) == Delivered()  # it is not tried again and again
    box.answers.clear()
    settle(small.state, ["t1"], again=True)
    assert (tell(small).sent, people(box)) == (1, ["t2", "s1", "t1"])
    assert not [line for line in small.agenda() if "refused the message" in line]
    files = [path.read_bytes() for path in small.folder.rglob("*") if path.is_file()]
    assert not any(b"@example.org" in content for content in files)
    assert not small.state.ledger.read(tables.EVENTS)["detail"].str.contains("@").any()


def test_a_server_that_takes_nothing_for_now_is_tried_five_times_a_day(small: Small, box: Mailbox) -> None:
    box.answers |= {f"{person}@example.org": "451 later" for person in TRANSLATORS}
    tries = [len(tell(small).problems) for _ in range(6)]
    assert tries == [3, 3, 3, 3, 3, 0]
    assert {one.outcome for one in sent_messages(small.state)} == {"not taken"}
    box.answers.clear()
    assert tell(small, NOON + DAY).sent == 3


def test_a_deadline_is_told_when_it_is_near_and_once(small: Small, box: Mailbox) -> None:
    also(small, "remind_days = 2")
    small.configure("[deadlines]\n", f"[deadlines]\ntranslating = {(NOON + 5 * DAY).date()}\n")
    tell(small)
    box.mails.clear()
    assert tell(small, NOON + 2 * DAY).sent == 0
    assert tell(small, NOON + 3 * DAY).sent == 3
    assert tell(small, NOON + 4 * DAY).sent == tell(small, NOON + 5 * DAY).sent == 0
    assert box.mails[0]["Subject"] == "Small: please finish by December 6, 2026"
    assert "• Translate into French: 1 open, due December 6, 2026" in text(box.mails[0])


def test_no_message_before_the_hour(small: Small, box: Mailbox) -> None:
    also(small, "from_hour = 9")
    assert [tell(small, NOON.replace(hour=hour)).sent for hour in (8, 9)] == [0, 3]


def test_it_speaks_arabic_where_pages_do(small: Small, box: Mailbox) -> None:
    small.configure('code = "t1"', 'code = "t1"\npage_language = "arb_Arab"')
    small.configure("[deadlines]\n", f"[deadlines]\ntranslating = {(NOON + DAY).date()}\n")
    tell(small)
    (mail,) = box.to("t1@example.org")
    assert mail["Subject"] == "Small: عمل جديد لك"
    assert text(mail).startswith("مرحبًا T1،\n\nوصلك عمل جديد في «Small»:\n")
    html = mail.get_body(("html",))
    assert html is not None
    assert '<html lang="ar" dir="rtl">' in html.get_content()
    assert "ديسمبر" in html.get_content()


def test_what_came_back_is_called_so(small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delenv("BELEBELE_SMTP_URL")
        small.submit(*small.keys("translating", FRENCH))
        small.advance()
        small.submit(*small.keys("proofreading", FRENCH), outcome="return", comment="The verb is wrong.")
        small.advance()
    (back, *_) = small.open("translating", FRENCH)["person"]
    tell(small)
    (mail,) = box.to(f"{back}@example.org")
    assert mail["Subject"] == "Small: some of your work came back"
    assert "came back. Its page says what was found:\n• Translate into French: 1\n" in text(mail)


def test_the_lead_is_told_what_waits_once_a_day_and_only_if_something_is_new(small: Small, box: Mailbox) -> None:
    set_contact(campaign_id(small), "lead", "lead@example.org")
    box.answers["t1@example.org"] = "550 unknown"
    tell(small)  # before t1's mail was refused
    tell(small, NOON + DAY)
    mails = box.to("lead@example.org")
    assert "the mail server refused the message of 2026-12-01 to t1 (550)" in text(mails[-1])
    assert "belebele contact " in text(mails[-1])
    assert "how far the work is: belebele status" in text(mails[-1]), "no server shows the lead's page"
    count = len(mails)
    tell(small, NOON + 2 * DAY)
    assert len(box.to("lead@example.org")) == count


def test_the_lead_is_led_to_their_page_where_a_server_shows_it(small: Small, box: Mailbox) -> None:
    set_contact(campaign_id(small), "lead", "lead@example.org")
    box.answers["t1@example.org"] = "550 unknown"
    Ledger(small.address).append(tables.EVENTS, [AccountsKeptApart(True, 1).row("main")])
    tell(small)
    tell(small, NOON + DAY)
    mail = text(box.to("lead@example.org")[-1])
    assert f"All of it, and how far the work is:\n{small.servers['main'].url}/lead\n" in mail
    assert "belebele status" not in mail


def test_a_webhook_gets_codes_and_numbers_and_never_a_name(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(small)
    with webhook_receiver() as posted:
        monkeypatch.setenv("BELEBELE_WEBHOOK_URL", posted.url)
        monkeypatch.setenv("BELEBELE_WEBHOOK_SECRET", "a-secret-of-16-letters")
        assert tell(small, mode=Mode.LOOK).unfinished == 1  # the channel is to begin
        assert tell(small).sent == 3  # channels know nothing of each other
        facts = [one for one in posted.facts if one["type"] == "work.waiting"]
    assert [one["person"] for one in facts] == TRANSLATORS
    assert facts[0]["campaign"] == campaign_id(small)
    assert facts[0]["work"] == [
        {"stage": "translating", "language": FRENCH, "new": 1, "returned": 0, "open": 1, "due": None}
    ]
    assert facts[0]["pages"][0].startswith(small.servers["main"].url)
    assert "@example.org" not in json.dumps(posted.facts)


def test_a_channel_named_wrongly_is_told_and_stops_nothing(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BELEBELE_SMTP_URL", "mail.example.org")
    assert ["BELEBELE_SMTP_URL is no address" in one for one in tell(small).problems] == [True]
