"""The page on the layouts of the field's sets that are read unchanged, and where each form is documented."""

from __future__ import annotations

from data.itemsets.layouts import LAYOUTS
from data.itemsets.layouts.layout import Layout
from reference.markdown import GENERATED, plain, table

_INTRODUCTION = """\
# Layouts of sets

These sets are read as their authors publish them, from files; [others](../guides/sets.md) by the names of their
columns, or by a layout of your own. A layout is *tried* where real files of the set were read with it, and
*compared* where real files were looked at and the form is theirs. The others follow documentation, and programs
that read or write such files. What is not tried on real files is tried on files made after them. The licence is
what a set's publisher says of it, as far as we know it; look there before you pass on what you make of it.

"""
_EVIDENCE = {"read": "tried", "seen": "compared", "documented": "documented"}
_HOW = {"0": "a number from 0", "1": "a number from 1", "letter": "a letter", "text": "the option's text"}


def page() -> str:
    """Return the page, in Markdown."""
    head = ["set", "answers", "form", "checked against", "published at", "licence", "remark"]
    return GENERATED + _INTRODUCTION + table(head, map(_row, LAYOUTS))


def _row(layout: Layout) -> list[str]:
    how = _HOW[layout.answer_from] if layout.answer_from else "marks or labels"
    links = " ".join(f"<{part}>" for part in layout.source.split() if part.startswith("https://"))
    form = _EVIDENCE[layout.evidence]
    licence = layout.licence or "unknown"
    return [plain(one) for one in (layout.name, how, form, layout.checked)] + [
        links,
        plain(licence),
        plain(layout.note),
    ]
