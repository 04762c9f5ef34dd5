"""Work that is dealt out by language, as seen by those who do not know to whom: whoever calls them hands it in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol, TypeVar

P = TypeVar("P")
R = TypeVar("R")


class EachLanguage(Protocol):
    """What deals languages out: yields each one's result of a function, in the order in which they are named.

    It is told how many items there are, since little work is not worth another process.
    """

    def __call__(
        self, work: Callable[[P], R], parts: Mapping[str, P], amount: int, /
    ) -> Iterable[tuple[str, R]]: ...


def one_after_another(work: Callable[[P], R], parts: Mapping[str, P], _amount: int) -> Iterator[tuple[str, R]]:
    """Do the languages here, one after the other."""
    for language, part in parts.items():
        yield language, work(part)
