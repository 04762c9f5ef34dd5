"""The items of a set in the form that the campaign's checks take, each beside its source item.

A set names languages in its own way and has no revisions, stages or question numbers. Here it gets what the checks
need, but nothing that would be a guess: without a source language no item has a source text, and a language that
is not named stays unknown. Questions are grouped by their passage, not by the set's own group, so that passages
that got mixed up are seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache

import pandas as pd

from data.languages import canonical, iso_name, languages, named
from data.ledger.tables import ITEMS
from qc.lint.finding import place_order
from qc.text.text_folding import fold

LABELS = 10
"""If a large set has at most this many different questions, they are labels, such as XCOPA's cause and effect."""


@cache
def code_of(language: str) -> str:
    """Return the code, in the table of languages, of a language that a set names; "" if it cannot be told.

    >>> code_of("et"), code_of("swh_Latn"), code_of("")
    ('est_Latn', 'swh_Latn', '')
    """
    if canonical(language) in languages():
        return canonical(language)
    if not language or not (iso_name(language) or language.isalpha()):
        return ""
    found = named(language)
    usual = [one for one in found.languages if one.belebele] or list(found.languages)
    return usual[0].code if usual and not found.guessed else ""


def lint_items(items: pd.DataFrame, source_language: str = "") -> pd.DataFrame:
    """Return the items of a set in the form that checks take.

    Args:
        items: item_id, language, group, passage, question, options, key (from 0, -1 unknown) and, as far as they
            are there, keys (all that are right), place, domain, topic.
        source_language: the language that the others were translated from, as the set calls it; "" for none.

    Returns:
        Columns of `data.ledger.tables.ITEMS`, in the order of the files, and besides them `called` (the language
        as the set calls it), `place` and `keys` (tuples, from 1). `language` is "" if it is not known;
        `passage_id` names the passage by its first item or, if there is no passage, the item itself.
    """
    if "place" in items:  # of two equal items, the first is the one that comes first in the files
        order = sorted(range(len(items)), key=[place_order(str(one)) for one in items["place"]].__getitem__)
        items = items.iloc[order].reset_index(drop=True)
    called = items["language"].fillna("").astype(str).tolist()
    ids = items["item_id"].astype(str).tolist()
    passages = [text if isinstance(text, str) else "" for text in items["passage"]]
    groups = items["group"].astype(str).tolist() if "group" in items else ids
    questions = [text if isinstance(text, str) else "" for text in items["question"]]
    answers = [list(some) for some in items["options"]]
    keys = [int(key) + 1 for key in items["key"]]
    every = [tuple(int(one) + 1 for one in some) for some in items["keys"]] if "keys" in items else []
    source = {
        name: place for place, (name, code) in enumerate(zip(ids, called, strict=True)) if code == source_language
    } if source_language else {}  # fmt: skip
    of = [None if code == source_language else source.get(name) for name, code in zip(ids, called, strict=True)]
    made = pd.DataFrame(
        {
            "question_id": ids,
            "language": [code_of(one) for one in called],
            "kind": ["draft" if source_language and one != source_language else "source" for one in called],
            "passage_id": _passage_ids(ids, called, passages, groups),
            "question_number": 0,
            "revision": 1,
            "passage": passages,
            "question": questions,
            "answers": pd.Series(answers, dtype=object),
            "key": pd.Series([key if key > 0 else None for key in keys], dtype="Int32"),
            "domain": "",
            "topic": "",
            "source_language": [code_of(source_language)] * len(ids),
            "source_question": pd.Series([None if at is None else questions[at] for at in of], dtype=object),
            "source_answers": pd.Series([None if at is None else answers[at] for at in of], dtype=object),
            "draft_question": pd.Series([None] * len(ids), dtype=object),
            "draft_answers": pd.Series([None] * len(ids), dtype=object),
        }
    )
    return made.assign(
        question_number=_numbers(called, made["passage_id"].tolist()),
        called=called,
        place=[str(one) for one in items["place"]] if "place" in items else "",
        keys=pd.Series(every or [(key,) if key > 0 else () for key in keys], dtype=object),
    )[[*ITEMS.names, "called", "place", "keys"]]


def _numbers(called: Sequence[str], passages: Sequence[str]) -> list[int]:
    seen: Counter[tuple[str, str]] = Counter()
    numbers = []
    for place in zip(called, passages, strict=True):
        seen[place] += 1
        numbers.append(seen[place])
    return numbers


def _passage_ids(
    ids: Sequence[str], called: Sequence[str], passages: Sequence[str], groups: Sequence[str]
) -> list[str]:
    first: dict[tuple[str, str], str] = {}
    return [
        first.setdefault((code, fold(text)), name) if text.strip() else f"{group}\0{name}"
        for name, code, text, group in zip(ids, called, passages, groups, strict=True)
    ]


def labelled(items: pd.DataFrame) -> bool:
    """Return whether the questions of a set are only labels, few of them for many items, or are missing.

    Args:
        items: as `lint_items` makes them.
    """
    different = set(items["question"])
    return different <= {""} or (len(different) <= LABELS and len(items) >= 5 * len(different) and len(items) > 30)


def usual_options(items: pd.DataFrame, share: float = 0.9) -> int:
    """Return the number of options that the items of a set have; 0 if it differs from item to item.

    Args:
        items: as `lint_items` makes them.
        share: the least share of the items that must have the most usual number.
    """
    counts = Counter(map(len, items["answers"]))
    usual, times = counts.most_common(1)[0]
    return usual if times >= share * len(items) else 0
