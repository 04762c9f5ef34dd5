"""Safe output to the terminal: all printed text passes through here, so that none of it can control the terminal.

Output contains what others wrote: task texts, reasons, titles, file names, servers' answers. An escape sequence in
it could colour, overwrite or hide lines, set the window's title or fill the clipboard; a direction override shows
a line in an order that differs from its text; rich's markup could turn text into a link. Every character that
controls a terminal is therefore replaced by �; line ends, tabs and characters that right-to-left text needs stay.

Plain output is cleared at the streams, where nothing can be missed; rich's output is cleared at its segments,
before rich colours them. Any rich console other than `flows.terminal.console.Terminal` is also cleared at the
streams, and loses its colours.
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
    r"""Replace characters that control a terminal: control characters, direction overrides, lone surrogates.

    >>> cleared("a \x1b[31mred\x1b[0m word,\tand \u202eback") == "a �[31mred�[0m word,\tand �back"
    True
    """
    return _COMMANDS.sub("\ufffd", text)


def escaped(text: str) -> str:
    """Return equivalent JSON text with JSON escapes for characters that control a terminal."""
    return _COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Cleared(io.TextIOBase):
    """A text stream that clears what is written to it.

    It exposes no underlying byte stream, which would bypass the clearing.
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        """Write the text, cleared."""
        self.stream.write(cleared(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream beneath."""
        self.stream.flush()

    def isatty(self) -> bool:
        """Return whether the stream beneath is a terminal."""
        return self.stream.isatty()

    def fileno(self) -> int:
        """Return the file descriptor of the stream beneath."""
        return self.stream.fileno()

    def writable(self) -> bool:
        """Return true, always."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The encoding of the stream beneath."""
        return self.stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """The stream's handling of characters that its encoding lacks."""
        return self.stream.errors


@contextmanager
def cleared_streams() -> Iterator[None]:
    """Clear standard output and error in the block; the process's original streams stay cleared until it exits."""
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
