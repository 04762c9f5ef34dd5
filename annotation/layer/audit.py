"""The audit log: what the lead and the program changed through the server, and what was refused to whom.

One JSON object a line, appended in one write, so that processes do not cut into each other's lines. It has
paths, never queries or bodies; of a skip, the reason.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

NAME = "audit.jsonl"


def note(folder: Path, account: int | None, what: Mapping[str, object]) -> None:
    """Append a line.

    Args:
        folder: where the log is.
        account: the number of who asked; None for nobody who is known.
        what: method, path, what came of it.
    """
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "account": account, **what}, ensure_ascii=False) + "\n"
    opened = os.open(folder / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(opened, line.encode())
    finally:
        os.close(opened)
