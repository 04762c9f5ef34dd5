"""Events about what is wrong in released items: reported errors, withdrawals, and which release tells them."""

from __future__ import annotations

from dataclasses import dataclass

from data.ledger.events.event import Event, optional

PARTS = ("passage", "question", "option_1", "option_2", "option_3", "option_4", "key")
"""The parts of an item that an error may be in; options by identity."""


@dataclass(frozen=True)
class ErrorReported(Event):
    """Somebody who uses a release found an error in an item. Subject: its question_id; language: the item's.

    A later event with the same language, revision, part and error is the same report: its credit and URL hold.

    Attributes:
        error: what is wrong, in words that are printed in the next release.
        revision: of the question or translation that the report is about.
        passage_revision: of the passage in that language.
        part: passage, question, option_1 to option_4 (by identity) or key; None where it was not said.
        credit: whom a release thanks, as they wish to be printed.
        url: where the report can be read.
        number: how many of these events came before on the item, in any language.
    """

    KIND = "error_reported"
    error: str
    revision: int
    passage_revision: int
    part: str | None = optional()
    credit: str | None = optional()
    url: str | None = optional()
    number: int = 0


@dataclass(frozen=True)
class ItemWithdrawn(Event):
    """A released item is taken back in every language, for good. Subject: its question_id.

    The latest event on an item holds.

    Attributes:
        reason: why, in words that are printed in every release from now on.
        credit: whom a release thanks, as they wish to be printed.
        url: where the reason can be read.
        number: how many of these events came before on the item.
    """

    KIND = "item_withdrawn"
    reason: str
    credit: str | None = optional()
    url: str | None = optional()
    number: int = 0


@dataclass(frozen=True)
class ErratumReleased(Event):
    """A release told of a correction or a withdrawal. Subject: the correction's id, or the withdrawn question_id.

    Where several versions told it, the lowest is the one since which it is so.

    Attributes:
        version: of the release.
    """

    KIND = "erratum_released"
    version: str
