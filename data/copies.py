"""Copies of a question that are put before people for another reason than to decide about it.

A plant is a copy with a known fault, made to learn how often reviewers see such faults. A recheck puts an
accepted question before an expert once more. A baseline puts a frozen item before a fresh reader. Each has an
identity of its own, made from the question's, so that no table that holds questions can take it for one, and
everything that is said of it stands beside what was said of the question and never in it.
"""

from __future__ import annotations

import re
from typing import Literal

CopyKind = Literal["plant", "recheck", "baseline"]

_MARKS: dict[CopyKind, str] = {"plant": "p", "recheck": "r", "baseline": "b"}
_KINDS = {mark: kind for kind, mark in _MARKS.items()}

COPY = r"^(.+-q(\d+))-([prb])(\d+)$"
"""A copy's identity: the question's, its number, the mark of its kind, the copy's number."""

_COPY = re.compile(COPY)


def copy_id(question_id: str, kind: CopyKind, number: int = 1) -> str:
    """The identity of a copy.

    >>> copy_id("flores200-0123456789ab-q2", "plant", 1)
    'flores200-0123456789ab-q2-p1'
    """
    return f"{question_id}-{_MARKS[kind]}{number}"


def kind_of(subject: str) -> CopyKind | None:
    """What kind of copy something is; None for a question itself.

    >>> kind_of("boats-q1-p1"), kind_of("boats-q1-r1"), kind_of("boats-q1")
    ('plant', 'recheck', None)
    """
    found = _COPY.match(subject)
    return _KINDS[found[3]] if found else None


def original(subject: str) -> str:
    """The question that a copy was made of; a question itself.

    >>> original("boats-q1-p1"), original("boats-q1")
    ('boats-q1', 'boats-q1')
    """
    found = _COPY.match(subject)
    return found[1] if found else subject


def shown_id(subject: str) -> str:
    """What a subject is called where reviewers may see it: a plant looks like one more question of its passage.

    Slots are numbered from 1 to 9, so the number that a plant gets is nobody else's.

    >>> shown_id("boats-q2-p1"), shown_id("boats-q2"), shown_id("boats-q2-b1")
    ('boats-q12', 'boats-q2', 'boats-q2-b1')
    """
    found = _COPY.match(subject)
    if not found or found[3] != _MARKS["plant"]:
        return subject
    return f"{found[1].rpartition('-q')[0]}-q{10 * int(found[4]) + int(found[2])}"
