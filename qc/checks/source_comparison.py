"""Translated texts beside the source texts that they render: what checks of translations go through.

A source item has nothing to compare. It passes with the reason and counts as not applicable: an answer of 'could
not judge' would ask a person to look at something that does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import pandas as pd

from qc.check import Span, findings, option_part
from qc.checks.wording_checks import texts

SOURCE_ITEM = "a source item: nothing to compare"

Texts = tuple[str, list[str]]


class Rendering(NamedTuple):
    """One part of a translated item.

    Attributes:
        part: `question`, `option_1` and so on.
        subject: the part in a sentence.
        text: the translation.
        source: what it renders.
        code: the translation's language.
        source_code: the source's language.
        passage: the passage in the translation's language.
    """

    part: str
    subject: str
    text: str
    source: str
    code: str
    source_code: str
    passage: str


def source_pairs(items: pd.DataFrame) -> Iterator[tuple[tuple[str, str], Texts, tuple[str | None, list[str]]]]:
    """Yield, per item, its and its source's language, its texts, and its source's (None, [] for a source item)."""
    languages = zip(items["language"], items["source_language"], strict=True)
    sources = zip(items["source_question"], items["source_answers"], strict=True)
    for codes, own, (question, answers) in zip(languages, texts(items), sources, strict=True):
        original: tuple[str | None, list[str]] = (None, [])
        if isinstance(question, str):
            original = question, list(answers)
        yield codes, own, original


_NAMES = [("question", "the question"), *((option_part(n), f"option {n}") for n in range(1, 10))]


def renderings(items: pd.DataFrame) -> Iterator[list[Rendering] | None]:
    """Yield the parts of each item that have a source and are not empty; None for a source item."""
    passages = [text if isinstance(text, str) else "" for text in items["passage"]]
    for (codes, (question, options), (of, source)), passage in zip(source_pairs(items), passages, strict=True):
        if of is None or codes[0] == codes[1]:
            yield None
            continue
        pairs = zip(_NAMES, [question, *options], [of, *source], strict=False)
        yield [Rendering(*name, text, original, *codes, passage) for name, text, original in pairs if text.strip()]


def in_each_rendering(items: pd.DataFrame, faults: Callable[[Rendering], Iterable[Span]]) -> pd.DataFrame:
    """Return the findings of a check that looks at each part of a translation beside its source."""
    return against_source(
        items,
        [
            None if parts is None else [span for one in parts for span in faults(one)]
            for parts in renderings(items)
        ],
    )


def against_source(items: pd.DataFrame, spans: Sequence[Sequence[Span] | None]) -> pd.DataFrame:
    """Return findings whose reason is the sentences of all places; None is an item with nothing to compare."""
    return findings(
        items,
        [bool(some) for some in spans],
        [SOURCE_ITEM if some is None else "; ".join(dict.fromkeys(one.reason for one in some)) for some in spans],
        spans=[some or [] for some in spans],
        applicable=[some is not None for some in spans],
    )
