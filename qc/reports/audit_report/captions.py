"""The numbers of a page's tables and figures, in the order in which they stand, and references to them.

Which of them there are hangs on what the audit ran, so nobody can number them by hand. A reference may stand
before what it refers to, so it is a mark until the page is whole.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from markupsafe import Markup

CaptionKind = Literal["Table", "Figure"]

_MARK = re.compile("\ue000([a-z-]+)\ue001")  # of Unicode's private use


class Captions:
    """Counts tables and figures while a page is made."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._known: dict[str, str] = {}

    def label(self, kind: CaptionKind, name: str = "") -> Markup:
        """The beginning of a caption, such as `Table 3.`; by its name it can be referred to."""
        self._count[kind] += 1
        number = f"{kind} {self._count[kind]}"
        if not name:
            return Markup('<b class="label">{}.</b>').format(number)
        self._known.setdefault(name, number)
        return Markup('<b class="label" id="{}">{}.</b>').format(f"n-{name}", number)

    def ref(self, name: str) -> str:
        """A reference, for `resolved` to make a link of."""
        return f"\ue000{name}\ue001"

    def resolved(self, page: str) -> str:
        """The page with its references as links."""
        return _MARK.sub(lambda found: f'<a href="#n-{found[1]}">{self._known[found[1]]}</a>', page)
