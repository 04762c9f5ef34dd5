"""Invitations: each is made for one person and serves for one account.

An invitation is an address with a seal, so none is kept until somebody has used it; then who it was for is kept
with the account. The person is a campaign's id and a code, no name.
"""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path
from urllib.parse import urlencode

from django.utils.crypto import salted_hmac

from .kept_file import KeptFile

_SALT = "belebele.invitation"


class Invitations:
    """The invitations of a server.

    Args:
        folder: where the file of those used is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / "invited.json")

    def address(self, person: str, token: str) -> str:
        """Return the address at which somebody signs up.

        Args:
            person: whom it is for; "" for anybody, once.
            token: Label Studio's own, without which it takes nobody.
        """
        person = person or f"guest/{secrets.token_hex(8)}"
        return f"/user/signup/?{urlencode({'token': token, 'person': person, 'seal': _seal(person)})}"

    def is_open(self, person: str, seal: str) -> bool:
        """Return whether this is an invitation that nobody has used."""
        return hmac.compare_digest(seal.encode(), _seal(person).encode()) and person not in self._file.read()

    def use(self, person: str, account: int) -> None:
        """Note whose account was made with an invitation; the first counts."""
        self._file.change(lambda held: {person: account, **held})

    def people(self) -> dict[int, str]:
        """Return whom each account was made for."""
        return {int(account): person for person, account in self._file.read().items()}


def _seal(person: str) -> str:
    return str(salted_hmac(_SALT, person, algorithm="sha256").hexdigest())
