"""Checks that each text of a translation is there, whole and once: nothing blank, cut short, doubled or repeated.

What only looks like a fault is looked for in the source and in the passages of the language: a title ends in a
comma in both, a reduplicated word is grammar where passages have such words.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import pandas as pd
import regex

from qc.check import Span, check, findings
from qc.checks.source_comparison import SOURCE_ITEM, Rendering, in_each_rendering, renderings
from qc.checks.wording_checks import quoted
from qc.text.text_folding import MEANINGFUL, SPACELESS, fold, script_of, written_length


@check(scope="item")
def blank_text(items: pd.DataFrame) -> pd.DataFrame:
    """No text consists of marks and invisible characters alone where its source says something."""

    def faults(one: Rendering) -> Iterator[Span]:
        if not any(map(_says, one.text)) and any(map(_says, one.source)):
            yield Span(one.part, f"{one.subject} says nothing: {quoted(one.text)}")

    return in_each_rendering(items, faults)


def _says(character: str) -> bool:
    return character.isalnum() or character in MEANINGFUL or unicodedata.category(character)[0] in "SN"


_OPEN_END = regex.compile(r"[,،、，;؛；፣፤\-–—&/(（\[［{「『《〈]\s*\Z")


@check(scope="item")
def cut_short(items: pd.DataFrame) -> pd.DataFrame:
    """No text ends in a comma, a dash or an opening bracket, where its source does not."""

    def faults(one: Rendering) -> Iterator[Span]:
        found = _OPEN_END.search(one.text)
        if found and not _OPEN_END.search(one.source) and any(map(str.isalnum, one.source)):
            mark = found[0].strip()
            if mark == ";" and script_of(one.code) == "Grek":  # its question mark
                return
            yield Span(one.part, f"{one.subject} ends in {mark}: {quoted(one.text[-39:])}", *found.span())

    return in_each_rendering(items, faults)


_DOUBLED = regex.compile(
    r"(?<![\p{L}\p{M}\p{N}’'\-])(\p{L}[\p{L}\p{M}’']+)\s+\1(?![\p{L}\p{M}\p{N}’'\-])", regex.I
)


@check(scope="item")
def doubled_words(items: pd.DataFrame, *, usual: float = 0.0002, least: int = 5000) -> pd.DataFrame:
    """No word stands twice in a row, but where the source or the passage doubles it too.

    Only in scripts that part words by spaces. Doubling is grammar in many languages, and then their passages have
    it: a language with a doubled word in every so many words could not be judged, nor one whose passages are too
    few words to tell, and its flags are then none.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        usual: share of doubled words in a language's passages from which on doubling is usual.
        least: fewest words of passages for knowing that it is not.
    """
    words: dict[str, int] = defaultdict(int)
    doubled: dict[str, int] = defaultdict(int)
    pairs = zip(items["language"], items["passage"], strict=True)
    for code, passage in dict.fromkeys(pair for pair in pairs if isinstance(pair[1], str)):
        words[code] += passage.count(" ") + 1
        doubled[code] += sum(1 for _ in _DOUBLED.finditer(passage))
    flagged: list[bool | None] = []
    reasons, spans, applicable = [], [], []
    for parts in renderings(items):
        found = [span for one in parts or () for span in _doubled(one)]
        code = parts[0].code if parts else ""
        fits = bool(parts) and script_of(code) not in SPACELESS
        unsure = fits and found and (words[code] < least or doubled[code] > usual * words[code])
        flagged.append(None if unsure else bool(found) if fits else False)
        said = "; ".join(span.reason for span in found)
        reasons.append(f"{said}; this language may double words" if unsure else said if fits else "")
        spans.append([] if unsure or not fits else found)
        applicable.append(fits)
        if parts is None:
            reasons[-1] = SOURCE_ITEM
    return findings(items, flagged, reasons, spans=spans, applicable=applicable)


def _doubled(one: Rendering) -> Iterator[Span]:
    for found in _DOUBLED.finditer(one.text):
        word = found[1].casefold()
        if found[1][0].isupper() and not found[1].isupper() and found[0].split()[-1][0].isupper():
            continue  # a name, such as Walla Walla
        known = regex.search(rf"(?<!\w){regex.escape(word)}\W+{regex.escape(word)}(?!\w)", one.passage.casefold())
        if not known and not _DOUBLED.search(one.source):
            yield Span(one.part, f"{one.subject} has a word twice: {quoted(found[0])}", *found.span())


_SENTENCE = regex.compile(r"[^.!?。！？؟।॥۔།။።។։᱾]+(?:[.!?。！？؟।॥۔།။።។։᱾]+|\Z)")


@check(scope="item")
def repeated_text(items: pd.DataFrame, *, letters: int = 12, dense_letters: int = 6) -> pd.DataFrame:
    """No sentence stands twice in a text, and no text is twice the same, where the source does not repeat itself.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        letters: fewest letters of what counts as repeated.
        dense_letters: the same in scripts that do not part words.
    """

    def faults(one: Rendering) -> Iterator[Span]:
        least = dense_letters if script_of(one.code) in SPACELESS else letters
        if len(one.text) >= 2 * least and (place := _again(one.text, least)) and not _again(one.source, letters):
            again = one.text[slice(*place)]
            yield Span(one.part, f"{one.subject} says twice: {quoted(again)}", *place)

    return in_each_rendering(items, faults)


def _again(text: str, least: int) -> tuple[int, int] | None:
    """Return where something stands a second time, as a sentence or as the second half of the text."""
    half = len(text) // 2
    for at in range(max(half - 2, 1), min(half + 3, len(text))):
        first, second = text[:at], text[at:]
        begins = second.lstrip().startswith(first[:4].strip())
        if begins and fold(first) == fold(second) and written_length(second) >= least:
            return at + len(second) - len(second.lstrip()), len(text)
    seen: set[str] = set()
    for found in _SENTENCE.finditer(text):
        said = fold(found[0])
        if said in seen:
            lead = len(found[0]) - len(found[0].lstrip())
            return found.start() + lead, found.end()
        if written_length(said) >= least:
            seen.add(said)
    return None
