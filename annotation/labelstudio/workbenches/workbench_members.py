"""Who works in which workbench, as our layer inside the server has it (annotation/layer).

On a server with the layer an account reaches the workbenches that it is admitted to and nothing else. On one
without, every account reaches everything, and there is nothing to set.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

_MEMBERS = "/belebele/members"
_INVITATION = "/belebele/invitation"

Members = Mapping[int, frozenset[int]]
"""The number of a project to those of the accounts that work there."""


class WorkbenchMembers:
    """The members of a server's workbenches.

    Args:
        wire: the connection to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def members(self) -> Members | None:
        """Return who works where; None if the server has no layer."""
        return self._wire.ask_layer(_MEMBERS, "who works where", _read)

    def invited(self) -> dict[int, str]:
        """Return whom the accounts that were made with an invitation of the layer were made for, by number."""
        return self._wire.ask_layer(_MEMBERS, "who was invited", _invited) or {}

    def invitation(self, person: str) -> str | None:
        """Return the path at which a person signs up, once; None if the server has no layer."""
        path = f"{_INVITATION}?person={quote(person, safe='')}"
        return self._wire.ask_layer(path, "an invitation", lambda answer: str(answer["invite_url"]))

    def admit(self, members: Mapping[int, Collection[int]]) -> None:
        """Set who works in these projects; others stay as they are."""
        body = {"projects": {str(project): sorted(accounts) for project, accounts in members.items()}}
        self._wire.write(self._wire.layer_call("PUT", _MEMBERS, body), "who works where")


def _read(answer: Mapping[str, Mapping[str, list[int]]]) -> Members:
    return {int(project): frozenset(map(int, ones)) for project, ones in answer["projects"].items()}


def _invited(answer: Mapping[str, Mapping[str, str]]) -> dict[int, str]:
    return {int(account): str(person) for account, person in answer["invited"].items()}
