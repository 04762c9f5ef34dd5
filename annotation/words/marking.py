"""Marks for what is translated later: a sentence stands in English where it is used, in `gettext("…")`.

What tasks show is stored in the ledger in English, and put into somebody's language when it is put on a server. So
the mark returns the text as it is; the template (`annotation.words.extraction`) has every text that is so marked.
"""

from __future__ import annotations


def gettext(text: str) -> str:
    """Mark a text for the catalogues: one sentence, with `{name}` for what is put in."""
    return text
