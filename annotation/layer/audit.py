"""The audit log: what the lead and the program changed through the server, and what was refused to whom.

One JSON object a line, appended in one write, so that processes do not cut into each other's lines. It has
paths, never queries or bodies; of a skip, the reason. A file that is full becomes an earlier one, and the earliest
goes. Refusals, of which anybody can cause as many as they like, have files of their own and displace nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

CHANGES = "audit"
REFUSALS = "refused"
"""Names of the two logs, `audit.jsonl` and `refused.jsonl`; earlier files are `audit.1.jsonl` and so on."""

MOST_BYTES = 16 * 2**20
"""The size at which a file is full: about a hundred thousand lines."""

EARLIER: Mapping[str, int] = {CHANGES: 15, REFUSALS: 1}
"""The number of earlier files that are kept."""


def note(folder: Path, account: int | None, what: Mapping[str, object]) -> None:
    """Append a line.

    Args:
        folder: where the log is.
        account: the number of who asked; None for nobody who is known.
        what: method, path, outcome and more; the outcome "refused" goes to the refusals.
    """
    name = REFUSALS if what.get("outcome") == "refused" else CHANGES
    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = json.dumps({"at": at, "account": account, **what}, ensure_ascii=False) + "\n"
    opened = os.open(folder / f"{name}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(opened, line.encode("utf-8", "backslashreplace"))
        is_full = os.fstat(opened).st_size >= MOST_BYTES
    finally:
        os.close(opened)
    if is_full:
        _turn_over(folder, name)


def _turn_over(folder: Path, name: str) -> None:
    """Make the current file an earlier one, unless another process has just done so."""
    current = folder / f"{name}.jsonl"
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not current.exists() or current.stat().st_size < MOST_BYTES:
            return
        for number in range(EARLIER[name] - 1, 0, -1):
            earlier = folder / f"{name}.{number}.jsonl"
            if earlier.exists():
                earlier.replace(folder / f"{name}.{number + 1}.jsonl")
        current.replace(folder / f"{name}.1.jsonl")
