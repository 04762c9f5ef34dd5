"""Who works where: the accounts of each workbench, in a file that the program's `advance` keeps.

Every process of the server reads the file anew when it has changed. A project that is not in it is nobody's.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

FOLDER = "BELEBELE_LAYER"
"""Variable: the folder where the layer keeps its files."""


class Membership:
    """The accounts of each workbench.

    Args:
        folder: where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "members.json"
        self._known: tuple[tuple[int, int, int], dict[int, frozenset[int]]] | None = None

    def accounts(self, project: int) -> frozenset[int]:
        """Return the numbers of the accounts that work there."""
        return self._read().get(project, frozenset())

    def all(self) -> dict[int, frozenset[int]]:
        """Return the accounts of every workbench, by project."""
        return dict(self._read())

    def projects(self, account: int) -> frozenset[int]:
        """Return the numbers of the projects where an account works."""
        return frozenset(project for project, accounts in self._read().items() if account in accounts)

    def write(self, projects: Mapping[int, Sequence[int]]) -> None:
        """Set the accounts of these projects; those of others stay as they are."""
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            held = {**self._read(), **{number: frozenset(ones) for number, ones in projects.items()}}
            new = self._file.with_suffix(".new")
            new.unlink(missing_ok=True)
            text = json.dumps({str(number): sorted(ones) for number, ones in sorted(held.items()) if ones})
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._file)

    def _read(self) -> dict[int, frozenset[int]]:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return {}
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._known is None or self._known[0] != seen:
            held: dict[str, list[int]] = json.loads(self._file.read_text("utf-8"))
            self._known = seen, {int(number): frozenset(ones) for number, ones in held.items()}
        return self._known[1]


def folder() -> Path:
    """Return the folder where the layer keeps its files."""
    return Path(os.environ[FOLDER])
