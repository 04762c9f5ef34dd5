"""The numbers of a page's tables and figures, in their order on the page, and references to them.

The audit's layers decide which of them exist, so nobody can number them by hand. A reference may precede its
target, so it is a mark until the page is complete.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

from markupsafe import Markup

CaptionKind = Literal["Table", "Figure"]

_MARK = re.compile("\ue000([a-z-]+)\ue001")  # private-use characters of Unicode


class Captions:
    """A counter of tables and figures for a page in the making."""

    def __init__(self) -> None:
        self._count: Counter[str] = Counter()
        self._known: dict[str, str] = {}

    def label(self, kind: CaptionKind, name: str = "") -> Markup:
        """Return the beginning of a caption, such as `Table 3.`; references use its name."""
        self._count[kind] += 1
        number = f"{kind} {self._count[kind]}"
        if not name:
            return Markup('<b class="label">{}.</b>').format(number)
        self._known.setdefault(name, number)
        return Markup('<b class="label" id="{}">{}.</b>').format(f"n-{name}", number)

    def ref(self, name: str) -> str:
        """Return a reference, which `resolved` turns into a link."""
        return f"\ue000{name}\ue001"

    def resolved(self, page: str) -> str:
        """Return the page with its references as links."""
        return _MARK.sub(lambda found: f'<a href="#n-{found[1]}">{self._known[found[1]]}</a>', page)
