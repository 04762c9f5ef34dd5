"""Passwords for the assistant: one per workbench, all derived from one secret.

A Label Studio server keeps the password of each workbench's assistant, and any account there can have it sent to
an address of its own. So each workbench has its own password, which reveals neither the secret nor any other
password and identifies the caller. Passwords have generations: when somebody may have seen one, the next
generation replaces it. Only the holder of the secret can make it, so the assistant takes its first use as proof
that it is now valid and refuses earlier generations from then on, even after a restart.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import NamedTuple

USER = "belebele"
"""The name under which the program itself asks, to see whether the assistant is up."""

_MOST = 10**9  # generations; more than anybody will make


class Credentials(NamedTuple):
    """A user name and its password, as in HTTP Basic authentication."""

    user: str
    password: str

    @property
    def seal(self) -> str:
        """A digest that identifies these credentials without revealing the password."""
        return hashlib.sha256(f"{self.user}:{self.password}".encode()).hexdigest()[:16]


class Keyring:
    """The passwords of an assistant.

    Args:
        secret: what they are derived from.
        file: where the valid generations are stored; None to keep them in memory only.
    """

    def __init__(self, secret: str, file: Path | None = None) -> None:
        self._secret = secret.encode()
        self._file = file
        known = file is not None and file.exists()
        self._generations: dict[str, int] = json.loads(file.read_text("utf-8")) if file and known else {}

    @property
    def own(self) -> Credentials:
        """The credentials of the program itself."""
        return Credentials(USER, self._password(USER))

    def of(self, workbench: str, generation: int) -> Credentials:
        """Return the credentials of a workbench.

        Args:
            workbench: its title.
            generation: 1 or more.
        """
        user = f"{workbench}#{generation}"
        return Credentials(user, self._password(user))

    def latest(self, workbench: str) -> int:
        """Return the highest generation of a workbench's password that was ever used; 0 for none."""
        return self._generations.get(workbench, 0)

    def holder(self, authorization: str) -> str | None:
        """Return the workbench whose password a header holds: "" for the program's own, None for no valid one.

        The first use of a newer generation invalidates the ones before it.
        """
        kind, _, given = authorization.partition(" ")
        try:
            user, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        matches = hmac.compare_digest(password.encode(), self._password(user).encode())
        if kind.lower() != "basic" or not colon or not matches:
            return None
        workbench, hash_sign, number = user.rpartition("#")
        if not hash_sign:
            return "" if user == USER else None
        return workbench if number.isdecimal() and self._is_valid(workbench, int(number[:10])) else None

    def _is_valid(self, workbench: str, generation: int) -> bool:
        latest = self.latest(workbench)
        if latest < generation < _MOST:
            self._generations[workbench] = generation
            if self._file is not None:
                part = self._file.with_suffix(f".{os.getpid()}")
                part.touch(mode=0o600)
                part.write_text(json.dumps(self._generations), "utf-8")
                part.replace(self._file)
            return True
        return latest == generation > 0

    def _password(self, user: str) -> str:
        made = hmac.digest(self._secret, b"belebele assistant\0" + user.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")
