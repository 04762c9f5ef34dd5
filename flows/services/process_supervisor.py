"""Supervised processes beside `belebele up`: each is restarted whenever it ends or hangs, while people work on."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from flows.services.child_processes import tail
from flows.terminal.console import Terminal

LOOK = 2.0
"""Seconds between two checks that it is alive."""

_LASTING = 60.0  # seconds that a healthy process lives; after shorter lives restarts are delayed more and more

console = Terminal()


class Companion:
    """A supervised process and its successors.

    Args:
        name: for messages.
        meanwhile: what happens while it is down, in words.
        start: starts it.
        answers: whether it answers.
        log: the file to which its output is appended.
        silent: failed checks in a row that count as hanging.
    """

    def __init__(
        self,
        name: str,
        meanwhile: str,
        start: Callable[[], contextlib.AbstractContextManager[subprocess.Popen[bytes]]],
        answers: Callable[[], bool],
        log: Path,
        silent: int = 3,
    ) -> None:
        self.log = log
        self._patience = silent
        self._name, self._meanwhile = name, meanwhile
        self._begin, self._answers = start, answers
        self._held = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._due = self._pause = self._begun = 0.0
        self._silent, self._answered = 0, False
        self._start()

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The running process, or the last one."""
        assert self._process is not None
        return self._process

    def look(self) -> None:
        """Check that it answers, and restart it if not."""
        if self._process is None:
            if time.monotonic() >= self._due:
                self._start()
        elif (code := self._process.poll()) is not None:
            self._end(f"ended with {code}")
        elif self._hangs():
            self._end("does not answer any more")

    def close(self) -> None:
        """End it."""
        self._held.close()

    def _start(self) -> None:
        self._process = self._held.enter_context(self._begin())
        self._begun, self._silent, self._answered = time.monotonic(), 0, False

    def _hangs(self) -> bool:
        if self._answers():
            self._silent, self._answered = 0, True
        else:
            self._silent += 1
        started = self._answered or time.monotonic() - self._begun > _LASTING
        return started and self._silent >= self._patience

    def _end(self, how: str) -> None:
        self.process.kill()  # a hanging process ignores other signals
        self._held.close()
        self._process = None
        lasted = time.monotonic() - self._begun >= _LASTING
        self._pause = 0.0 if lasted else min(60.0, max(LOOK, 2 * self._pause))
        self._due = time.monotonic() + self._pause
        why = "" if self._answered else f"; the end of {self.log}:\n{tail(self.log)}"
        console.print(f"{self._name} {how}; {self._meanwhile}, and it is started anew{why}")
