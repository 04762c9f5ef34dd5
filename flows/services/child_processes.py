"""Child processes that end when we do, however we end.

Each leads a session of its own, so that Ctrl-C reaches us and not it, and reads from a pipe that we hold: when we
end, the pipe closes, and the child ends with all that it started. (annotation/labelstudio/local_server.py keeps
Label Studio's server in the same way; nothing of ours is installed in its environment.)
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from data.errors import ServerError

START_SECONDS = 240.0
"""Seconds that a child may take to get ready; Prefect's first start creates its database."""

PATIENCE = 15.0
"""Seconds between asking a child to end and killing it."""

_ORPHAN_PATIENCE = 5.0


@contextlib.contextmanager
def child(
    code: str,
    *arguments: str,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child for the duration of the block.

    Args:
        code: Python to run; its `sys.argv[1:]` are the arguments.
        arguments: for it.
        log: the file to which its output is appended.
        environment: its whole environment; ours by default.
        folder: its working directory; ours by default.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    command = [
        sys.executable,
        "-P",
        "-c",
        f"from flows.services.child_processes import watch; watch()\n{code}",
        *arguments,
    ]
    # A child's own children are Python too, and must not import packages from the current folder.
    whole = {**(os.environ if environment is None else environment), "PYTHONSAFEPATH": "1"}
    with (
        log.open("ab") as out,
        subprocess.Popen(
            command,
            env=whole,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield process
        finally:
            stop(process)


def watch() -> None:
    """Run in the child: end our process group when the other end of our standard input closes."""

    def end_as_orphan() -> None:
        while os.read(0, 1):
            pass
        os.killpg(os.getpgrp(), signal.SIGTERM)
        time.sleep(_ORPHAN_PATIENCE)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=end_as_orphan, daemon=True).start()


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that leads a session of its own, and all that it started there."""
    _signal(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(PATIENCE)
    end = time.monotonic() + 1
    while _signal(process, 0) and time.monotonic() < end:  # its children were asked too
        time.sleep(0.05)
    _signal(process, signal.SIGKILL)
    process.wait()


def wait_for(ready: Callable[[], bool], process: subprocess.Popen[bytes], name: str, log: Path) -> None:
    """Wait until a child is ready.

    Raises:
        ServerError: it ended, or is not ready in time; with the end of its log.
    """
    end = time.monotonic() + START_SECONDS
    while not ready():
        if process.poll() is not None or time.monotonic() > end:
            state = f"ended with {process.returncode}" if process.poll() is not None else "does not answer"
            raise ServerError(f"{name} {state}; the end of {log}:\n{tail(log)}")
        time.sleep(0.2)


def tail(log: Path, lines: int = 8) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:]) if log.exists() else ""


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
