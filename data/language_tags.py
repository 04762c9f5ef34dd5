"""The spellings of languages in other people's sets: `et`, `est`, `est_Latn`, `et-EE`, `zh-Hans`, `Estonian`.

Sets name their languages by FLORES-200's codes, BCP 47 tags, ISO 639 codes of two and three letters, locales of
programs and English names, in upper or lower case (`ET-EE`). The set keeps its spelling; this module tells whether
a text spells a language, and which spellings mean the same one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from data.languages import canonical, iso_codes, iso_name, languages

_TAG = re.compile(
    r"(?P<main>[a-z]{2,3})(?:[_-](?P<script>[a-z]{4}))?(?:[_-](?P<region>[a-z]{2}|\d{3}))?", re.IGNORECASE
)
_COLLECTIONS = frozenset({"ara", "aze", "est", "fas", "fil", "grn", "lav", "mlg", "mon", "msa", "nep", "nor",
                          "ori", "orm", "pus", "que", "sqi", "swa", "uzb", "yid", "zho"})  # fmt: skip
"""ISO 639-3 codes of collections of languages, of which our table has members."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way to spell a language.

    Attributes:
        main: the language's ISO 639-3 code, so that `et`, `est` and `Estonian` are the same.
        script: the ISO 15924 code; "" if no script is given.
        region: the region of a locale or tag, in upper case; "" if none is given.
        full: whether the spelling is more than two or three letters: it has a script, a region or a whole name.
    """

    main: str
    script: str
    region: str
    full: bool


@cache
def spelling(text: str) -> Spelling | None:
    """Return the language that a text spells; None if it spells none.

    >>> spelling("AR-XY"), spelling("mc")
    (Spelling(main='ara', script='', region='XY', full=True), None)
    >>> spelling("et") == spelling("EST"), spelling("est_Latn").script, spelling("Estonian").main
    (True, 'Latn', 'est')
    """
    text = text.strip()
    if (known := languages().get(canonical(text))) is not None:
        return Spelling(known.code[:3], known.script, "", full=True)
    if (name := _by_name().get(text.casefold())) is not None:
        return Spelling(name, "", "", full=True)
    if (told := _TAG.fullmatch(text)) is None:
        return None
    main = _main(told["main"].lower())
    script = (told["script"] or "").title()
    if not main or (script and script not in _scripts()):
        return None
    region = (told["region"] or "").upper()
    if region and told["region"].islower() and not told["main"].islower():
        return None
    return Spelling(main, script, region, full=bool(script or region))


def _main(code: str) -> str:
    """Return the ISO 639-3 code for a code of two or three letters; "" if that code is not in use here."""
    three = iso_codes().get(code, "")
    return three or (code if code in _mains() or code in _COLLECTIONS else "")


@cache
def _mains() -> frozenset[str]:
    return frozenset(code[:3] for code in languages())


@cache
def _scripts() -> frozenset[str]:
    return frozenset(one.script for one in languages().values()) | {"Arab", "Cyrl", "Hani", "Kore", "Latn", "Mong"}


@cache
def _by_name() -> dict[str, str]:
    names: dict[str, str] = {}
    for one in languages().values():
        for name in (one.name, *one.also, one.autonym):
            plain = name.partition(" (")[0].casefold()
            if len(plain) > 3:
                names.setdefault(plain, one.code[:3])
    return names | _iso_names()


@cache
def _iso_names() -> dict[str, str]:
    return {iso_name(code).casefold(): three for code, three in iso_codes().items() if len(code) == 2}
