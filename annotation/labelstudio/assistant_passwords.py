"""What whoever asks the assistant must know: a password for each workbench, made from one secret.

A Label Studio server keeps the password of each workbench's assistant, and any account there can have it sent to
an address of its own. So each workbench has another one, from which neither the secret nor any other follows, and
which tells who asks. Each has a generation. The next one takes its place when somebody may have seen it: nobody
but who has the secret can make it, so the assistant takes its first use for the news that it counts, and refuses
the ones before from then on, also after it was started anew.
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
"""The name that the program itself asks under, to see whether the assistant is there."""

_MOST = 10**9  # generations, more than anybody makes


class Credentials(NamedTuple):
    """A name and the password that goes with it, as HTTP's Basic authentication has them."""

    user: str
    password: str

    @property
    def seal(self) -> str:
        """Tells them from all others and gives nothing of the password away."""
        return hashlib.sha256(f"{self.user}:{self.password}".encode()).hexdigest()[:16]


class Keyring:
    """The passwords of an assistant.

    Args:
        secret: what they are made from.
        file: where the generations that count are kept; None to forget them in the end.
    """

    def __init__(self, secret: str, file: Path | None = None) -> None:
        self._secret = secret.encode()
        self._file = file
        known = file is not None and file.exists()
        self._counting: dict[str, int] = json.loads(file.read_text("utf-8")) if file and known else {}

    @property
    def own(self) -> Credentials:
        """What the program itself asks with."""
        return Credentials(USER, self._password(USER))

    def of(self, workbench: str, generation: int) -> Credentials:
        """What a workbench asks with.

        Args:
            workbench: its title.
            generation: 1 or more.
        """
        user = f"{workbench}#{generation}"
        return Credentials(user, self._password(user))

    def latest(self, workbench: str) -> int:
        """The highest generation of a workbench's password that was ever asked with; 0 for none."""
        return self._counting.get(workbench, 0)

    def holder(self, authorization: str) -> str | None:
        """Whose password a header holds: a workbench's, by title, "" for the program's own, None for nobody's.

        A generation that was not seen before makes the ones before it worthless.
        """
        kind, _, given = authorization.partition(" ")
        try:
            user, colon, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return None
        right = hmac.compare_digest(password.encode(), self._password(user).encode())
        if kind.lower() != "basic" or not colon or not right:
            return None
        workbench, hash_sign, number = user.rpartition("#")
        if not hash_sign:
            return "" if user == USER else None
        return workbench if number.isdecimal() and self._counts(workbench, int(number[:10])) else None

    def _counts(self, workbench: str, generation: int) -> bool:
        latest = self.latest(workbench)
        if latest < generation < _MOST:
            self._counting[workbench] = generation
            if self._file is not None:
                part = self._file.with_suffix(f".{os.getpid()}")
                part.touch(mode=0o600)
                part.write_text(json.dumps(self._counting), "utf-8")
                part.replace(self._file)
            return True
        return latest == generation > 0

    def _password(self, user: str) -> str:
        made = hmac.digest(self._secret, b"belebele assistant\0" + user.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")
