"""Mail by SMTP: the server that `BELEBELE_SMTP_URL` names, and the messages that it is given.

The commands are sent one by one, since only so it is known whether the server took a message: until it is given
the text it has surely not, once it has answered it surely has or has not, and between the two nobody knows.
"""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, parseaddr
from urllib.parse import quote, unquote, urlsplit

from data.campaign.contacts import is_address
from data.errors import UsageError
from data.server_ports import is_local
from flows.channels.channel import ChannelDown, Outcome, Receipt, Recipient
from flows.channels.message import Message

PATIENCE = 30.0
"""Seconds for which the server may be silent."""


@dataclass(frozen=True)
class MailServer:
    """A server that takes mail.

    Attributes:
        host: its name.
        port: its port.
        sealed: whether the connection is encrypted from its first byte; if not, it is by STARTTLS, unless the
            server is on this machine.
        user: to log in as; "" for no login.
        password: of the user.
        sender: what mails come from, as "Name <name@host>".
    """

    host: str
    port: int
    sealed: bool
    user: str
    password: str
    sender: str

    name = "mail"

    @property
    def where(self) -> str:
        """Where it leads, in words."""
        return f"{self.host}:{self.port}, as {self.sender}"

    @classmethod
    def named(cls, url: str, password: str, sender: str) -> MailServer:
        """Return the server that an address names: smtp://[user@]host[:587] or smtps://[user@]host[:465].

        Raises:
            UsageError: it is no such address, or the sender is no address.
        """
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.password:
            raise UsageError(
                "BELEBELE_SMTP_URL is no address of a mail server: write smtp://user@host:587, or "
                "smtps://user@host:465 where it is encrypted from the start; the password goes into "
                "BELEBELE_SMTP_PASSWORD"
            )
        if not is_address(parseaddr(sender)[1]) or not parseaddr(sender)[1].isascii():
            raise UsageError(
                f"BELEBELE_MAIL_FROM is {sender!r} and must be what mails come from, as bench@example.org or "
                "Our Bench <bench@example.org>"
            )
        sealed, user = parts.scheme == "smtps", unquote(parts.username or "")
        return cls(parts.hostname, port or (465 if sealed else 587), sealed, user, password, sender)

    @contextlib.contextmanager
    def open(self) -> Iterator[OpenMail]:
        """Connect, encrypt and log in.

        Raises:
            ChannelDown: one of these fails.
        """
        try:
            smtp = self._connected()
        except smtplib.SMTPResponseException as error:
            raise self._down(f"it refused with {error.smtp_code}") from None
        except (OSError, smtplib.SMTPException) as error:
            said = error.strerror if isinstance(error, OSError) else str(error)
            raise self._down(said or type(error).__name__) from None
        try:
            yield OpenMail(smtp, self.sender)
        finally:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                smtp.quit()
            smtp.close()

    def _connected(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        smtp: smtplib.SMTP
        if self.sealed:
            smtp = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=secure)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            smtp.ehlo_or_helo_if_needed()
            if not self.sealed and not is_local(self.host):
                smtp.starttls(context=secure)
                smtp.ehlo()
            if self.user:
                smtp.login(self.user, self.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _down(self, why: str) -> ChannelDown:
        return ChannelDown(
            f"no mail was sent, since the mail server {self.host}:{self.port} cannot be used ({why}): the next "
            "run tries again; BELEBELE_SMTP_URL and BELEBELE_SMTP_PASSWORD say which it is"
        )


@dataclass
class OpenMail:
    """A mail server that is ready."""

    smtp: smtplib.SMTP
    sender: str

    def send(self, message: Message, to: Recipient, identifier: str) -> Receipt:
        """Send a mail; as `OpenChannel.send`."""
        mail = mail_of(message, to, identifier, self.sender)
        needs_unicode = not to.email.isascii()
        if needs_unicode and not self.smtp.has_extn("smtputf8"):
            return Receipt(Outcome.REFUSED, 553)  # the mailbox's name is one that this server cannot send to
        options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_unicode else []
        policy = SMTP.clone(utf8=needs_unicode)
        begun = False
        try:
            code, _ = self.smtp.mail(parseaddr(self.sender)[1], options)
            if code == 250:
                code, _ = self.smtp.rcpt(to.email)
            if code not in (250, 251):
                self.smtp.rset()
                return _answered(code)
            begun = True
            code, _ = self.smtp.data(mail.as_bytes(policy=policy))
            return _answered(code)
        except smtplib.SMTPDataError as error:  # it did not want to be given the text
            return _answered(error.smtp_code)
        except (OSError, smtplib.SMTPException):
            return Receipt(Outcome.IN_DOUBT if begun else Outcome.NOT_TAKEN, broken=True)


def _answered(code: int) -> Receipt:
    """Return what a number of the server's means: 2.. taken, 5.. never, all else not now."""
    broken = code in (-1, 421)  # it closes the connection
    if 200 <= code < 300:
        return Receipt(Outcome.SENT, code)
    return Receipt(Outcome.REFUSED if 500 <= code < 600 else Outcome.NOT_TAKEN, code, broken)


def mail_of(message: Message, to: Recipient, identifier: str, sender: str) -> EmailMessage:
    """Return a message as a mail with a plain and an HTML part, and how to get no more of them.

    Args:
        message: what to say.
        to: whom.
        identifier: of the message.
        sender: what it comes from.
    """
    mail, own = EmailMessage(), parseaddr(sender)[1]
    mail["From"], mail["To"], mail["Subject"] = sender, to.email, " ".join(message.subject.split())
    if to.reply_to:
        mail["Reply-To"] = to.reply_to
    mail["Date"] = formatdate(localtime=False)
    mail["Message-ID"] = f"<{identifier}@{own.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Unsubscribe"] = f"<mailto:{to.reply_to or own}?subject={quote(f'no mail: {to.code}')}>"
    mail.set_content(message.plain())
    mail.add_alternative(message.html(), subtype="html")
    mail["Content-Language"] = message.tag  # set earlier, it would go with the plain part alone
    return mail
