"""Planted faults: faulty copies of good questions, each kind made by a rule that knows no language.

A machine can plant fewer kinds of fault than people make. A wrong key is a wrong key, but a second right answer
here always repeats a clause of the passage, and an unanswerable question either belongs to another passage or has
lost its evidence. If a fault cannot be made from an item, there is none (None); the lead can plant what no rule
can (`belebele plant`). The item and a seed determine which fault is made and where, so the same ledger makes the
same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from data.ledger.tables import FaultKind, digest
from qc.text.text_folding import fold

FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)

STATED = 0.6
"""The share of an answer's character trigrams that a clause must contain to count as stating that answer."""

LONGER = 1.35
"""The least length of a key with a cue, as a multiple of the longest distractor's."""

_BREAKS = re.compile(r"(?<=\w)[,;:.!?،؛।။…]+(?:\s+|$)|[，；：。！？、]|\s+[–—-]\s+|[()（）]")
_EDGES = " \t\n\"'“”‘’«»,;:.!?،؛।。，；：！？、-–—()（）"


@dataclass(frozen=True)
class FullItem:
    """A question with everything that a fault may be made from.

    Attributes:
        question: its text.
        answers: by identity.
        key: identity of the correct answer, from 1.
        passage_id: of the passage that it is shown with.
        sentences: of that passage.
        evidence: numbers of the sentences that settle it, from 1; empty where they are not known.
        wordings: of the key, in earlier revisions.
    """

    question: str
    answers: tuple[str, ...]
    key: int
    passage_id: str
    sentences: tuple[str, ...]
    evidence: tuple[int, ...] = ()
    wordings: tuple[str, ...] = ()


Passages = Mapping[str, Sequence[str]]
"""Sentences of other passages by passage_id."""


def faulty(fault: FaultKind, item: FullItem, others: Passages, seed: str) -> FullItem | None:
    """Return the item with a fault of this kind; None where the rule cannot make one.

    Args:
        fault: the kind.
        item: a good one.
        others: passages that an unanswerable copy may be shown with.
        seed: determines every choice.
    """
    return _MAKERS[fault](item, others, seed)


def in_order(faults: Sequence[FaultKind], seed: str) -> list[FaultKind]:
    """Return the kinds in the order in which to try them on an item."""
    return sorted(faults, key=lambda fault: digest(seed, "kind", fault))


def wrong_key(item: FullItem, _: Passages, seed: str) -> FullItem | None:
    """Mark another answer as correct."""
    return replace(item, key=_distractors(item, seed)[0])


def two_right(item: FullItem, _: Passages, seed: str) -> FullItem | None:
    """Turn a distractor into a second right answer: the key in an earlier wording, or a clause that states it."""
    clauses = [part for sentence in (*_evidence(item), *item.sentences) for part in clauses_of(sentence)]
    stating = [part for part in clauses if _holds(part, item.answers[item.key - 1]) >= STATED]
    stating.sort(key=lambda part: (len(part), part))
    known = {fold(answer) for answer in item.answers}
    longest = max(map(len, item.answers))
    for text in (*item.wordings, *stating):
        if fold(text) not in known and len(text) <= max(3 * longest, 60):
            place = _distractors(item, seed)[0]
            return replace(item, answers=_with(item.answers, place, _as_answer(text, item.answers)))
    return None


def unanswerable(item: FullItem, others: Passages, _: str) -> FullItem | None:
    """Remove the evidence; where it is unknown, show the passage most similar in words instead."""
    left = [text for number, text in enumerate(item.sentences, 1) if number not in item.evidence]
    stated = any(_holds(text, item.answers[item.key - 1]) >= STATED for text in left)
    if item.evidence and len(left) >= 2 and not stated:
        return replace(item, sentences=tuple(left), evidence=())
    asked = _trigrams(" ".join((item.question, *item.answers)))
    likeness = {
        passage: len(asked & _trigrams(" ".join(sentences))) / max(1, len(asked))
        for passage, sentences in others.items()
        if passage != item.passage_id and _holds(" ".join(sentences), item.answers[item.key - 1]) < 1
    }
    if not likeness:
        return None
    nearest = min(likeness, key=lambda passage: (-likeness[passage], passage))
    return replace(item, passage_id=nearest, sentences=tuple(others[nearest]), evidence=())


def cue(item: FullItem, _: Passages, seed: str) -> FullItem | None:
    """Make the key longer and more exact than the rest by a clause of the passage."""
    key, rest = item.answers[item.key - 1], [item.answers[place - 1] for place in _distractors(item, seed)]
    wanted = LONGER * max(map(len, rest))
    clauses = [part for sentence in (*_evidence(item), *item.sentences) for part in clauses_of(sentence)]
    for clause in dict.fromkeys(clauses):
        longer = f"{key.rstrip(_EDGES)} ({clause})"
        new = _holds(clause, key) < STATED and not any(_holds(clause, other) >= STATED for other in rest)
        if new and wanted <= len(longer) <= 3 * wanted:
            return replace(item, answers=_with(item.answers, item.key, longer))
    return None


def sound(item: FullItem, _: Passages, __: str) -> FullItem | None:
    """Change nothing: an objection here is a false alarm."""
    return item


_MAKERS: Mapping[FaultKind, Callable[[FullItem, Passages, str], FullItem | None]] = {
    "wrong_key": wrong_key,
    "two_right": two_right,
    "unanswerable": unanswerable,
    "cue": cue,
    "sound": sound,
}


def clauses_of(sentence: str) -> list[str]:
    """Cut a sentence at its punctuation, which is removed.

    >>> clauses_of("The water rises, so she moves her tools.")
    ['The water rises', 'so she moves her tools']
    """
    return [part for piece in _BREAKS.split(sentence) if (part := piece.strip(_EDGES))]


def _evidence(item: FullItem) -> list[str]:
    """Return the sentences that settle it, or the one that contains most of the key's words."""
    if item.evidence:
        return [item.sentences[number - 1] for number in item.evidence if number <= len(item.sentences)]
    key = item.answers[item.key - 1]
    return [max(item.sentences, key=lambda sentence: _holds(sentence, key))] if item.sentences else []


def _distractors(item: FullItem, seed: str) -> list[int]:
    """Return the identities of the wrong answers, in an order that follows from the seed."""
    wrong = [number for number in range(1, len(item.answers) + 1) if number != item.key]
    return sorted(wrong, key=lambda number: digest(seed, "distractor", number))


def _with(answers: Sequence[str], place: int, text: str) -> tuple[str, ...]:
    return tuple(text if number == place else answer for number, answer in enumerate(answers, 1))


def _as_answer(text: str, answers: Sequence[str]) -> str:
    """Return the text, capitalised if the other answers are."""
    return text[:1].upper() + text[1:] if all(answer[:1] == answer[:1].upper() for answer in answers) else text


def _trigrams(text: str) -> set[str]:
    folded = fold(text)
    return {folded[at : at + 3] for at in range(max(1, len(folded) - 2))}


def _holds(text: str, part: str) -> float:
    """Return the share of a part's trigrams that a text has."""
    wanted = _trigrams(part)
    return len(wanted & _trigrams(text)) / len(wanted)
