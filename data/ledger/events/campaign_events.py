"""What happened to the campaign, its source and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class CampaignChanged(Event):
    """campaign.toml is another one than before. Subject: its hash; language: how many came before it.

    Attributes:
        text: the whole of it as JSON, which is the detail.
    """

    KIND = "campaign_changed"
    text: str

    def detail(self) -> str:
        """The campaign itself."""
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """The campaign, whatever it says."""
        return cls(text)


@dataclass(frozen=True)
class SourceRead(Event):
    """The source was read. Subject: the mark of what was to be read.

    Attributes:
        kind: of source.
        languages: that were read.
        passages: that were new, counted with languages.
        again: passages that were read once more since they were lost.
    """

    KIND = "source_read"
    kind: str
    languages: int
    passages: int
    again: int | None = optional()


@dataclass(frozen=True)
class Redacted(Event):
    """Something that was known of a person was erased. Subject: their code."""

    KIND = "redacted"
    what: str = "contact"


@dataclass(frozen=True)
class GivenUp(Event):
    """A table lost something and was made anew without it. Subject: the table; language: how many came before.

    Attributes:
        lost: rows that were in what is lost; None where nobody knows.
        rows: that the table holds now.
        damaged: what was wrong, a line each.
    """

    KIND = "given_up"
    lost: int | None
    rows: int
    damaged: Sequence[str]


@dataclass(frozen=True)
class MadeAgain(Event):
    """After so many losses all that follows from what is there was made again. Subject: the number of losses.

    Attributes:
        events: that are back.
    """

    KIND = "made_again"
    events: int


@dataclass(frozen=True)
class TakenBack(Event):
    """Rows of a table came back from a copy. Subject: the table; language: how many such events came before.

    Attributes:
        rows: that are back.
    """

    KIND = "taken_back"
    rows: int
