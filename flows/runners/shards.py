"""A shard: the work on one language, sent to a worker as addresses and sent back as one.

What is to be done and what with lie as parcels at an address that everybody reaches, each named by its digest; a
result is named by the digests of both. So the same work is done once: a run after an interruption finds what is
finished, and two workers that do the same write the same.

Parcels are pickles. Whoever can write at the address can have workers run anything: keep it as closed as the
cluster itself.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import platform
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, TypeVar

from data import storage
from data.errors import ServerUnreachable, UsageError

T = TypeVar("T")

_PAUSES = (0.2, 1.0, 4.0)  # seconds before an object store that failed is asked again
_SUM = 32  # bytes of the digest before a parcel's content


@dataclass(frozen=True)
class Cost:
    """What a shard cost.

    Attributes:
        seconds: it took.
        processor_seconds: of it.
        mebibytes: the most memory that its process has held.
        worker: the machine and the process.
        kept: whether it was finished before, and cost nothing.
    """

    seconds: float
    processor_seconds: float
    mebibytes: float
    worker: str
    kept: bool = False


@dataclass(frozen=True)
class Parcels:
    """Parcels at an address: a folder, or an object store."""

    address: str

    def send(self, content: object) -> str:
        """Put something there, if it is not there yet, and return its name."""
        data = pickle.dumps(content, protocol=5)
        name = f"{hashlib.sha256(data).hexdigest()[:40]}.parcel"
        if self._read(name) is None:
            self._write(name, data)
        return name

    def fetch(self, name: str) -> Any:
        """Return what was put there.

        Raises:
            UsageError: it is not there, or not whole.
        """
        if (data := self._read(name)) is None:
            raise UsageError(f"{self.address} has no whole {name}; do all workers reach it?")
        return pickle.loads(data)

    def has(self, name: str) -> bool:
        """Return whether a parcel is there, and whole."""
        return self._read(name) is not None

    def keep(self, name: str, content: object) -> None:
        """Put something there under a name."""
        self._write(name, pickle.dumps(content, protocol=5))

    def remove(self, name: str) -> None:
        """Remove a parcel, if it is there."""
        self._asked(lambda: storage.remove(self.address, name))

    def _read(self, name: str) -> bytes | None:
        try:
            data = self._asked(lambda: storage.read_bytes(self.address, name))
        except FileNotFoundError:
            return None
        return data[_SUM:] if hashlib.sha256(data[_SUM:]).digest() == data[:_SUM] else None

    def _write(self, name: str, data: bytes) -> None:
        whole = hashlib.sha256(data).digest() + data
        self._asked(lambda: storage.write_bytes(self.address, name, whole))

    def _asked(self, request: Callable[[], T]) -> T:
        """Return what the address answers; an object store that fails is asked again.

        Raises:
            ServerUnreachable: it does not answer.
        """
        left = list(_PAUSES) if storage.is_remote(self.address) else []
        while True:
            try:
                return request()
            except FileNotFoundError:
                raise
            except OSError as error:
                if not left:
                    what = (str(error).splitlines() or [""])[0][:200]
                    raise ServerUnreachable(
                        f"{self.address} did not answer ({what}); what is finished is kept there, and the same "
                        "command goes on from it"
                    ) from error
                time.sleep(left.pop(0))


def result_name(work: str, part: str) -> str:
    """Return the name of a shard's result."""
    return f"{hashlib.sha256(f'{work} {part}'.encode()).hexdigest()[:40]}.result"


def surroundings() -> str:
    """Return the versions in which this process and its workers must agree."""
    numbers = [f"{name} {version(name)}" for name in ("belebele-maker", "numpy", "pandas", "pyarrow")]
    return ", ".join([*numbers, f"Python {sys.version_info.major}.{sys.version_info.minor}"])


def run_shard(address: str, work: str, part: str, versions: str) -> Cost:
    """Do a shard's work in one thread, and put its result there.

    Args:
        address: of the parcels.
        work: the name of the function's parcel.
        part: the name of what it is called with.
        versions: `surroundings` of the caller.

    Raises:
        UsageError: this worker has other versions, or does not reach the address.
    """
    if (ours := surroundings()) != versions:
        raise UsageError(f"the worker {_worker()} has {ours}, and the caller {versions}: install the same on both")
    parcels, result = Parcels(address), result_name(work, part)
    if parcels.has(result):
        return Cost(0.0, 0.0, 0.0, _worker(), kept=True)
    function: Callable[[Any], Any] = parcels.fetch(work)
    content = parcels.fetch(part)
    from qc.models.threads import one_thread

    began, used = time.perf_counter(), time.process_time()
    with one_thread():
        found = function(content)
    took, busy = time.perf_counter() - began, time.process_time() - used
    parcels.keep(result, found)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(round(took, 2), round(busy, 2), round(most), _worker())


def _worker() -> str:
    return f"{platform.node()}, process {os.getpid()}"
