"""The streams to the terminal: everything that is printed passes here, and none of it can command the terminal.

What is printed holds what others wrote: task texts, reasons, titles, file names, servers' answers. An escape
sequence in it could colour, overwrite or hide lines, set the window's title, or fill the clipboard; an override of
direction shows a line in another order than it is read; rich's own markup could make a link of it. So texts go out
without what commands a terminal, a mark (�) in its place; line ends, tabs, and what right-to-left text needs stay.

Plain output is cleared at the streams, where none can be forgotten; rich's at its segments, which it colours
after. A rich console that is no `flows.cli.terminal.Terminal` is cleared at the streams too, and loses its
colours.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

_COMMANDS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]|\r(?!\n)"  # C0, C1, directions
)


def cleared(text: str) -> str:
    r"""The text without what commands a terminal: control characters, overrides of direction, half characters.

    >>> cleared("a \x1b[31mred\x1b[0m word,\tand \u202eback") == "a �[31mred�[0m word,\tand �back"
    True
    """
    return _COMMANDS.sub("\ufffd", text)


def escaped(text: str) -> str:
    """JSON text that says the same, and has what commands a terminal as JSON's own escapes."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Cleared(io.TextIOBase):
    """A stream that clears what is written to it.

    It offers no bytes beneath, which would go around it.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text, cleared."""
        self.stream.write(cleared(text))
        return len(text)

    def flush(self) -> None:
        """Write what waits."""
        self.stream.flush()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """The system's number for it."""
        return self.stream.fileno()

    def writable(self) -> bool:
        """It is."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Of its bytes."""
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What happens to what the encoding lacks."""
        return self.stream.errors


@contextmanager
def cleared_streams() -> Iterator[None]:
    """Have standard output and error cleared while the block lasts; a process's own to its last word."""
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    for name, stream in before.items():
        if stream is not None and not isinstance(stream, Cleared):
            setattr(sys, name, Cleared(stream))
    try:
        yield
    finally:
        for name, stream in before.items():
            if stream is not getattr(sys, f"__{name}__"):
                setattr(sys, name, stream)
