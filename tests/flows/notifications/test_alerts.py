"""The lead is told once of a schedule that fails or does not run, and once that it is over."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from data.campaign.campaign import Campaign
from data.campaign.contacts import set_contact
from data.server_ports import free_port
from flows.channels.mail_server import OpenMail
from flows.notifications.alerts import alert, campaign_or_last, watched
from flows.progress import Progress
from flows.services import schedule
from tests.flows.small_campaign import Small, begin
from tests.mail_and_webhook_servers import Mailbox, mail_server

MINUTE = timedelta(minutes=1)
NOW = datetime.now(UTC)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mailbox]:
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    with mail_server() as running:
        monkeypatch.setenv("BELEBELE_SMTP_URL", running.url)
        monkeypatch.setenv("BELEBELE_MAIL_FROM", "bench@example.org")
        yield running


@pytest.fixture
def small(tmp_path: Path, box: Mailbox) -> Small:
    """A campaign whose lead is told; a schedule was kept for it here."""
    found = begin(tmp_path / "campaign")
    found.configure("[notify]\nenabled = false", "[notify]\nenabled = true")
    set_contact("small", "lead", "lead@example.org")
    return found


def planned(small: Small, now: datetime) -> schedule.Plan:
    return schedule.Plan(since=now, heard=now, next=now + 15 * MINUTE)


def ran(small: Small, why: str = "") -> None:
    def work() -> Progress:
        if why:
            raise RuntimeError(why)
        return Progress()

    if why:
        with pytest.raises(RuntimeError):
            schedule.recorded(small.address, NOW, work)
    else:
        schedule.recorded(small.address, NOW, work)


def look(small: Small, now: datetime) -> list[str]:
    return alert(small.address, Campaign.load(small.address), now)


def subjects(box: Mailbox) -> list[str]:
    return [str(mail["Subject"]) for mail in box.mails]


def test_a_failed_run_is_told_once_and_that_it_is_over_once(small: Small, box: Mailbox) -> None:
    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
        ran(small)
        assert look(small, now) == []
        ran(small, "the disk is full")
        assert len(look(small, now)) == 1
        assert look(small, now + MINUTE) == []
        ran(small, "the disk is full")  # the next fails too: known
        assert look(small, now + MINUTE) == []
        ran(small)
        assert len(look(small, now + MINUTE)) == 1
        assert look(small, now + MINUTE) == []
    assert subjects(box) == ["Small: something is wrong", "Small: well again"]
    plain = box.mails[0].get_body(("plain",))
    assert plain is not None and "the disk is full" in plain.get_content()
    assert box.mails[0]["Message-ID"] != box.mails[1]["Message-ID"]


def test_a_run_that_does_not_come_is_told(small: Small, box: Mailbox) -> None:
    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
    assert look(small, now + MINUTE) == []  # what keeps it is perhaps being restarted
    (said,) = look(small, now + 3 * MINUTE)
    assert "nobody has kept the schedule since" in said
    assert look(small, now + 60 * MINUTE) == []
    with schedule.kept(small.address) as note:
        note(planned(small, now + 61 * MINUTE))
        assert len(look(small, now + 61 * MINUTE)) == 1
    assert subjects(box) == ["Small: something is wrong", "Small: well again"]


def test_a_running_run_says_nothing_of_whether_the_failure_is_over(small: Small, box: Mailbox) -> None:
    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
        ran(small, "no")
        look(small, now)

        def while_it_runs() -> Progress:
            assert look(small, now) == []
            return Progress(busy="another")

        schedule.recorded(small.address, NOW, while_it_runs)
        assert look(small, now) == []  # it made way for another run
    assert subjects(box) == ["Small: something is wrong"]


def test_a_mail_server_that_is_down_is_tried_again(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
        ran(small, "no")
        with monkeypatch.context() as patch:
            patch.setenv("BELEBELE_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
            (said,) = look(small, now)
            assert "cannot be used" in said
        look(small, now)
        look(small, now)
    assert subjects(box) == ["Small: something is wrong"]


def test_what_a_crash_left_in_doubt_is_not_told_again(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
        ran(small, "no")
        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(OpenMail, "send", crash)
            look(small, now)
        assert look(small, now) == []
    assert box.mails == []


def test_a_trouble_that_nobody_was_told_of_is_not_told_to_be_over(small: Small, box: Mailbox) -> None:
    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
    assert look(small, now + MINUTE) == []
    with schedule.kept(small.address) as note:
        note(planned(small, now + 2 * MINUTE))
        assert look(small, now + 2 * MINUTE) == []
    assert box.mails == []


def test_an_alert_leaves_though_campaign_toml_is_broken(small: Small, box: Mailbox) -> None:
    small.advance()
    small.configure("[notify]", "[notify")
    now = datetime.now(UTC)
    with schedule.kept(small.address) as note:
        note(planned(small, now))
        ran(small, "campaign.toml is not TOML")
        assert len(alert(small.address, campaign_or_last(small.address), now)) == 1
    assert subjects(box) == ["Small: something is wrong"]


def test_an_assistant_that_does_not_answer_is_told_once_it_lasts(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BELEBELE_ASSISTANT_URL", f"http://127.0.0.1:{free_port()}")
    small.configure("[assistant]\nenabled = false", "[assistant]\nenabled = true")
    assert look(small, NOW) == []
    assert len(look(small, NOW + 2 * MINUTE)) == 1
    assert look(small, NOW + 3 * MINUTE) == []
    plain = box.mails[0].get_body(("plain",))
    assert plain is not None and "does not answer: belebele assistant" in plain.get_content()


def test_the_lead_is_told_while_the_servers_run(
    small: Small, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flows.notifications.alerts.LOOK", 0.05)
    with schedule.kept(small.address) as note:
        note(planned(small, datetime.now(UTC)))
        ran(small, "no")
        with watched(small.address):
            until = time.monotonic() + 20
            while not box.mails and time.monotonic() < until:
                time.sleep(0.05)
    assert subjects(box) == ["Small: something is wrong"]
