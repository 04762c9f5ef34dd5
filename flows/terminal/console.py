"""Our rich console, which clears texts and never reads them as markup; `flows.terminal.escape_sequences` says
why.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from flows.terminal.escape_sequences import Cleared, cleared


class Terminal(Console):
    """A console that clears its texts and never reads them as markup.

    Args:
        stderr: whether to write to standard error.
        highlight: whether to colour numbers and the like.
    """

    def __init__(self, *, stderr: bool = False, highlight: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=highlight, markup=False, emoji=False)

    @property
    def file(self) -> IO[str]:
        """The stream beneath; text arrives here already cleared, and rich's own escapes must stay."""
        stream = super().file
        return stream.stream if isinstance(stream, Cleared) else stream

    @file.setter
    def file(self, new: IO[str]) -> None:
        self._file = new

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render as rich does, with every text cleared."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(cleared(segment.text), segment.style)
