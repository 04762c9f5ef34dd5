"""Why people skipped tasks, as they said on the labelling page; Label Studio itself keeps nothing of it.

A reason is kept before the skip is saved, so that whoever finds the skip finds the reason too.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .kept_file import KeptFile

REASONS = ("source", "cannot do it", "no time", "another reason")
"""What `companion.js` offers. Anything else counts as the last of them: a name must not get on from here."""


class SkipReasons:
    """The latest reason for each task and account.

    Args:
        folder: where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = KeptFile(folder / "skips.json")

    def all(self) -> Mapping[str, Mapping[str, str]]:
        """Return the reasons by the numbers, as text, of task and account."""
        return self._file.read()

    def keep(self, task: int, account: int, said: str) -> None:
        """Keep what somebody said."""
        reason = said if said in REASONS else REASONS[-1]
        self._file.change(lambda held: {**held, str(task): {**held.get(str(task), {}), str(account): reason}})
