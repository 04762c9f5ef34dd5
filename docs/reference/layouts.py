"""The page on the layouts of the field's sets that are read unchanged, and where each form is documented."""

from __future__ import annotations

from data.itemsets.layouts import LAYOUTS
from data.itemsets.layouts.layout import Layout
from reference.markdown import GENERATED, plain, table

_INTRODUCTION = """\
# Layouts of sets

These sets are read as their authors publish them, from files; [others](../guides/sets.md) by the names of their
columns, or by a layout of your own. A layout is *tried* where a real file of the set was read with it; the others
follow the documentation that is named, and were tried on files made after it.

"""
_HOW = {"0": "a number from 0", "1": "a number from 1", "letter": "a letter", "text": "the option's text"}


def page() -> str:
    """Return the page, in Markdown."""
    head = ["set", "answers", "tried", "form documented at", "remark"]
    return GENERATED + _INTRODUCTION + table(head, map(_row, LAYOUTS))


def _row(layout: Layout) -> list[str]:
    how = _HOW[layout.answer_from] if layout.answer_from else "marks or labels"
    links = " ".join(f"<{part}>" for part in layout.source.split() if part.startswith("https://"))
    return [plain(layout.name), how, "yes" if layout.verified else "no", links, plain(layout.note)]
