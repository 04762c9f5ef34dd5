"""The languages that the program knows, and the scripts of texts.

The table is `languages.csv`, one line per language variant: facts belong in data, where tests can compare them
with FLORES's files and Unicode's scripts. A language is named by its FLORES-200 code; `aliases` has the codes of
other collections (FLORES+ says `cmn_Hans` for `zho_Hans`), `also` the names that people use (Farsi, Mandarin). An
alias is accepted in place of the code; a name is answered with codes to choose from, since it may stand for two.
If one code covers several varieties, `variant` holds the Glottocode that distinguishes them, and varieties that
FLORES-200 does not have carry it in their code (`cat_Latn_vale1252`). `iso639_3` and `glottocode` are those that
FLORES+ gives the variety: of the language itself where the code names a group (cmn for `zho_Hans`). `family` is
the grouping that reports use: Indo-European by its branches, creoles by themselves, all others by their family.
"""

from __future__ import annotations

import csv
import difflib
import re
import shlex
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, cast

import numpy as np
import regex
from numpy.typing import NDArray

from data.errors import UsageError

_COMPOSITES = {
    "Hans": ("Hani", "Bopo"),
    "Hant": ("Hani", "Bopo"),
    "Jpan": ("Hani", "Hira", "Kana"),
    "Kore": ("Hang", "Hani"),
}
"""ISO 15924 codes that stand for several Unicode scripts."""

_NASTALIQ = frozenset({"urd_Arab", "kas_Arab"})

TALL_SCRIPTS = frozenset(
    {"Arab", "Beng", "Deva", "Ethi", "Gujr", "Guru", "Khmr", "Knda", "Laoo"}
    | {"Mlym", "Mtei", "Mymr", "Orya", "Sinh", "Taml", "Telu", "Thai", "Tibt"}
)
"""Scripts with signs above and below the letters, which need taller lines."""


@dataclass(frozen=True, slots=True)
class Language:
    """One line of the table.

    Attributes:
        code: FLORES-200's code, `xxx_Xxxx`; with a Glottocode if nothing else distinguishes it.
        variant: the Glottocode of the variety; "" if the code is enough.
        aliases: other codes of the same variety.
        name: the name in English.
        also: other names that people use, which may also stand for other varieties.
        autonym: the speakers' own name for it; "" if that could not be established.
        script: its ISO 15924 code.
        script_suppressed: whether IANA's registry of subtags says that this script goes without saying in a tag.
        direction: the direction of the script.
        family: see the module's docstring.
        belebele: whether it is one of Belebele's 122 variants.
        flores200: whether FLORES-200 has text in it.
        iso639_3: the ISO 639-3 code of the language itself, also where `code` has that of a group of languages.
        glottocode: Glottolog's code of the variety.
    """

    code: str
    variant: str
    aliases: tuple[str, ...]
    name: str
    also: tuple[str, ...]
    autonym: str
    script: str
    script_suppressed: bool
    direction: Literal["ltr", "rtl"]
    family: str
    belebele: bool
    flores200: bool
    iso639_3: str
    glottocode: str

    @property
    def bcp47(self) -> str:
        """The language's BCP 47 tag: its script if that does not go without saying, a private part if needed.

        >>> [language(code).bcp47 for code in ("eng_Latn", "zho_Hans", "swh_Latn", "cat_Latn_vale1252")]
        ['en', 'zh-Hans', 'swh-Latn', 'ca-x-vale1252']
        """
        grouped = self.code[:3] in _shortest()
        main = self.code[:3] if grouped else self.iso639_3
        alone = self.code == f"{self.iso639_3}_{self.script}" or (grouped and self.code.count("_") == 1)
        script = "" if self.script_suppressed else f"-{self.script}"
        private = f"-x-{self.variant}" if self.variant and not alone else ""
        return f"{_shortest().get(main, main)}{script}{private}"


@cache
def languages() -> MappingProxyType[str, Language]:
    """Return the whole table by code, in the order of the codes."""
    table = files("data").joinpath("languages.csv").read_text(encoding="utf-8")
    read = [_language(line) for line in csv.DictReader(table.splitlines())]
    return MappingProxyType({one.code: one for one in read})


def language(code: str) -> Language:
    """Return the language of a code or alias.

    Raises:
        UsageError: no language has this code; the message names languages with a similar spelling or name.

    >>> language("cmn_Hans").code
    'zho_Hans'
    """
    found = languages().get(canonical(code))
    if found is None:
        raise UsageError(f"no language is called {code!r}; {_mentioned(code)}")
    return found


def languages_of(codes: Iterable[str]) -> list[Language]:
    """Return the languages of codes or aliases.

    Raises:
        UsageError: codes are unknown; the message has a line for each of them.
    """
    found, problems = [], []
    for code in dict.fromkeys(codes):
        try:
            found.append(language(code))
        except UsageError as error:
            problems.append(str(error))
    if problems:
        raise UsageError("\n".join(problems))
    return found


def canonical(code: str) -> str:
    """Return FLORES-200's code for a code or alias; a code that is not in the table stays unchanged.

    Sources grow faster than this table, and text can be read without knowing its language's name.

    >>> canonical("ekk_Latn"), canonical("xyz_Latn")
    ('est_Latn', 'xyz_Latn')
    """
    return _aliases().get(code, code)


def script_named(code: str) -> str:
    """Return the script in a language's code, "" if it names none.

    >>> script_named("zho_Hant"), script_named("eng")
    ('Hant', '')
    """
    return canonical(code).partition("_")[2][:4]


def direction_of(code: str) -> str:
    """Return a language's direction, "ltr" or "rtl"; for an unknown code, that of its script.

    >>> direction_of("arb_Arab"), direction_of("xyz_Hebr"), direction_of("eng_Latn")
    ('rtl', 'rtl', 'ltr')
    """
    known = languages().get(canonical(code))
    if known is not None:
        return known.direction
    alike = {one.direction for one in languages().values() if one.script == script_named(code)}
    return "rtl" if "rtl" in alike else "ltr"


def is_nastaliq(code: str) -> bool:
    """Whether a language is customarily written in nastaliq, which hangs low and needs the tallest lines."""
    return canonical(code) in _NASTALIQ


def script_share(text: str, script: str) -> float:
    """Return the share of a text's letters that belong to a script.

    Letters and the marks on them count; digits, punctuation and characters that Unicode assigns to no script do
    not. A character that several scripts share (Unicode's Script_Extensions) belongs to each of them.

    Args:
        text: any text.
        script: an ISO 15924 code; Hans, Hant, Jpan and Kore stand for the scripts that they are written with.

    Returns:
        Between 0 and 1; NaN for a text without letters.

    >>> script_share("Ελλάδα 2004", "Grek")
    1.0
    """
    inside = outside = 0
    for character, times in Counter(text).items():
        if _belongs(character, script):
            inside += times
        elif _is_letter(character):
            outside += times
    return inside / (inside + outside) if inside + outside else float("nan")


def script_shares(texts: Sequence[str], script: str) -> NDArray[np.float64]:
    """Return `script_share` for many texts in one script; ten times faster, since it counts them together."""
    together = "".join(texts)
    characters = set(together)
    kinds = np.zeros(ord(max(characters, default=" ")) + 1, dtype=np.int8)
    for character in characters:
        kinds[ord(character)] = 1 if _belongs(character, script) else 2 if _is_letter(character) else 0
    found = kinds[np.frombuffer(together.encode("utf-32-le", "surrogatepass"), dtype="<u4")]
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    inside, outside = (np.concatenate([[0], np.cumsum(found == kind)])[ends] for kind in (1, 2))
    inside, outside = np.diff(inside, prepend=0), np.diff(outside, prepend=0)
    with np.errstate(invalid="ignore"):
        shares: NDArray[np.float64] = inside / (inside + outside)  # 0 / 0 is NaN
    return shares


def _language(line: dict[str, str]) -> Language:
    return Language(
        code=line["code"],
        variant=line["variant"],
        aliases=tuple(filter(None, line["aliases"].split(";"))),
        name=line["name"],
        also=tuple(filter(None, line["also"].split(";"))),
        autonym=line["autonym"],
        script=line["script"],
        script_suppressed=line["script_suppressed"] == "true",
        direction=cast(Literal["ltr", "rtl"], line["direction"]),
        family=line["family"],
        belebele=line["belebele"] == "true",
        flores200=line["flores200"] == "true",
        iso639_3=line["iso639_3"],
        glottocode=line["glottocode"],
    )


@cache
def _aliases() -> dict[str, str]:
    return {alias: one.code for one in languages().values() for alias in one.aliases}


@dataclass(frozen=True, slots=True)
class Named:
    """The languages that a name or code may mean.

    Attributes:
        languages: these languages.
        guessed: whether no language has the name or code, and these are only spelt similarly.
    """

    languages: tuple[Language, ...]
    guessed: bool


def named(*words: str) -> Named:
    """Return the languages whose line in the table has every word; if there are none, those with a similar name.

    Case and accents do not matter. An ISO 639-1 code, with or without a country, stands for its language.

    Args:
        words: parts of names (in English or in the language itself), codes, scripts or families; none for all.

    >>> [one.code for one in named("farsi").languages], [one.code for one in named("swahilli").languages]
    (['pes_Arab', 'prs_Arab'], ['swh_Latn'])
    """
    wanted = [_plain(word) for word in words]
    if len(wanted) == 1 and (name := iso_name(words[0])):
        wanted = [_plain(name)]
        if exactly := tuple(one for one in languages().values() if wanted[0] in _names()[one.code]):
            return Named(exactly, guessed=False)
    found = [one for one in languages().values() if all(word in _line(one) for word in wanted)]
    if found:
        whole = " ".join(wanted)
        found.sort(key=lambda one: (whole not in _names()[one.code], bool(words) and not one.belebele, one.code))
        return Named(tuple(found), guessed=False)
    return Named(_alike(" ".join(wanted)), guessed=True)


def iso_name(code: str) -> str:
    """Return the English name of an ISO 639-1 code, with or without a country; "" for anything else.

    >>> iso_name("et"), iso_name("pt-BR"), iso_name("swh_Latn")
    ('Estonian', 'Portuguese', '')
    """
    main, *rest = re.split("[-_]", code)
    return _two_letters().get(main.lower(), "") if all(len(part) <= 4 for part in rest) else ""


@cache
def iso_codes() -> dict[str, str]:
    """Return the ISO 639-3 code for each ISO 639-1 or -2 code that may be written instead of it, and for itself.

    >>> iso_codes()["et"], iso_codes()["ger"], iso_codes()["deu"]
    ('est', 'deu', 'deu')
    """
    codes: dict[str, str] = {}
    for line in _iso_lines():
        three = line["three"].split(";")
        codes |= dict.fromkeys((line["code"], *three), three[0])
    return codes


@cache
def _shortest() -> dict[str, str]:
    """Return the two-letter code, by ISO 639-3 code, of each language or group that has one."""
    return {line["three"].split(";")[0]: line["code"] for line in _iso_lines() if len(line["code"]) == 2}


@cache
def _two_letters() -> dict[str, str]:
    return {line["code"]: line["name"] for line in _iso_lines()}


@cache
def _iso_lines() -> tuple[dict[str, str], ...]:
    table = files("data").joinpath("iso639-1.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(table.splitlines()))


def _alike(word: str) -> tuple[Language, ...]:
    """Return at most five languages with a name or code of similar spelling, the nearest first."""
    spelt: dict[str, list[str]] = {}
    for code, names in _names().items():
        for name in names:
            spelt.setdefault(name, []).append(code)
    near = difflib.get_close_matches(word, spelt, n=3, cutoff=0.7)
    return tuple(languages()[code] for code in dict.fromkeys(code for name in near for code in spelt[name]))[:5]


@cache
def _names() -> dict[str, frozenset[str]]:
    """Return, by code, every name and code that a language is known by."""
    return {
        one.code: frozenset(
            _plain(name)
            for name in (one.code, one.code.split("_")[0], *one.aliases, one.name, *one.also, one.autonym)
            if name
        )
        for one in languages().values()
    }


@cache
def _line(one: Language) -> str:
    told = [
        one.code,
        one.variant,
        *one.aliases,
        one.name,
        *one.also,
        one.autonym,
        one.script,
        one.direction,
        one.family,
    ]
    told += ["Belebele"] * one.belebele + ["FLORES-200"] * one.flores200
    return _plain("\n".join(told))


def _plain(text: str) -> str:
    """Return a text without case and accents; marks that are not accents stay."""
    parts = unicodedata.normalize("NFKD", text.casefold().strip())
    return unicodedata.normalize("NFC", "".join(c for c in parts if not "\u0300" <= c <= "\u036f"))


def _mentioned(code: str) -> str:
    """Return advice on a code that no language has."""
    found = named(code).languages[:3] if code.strip() else ()
    look = "belebele languages" + (f" {shlex.quote(code)}" if found else "")
    if not found:
        return f"codes look like eng_Latn; all of them: {look}"
    known = " or ".join(f"{one.code} ({one.name})" for one in found)
    return f"did you mean {known}? To see more: {look}"


@cache
def _belongs(character: str, script: str) -> bool:
    return _pattern(script).fullmatch(character) is not None


@cache
def _pattern(script: str) -> regex.Pattern[str]:
    scripts = "".join(rf"\p{{Script_Extensions={part}}}" for part in _COMPOSITES.get(script, (script,)))
    return regex.compile(rf"[[\p{{L}}\p{{M}}]&&[{scripts}]]", regex.V1)


@cache
def foreign_letter(script: str) -> regex.Pattern[str]:
    """Return a pattern of one letter that belongs to another script than this one.

    >>> foreign_letter("Cyrl").findall("cтарый 3½ ºC")
    ['c', 'º', 'C']
    """
    scripts = "".join(rf"\p{{Script_Extensions={part}}}" for part in _COMPOSITES.get(script, (script,)))
    return regex.compile(rf"[\p{{L}}--[{scripts}\p{{Script=Zyyy}}\p{{Script=Zinh}}]]", regex.V1)


@cache
def _is_letter(character: str) -> bool:
    return regex.fullmatch(r"[[\p{L}\p{M}]--[\p{Script=Zyyy}\p{Script=Zinh}]]", character, regex.V1) is not None
