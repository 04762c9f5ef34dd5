"""The numbers that a text names, and whether another text names the same ones.

Translators write `three` as 3 and 3 as `three`, `1.5 million` as 150万, `9:30 p.m.` as 21:30, `July 4` as 7月4日
and the `17th century` as 1600-tallet; none of that changes a number. So a number is compared by its readings: its
digits, without leading zeros, trailing zeros of a decimal fraction and separators, and its value together with the
word beside it. A number that only one text has is looked for once more in the other's words: ICU spells numbers in
some seventy languages (Unicode's rule-based number formats). A number that ICU cannot spell counts as not said, so
a language that it does not know is judged by digits alone, more strictly. Inflected words are not found either.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from data.languages import canonical
from qc.text.text_folding import SPACELESS, ascii_digits, fold, script_of

if TYPE_CHECKING:
    from icu4py.messageformat import MessageFormat

_SPELT = {
    "af": "afr_Latn", "ak": "aka_Latn", "am": "amh_Ethi",
    "ar": "arb_Arab acm_Arab acq_Arab aeb_Arab ajp_Arab apc_Arab ars_Arab ary_Arab arz_Arab",
    "az": "azj_Latn", "be": "bel_Cyrl", "bg": "bul_Cyrl", "bs": "bos_Latn", "ca": "cat_Latn", "cs": "ces_Latn",
    "cy": "cym_Latn", "da": "dan_Latn", "de": "deu_Latn", "ee": "ewe_Latn", "el": "ell_Grek", "en": "eng_Latn",
    "eo": "epo_Latn", "es": "spa_Latn", "et": "est_Latn", "fa": "pes_Arab prs_Arab", "fi": "fin_Latn",
    "fo": "fao_Latn", "fr": "fra_Latn", "ga": "gle_Latn", "gu": "guj_Gujr", "he": "heb_Hebr", "hi": "hin_Deva",
    "hr": "hrv_Latn", "hu": "hun_Latn", "hy": "hye_Armn", "id": "ind_Latn", "is": "isl_Latn", "it": "ita_Latn",
    "ja": "jpn_Jpan", "ka": "kat_Geor", "kk": "kaz_Cyrl", "km": "khm_Khmr", "ko": "kor_Hang", "ky": "kir_Cyrl",
    "lb": "ltz_Latn", "lo": "lao_Laoo", "lt": "lit_Latn", "lv": "lvs_Latn", "mk": "mkd_Cyrl", "ms": "zsm_Latn",
    "mt": "mlt_Latn", "my": "mya_Mymr", "nb": "nob_Latn", "nl": "nld_Latn", "nn": "nno_Latn", "pl": "pol_Latn",
    "pt": "por_Latn", "ro": "ron_Latn", "ru": "rus_Cyrl", "sk": "slk_Latn", "sl": "slv_Latn", "sq": "als_Latn",
    "sr": "srp_Cyrl", "su": "sun_Latn", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "th": "tha_Thai",
    "tr": "tur_Latn", "uk": "ukr_Cyrl", "vi": "vie_Latn", "yue": "yue_Hant", "zh": "zho_Hans",
    "zh-Hant": "zho_Hant",
}  # fmt: skip

LOCALES = {code: locale for locale, codes in _SPELT.items() for code in codes.split()}
"""The locale in which ICU spells numbers, by language code."""

_NUMBER = re.compile(
    r"\d{1,3}(?:([ .,'’٬،\u00a0\u2009\u202f])\d{3})(?:\1\d{3})*(?!\d)(?:[.,٫]\d+)?"  # 1,234,567.8
    r"|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)(?:\.\d+)?"  # 12,34,567
    r"|(?<!\d[.,٫])\d++[.,٫]\d++(?![.,٫]\d)"  # 3.5, and not 18.3.1965
    r"|\d+"
)
_SEPARATOR = re.compile(r"\D")
_FRACTION = re.compile(r"[.,٫](\d+)$")

_SCALES = {
    "hundred": 2, "thousand": 3, "million": 6, "billion": 9, "trillion": 12,
    "百": 2, "千": 3, "万": 4, "萬": 4, "億": 8, "亿": 8, "兆": 12, "백": 2, "천": 3, "만": 4, "억": 8, "조": 12,
}  # fmt: skip
_SCALE = re.compile(rf"\s?({'|'.join(_SCALES)})")
_AFTERNOON = re.compile(r"(?:[:.]\d\d)?\s?(?:-\d+[:.]\d\d\s?)?p\.?\s?m\b", re.IGNORECASE)
_CENTURY = re.compile(r"(?:st|nd|rd|th)?(?: century|[ -]century)", re.IGNORECASE)
_DECADE = re.compile(r"['’]?s\b")

_DIGITS_AS_LETTERS = frozenset({"arb_Latn", "ace_Arab", "bjn_Arab", "min_Arab"})  # 3 for ع; ٢ for a doubled word
_IN_WORD = re.compile(r"(?<=[^\W\d])['’]?\d|\d['’]?(?=[^\W\d])")

_ROMAN = re.compile(r"(?<![A-Za-zÀ-ɏ])(?=[IVXL])(X[LC]|L?X{0,3})(I[XV]|V?I{0,3})(?![A-Za-zÀ-ɏ])")
_LETTERS = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}

_ENGLISH = {
    "1": "a an once single", "2": "twice double both pair couple half", "3": "triple thrice", "4": "quarter",
    "10": "decade", "12": "dozen noon midnight", "15": "quarter", "24": "dozen", "30": "half", "50": "half",
    "100": "century", "0": "midnight",
}  # fmt: skip
"""Words that express a number without being its name."""

SPELLED_DIGITS = 12
"""The most digits of a number that is looked for in words."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of a text: its digits as written, without separators, its possible readings, and its place.

    The place is in code points of the text; None where letters written with digits were taken out first.
    """

    digits: str
    readings: frozenset[str]
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """The numbers that only one of two texts has, by digits, in the order of the texts."""

    lost: tuple[str, ...]
    added: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.lost or self.added)


def difference(source: str, text: str, source_language: str, language: str) -> Difference:
    """Return the numbers that only one of two texts names.

    A number that the source has more often is lost; one that the translation repeats is no fault.

    Args:
        source: a text.
        text: its translation.
        source_language: of the source, by code.
        language: of the translation.

    >>> difference("In 1969, 3.50 m", "1996: 3,5 m", "eng_Latn", "deu_Latn")
    Difference(lost=('1969',), added=('1996',))
    >>> bool(difference("three of 1.5 million at 9 p.m.", "3 / 150万 / 21時", "eng_Latn", "jpn_Jpan"))
    False
    """
    lost, added = unmatched(source, text, source_language, language)
    return Difference(tuple(one.digits for one in lost), tuple(one.digits for one in added))


def unmatched(
    source: str, text: str, source_language: str, language: str
) -> tuple[tuple[Number, ...], tuple[Number, ...]]:
    """Return the numbers that only the source has and those that only the text has; arguments as `difference`."""
    if not _has_numbers(source) and not _has_numbers(text):
        return (), ()
    wanted, found = numbers(source, source_language), numbers(text, language)
    counts = Counter(one.digits for one in found)
    lost = [one for one in wanted if not _take(counts, one.digits)]
    there = {one.digits for one in wanted}
    added = [one for one in found if one.digits not in there]
    there = {reading for one in wanted for reading in one.readings}
    lost = [one for one in lost if not any(one.readings & other.readings for other in added)]
    added = [one for one in added if not one.readings & there]
    if _joined(lost) == _joined(added):  # 12:00 for 1200
        return (), ()
    return (
        tuple(one for one in lost if not _expresses(one, text, language)),
        tuple(one for one in added if not _expresses(one, source, source_language)),
    )


def numbers(text: str, language: str = "") -> tuple[Number, ...]:
    """Return the numbers in a text, written in digits of any script, in its order.

    Args:
        text: any text.
        language: its code: some write letters with digits, Thai counts years from 543 BCE.

    >>> [one.digits for one in numbers("१९६९: 1 500, 3.5 % on 18.3.1965")]
    ['1969', '1500', '35', '18', '3', '1965']
    """
    plain, code = ascii_digits(text), canonical(language)
    placed = code not in _DIGITS_AS_LETTERS
    if not placed:
        plain = _IN_WORD.sub("", plain)
    thai = code == "tha_Thai"
    return tuple(
        _number(found[0], plain[found.end() :], found.span() if placed else (None, None), thai=thai)
        for found in _NUMBER.finditer(plain)
    )


def _number(shown: str, after: str, place: tuple[int | None, int | None], *, thai: bool) -> Number:
    digits = _SEPARATOR.sub("", shown)
    fraction = _FRACTION.search(shown)
    decimals = len(fraction[1]) if fraction else 0
    readings = {_bare(digits)}
    if decimals and decimals != 3:  # three digits after a separator may be thousands
        readings.add(_bare(digits[:-decimals] + digits[-decimals:].rstrip("0")))
    if scale := _SCALE.match(after):
        power = _SCALES[scale[1]]
        readings |= {_bare(digits) + "0" * power}
        if decimals <= power:
            readings.add(_bare(digits) + "0" * (power - decimals))
    if not decimals and len(digits) <= 2:
        value = int(digits)
        if 1 <= value <= 11 and _AFTERNOON.match(after):
            readings.add(str(value + 12))
        if 2 <= value <= 21 and _CENTURY.match(after):
            readings.add(str((value - 1) * 100))
    if len(digits) == 4 and digits.endswith("0") and _DECADE.match(after):
        readings |= {digits[2:], str(int(digits[:2]) + 1)}  # the seventies of the 20th century
    if thai and not decimals and len(digits) == 4:
        readings.add(str(max(0, int(digits) - 543)))
    return Number(digits, frozenset(readings), *place)


def _bare(digits: str) -> str:
    return digits.lstrip("0") or "0"


def _has_numbers(text: str) -> bool:
    return any(map(str.isdecimal, text))


def _take(counts: Counter[str], digits: str) -> bool:
    if counts[digits] > 0:
        counts[digits] -= 1
        return True
    return False


def _joined(numbers: list[Number]) -> str:
    return _bare("".join(one.digits for one in numbers))


def _expresses(number: Number, text: str, language: str) -> bool:
    """Whether a text expresses a number without its digits: in words, as a month's name or in Roman numerals."""
    code = canonical(language)
    if not number.readings.isdisjoint(_romans(text)):
        return True
    if code not in LOCALES:
        return False
    folded = fold(text)
    if script_of(code) in SPACELESS or code == "kor_Hang":
        return any(words in folded for reading in number.readings for words in spelt(reading, code))
    padded = f" {folded} "
    return any(f" {words} " in padded for reading in number.readings for words in spelt(reading, code))


def _romans(text: str) -> set[str]:
    return {str(_roman(found[0])) for found in _ROMAN.finditer(text)}


def _roman(letters: str) -> int:
    values = [_LETTERS[letter] for letter in letters]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


@lru_cache(maxsize=1 << 14)
def spelt(digits: str, code: str) -> tuple[str, ...]:
    """Return the words for a number in a language, folded: cardinals, ordinals, the month of that number.

    Args:
        digits: of the number.
        code: a language of `LOCALES`.

    >>> spelt("7", "eng_Latn")
    ('jul', 'juls', 'july', 'julys', 'seven', 'sevens', 'seventh', 'sevenths')
    """
    if len(digits) > SPELLED_DIGITS:
        return ()
    value = int(digits)
    words = {formatted.format({"n": value}) for formatted in _formats(code)}
    if value in (100, 1000, 10**6, 10**9):  # “a hundred” means “one hundred”
        words |= {one.partition(" ")[2] for one in words if " " in one}
    if 1 <= value <= 12:
        words |= {month.format({"d": date(2001, value, 15)}) for month in _months(code)}
    if code == "eng_Latn":
        words |= set(_ENGLISH.get(digits, "").split())
        words |= {f"{one.removesuffix('y')}ies" if one.endswith("ty") else f"{one}s" for one in words}
    return tuple(sorted({fold(one.replace("\u00ad", "")) for one in words if one}))


@cache
def _formats(code: str) -> tuple[MessageFormat, ...]:
    from icu4py.messageformat import MessageFormat  # imported here, since most runs judge no translation

    rules: tuple[str, ...] = ("", "-cardinal-masculine", "-cardinal-feminine", "-cardinal-neuter", "-numbering")
    rules += ("-ordinal", "-ordinal-masculine", "-ordinal-feminine", "-ordinal-neuter")
    patterns = ["{n,spellout" + (f",%spellout{rule}" if rule else "") + "}" for rule in rules]
    return tuple(MessageFormat(pattern, LOCALES[code]) for pattern in patterns)


@cache
def _months(code: str) -> tuple[MessageFormat, ...]:
    from icu4py.messageformat import MessageFormat

    forms = ("::LLLL", "::LLL", "MMMM", "MMM")
    return tuple(MessageFormat(f"{{d,date,{form}}}", LOCALES[code]) for form in forms)
