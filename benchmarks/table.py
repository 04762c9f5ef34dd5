"""How a benchmark tells what it measured: our seconds beside those of a named peer that does the same work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Line:
    """One comparison; without a peer, our time alone.

    Args:
        what: the work.
        ours: seconds that the program takes.
        peer: seconds that the other way takes.
        other: what the other way is.
    """

    what: str
    ours: float
    peer: float | None = None
    other: str = ""


def show(lines: Sequence[Line]) -> None:
    """Print the table."""
    width = max(len(line.what) for line in lines)
    print(f"{'':{width}} {'ours':>9} {'peer':>9} {'ratio':>7}  peer")
    for line in lines:
        peer, ratio = ("", "") if line.peer is None else (f"{line.peer:.2f} s", f"{line.peer / line.ours:.1f}x")
        print(f"{line.what:{width}} {f'{line.ours:.2f} s':>9} {peer:>9} {ratio:>7}  {line.other}".rstrip())


def timed(work: Callable[[], object]) -> float:
    """Seconds that something takes."""
    began = perf_counter()
    work()
    return perf_counter() - began
