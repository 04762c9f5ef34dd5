"""Accounts on the fake server: invitation, sign-up, sessions, tokens of both kinds, last activity."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from annotation.labelstudio.fake.refusals import Refused


def now() -> str:
    """Return the server's time, as Label Studio writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Account:
    """A person's account."""

    id: int
    email: str
    password: str
    token: str = field(default_factory=lambda: secrets.token_hex(20))
    joined: str = field(default_factory=now)
    active: str = field(default_factory=now)
    """When they last wrote something in a session; writing with a token leaves no trace here."""

    def as_json(self) -> dict[str, object]:
        """Return the account as a list of accounts shows it."""
        return {
            "id": self.id, "first_name": "", "last_name": "", "username": "", "email": self.email,
            "last_activity": self.active, "custom_hotkeys": {}, "avatar": None, "initials": self.email[:2],
            "phone": "", "active_organization": 1, "allow_newsletters": None, "date_joined": self.joined,
        }  # fmt: skip

    def as_completed_by(self) -> dict[str, object]:
        """Return the account as a single task shows who completed an annotation."""
        return {
            "id": self.id, "first_name": "", "last_name": "", "avatar": None, "email": self.email,
            "initials": self.email[:2],
        }  # fmt: skip


class Accounts:
    """All accounts of a server.

    Args:
        first: e-mail address of the account that owns it.
    """

    def __init__(self, first: str) -> None:
        self.invitation = secrets.token_urlsafe(30)
        self.by_id: dict[int, Account] = {}
        self._sessions: dict[str, Account] = {}
        self._personal: dict[str, Account] = {}
        self._short_lived: dict[str, Account] = {}
        self.first = self._add(first, secrets.token_urlsafe(18))

    def sign_up(self, email: str, password: str) -> str:
        """Create an account and return its session; "" if the form is rejected."""
        valid = re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email) and len(password) >= 8
        return self._session(self._add(email.lower(), password)) if valid and not self._of(email) else ""

    def log_in(self, email: str, password: str) -> str:
        """Return a session of the account; "" if the form is rejected."""
        account = self._of(email)
        return self._session(account) if account and account.password == password else ""

    def personal_token(self, account: Account) -> str:
        """Return a new personal access token."""
        token = _web_token()
        self._personal[token] = account
        return token

    def refresh(self, personal: str) -> str:
        """Return a short-lived token for a personal one."""
        if personal not in self._personal:
            raise Refused(401, "Token is invalid")
        token = _web_token()
        self._short_lived[token] = self._personal[personal]
        return token

    def who(self, authorization: str, session: str, *, writes: bool) -> Account:
        """Return the account that makes a request; one that writes in a session counts as activity.

        Raises:
            Refused: with 401, if the request belongs to no account.
        """
        kind, _, token = authorization.partition(" ")
        if kind == "Token":
            found = next((one for one in self.by_id.values() if one.token == token.strip()), None)
            if found is None:
                raise Refused(401, "Invalid token.")
            return found
        account = self._short_lived.get(token) if kind == "Bearer" else self.of_session(session)
        if account is None:
            raise Refused(401, "Authentication credentials were not provided.")
        if writes and kind != "Bearer":
            account.active = now()
        return account

    def of_session(self, session: str) -> Account | None:
        """Return the account that is signed in with this session."""
        return self._sessions.get(session)

    def _of(self, email: str) -> Account | None:
        return next((one for one in self.by_id.values() if one.email == email.lower()), None)

    def _add(self, email: str, password: str) -> Account:
        account = Account(len(self.by_id) + 1, email, password)
        self.by_id[account.id] = account
        return account

    def _session(self, account: Account) -> str:
        session = secrets.token_urlsafe(24)
        self._sessions[session] = account
        return session


def _web_token() -> str:
    return ".".join(secrets.token_urlsafe(16) for _ in range(3))
