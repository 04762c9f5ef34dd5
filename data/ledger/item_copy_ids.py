"""Identities of question copies that are shown to people for other reasons than to decide about the question.

A plant is a copy with a known fault, used to measure how often reviewers see such faults. A recheck shows an
accepted question to an expert once more. A baseline shows a frozen item to a fresh reader. A key check shows an
accepted translation to somebody who had no part in it. A trial, by which
prospective authors show what they can do, is not a copy but is treated like one. Each has an identity of its own,
made from the question's (a trial's from its passage's and its author's), so that no table of questions can mistake
it for a question, and verdicts on it are stored beside those on the question and never among them.

Only this module knows the form of these identities, because blindness depends on it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import pandas as pd

from data.ledger.tables import digest

CopyKind = Literal["plant", "recheck", "baseline", "key_check", "trial"]

_MARKS: dict[CopyKind, str] = {"plant": "p", "recheck": "r", "baseline": "b", "key_check": "k"}
_QUESTION = r"-q\d+"
_TRIAL_END = r"-t[a-z0-9_]{1,10}-\d+"
_TRIAL = re.compile(r"^(.+)-t([a-z0-9_]{1,10})-(\d+)$")


@cache
def _copy(marks: str) -> re.Pattern[str]:
    """Return the pattern of a copy's identity: the question's, its number, the kind's mark, the copy's number."""
    return re.compile(rf"^(.+-q(\d+))-([{marks}])(\d+)$")


def _copy_match(subject: str) -> re.Match[str] | None:
    return _copy("".join(_MARKS.values())).match(subject)


def copy_id(question_id: str, kind: CopyKind, number: int = 1) -> str:
    """Return the identity of a copy.

    >>> copy_id("flores200-0123456789ab-q2", "plant", 1)
    'flores200-0123456789ab-q2-p1'
    """
    return f"{question_id}-{_MARKS[kind]}{number}"


def trial_id(passage_id: str, person: str, number: int) -> str:
    """Return the identity of a trial question, which occupies no question slot.

    >>> trial_id("boats", "ana", 2)
    'boats-tana-2'
    """
    return f"{passage_id}-t{person.replace('-', '_')}-{number}"


def trial_of(subject: str) -> tuple[str, str, int] | None:
    """Return the passage, the person and the number of a trial question; None for anything else.

    >>> trial_of(trial_id("boats", "a-na", 2)), trial_of("boats-q1"), trial_of("boats-q1-p1")
    (('boats', 'a-na', 2), None, None)
    """
    found = _TRIAL.match(subject)
    return (found[1], found[2].replace("_", "-"), int(found[3])) if found else None


def kind_of(subject: str) -> CopyKind | None:
    """Return what kind of copy this is; None for a question itself.

    >>> kind_of("boats-q1-p1"), kind_of("boats-q1-r1"), kind_of("boats-q1")
    ('plant', 'recheck', None)
    """
    if trial_of(subject):
        return "trial"
    found = _copy_match(subject)
    return next(kind for kind, mark in _MARKS.items() if mark == found[3]) if found else None


def are_copies(subjects: pd.Series[str]) -> pd.Series[bool]:
    """Return which identities are copies or trials; the vectorised form of `kind_of`.

    >>> are_copies(pd.Series(["boats-q1", "boats-q1-b1", "boats-tana-1"])).tolist()
    [False, True, True]
    """
    return subjects.str.contains(rf"{_QUESTION}-[{''.join(_MARKS.values())}]\d+$|{_TRIAL_END}$")


def passages_of(subjects: pd.Series[str]) -> pd.Series[str]:
    """Return the passage of each question, copy or trial; a passage's own identity stays as it is.

    >>> passages_of(pd.Series(["boats-q1", "boats-q1-b1", "boats-tana-1", "boats"])).unique().tolist()
    ['boats']
    """
    marks = "".join(_MARKS.values())
    return subjects.str.replace(rf"{_QUESTION}(?:-[{marks}]\d+)?$|{_TRIAL_END}$", "", regex=True)


def original(subject: str) -> str:
    """Return the question that a copy was made of; for a question, the question itself.

    >>> original("boats-q1-p1"), original("boats-q1")
    ('boats-q1', 'boats-q1')
    """
    found = _copy_match(subject)
    return found[1] if found else subject


def shown_id(subject: str) -> str:
    """Return the identity shown to reviewers, under which a plant looks like one more question of its passage.

    Slots are numbered from 1 to 9, so the number that a plant gets is unique.

    A trial gets a number of about eight digits that reveals nothing about its author.

    >>> shown_id("boats-q2-p1"), shown_id("boats-q2"), shown_id("boats-q2-b1")
    ('boats-q12', 'boats-q2', 'boats-q2-b1')
    """
    if trial := trial_of(subject):
        return f"{trial[0]}-q{1000 + int(digest('trial', subject)[:7], 16)}"
    found = _copy_match(subject)
    if not found or found[3] != _MARKS["plant"]:
        return subject
    return f"{found[1].rpartition('-q')[0]}-q{10 * int(found[4]) + int(found[2])}"
