"""Key evidence: what blind answers to a translated item say about whether its key is still right.

Whoever translates or proofreads an item sees its key, and so cannot tell whether it follows from the text alone. A
reader who does not know the key can: one right answer is enough, a wrong one asks a second reader, and where
anybody chose otherwise the item is disputed until the lead has kept it since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Moment = tuple[int, datetime]
"""When something was written: the ledger's sequence, then the time."""


class KeyLevel(StrEnum):
    """How well an item's key is known to hold in its language."""

    UNREAD = "unread"
    """Nobody has answered it blind."""
    ONE = "one"
    """One person has, and no dispute is open."""
    TWO = "two"
    """Two have, or more, and no dispute is open."""
    DISPUTED = "disputed"
    """Somebody chose another answer, and the lead has not kept the item since."""


@dataclass(frozen=True)
class BlindAnswer:
    """One person's answer to one text of an item.

    Attributes:
        reader: their code.
        right: whether they chose the key.
        words: what they chose, for the lead.
        moment: when it was written.
    """

    reader: str
    right: bool
    words: str
    moment: Moment


@dataclass(frozen=True)
class KeyEvidence:
    """What blind answers say of one item.

    Attributes:
        level: in one word.
        readers: how many answered; None where nobody did.
        right: how many of them chose the key; None where nobody answered.
        wrong: the answers that were not the key, in the order of writing.
    """

    level: KeyLevel
    readers: int | None = None
    right: int | None = None
    wrong: tuple[BlindAnswer, ...] = ()

    @property
    def readers_wanted(self) -> int:
        """How many people are to answer the item, those who did included."""
        return 2 if self.level is KeyLevel.DISPUTED else 1


def key_evidence(answers: Sequence[BlindAnswer], kept: Moment | None = None) -> KeyEvidence:
    """Return what the answers to one text of an item say.

    Args:
        answers: in the order of writing; of several by one person the last counts.
        kept: when the lead last decided to keep the item; None for never.
    """
    last = {answer.reader: answer for answer in answers}
    if not last:
        return KeyEvidence(KeyLevel.UNREAD)
    wrong = tuple(answer for answer in last.values() if not answer.right)
    unsettled = wrong and (kept is None or kept < max(answer.moment for answer in wrong))
    level = KeyLevel.DISPUTED if unsettled else KeyLevel.ONE if len(last) == 1 else KeyLevel.TWO
    return KeyEvidence(level, len(last), len(last) - len(wrong), wrong)
