"""The table of a benchmark's measurements: our seconds beside those of a named peer that does the same work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Line:
    """One comparison; without a peer, our time alone.

    Args:
        what: the work.
        ours: the program's seconds.
        peer: the peer's seconds.
        other: the peer.
    """

    what: str
    ours: float
    peer: float | None = None
    other: str = ""


def show(lines: Sequence[Line]) -> None:
    """Print the table."""
    if not lines:
        return  # the missing measurement was announced
    width = max(len(line.what) for line in lines)
    print(f"{'':{width}} {'ours':>9} {'peer':>9} {'ratio':>7}  peer")
    for line in lines:
        peer, ratio = ("", "") if line.peer is None else (_said(line.peer), f"{line.peer / line.ours:.1f}x")
        print(f"{line.what:{width}} {_said(line.ours):>9} {peer:>9} {ratio:>7}  {line.other}".rstrip())


def _said(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began
