"""Checks of an item's structure: its options, its key, its neighbours on the passage; and the suite of them all.

They need no model and do not read the passage, so their findings are certain, and most of them send an item back
by themselves (see `qc.decisions.rule_table.EFFECTS`). Belebele's own English release has two items with two equal
options: these checks are cheap, and nobody had run them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from itertools import permutations

import pandas as pd

from qc.check import Span, Suite, check, findings, option_part
from qc.checks.wording_checks import (
    invisible_characters,
    length_bounds,
    quote_debris,
    quoted,
    reads_like_question,
    stray_whitespace,
    texts,
    wrong_script,
)
from qc.text.text_folding import SPACELESS, fold, script_of


@check(scope="item")
def four_options(items: pd.DataFrame, *, count: int = 4) -> pd.DataFrame:
    """There is a question and as many options as there should be, and none is empty.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        count: how many options an item has.
    """
    spans = []
    for question, options in texts(items):
        wrong = [] if question.strip() else [Span("question", "there is no question")]
        if len(options) != count:
            wrong.append(Span("item", f"there are {len(options)} options, {count} are wanted"))
        wrong += [
            Span(option_part(number), f"option {number} is empty")
            for number, text in enumerate(options, 1)
            if not text.strip()
        ]
        spans.append(wrong)
    return _of_spans(items, spans)


@check(scope="item", version=2)
def distinct_options(items: pd.DataFrame) -> pd.DataFrame:
    """No two options are the same apart from case, punctuation, spacing and Unicode form."""
    spans = []
    for _, options in texts(items):
        same = defaultdict(list)
        for number, text in enumerate(options, 1):
            if text.strip():  # empty options belong to four_options
                same[_one_i(spaceless(fold(text)))].append(number)
        alike = [numbers for numbers in same.values() if len(numbers) > 1]
        spans.append(
            [Span(option_part(n[-1]), f"{_options(n)} are the same: {quoted(options[n[0] - 1])}") for n in alike]
        )
    return _of_spans(items, spans)


def _one_i(folded: str) -> str:
    """Take dotted and dotless i for one: which of them I becomes in lower case depends on the language."""
    return folded.replace("i\u0307", "i").replace("ı", "i")


@check(scope="item")
def key_in_range(items: pd.DataFrame) -> pd.DataFrame:
    """The key is the number of one of the options."""
    reasons = []
    for (_, options), key in zip(texts(items), items["key"], strict=True):
        if pd.isna(key):
            reasons.append("no option is marked as correct")
        else:
            fits = 1 <= key <= len(options)
            reasons.append("" if fits else f"the key is {int(key)}, but there are {len(options)} options")
    return findings(items, [bool(reason) for reason in reasons], reasons)


@check(scope="item")
def contained_option(items: pd.DataFrame, *, characters: int = 2) -> pd.DataFrame:
    """No option occurs word for word inside another option.

    Args:
        items: columns of `data.ledger.tables.ITEMS`.
        characters: in scripts that do not part words, fewest characters that count as contained.
    """
    spans = []
    for (_, options), code in zip(texts(items), items["language"], strict=True):
        unparted = script_of(code) in SPACELESS
        folded = [spaceless(fold(text)) if unparted else f" {fold(text)} " for text in options]
        fewest = characters if unparted else 3
        found = [
            Span(
                option_part(inner), f"option {inner} is contained in option {outer}: {quoted(options[inner - 1])}"
            )
            for (inner, short), (outer, long) in permutations(enumerate(folded, 1), 2)
            if len(short) >= fewest and short in long and short != long
        ]
        spans.append(found)
    return _of_spans(items, spans)


@check(scope="item")
def duplicate_question(items: pd.DataFrame) -> pd.DataFrame:
    """No other question on the passage asks the same thing.

    Only the given items are compared, so all items of a passage must be given together. Each of the doubles is
    flagged, and scores 0.5 where at least the options differ.
    """
    alike = defaultdict(list)
    places = zip(items["passage_id"], items["language"], texts(items), strict=True)
    for position, (passage, language, (question, options)) in enumerate(places):
        if asked := spaceless(fold(question)):
            alike[passage, language, asked].append((position, options))
    ids, numbers = list(items["question_id"]), list(items["question_number"])
    said, scores = [""] * len(items), [1.0] * len(items)
    for (position, options), group in ((one, alike_ones) for alike_ones in alike.values() for one in alike_ones):
        others = [(other, theirs) for other, theirs in group if ids[other] != ids[position]]
        if others:
            twins = any(options_as_set(theirs) == options_as_set(options) for _, theirs in others)
            which = " and ".join(map(str, sorted({int(numbers[other]) for other, _ in others})))
            how = "the same options" if twins else "other options"
            said[position] = f"asks the same as question {which} on this passage, with {how}"
            scores[position] = 0.0 if twins else 0.5
    spans = [[Span("question", reason)] if reason else [] for reason in said]
    return findings(items, [bool(reason) for reason in said], said, scores, spans=spans)


_META = re.compile(
    r"(?:all|none|any|some|both|neither|either|two)(?: of)?(?: the)? above\b.*"
    r"|(?:all|none|any|both|neither) of (?:these|those|the others?|the other (?:options|answers|choices))\b.*"
    r"|(?:all|none|both|neither)(?: of)?(?: the)?(?: other)? (?:options|answers|choices|statements)"
    r"(?: (?:are|is) (?:correct|right|true|wrong|false|incorrect))?"
    r"|(?:both|neither|either|only)?(?: options?| answers?)? ?[a-d] (?:and|or|nor|&) [a-d]"
    r"(?: (?:are|is) (?:correct|right|true))?"
    r"|(?:both|neither|either|options?|answers?)(?: options?| answers?| of)? ?[1-4] (?:and|or|nor|&) [1-4]"
    r"(?: (?:are|is) (?:correct|right|true))?"
    r"|(?:all|none) (?:are|is) (?:correct|right|true|wrong|false|incorrect)"
)


def speaks_of_others(folded: str) -> bool:
    """Return whether an option, folded, speaks of the others by an English phrase.

    >>> speaks_of_others("none of the above choices"), speaks_of_others("above the door")
    (True, False)
    """
    return _META.fullmatch(folded) is not None


@check(scope="item")
def all_of_the_above(items: pd.DataFrame) -> pd.DataFrame:
    """No option refers to the other options, as 'all of the above' and 'both A and B' do.

    Judged on English source items, by a list of phrases. Items of another source language could not be judged;
    translations count as judged with their source.
    """
    flagged: list[bool | None] = []
    reasons = []
    spans: list[list[Span]] = []
    for (_, options), code, kind in zip(texts(items), items["language"], items["kind"], strict=True):
        if not code.startswith("eng_"):
            flagged.append(None if kind == "source" else False)
            is_source = "phrases are known for English only; a reader must judge it"
            reasons.append(is_source if kind == "source" else "judged with the source item")
            spans.append([])
            continue
        found = [
            Span(option_part(number), f"option {number} speaks of the other options: {quoted(text)}")
            for number, text in enumerate(options, 1)
            if speaks_of_others(fold(text))
        ]
        flagged.append(bool(found))
        reasons.append("; ".join(span.reason for span in found))
        spans.append(found)
    return findings(items, flagged, reasons, spans=spans)


def _of_spans(items: pd.DataFrame, spans: list[list[Span]]) -> pd.DataFrame:
    """Return findings whose reason is the sentences of all places."""
    return findings(
        items,
        [bool(some) for some in spans],
        ["; ".join(one.reason for one in some) for some in spans],
        spans=spans,
    )


_SPACE = re.compile(r"(?<!\d) | (?!\d)")  # but between digits


@lru_cache(maxsize=1 << 16)
def spaceless(folded: str) -> str:
    """Return a folded text without its spaces, except between digits, where they separate: 1.5 is not 15.

    >>> spaceless("well known 1 5")
    'wellknown1 5'
    """
    return _SPACE.sub("", folded) if " " in folded else folded


def options_as_set(options: list[str]) -> tuple[str, ...]:
    """Return what identifies a set of options, whatever their order and spelling.

    >>> options_as_set(["Two.", "one"]) == options_as_set(["One", "two"])
    True
    """
    return tuple(sorted(spaceless(fold(text)) for text in options))


def _options(numbers: list[int]) -> str:
    return f"options {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


STRUCTURE_SUITE: Suite = (
    four_options,
    distinct_options,
    key_in_range,
    reads_like_question,
    stray_whitespace,
    invisible_characters,
    quote_debris,
    length_bounds,
    contained_option,
    duplicate_question,
    all_of_the_above,
    wrong_script,
)
