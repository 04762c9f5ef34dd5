"""Checks for what of another script or of the source was left in a translation: letters within words, and words.

Names, units and loanwords in Latin letters stand in every language, so whole words in another script are no fault
by themselves. A letter of another script inside a word is: it was typed with the wrong keyboard or came from
recognised print, looks right, and no search finds the word. Words of the source are one if several of them stand
in a row as they do there. What the language does in its passages is right in its items too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

import pandas as pd
import regex

from data.languages import foreign_letter, script_share
from qc.check import Span, check
from qc.checks.source_comparison import Rendering, in_each_rendering
from qc.checks.wording_checks import quoted
from qc.text.text_folding import SPACELESS, script_of

_WORD = regex.compile(r"[\p{L}\p{M}]+(?:['’ʼ][\p{L}\p{M}]+)*")

_ALIKE = {
    "Cyrl": ("acehijopqswxyABCEHIJKMOPSTXY", "асеһіјорԛѕԝхуАВСЕНІЈКМОРЅТХУ"),
    "Grek": ("oABEHIKMNOPTXYZ", "οΑΒΕΗΙΚΜΝΟΡΤΧΥΖ"),
}
"""Letters that look the same, in Latin and in Cyrillic or Greek."""


@cache
def _twins(script: str) -> Mapping[str, str]:
    """Return the letters of other scripts that look like one of this script, each with that one."""
    found: dict[str, str] = {}
    for other, (latin, theirs) in _ALIKE.items():
        if script in ("Latn", other):
            pairs = zip(theirs, latin, strict=True) if script == "Latn" else zip(latin, theirs, strict=True)
            found |= dict(pairs)
    return found


@check(scope="item")
def mixed_script(items: pd.DataFrame) -> pd.DataFrame:
    """No word mixes the letters of two scripts.

    A Latin word with an ending or a prefix in the language's own letters is right, and so are single Greek
    letters, as in `μm`, and every mixture that the passages of the language have. Where letters look alike, what
    belongs there is certain, and none counts as a symbol: English has a word `a`.
    """
    usual = _usual_mixtures(items)

    def faults(one: Rendering) -> Iterator[Span]:
        script = script_of(one.code)
        for word in _mixed(one.text, script):
            symbols = frozenset(
                letter for letter in word[0] if letter not in _twins(script) and _stands_alone(letter, one.source)
            )
            if told := _mixture(word[0], script, usual[one.code] | symbols):
                clause, fix = told
                reason = f"{one.subject} has {clause}: {quoted(word[0])}"
                yield Span(one.part, reason, *word.span(), fix)

    return in_each_rendering(items, faults)


def _stands_alone(letter: str, source: str) -> bool:
    """Whether a letter is a word of the source, as symbols and variables are."""
    return letter in source and regex.search(rf"(?<!\w){regex.escape(letter)}(?!\w)", source) is not None


def _mixed(text: str, script: str) -> Iterator[regex.Match[str]]:
    """Yield the words of a text that hold letters of its script and of another one."""
    if not text.isascii() or script != "Latn":
        outside = foreign_letter(script)
        if outside.search(text):
            for word in _WORD.finditer(text):
                foreign = len(outside.findall(word[0]))
                if foreign and foreign < len(_LETTER.findall(word[0])):
                    yield word


_LETTER = regex.compile(r"[\p{L}--[\p{Script=Zyyy}\p{Script=Zinh}]]", regex.V1)


_USUAL = 0.02
"""The share of its passages in which a foreign letter stands within words, if a language is written so."""


def _usual_mixtures(items: pd.DataFrame) -> Mapping[str, frozenset[str]]:
    """Return, by language, the foreign letters that usually stand within words of its passages."""
    met: dict[str, Counter[str]] = defaultdict(Counter)
    passages: Counter[str] = Counter()
    pairs = zip(items["language"], items["passage"], strict=True)
    for code, passage in dict.fromkeys(pair for pair in pairs if isinstance(pair[1], str)):
        script = script_of(code)
        passages[code] += 1
        words = [word[0] for word in _mixed(passage, script)]
        met[code].update({one for word in words for one in foreign_letter(script).findall(word)})
    usual = {
        code: frozenset(one for one, times in counts.items() if times >= _USUAL * passages[code])
        for code, counts in met.items()
    }
    return defaultdict(frozenset, usual)


def _mixture(word: str, script: str, usual: frozenset[str]) -> tuple[str, str | None] | None:
    """Return what is wrong with a mixed word, and its mend if that is certain; None if it is right."""
    outside, twins = foreign_letter(script), _twins(script)
    wrong: list[str] = []
    for run in regex.findall(rf"(?:{outside.pattern}\p{{M}}*)+", word, regex.V1):
        letters = outside.findall(run)
        if usual.issuperset(letters):
            continue
        alike = all(letter in twins for letter in letters)
        whole = len(letters) > 1 and not (alike and not "".join(letters).isupper())
        if script in SPACELESS or script_share(run, "Latn") == 1:
            single = len(letters) == 1 and not alike and (letters[0].isupper() or script in SPACELESS)
            if whole or single:
                continue
        if script == "Latn" and len(letters) == 1 and not alike and script_share(run, "Grek") == 1:
            continue
        wrong += letters
    if not wrong:
        return None
    certain = all(letter in twins for letter in outside.findall(word))
    fixed = "".join(twins.get(letter, letter) for letter in word) if certain else None
    named = ", ".join(f"{letter} (U+{ord(letter):04X})" for letter in dict.fromkeys(wrong))
    return f"letters of another script within a word, {named}", fixed


@check(scope="item")
def source_words_left(items: pd.DataFrame, *, words: int = 4, letters: int = 3) -> pd.DataFrame:
    """No words of the source were left in the translation.

    Where both have one script, so many words must stand in a row as in the source, and all but one of them not be
    capitalised, which titles and names are. In another script two words in lower case are enough; a single one may
    be a loanword, and words in brackets or quotation marks are a term's original. Words that the passage in the
    translation's language has too are right. A text that is the source's as a whole belongs to `untranslated`.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        words: in one script, how many words in a row count.
        letters: in another script, fewest letters of a word that counts: units have fewer.
    """

    def faults(one: Rendering) -> Iterator[Span]:
        if one.text == one.source:
            return
        same = script_of(one.code) == script_of(one.source_code)
        for start, end in _rows_kept(one, words) if same else _words_kept(one, letters):
            left = one.text[start:end]
            yield Span(one.part, f"{one.subject} has words of the source: {quoted(left)}", start, end)

    return in_each_rendering(items, faults)


def _rows_kept(one: Rendering, least: int) -> Iterator[tuple[int, int]]:
    """Yield where at least so many words stand in a row as in the source."""
    mine = [(found[0].lower(), found.start(), found.end()) for found in _TOKEN.finditer(one.text)]
    theirs = [found[0].lower() for found in _TOKEN.finditer(one.source)]
    rows = {tuple(theirs[at : at + least]) for at in range(len(theirs) - least + 1)}
    at = 0
    while at <= len(mine) - least:
        if tuple(word for word, _, _ in mine[at : at + least]) not in rows:
            at += 1
            continue
        end = at + least
        while end < len(mine) and tuple(word for word, _, _ in mine[end - least + 1 : end + 1]) in rows:
            end += 1
        stretch = mine[at][1], mine[end - 1][2]
        left = one.text[slice(*stretch)]
        words = [word for word in _TOKEN.findall(left) if word[0].isalpha()]
        plain = sum(not word[0].isupper() for word in words)
        if len(words) >= least and plain >= least - 1 and left.lower() not in one.passage.lower():
            yield stretch
        at = end


_GIVEN = frozenset("(（[「『《„“«\"'‘")


def _words_kept(one: Rendering, letters: int) -> Iterator[tuple[int, int]]:
    """Yield runs of words in the source's script that are the source's own words and no names."""
    script = script_of(one.source_code)
    if script in SPACELESS or not foreign_letter(script_of(one.code)).search(one.text):
        return
    tokens = _tokens_in(script)
    theirs = frozenset(tokens.findall(one.source))
    run: list[regex.Match[str]] = []
    for found in [*tokens.finditer(one.text), None]:
        next_to = not run or (found is not None and one.text[run[-1].end() : found.start()].isspace())
        if found is not None and found[0] in theirs and next_to:
            run.append(found)
            continue
        plain = [word[0] for word in run if word[0].islower() and len(word[0]) >= letters]
        given = run and one.text[: run[0].start()].rstrip()[-1:] in _GIVEN  # the original of a term, beside it
        if len(plain) >= 2 and not given and one.text[run[0].start() : run[-1].end()] not in one.passage:
            yield run[0].start(), run[-1].end()
        run = [found] if found is not None and found[0] in theirs else []


@cache
def _tokens_in(script: str) -> regex.Pattern[str]:
    return regex.compile(rf"[\p{{Script={script}}}\p{{M}}]+(?:['’.\-][\p{{Script={script}}}\p{{M}}]+)*")


_TOKEN = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['’.\-][\p{L}\p{M}\p{N}]+)*")
