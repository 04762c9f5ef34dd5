"""Events about the campaign, its source and its ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from data.ledger.events.event import Event, optional


@dataclass(frozen=True)
class CampaignChanged(Event):
    """campaign.toml has changed. Subject: its hash; language: how many came before it.

    Attributes:
        text: the whole campaign as JSON, which is the detail.
    """

    KIND = "campaign_changed"
    text: str

    def detail(self) -> str:
        """Return the campaign itself."""
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take the campaign as it is."""
        return cls(text)


@dataclass(frozen=True)
class SourceRead(Event):
    """The source was read. Subject: an identifier of what was to be read.

    Attributes:
        kind: of source.
        languages: number of languages read.
        passages: number of new passages, counted per language.
        again: number of passages that were read again because they had been lost.
    """

    KIND = "source_read"
    kind: str
    languages: int
    passages: int
    again: int | None = optional()


@dataclass(frozen=True)
class ModelsChosen(Event):
    """Models from elsewhere judge from here on, or no longer. Subject: `models`; language: how many came before.

    Attributes:
        encoder: the digest of a sentence encoder; None for none.
        qe: that of a quality-estimation model.
        lid_model: that of a fastText model.
    """

    KIND = "models_chosen"
    encoder: str | None = optional()
    qe: str | None = optional()
    lid_model: str | None = optional()


@dataclass(frozen=True)
class Redacted(Event):
    """Something known about a person was erased. Subject: their code."""

    KIND = "redacted"
    what: str = "contact"


@dataclass(frozen=True)
class GivenUp(Event):
    """A table lost something and was rebuilt without it. Subject: the table; language: how many came before.

    Attributes:
        lost: number of rows in what is lost; None if unknown.
        rows: number of rows that the table holds now.
        damaged: what was wrong, one line each.
    """

    KIND = "given_up"
    lost: int | None
    rows: int
    damaged: Sequence[str]


@dataclass(frozen=True)
class MadeAgain(Event):
    """Everything derived from the remaining data was made again. Subject: the number of losses so far.

    Attributes:
        events: number of events that are back.
    """

    KIND = "made_again"
    events: int


@dataclass(frozen=True)
class TakenBack(Event):
    """Rows of a table were restored from a copy or an export. Subject: the table; language: how many came before.

    Attributes:
        rows: number of rows restored.
    """

    KIND = "taken_back"
    rows: int
