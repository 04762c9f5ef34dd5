"""Events about choices: the final set, plants and the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.ledger.events.event import Event
from data.ledger.tables import FaultKind

Items = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class SetRead(Event):
    """The questions were judged as a set. Subject: the set's identifier.

    Attributes:
        questions: number of questions in it.
        revisions: number of question revisions in all.
    """

    KIND = "set_read"
    questions: int
    revisions: int


@dataclass(frozen=True)
class SetSelected(Event):
    """The final set was chosen; the latest choice counts. Subject: the run; language: how many came before.

    Attributes:
        size: number of questions wanted.
        per_passage: most questions of one passage; None for no limit.
        margin: largest allowed distance of each heuristic from chance.
        quotas: of domains or topics, by column.
        candidates: number of kept questions to choose from.
        gave_up: wishes that could not be met, in words.
        chance: the share of right answers by guessing.
        accuracy: each heuristic's accuracy on the set.
        places: how often the key is in each place.
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
        question_id: of the question that was copied.
        revision: of that question.
        kind: of fault.
        question: as the copy shows it.
        answers: as the copy shows them.
        key: the copy's key.
        passage_id: of the passage that the copy shows.
        passage_revision: of that passage.
        sentences: that the copy shows; None if they are the passage's own.
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
    """No fault could be planted in a question. Subject: its question_id.

    Attributes:
        revision: of the question.
        tried: kinds of fault.
    """

    KIND = "not_planted"
    revision: int
    tried: Sequence[str]


@dataclass(frozen=True)
class BaselineDrawn(Event):
    """The items on which people's accuracy is measured; the latest choice counts. Subject: a digest of them.

    Attributes:
        items: question_id and revision of each.
        of: number of items to draw from.
    """

    KIND = "baseline_drawn"
    items: Items
    of: int


@dataclass(frozen=True)
class SplitDrawn(Event):
    """Questions were given to a split of the release, for good. Subject: a digest of them; language: how many of
    these events came before.

    What an earlier event says of a question holds. Those of `dev` are drawn once; those of `test` are noted when
    they are first released.

    Attributes:
        items: question_id, split (`test` or `dev`) and order of options (identities) of each.
    """

    KIND = "split_drawn"
    items: Sequence[tuple[str, str, list[int]]]
