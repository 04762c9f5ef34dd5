"""Pieces of Markdown from which every generated page is made."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written anew by every build, from the code. -->\n\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table; cells are Markdown, and may contain anything but a new line.

    >>> print(table(["a", "b"], [["x|y", "z"]]))
    | a | b |
    | --- | --- |
    | x\|y | z |
    <BLANKLINE>
    """
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\|", " ".join(text.split()))


def plain(text: str) -> str:
    r"""Escape text that Markdown should leave as it is, except within backticks.

    >>> plain("a *b* <c> `d_*e`")
    'a \\*b\\* \\<c\\> `d_*e`'
    """
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if n % 2 else re.sub(r"([*<>\[\]$\\])", r"\\\1", part) for n, part in enumerate(parts))


def code(text: str) -> str:
    """Return text set as code."""
    return f"`{text}`"


def sentence(text: str) -> str:
    """Return a remark as a sentence of its own, with a capital at the beginning and a full stop at the end.

    >>> sentence("stands in the title; fixed")
    'Stands in the title; fixed.'
    """
    text = text.strip()
    if re.match(r"\w+[\d_]", text):  # a word of the code, not of a language
        return text + ("" if text[-1] in ".?!…" else ".")
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".?!…" else ".")
