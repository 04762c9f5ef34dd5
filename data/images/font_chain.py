"""The fonts of one page: the one that its language is set in, and others for the signs that it lacks.

A page is set in one family. A sign that this family lacks, such as a Greek letter in a Thai text, comes from the
first family of the table that has it, so which fonts a page is drawn with follows from its text alone. A
text with a sign that no font of this machine has is refused before anything is drawn.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import regex

from data.images.installed_fonts import Family, FontFile, families, installed
from data.images.page_problem import PageImpossible
from data.languages import script_share

_SHOWS_NOTHING = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{White_Space}]")


def font_chain(text: str, candidates: Sequence[Family]) -> tuple[FontFile, ...]:
    """Return the fonts that a text is drawn with, the one that it is set in first.

    Args:
        text: what is drawn.
        candidates: the families to set it in, the best first; the first that has all letters of their script is
            taken, since a word in two fonts joins no letters, and the first of them all if none has.

    Raises:
        PageImpossible: a sign is in no font of this machine; the message names the package that has it, if known.
    """
    signs = sorted({one for one in text if not _SHOWS_NOTHING.match(one)})
    there = [installed()[one.name] for one in candidates if one.name in installed()]
    if not there:
        wanted = " or ".join(dict.fromkeys(one.name for one in candidates)) or "a font"
        packages = dict.fromkeys(one.package for one in candidates if one.package)
        cure = f": apt-get install {' '.join(packages)}" if packages else ""
        raise PageImpossible("no_glyph", f"{wanted} is not installed{cure}")
    script = candidates[0].script
    letters = [one for one in signs if script_share(one, script) == 1]
    main = next((font for font in there if all(map(font.has, letters))), there[0])
    chain = [main]
    for sign in signs:
        if not any(font.has(sign) for font in chain):
            chain.append(_font_with(sign))
    return tuple(chain)


@cache
def _font_with(sign: str) -> FontFile:
    """Return the first font that has a sign: of the table, then of the other Noto fonts."""
    if not unicodedata.category(sign).startswith("C"):
        named = dict.fromkeys(one.name for one in families())
        others = (name for name in installed() if name.startswith("Noto ") and "Emoji" not in name)
        for name in (*named, *others):
            if name in installed() and installed()[name].has(sign):
                return installed()[name]
    called = unicodedata.name(sign, "a character without a name")
    package = next((one.package for one in families() if script_share(sign, one.script) == 1), "")
    cure = f"apt-get install {package}" if package else "name a font that has it with --font, or mend the text"
    raise PageImpossible("no_glyph", f"no installed font has U+{ord(sign):04X} ({called}): {cure}")
