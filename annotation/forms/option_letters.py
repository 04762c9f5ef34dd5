"""The letters of a task's options, and the task's own order in which a blind page shows them.

A separate order for each task hides an author's habit of where to put the right answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.ledger.tables import digest

LETTERS = ("A", "B", "C", "D")
"""Letters of a blind task's options, in the order shown."""


def shown_order(task_key: str, n: int = 4) -> list[int]:
    """Return the order in which a task shows the answers: identities 1 to n, shuffled.

    The order follows from the task's key alone, so a task that is made again shows the same order.

    >>> sorted(shown_order("answering/eng_Latn/p-q1/1/r1", 4))
    [1, 2, 3, 4]
    """
    return sorted(range(1, n + 1), key=lambda identity: digest(task_key, identity))


def letter_of(choice: int, payload: Mapping[str, Any]) -> str:
    """Return the letter at which a blind task shows the answer with this identity."""
    return LETTERS[list(payload.get("order") or shown_order(payload["task_key"])).index(choice)]


def chosen_identity(letter: str, payload: Mapping[str, Any]) -> int:
    """Return the identity of the answer that a blind task shows at this letter; 0 for what is no letter."""
    return int(payload["order"][LETTERS.index(letter)]) if letter in LETTERS else 0


def letters_of(payload: Mapping[str, Any]) -> dict[str, int]:
    """Map the lower-case letters of a blind task's options to the identities of their answers."""
    return {letter.casefold(): n for letter, n in zip(LETTERS, payload["order"], strict=True)}
