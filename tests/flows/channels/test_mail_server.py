"""Mail: what arrives at a real server, and what is known of a message when something goes wrong."""

from __future__ import annotations

import pytest

from data.errors import UsageError
from data.server_ports import free_port
from flows.channels.channel import ChannelDown, Outcome, Recipient
from flows.channels.mail_server import MailServer
from flows.channels.message import Message, Part
from tests.mail_and_webhook_servers import Mailbox, mail_server

SENDER = "Our Bench <bench@example.org>"
ARABIC = Message(
    "عمل جديد لك", [Part("مرحبًا،"), Part("عملك هنا:", ["الترجمة: 3"], "https://example.org/me")], "ar", "rtl"
)
SALMA = Recipient("t1", "salma@example.org", "lead@example.org")


def sent(box: Mailbox, message: Message = ARABIC, to: Recipient = SALMA) -> Outcome:
    with MailServer.named(box.url, "", SENDER).open() as ready:
        return ready.send(message, to, "abc").outcome


def test_a_mail_in_arabic_arrives_whole_in_both_parts() -> None:
    with mail_server() as box:
        assert sent(box) is Outcome.SENT
        (mail,) = box.mails
    assert mail["Subject"] == "عمل جديد لك"
    assert (mail["From"], mail["To"], mail["Reply-To"]) == (SENDER, "salma@example.org", "lead@example.org")
    assert mail["Message-ID"] == "<abc@example.org>"
    assert mail["List-Unsubscribe"] == "<mailto:lead@example.org?subject=no%20mail%3A%20t1>"
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", "ar")
    plain, html = mail.iter_parts()
    assert plain.get_content().splitlines() == [
        "مرحبًا،",
        "",
        "عملك هنا:",
        "• الترجمة: 3",
        "https://example.org/me",
    ]
    page = html.get_content()
    assert html.get_content_type() == "text/html"
    assert '<html lang="ar" dir="rtl">' in page
    assert '<bdi dir="ltr">https://example.org/me</bdi>' in page


def test_what_a_name_has_of_html_stays_text() -> None:
    assert "&lt;b&gt;" in Message("", [Part("Hello <b>,")]).html()


@pytest.mark.parametrize(
    ("said", "outcome"),
    [("550 no such user", Outcome.REFUSED), ("451 greylisted", Outcome.NOT_TAKEN)],
)
def test_a_refused_recipient_is_known_and_the_next_mail_leaves(said: str, outcome: Outcome) -> None:
    with mail_server() as box:
        box.answers["salma@example.org"] = said
        with MailServer.named(box.url, "", SENDER).open() as ready:
            receipt = ready.send(ARABIC, SALMA, "1")
            assert (receipt.outcome, receipt.code, receipt.broken) == (outcome, int(said[:3]), False)
            assert ready.send(ARABIC, Recipient("t2", "t2@example.org"), "2").outcome is Outcome.SENT
        assert [mail["To"] for mail in box.mails] == ["t2@example.org"]


def test_a_line_that_breaks_after_the_text_was_given_leaves_a_mail_in_doubt() -> None:
    with mail_server() as box:
        box.breaks = True
        assert sent(box) is Outcome.IN_DOUBT
        assert len(box.mails) == 1  # the server has it, and we do not know


def test_a_server_that_is_down_took_nothing() -> None:
    with (
        pytest.raises(ChannelDown, match="no mail was sent"),
        MailServer.named(f"smtp://127.0.0.1:{free_port()}", "", SENDER).open(),
    ):
        pass


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # of the mail server that we run here
def test_it_logs_in() -> None:
    with mail_server(login=("bench", "se cret")) as box:
        with MailServer.named(box.url, "se cret", SENDER).open() as ready:
            assert ready.send(ARABIC, SALMA, "1").outcome is Outcome.SENT
        with pytest.raises(ChannelDown, match="refused with 535"), MailServer.named(box.url, "no", SENDER).open():
            pass


@pytest.mark.parametrize(
    "url", ["mail.example.org", "http://a.example", "smtp://a:b@mail.example.org", "smtp://[a"]
)
def test_an_address_that_is_none_is_told_with_the_cure(url: str) -> None:
    with pytest.raises(UsageError, match="write smtp://user@host:587"):
        MailServer.named(url, "", SENDER)


def test_ports_follow_from_how_it_is_encrypted() -> None:
    plain, sealed = (
        MailServer.named(f"{kind}://me%40a@mail.example.org", "", SENDER) for kind in ("smtp", "smtps")
    )
    assert (plain.port, plain.sealed, sealed.port, sealed.sealed) == (587, False, 465, True)
    assert plain.user == "me@a"


@pytest.mark.parametrize("sender", ["Our Bench", "", "Ours <bénch@example.org>"])
def test_mail_comes_from_an_address(sender: str) -> None:
    with pytest.raises(UsageError, match="BELEBELE_MAIL_FROM"):
        MailServer.named("smtp://mail.example.org", "", sender)


def test_letters_of_any_script_in_titles_and_addresses_stop_nothing() -> None:
    with mail_server() as box:
        assert sent(box, Message("Two\nlines", [Part("x")])) is Outcome.SENT
        assert sent(box, ARABIC, Recipient("t1", "سلمى@example.org", "lęad@example.org")) is Outcome.SENT
        assert sent(box, ARABIC, Recipient("t1", "a@example.org", "lęad@example.org")) is Outcome.SENT
    assert [mail["Subject"] for mail in box.mails] == ["Two lines", "عمل جديد لك", "عمل جديد لك"]
    assert box.mails[1]["To"] == "سلمى@example.org"


def test_an_address_that_the_server_cannot_write_to_is_refused() -> None:
    with mail_server(plain=True) as box:
        assert sent(box, ARABIC, Recipient("t1", "سلمى@example.org")) is Outcome.REFUSED
    assert box.mails == []
