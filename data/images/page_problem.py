"""Why a page could not be drawn or read: facts about one item, never a reason to stop the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProblemKind = Literal["no_glyph", "page_too_small", "empty_text", "unreadable_picture", "options"]


@dataclass(frozen=True)
class PageProblem:
    """One item that has no page.

    Attributes:
        item_id: as in the set.
        language: as in the set.
        kind: what went wrong.
        what: the value that is wrong, and the cure.
    """

    item_id: str
    language: str
    kind: ProblemKind
    what: str


class PageImpossible(Exception):
    """Raised where one page cannot be drawn; becomes the item's `PageProblem`."""

    def __init__(self, kind: ProblemKind, what: str) -> None:
        self.kind: ProblemKind = kind
        self.what = what
        super().__init__(what)
