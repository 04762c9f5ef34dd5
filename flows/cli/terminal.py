"""Rich's console for this program: texts go out cleared, and none is taken for markup. Why:
`flows.cli.escape_sequences`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from flows.cli.escape_sequences import Cleared, cleared


class Terminal(Console):
    """A console whose texts are cleared, and are never taken for markup.

    Args:
        stderr: whether it writes to standard error.
        highlight: whether numbers and the like are coloured.
    """

    def __init__(self, *, stderr: bool = False, highlight: bool = False) -> None:
        super().__init__(stderr=stderr, highlight=highlight, markup=False, emoji=False)

    @property
    def file(self) -> IO[str]:
        """The stream itself: what comes here is cleared already, and rich's own commands are to stay."""
        stream = super().file
        return stream.stream if isinstance(stream, Cleared) else stream

    @file.setter
    def file(self, new: IO[str]) -> None:
        self._file = new

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich's, with every text cleared."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(cleared(segment.text), segment.style)
