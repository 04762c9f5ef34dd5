"""A small JSON file that several processes read and change: read anew when it has changed, replaced as a whole."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

FOLDER = "BELEBELE_LAYER"
"""Variable: the folder where the layer keeps its files."""


class KeptFile:
    """A JSON object in a file; empty until it is first changed.

    Args:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: tuple[tuple[int, int, int], dict[str, Any]] | None = None

    def read(self) -> dict[str, Any]:
        """Return what it holds, which is not to be changed."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return {}
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if self._known is None or self._known[0] != seen:
            self._known = seen, json.loads(self._path.read_text("utf-8"))
        return self._known[1]

    def change(self, changed: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        """Replace what it holds, which the function is given, by what the function returns."""
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            new = self._path.with_suffix(".new")
            new.unlink(missing_ok=True)
            text = json.dumps(changed(self.read()))
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self._path)


def folder() -> Path:
    """Return the folder where the layer keeps its files."""
    return Path(os.environ[FOLDER])
