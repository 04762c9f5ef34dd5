"""Checks of a translation's punctuation beside its source's: end marks, quotation marks and brackets in pairs.

Which marks a language uses is learned from its passages; nothing here is a rule of English. A text whose source
breaks the rule as well is right: it was translated faithfully.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import pandas as pd
import regex

from qc.check import Span, check
from qc.checks.source_comparison import Rendering, in_each_rendering
from qc.checks.wording_checks import quoted
from qc.text.text_folding import script_of

_QUESTION = "?？؟;\u037e፧՞⸮⁇⁈⁉꛷᥅¿"
_STOP = ".。．｡।॥۔།༎။።។៕։᙮᱾᱿꯫꓿߹"
_CLOSERS = "\"'”’“»«›)]）】」』》 \u00a0\u200b\u200e\u200f\u202f"
_WITHOUT_MARK = frozenset({"Thai", "Laoo", "Tibt", "Mymr", "Khmr"})
"""Scripts in which questions often have no mark."""


@check(scope="item")
def end_marks(items: pd.DataFrame, *, passages: int = 1) -> pd.DataFrame:
    """A text ends as its source does, a question as a question, and in the full stop of its language.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        passages: how many passages of a language must end in a full stop for its full stops to be known.
    """
    stops = _stops(items, passages)

    def faults(one: Rendering) -> Iterator[Span]:
        text, source = one.text.rstrip(_CLOSERS), one.source.rstrip(_CLOSERS)
        if not text or not source:
            return
        last, asks = text[-1], _asks(source, one.source_code)
        if asks and last in _STOP and not _asks(text, one.code) and script_of(one.code) not in _WITHOUT_MARK:
            said = f"{one.subject} ends in a full stop, its source in a question mark: {quoted(text[-39:])}"
            yield Span(one.part, said, len(text) - 1, len(text))
        elif (
            source[-1] in _STOP
            and last in _QUESTION
            and _asks(text, one.code)
            and not _asks(source, one.source_code)
        ):
            said = f"{one.subject} ends in a question mark, its source in a full stop: {quoted(text[-39:])}"
            yield Span(one.part, said, len(text) - 1, len(text))
        elif last in _STOP and source[-1] in _STOP and not text.endswith(".."):
            known = stops[one.code]
            if known and last not in known:
                certain = next(iter(known)) if len(known) == 1 else None
                said = f"{one.subject} ends in {last}, where the language's passages end in {' '.join(known)}"
                yield Span(one.part, f"{said}: {quoted(text[-39:])}", len(text) - 1, len(text), certain)

    return in_each_rendering(items, faults)


def _asks(text: str, code: str) -> bool:
    script = script_of(code)
    if script == "Armn":
        return "՞" in text or text.endswith("?")
    if script == "Jpan" and text.rstrip("。．").endswith("か"):
        return True
    marks = _QUESTION if script == "Grek" else _QUESTION.replace(";", "")
    return text[-1:] in marks and bool(text)


_USUAL = 0.05
"""The share of the passages with full stops that a mark must end a sentence in: abbreviations have their own."""


def _stops(items: pd.DataFrame, least: int) -> Mapping[str, Counter[str]]:
    """Return, by language, the usual full stops of its passages, with how many passages have each."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    ended: Counter[str] = Counter()
    pairs = zip(items["language"], items["passage"], strict=True)
    for code, passage in dict.fromkeys(pair for pair in pairs if isinstance(pair[1], str)):
        marks = {one[0] for one in _ENDED.findall(passage)}
        found[code].update(marks)
        ended[code] += bool(marks)
    usual = {
        code: Counter({mark: count for mark, count in marks.items() if count >= _USUAL * ended[code]})
        for code, marks in found.items()
        if ended[code] >= least
    }
    return defaultdict(Counter, usual)


_ENDED = regex.compile(rf"[{regex.escape(_STOP)}](?=[{regex.escape(_CLOSERS)}]*(?:\s|\Z))")

_PAIRS = {"(": ")", "[": "]", "{": "}", "（": "）", "［": "］", "【": "】", "「": "」", "『": "』", "《": "》",
          "〈": "〉", "⟨": "⟩", "༼": "༽"}  # fmt: skip
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_BRACKET = regex.compile(f"[{regex.escape(''.join([*_PAIRS, *_CLOSING]))}]")
_QUOTES = regex.compile('[“”„‟«»＂]|(?<![\\p{L}\\p{N}])"|"(?![\\p{L}\\p{N}])')
_NUMBERED = regex.compile(r"(?:^|\s)[\p{L}\p{N}]{1,2}\Z")


@check(scope="item")
def unpaired_brackets(items: pd.DataFrame) -> pd.DataFrame:
    """Every bracket has its partner, where the source's have theirs."""

    def faults(one: Rendering) -> Iterator[Span]:
        alone = _unpaired(one.text)
        for place in alone if alone and not _unpaired(one.source) else ():
            said = f"{one.subject} has {one.text[place]} without its partner: {quoted(one.text)}"
            yield Span(one.part, said, place, place + 1)

    return in_each_rendering(items, faults)


@check(scope="item")
def unpaired_quotes(items: pd.DataFrame) -> pd.DataFrame:
    """Every quotation mark has its partner, where the source's have theirs.

    Marks are counted, since languages use the same ones for the beginning and for the end. Straight ones alone
    belong to `quote_debris`.
    """

    def faults(one: Rendering) -> Iterator[Span]:
        marks = [found.start() for found in _QUOTES.finditer(one.text)]
        straight = one.text.count('"') == len(marks)
        if len(marks) % 2 and not straight and len(_QUOTES.findall(one.source)) % 2 == 0:
            place = marks[0] if len(marks) == 1 else None
            said = f"{one.subject} has a quotation mark without its partner: {quoted(one.text)}"
            yield Span(one.part, said, place, None if place is None else place + 1)

    return in_each_rendering(items, faults)


def _unpaired(text: str) -> list[int]:
    """Return the places of brackets without their partners; a) and 1) need none."""
    open_: list[tuple[str, int]] = []
    alone = []
    for found in _BRACKET.finditer(text):
        mark, place = found[0], found.start()
        if mark in _PAIRS:
            open_.append((mark, place))
        elif open_ and open_[-1][0] == _CLOSING[mark]:
            open_.pop()
        elif not (mark in ")）" and _NUMBERED.search(text[:place])):
            alone.append(place)
    return sorted([*alone, *(place for _, place in open_)])
