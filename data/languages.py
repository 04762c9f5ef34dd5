"""The languages that the program knows, and which script a text is in.

The table is `languages.csv`, one line per language variant: facts belong in data, where tests can hold them
against FLORES's files and Unicode's scripts. A language is named by its FLORES-200 code; what other collections
call it (FLORES+ says `cmn_Hans` for `zho_Hans`) stands in `aliases`. Where one code covers several varieties,
`variant` holds the Glottocode that tells them apart, and varieties that FLORES-200 does not have carry it in their
code (`cat_Latn_vale1252`). `family` is the grouping that reports use: Indo-European by its branches, creoles by
themselves, all others by their family.
"""

from __future__ import annotations

import csv
import difflib
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


@dataclass(frozen=True, slots=True)
class Language:
    """One line of the table.

    Attributes:
        code: FLORES-200's code, `xxx_Xxxx`; with a Glottocode where only that tells it apart.
        variant: the Glottocode of the variety, "" where the code says enough.
        aliases: other codes of the same variety.
        name: in English.
        autonym: what its speakers call it, "" where that could not be established.
        script: ISO 15924.
        direction: of the script.
        family: see the module's docstring.
        belebele: whether it is one of Belebele's 122 variants.
        flores200: whether FLORES-200 has text in it.
    """

    code: str
    variant: str
    aliases: tuple[str, ...]
    name: str
    autonym: str
    script: str
    direction: Literal["ltr", "rtl"]
    family: str
    belebele: bool
    flores200: bool


@cache
def languages() -> MappingProxyType[str, Language]:
    """The whole table by code, in the order of the codes."""
    table = files("data").joinpath("languages.csv").read_text(encoding="utf-8")
    read = [_language(line) for line in csv.DictReader(table.splitlines())]
    return MappingProxyType({one.code: one for one in read})


def language(code: str) -> Language:
    """The language of a code or alias.

    Raises:
        UsageError: nothing is called so; the message names what is spelt or named alike.

    >>> language("cmn_Hans").code
    'zho_Hans'
    """
    found = languages().get(canonical(code))
    if found is None:
        raise UsageError(f"no language is called {code!r}; {_alike(code)}")
    return found


def canonical(code: str) -> str:
    """FLORES-200's code for a code or alias; a code that the table does not know stays as it is.

    Sources grow faster than this table, and text can be read without knowing what its language is called.

    >>> canonical("ekk_Latn"), canonical("xyz_Latn")
    ('est_Latn', 'xyz_Latn')
    """
    return _aliases().get(code, code)


def script_share(text: str, script: str) -> float:
    """The share of a text's letters that belong to a script.

    Letters and the marks on them count; digits, punctuation and what Unicode says belongs to no script do not.
    A character that several scripts share (Unicode's Script_Extensions) belongs to each of them.

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
    """As `script_share`, of thousands of texts in one script: ten times faster, since it counts them together."""
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
        autonym=line["autonym"],
        script=line["script"],
        direction=cast(Literal["ltr", "rtl"], line["direction"]),
        family=line["family"],
        belebele=line["belebele"] == "true",
        flores200=line["flores200"] == "true",
    )


@cache
def _aliases() -> dict[str, str]:
    return {alias: one.code for one in languages().values() for alias in one.aliases}


def _alike(code: str) -> str:
    by_code = difflib.get_close_matches(code, [*languages(), *_aliases()], n=3, cutoff=0.6)
    names = {one.name.casefold(): one.code for one in languages().values()}
    by_name = [names[name] for name in difflib.get_close_matches(code.casefold(), names, n=2, cutoff=0.7)]
    near = list(dict.fromkeys([*by_name, *(canonical(match) for match in by_code)]))
    return (
        f"did you mean {_listed(near)}?" if near else "codes look like eng_Latn; data/languages.csv has them all"
    )


def _listed(codes: Iterable[str]) -> str:
    return " or ".join(f"{code} ({languages()[code].name})" for code in codes)


@cache
def _belongs(character: str, script: str) -> bool:
    return _pattern(script).fullmatch(character) is not None


@cache
def _pattern(script: str) -> regex.Pattern[str]:
    scripts = "".join(rf"\p{{Script_Extensions={part}}}" for part in _COMPOSITES.get(script, (script,)))
    return regex.compile(rf"[[\p{{L}}\p{{M}}]&&[{scripts}]]", regex.V1)


@cache
def _is_letter(character: str) -> bool:
    return regex.fullmatch(r"[[\p{L}\p{M}]--[\p{Script=Zyyy}\p{Script=Zinh}]]", character, regex.V1) is not None
