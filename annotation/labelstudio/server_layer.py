"""Our layer inside a server (annotation/layer): which one runs there, and what it tells beside who works where."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

FOLDER = Path(__file__).parents[1] / "layer"
"""The layer that this program came with."""

_LAYER = "/belebele/layer"
_SKIPS = "/belebele/skips"
_COPY = "/belebele/copy"

SkipReasons = Mapping[tuple[int, str], str]
"""The number of a task, and the server's number of an account as text, to why that account skipped it."""


@dataclass(frozen=True)
class RunningLayer:
    """The layer that runs in a server.

    Attributes:
        version: of what may be asked of it.
        own: whether its files are those that this program came with.
    """

    version: int
    own: bool


@dataclass(frozen=True)
class CopyHeld:
    """Which copy of a campaign worked on a server last.

    Attributes:
        fits: whether the copy that asks may work there.
        owner: the machine and process of the last run; "" if there was none.
        at: when it was, by the server's clock, ISO 8601; "" if there was none.
        run: its number.
    """

    fits: bool
    owner: str = ""
    at: str = ""
    run: int = 0


class ServerLayer:
    """Asks the layer of one server about itself.

    Args:
        wire: the connection to the server.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def running(self) -> RunningLayer | None:
        """Return which layer runs there; None if there is none, or one from before it told."""
        return self._wire.ask_layer(_LAYER, "its layer", _running)

    def skip_reasons(self) -> SkipReasons:
        """Return why people skipped tasks; nothing where no layer tells."""
        return self._wire.ask_layer(_SKIPS, "why tasks were skipped", _reasons) or {}

    def note_copy(self, asked: Mapping[str, object]) -> CopyHeld | None:
        """Note a run of a copy of a campaign, as `annotation.layer.campaign_copies.Asked` says.

        Returns:
            Which copy worked there before; None if no layer tells.
        """
        if self.running() is None:
            return None  # nothing is written to a server that knows nothing of it
        return self._wire.ask_layer(_COPY, "which copy works there", _copy, method="PUT", body=asked)


def layer_digest() -> str:
    """Return the SHA-256 of the layer's files, as the layer makes it of its own."""
    found = hashlib.sha256()
    for path in sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file()):
        if "__pycache__" not in path and not path.endswith(".mo"):
            content = hashlib.sha256((FOLDER / path).read_bytes()).hexdigest()
            found.update(f"{path} {content}\n".encode())
    return found.hexdigest()


def _running(answer: Mapping[str, Any]) -> RunningLayer:
    return RunningLayer(int(answer["layer"]), answer.get("digest") == layer_digest())


def _copy(answer: Mapping[str, Any]) -> CopyHeld:
    held = answer["held"]
    if held is None:
        return CopyHeld(bool(answer["fits"]))
    return CopyHeld(bool(answer["fits"]), str(held["owner"]), str(held["at"]), int(held["run"]))


def _reasons(answer: Mapping[str, Mapping[str, str]]) -> SkipReasons:
    return {
        (int(task), str(account)): str(reason)
        for task, by_account in answer.items()
        for account, reason in by_account.items()
    }
