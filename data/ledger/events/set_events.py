"""What was chosen: the final set, plants and the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.ledger.events.event import Event
from data.ledger.tables import FaultKind

Items = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class SetRead(Event):
    """The questions were judged as a set. Subject: its mark.

    Attributes:
        questions: in it.
        revisions: of questions that there were in all.
    """

    KIND = "set_read"
    questions: int
    revisions: int


@dataclass(frozen=True)
class SetSelected(Event):
    """The final set was chosen; the latest counts. Subject: the run; language: how many came before.

    Attributes:
        size: questions that were wanted.
        per_passage: at most, of one passage; None for any number.
        margin: within which every heuristic was to be of chance.
        quotas: of domains or topics, by column.
        candidates: kept questions that there were to choose from.
        gave_up: what was wanted and could not be had, in words.
        chance: the share that a guess gets.
        accuracy: each heuristic's in the set.
        places: how often the key stands in each place.
        chosen: question_id, revision and order of options (identities) of each.
    """

    KIND = "selected"
    size: int
    per_passage: int | None
    margin: float
    quotas: Mapping[str, Mapping[str, float]]
    candidates: int
    gave_up: Sequence[str]
    chance: float
    accuracy: Mapping[str, float]
    places: Sequence[int]
    chosen: Sequence[tuple[str, int, list[int]]]


@dataclass(frozen=True)
class Planted(Event):
    """A copy with a known fault was put among reviewers' work. Subject: its id.

    Attributes:
        question_id: of the question that it was made of.
        revision: of that question.
        kind: of fault.
        question: as it shows it.
        answers: as it shows them.
        key: as if it were a Question's.
        passage_id: of the passage that it shows.
        passage_revision: of that passage.
        sentences: that it shows; None where they are the passage's.
        made_by: "rule" or "lead".
    """

    KIND = "planted"
    question_id: str
    revision: int
    kind: FaultKind
    question: str
    answers: Sequence[str]
    key: int
    passage_id: str
    passage_revision: int
    sentences: Sequence[str] | None
    made_by: str


@dataclass(frozen=True)
class NotPlanted(Event):
    """No fault could be put into a question. Subject: its question_id.

    Attributes:
        revision: of the question.
        tried: kinds of fault.
    """

    KIND = "not_planted"
    revision: int
    tried: Sequence[str]


@dataclass(frozen=True)
class BaselineDrawn(Event):
    """The items on which people's accuracy is measured; the latest counts. Subject: a digest of them.

    Attributes:
        items: question_id and revision of each.
        of: how many there were to draw from.
    """

    KIND = "baseline_drawn"
    items: Items
    of: int
