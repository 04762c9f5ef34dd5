"""The names of tasks and workbenches on a server: how they are built and parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, cast

from data.ledger.item_copy_ids import shown_id
from data.ledger.tables import STAGES, Stage


@dataclass(frozen=True)
class TaskKey:
    """The key of a task: the work, its person and its attempt.

    Attributes:
        stage: the kind of work.
        language: its code.
        shown: the subject's identity as reviewers may see it (`data.ledger.item_copy_ids.shown_id`).
        revision: the revision being worked on.
        person: their code.
        attempt: from 1.
    """

    stage: str
    language: str
    shown: str
    revision: int
    person: str
    attempt: int = 1

    @classmethod
    def of(cls, stage: str, language: str, subject: str, revision: int, person: str, attempt: int) -> Self:
        """Return the key of a task on a subject, which may be a copy."""
        return cls(stage, language, shown_id(subject), revision, person, attempt)

    def __str__(self) -> str:
        """Return the key as the ledger and the server hold it.

        >>> print(TaskKey("judging", "eng_Latn", "boats-q1", 2, "ana"))
        judging/eng_Latn/boats-q1/2/ana
        """
        key = f"{self.stage}/{self.language}/{self.shown}/{self.revision}/{self.person}"
        return key if self.attempt == 1 else f"{key}/{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a key.

        Raises:
            ValueError: it is not a task's key.

        >>> TaskKey.parse("judging/eng_Latn/boats-q1/2/ana/3").attempt
        3
        """
        parts = text.split("/")
        if len(parts) not in (5, 6) or parts[0] not in STAGES:
            raise ValueError(f"{text!r} is no key of a task")
        stage, language, shown, revision, person, *attempt = parts
        return cls(stage, language, shown, int(revision), person, *map(int, attempt))


@dataclass(frozen=True)
class WorkbenchTitle:
    """The title of a workbench.

    Attributes:
        campaign: its id.
        stage: the kind of work.
        language: its code.
        person: their code.
    """

    campaign: str
    stage: Stage
    language: str
    person: str

    def __str__(self) -> str:
        """Return the title as the ledger and the server hold it; 50 characters at most.

        >>> print(WorkbenchTitle("water", "authoring", "eng_Latn", "ana"))
        water/authoring/eng_Latn/ana
        """
        return f"{self.campaign}/{self.stage}/{self.language}/{self.person}"

    @staticmethod
    def names(text: str) -> bool:
        """Return whether a text is a workbench's title: anybody may create projects with any title."""
        parts = text.split("/")
        return len(parts) == 4 and parts[1] in STAGES and all(parts)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a title.

        Raises:
            ValueError: it is not a workbench's title.

        >>> WorkbenchTitle.parse("water/authoring/eng_Latn/ana").person
        'ana'
        """
        if not cls.names(text):
            raise ValueError(f"{text!r} is no title of a workbench")
        campaign, stage, language, person = text.split("/")
        return cls(campaign, cast("Stage", stage), language, person)
