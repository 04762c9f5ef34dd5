"""Counts that all processes of a server share: requests, how long they took, what was refused.

gunicorn's workers are processes that know nothing of each other, and Prometheus asks whichever answers. So counts
are kept in one small file that each maps into its memory, and go on where they were after a restart. A count is
added to under a lock, which the system gives back however its holder ends.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "other")
CODES = ("2xx", "3xx", "4xx", "5xx")
BOUNDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds, in seconds, of the classes of durations; a last class has the rest."""

REFUSED = ("annotator", "nobody")
"""Whom the door refused something: an account, or somebody who is not signed in."""

_SLOTS = (
    *(f"{method} {code}" for method in METHODS for code in CODES),
    *(f"within {bound}" for bound in (*BOUNDS, "any")),
    "seconds",
    *(f"refused {who}" for who in REFUSED),
)
_PLACE = {slot: 8 * number for number, slot in enumerate(_SLOTS)}
_NUMBER = struct.Struct("<d")
_NAME = "tallies-1"
"""The file's name; other slots need another."""


class Tallies:
    """The counts of one server.

    Args:
        folder: where the file is.
    """

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
        size = 8 * len(_SLOTS)
        if os.fstat(self._file).st_size < size:
            os.posix_fallocate(self._file, 0, size)  # a full disk is told now, not by a signal later
        self._counts = mmap.mmap(self._file, size)
        self._lock = threading.Lock()

    def request(self, method: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        code = f"{min(max(status // 100, 2), 5)}xx"
        bound = next((bound for bound in BOUNDS if seconds <= bound), "any")
        self._add(
            {f"{method if method in METHODS else 'other'} {code}": 1, f"within {bound}": 1, "seconds": seconds}
        )

    def refused(self, who: str) -> None:
        """Count a refusal; `who` is one of `REFUSED`."""
        self._add({f"refused {who}": 1})

    def all(self) -> dict[str, float]:
        """Return every count by its slot."""
        with self._held():
            return {slot: _NUMBER.unpack_from(self._counts, place)[0] for slot, place in _PLACE.items()}

    def _add(self, more: dict[str, float]) -> None:
        with self._held():
            for slot, count in more.items():
                place = _PLACE[slot]
                _NUMBER.pack_into(self._counts, place, _NUMBER.unpack_from(self._counts, place)[0] + count)

    def _held(self) -> _Held:
        return _Held(self._lock, self._file)


class _Held:
    """A thread's hold of the counts: of its process by a lock, of the file by the system's."""

    def __init__(self, lock: threading.Lock, file: int) -> None:
        self._lock, self._file = lock, file

    def __enter__(self) -> None:
        self._lock.acquire()
        fcntl.lockf(self._file, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN)
        self._lock.release()


@cache
def tallies_of(folder: Path) -> Tallies:
    """Return the counts of a server, the same for all in this process: the system's lock keeps only others out."""
    return Tallies(folder)


def lines(counts: dict[str, float]) -> Iterator[str]:
    """Yield the counts as Prometheus reads them."""
    yield from family(
        "belebele_layer_requests_total", "counter", "Requests that Label Studio answered.",
        ((f'method="{method}",code="{code}"', counts[f"{method} {code}"]) for method in METHODS for code in CODES),
    )  # fmt: skip
    name, so_far = "belebele_layer_request_duration_seconds", 0.0
    yield f"# HELP {name} How long requests took."
    yield f"# TYPE {name} histogram"
    for bound in (*BOUNDS, "any"):
        so_far += counts[f"within {bound}"]
        yield f'{name}_bucket{{le="{"+Inf" if bound == "any" else bound}"}} {so_far:g}'
    yield f"{name}_sum {counts['seconds']!r}"
    yield f"{name}_count {so_far:g}"
    yield from family(
        "belebele_layer_refused_total", "counter", "Requests that the door refused.",
        ((f'who="{who}"', counts[f"refused {who}"]) for who in REFUSED),
    )  # fmt: skip


def family(name: str, kind: str, says: str, rows: Iterable[tuple[str, float]]) -> Iterator[str]:
    """Yield the lines of one metric: its labels as they are written, and its value."""
    yield f"# HELP {name} {says}"
    yield f"# TYPE {name} {kind}"
    for labels, value in rows:
        number = int(value) if value == int(value) else value
        yield f"{name}{{{labels}}} {number}" if labels else f"{name} {number}"
