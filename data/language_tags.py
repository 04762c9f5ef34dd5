"""The spellings of languages in other people's sets: `et`, `est`, `est_Latn`, `et-EE`, `zh-Hans`, `Estonian`.

Sets name their languages by FLORES-200's codes, BCP 47 tags, ISO 639 codes of two and three letters, locales of
programs and English names, in upper or lower case (`ET-EE`). The set keeps its spelling; this module tells whether
a text spells a language, and which language of our table it stands for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from data.languages import Language, canonical, iso_codes, iso_name, languages

_TAG = re.compile(
    r"(?P<main>[a-z]{2,3})(?:[_-](?P<script>[a-z]{4}))?(?:[_-](?P<region>[a-z]{2}|\d{3}))?", re.IGNORECASE
)
_COLLECTIONS = frozenset({"ara", "aze", "est", "fas", "fil", "grn", "lav", "mlg", "mon", "msa", "nep", "nor",
                          "ori", "orm", "pus", "que", "sqi", "swa", "uzb", "yid", "zho"})  # fmt: skip
"""ISO 639-3 codes of collections of languages, of which our table has members."""

_MEMBERS = {
    "ara": "arb", "aka": "twi", "aym": "ayr", "aze": "azj", "est": "est", "fas": "pes", "fil": "tgl", "ful": "fuv",
    "kau": "knc", "kok": "gom", "kur": "kmr", "lav": "lvs", "mlg": "plt", "mon": "khk", "msa": "zsm", "nep": "npi",
    "nor": "nob", "ori": "ory", "orm": "gaz", "pus": "pbt", "que": "quy", "sqi": "als", "swa": "swh", "uzb": "uzn",
    "yid": "ydd",
}  # fmt: skip
"""The member that is meant if a set names the collection, as FLORES-200 chose it."""

_SCRIPTS = {("zho", "TW"): "Hant", ("zho", "HK"): "Hant", ("zho", "MO"): "Hant", ("zho", ""): "Hans"}


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


def language_meant(text: str) -> Language | None:
    """Return the language of our table that a spelling most likely stands for; None if there is none.

    A collection stands for the member that FLORES-200 has, and a language without a script is in its usual one.

    >>> [found.code for t in ("et", "AR-XY", "zh-TW", "Swahili", "pt-BR") if (found := language_meant(t))]
    ['est_Latn', 'arb_Arab', 'zho_Hant', 'swh_Latn', 'por_Latn']
    """
    if (exact := languages().get(canonical(text.strip()))) is not None:
        return exact
    if (told := spelling(text)) is None:
        return None
    main = _MEMBERS.get(told.main, told.main)
    script = told.script or _SCRIPTS.get((main, told.region), "") or _SCRIPTS.get((main, ""), "")
    fitting = [
        one for one in languages().values() if one.code[:3] == main and (not script or one.script == script)
    ]
    return min(fitting, key=lambda one: (not one.belebele, not one.flores200, bool(one.variant)), default=None)


def tag_of(code: str) -> str:
    """Return the BCP 47 tag of a language, as short as `language_of_tag` can tell it from the others.

    A variety that has no tag of its own gets its Glottocode as a private one. A code that our table does not have
    is written as it is, with hyphens.

    >>> [tag_of(code) for code in ("fra_Latn", "zho_Hant", "arb_Arab", "arz_Arab", "cat_Latn_vale1252")]
    ['fr', 'zh-Hant', 'ar', 'arz', 'ca-x-vale1252']
    """
    return _tags().get(canonical(code), code.replace("_", "-"))


def language_of_tag(tag: str) -> Language | None:
    """Return the language of a BCP 47 tag, or of whatever else spells one; None if it spells none.

    >>> [found.code for tag in ("fr", "FR-ca", "ca-x-vale1252", "zh-TW") if (found := language_of_tag(tag))]
    ['fra_Latn', 'fra_Latn', 'cat_Latn_vale1252', 'zho_Hant']
    """
    parts = tag.strip().replace("_", "-").split("-")
    if exact := _codes_by_tag().get("-".join(parts).casefold()):
        return languages()[exact]
    sized = {2: str.upper, 4: str.title}
    return language_meant("-".join([parts[0].lower(), *(sized.get(len(p), str)(p) for p in parts[1:])]))


@cache
def _tags() -> dict[str, str]:
    two = {three: code for code, three in iso_codes().items() if len(code) == 2}
    collections = {member: collection for collection, member in _MEMBERS.items()}
    found: dict[str, str] = {}
    met: set[str] = set()
    for code, one in languages().items():
        main = code[:3]
        short = two.get(main) or two.get(collections.get(main, "")) or main
        private = f"-x-{one.variant}" if one.variant else ""
        tags = [short, f"{short}-{one.script}", main, f"{main}-{one.script}"]
        tags = tags[1:] if (main, "") in _SCRIPTS else tags  # where no script goes without saying
        meant = [tag for tag in tags if (known := language_meant(tag)) is not None and known.code == code]
        tag = next((tag for tag in meant if tag not in met), f"{short}{private}")
        if tag in met or (not meant and not private):
            tag = f"{main}-{one.script}{private}"
        found[code] = tag
        met.add(tag)
    return found


@cache
def _codes_by_tag() -> dict[str, str]:
    return {tag.casefold(): code for code, tag in _tags().items()}


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
