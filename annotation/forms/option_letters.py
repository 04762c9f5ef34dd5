"""The letters under which a task shows options, and the order of its own in which a blind one shows them.

An order that each task has for itself tells nothing of an author's habit of where to put the right answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.ledger.tables import digest

LETTERS = ("A", "B", "C", "D")
"""What the options of a blind task are called, in the order in which they are shown."""


def shown_order(task_key: str, n: int = 4) -> list[int]:
    """The order in which a task shows the answers: identities 1 to n, shuffled.

    The task's key alone decides, so that the same task made again shows the same order.

    >>> sorted(shown_order("answering/eng_Latn/p-q1/1/r1", 4))
    [1, 2, 3, 4]
    """
    return sorted(range(1, n + 1), key=lambda identity: digest(task_key, identity))


def letter_of(choice: int, payload: Mapping[str, Any]) -> str:
    """The letter at which a blind task shows an answer, by the answer's identity."""
    return LETTERS[list(payload.get("order") or shown_order(payload["task_key"])).index(choice)]


def letters_of(payload: Mapping[str, Any]) -> dict[str, int]:
    """The letters of a blind task's options, lower case, as the identities of the answers that they stand for."""
    return {letter.casefold(): n for letter, n in zip(LETTERS, payload["order"], strict=True)}
