"""The reason of a decision by the rules: its facts, and its text in the ledger.

The text is part of a decision's identity and is read by authors and translators, so its form is fixed. Code that
needs a fact from it calls `parse` and does not search for words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Literal

RuledOutcome = Literal["keep", "revise", "drop"]
"""The outcomes that rules decide; a selection comes later and is made by the lead."""


class KeptBy(StrEnum):
    """The basis on which an item is kept."""

    CHECKS = "checks"
    """No check objects, and no person was asked."""
    EVERYBODY = "everybody"
    """Neither checks nor people object."""
    MAJORITY = "majority"
    """Objections were outvoted."""
    ADJUDICATOR = "adjudicator"


@dataclass(frozen=True)
class Kept:
    """Why an item is kept.

    Attributes:
        by: the basis.
        words: the adjudicator's, "" where there are none.
        objected: how many people were outvoted.
        asked: how many people gave a verdict; 0 where nobody was outvoted.
        right: how many chose the key without knowing it.
        answers: how many answered blind.
        unjudged: names of the checks that could not judge it.
        notes: the checks' findings that do not send it back.
    """

    by: KeptBy
    words: str = ""
    objected: int = 0
    asked: int = 0
    right: int = 0
    answers: int = 0
    unjudged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def after_dispute(self) -> bool:
        """Whether people disagreed about it."""
        return self.by in (KeptBy.MAJORITY, KeptBy.ADJUDICATOR)

    @property
    def sentence(self) -> str:
        """The people's part of the reason, without the checks' notes and failures to judge."""
        return "; ".join(self._of_people()) + "."

    def text(self) -> str:
        """The reason as the ledger holds it."""
        said = self._of_people()
        if self.unjudged:
            said.append(f"{_UNJUDGED}{', '.join(self.unjudged)}")
        return "; ".join(said) + "." + "".join(f"{_NOTE}{note}" for note in self.notes)

    def _of_people(self) -> list[str]:
        said = [_KEPT[self.by].format(words=self.words, objected=self.objected, asked=self.asked)]
        if self.answers:
            said.append(f"{self.right} of {self.answers} readers chose the key without knowing it")
        return said


@dataclass(frozen=True)
class SentBack:
    """Why an item goes back or is dropped.

    Attributes:
        outcome: which of the two.
        findings: one finding each, the most serious first.
    """

    outcome: Literal["revise", "drop"]
    findings: tuple[str, ...]

    def text(self) -> str:
        """The reason as the ledger holds it."""
        return "".join([_HEADINGS[self.outcome], *(f"{_FINDING}{finding}" for finding in self.findings)])


def parse(text: str) -> Kept | SentBack | None:
    """Return the facts in the reason of a decision; None if it is in a person's own words, such as the lead's."""
    for outcome, heading in _HEADINGS.items():
        first, *findings = text.split(_FINDING)
        if first == heading:
            return SentBack(outcome, tuple(findings))
    found = _KEPT_TEXT.fullmatch(text)
    if found is None:
        return None
    by = KeptBy(next(one for one in KeptBy if found[one] is not None))
    return Kept(
        by,
        found["words"] or "",
        objected=int(found["objected"] or 0),
        asked=int(found["asked"] or 0),
        right=int(found["right"] or 0),
        answers=int(found["answers"] or 0),
        unjudged=tuple(found["unjudged"].split(", ")) if found["unjudged"] else (),
        notes=tuple(found["notes"].split(_NOTE)[1:]),
    )


_HEADINGS: Mapping[Literal["revise", "drop"], str] = MappingProxyType(
    {"revise": "Please revise:", "drop": "Dropped:"}
)
_FINDING = "\n• "
_NOTE = "\n• noted: "
_UNJUDGED = "judged by people alone, since the check could not: "
_KEPT: Mapping[KeptBy, str] = MappingProxyType(
    {
        KeptBy.CHECKS: "No check objects",
        KeptBy.EVERYBODY: "Neither checks nor people object",
        KeptBy.MAJORITY: "Most reviewers keep it: {objected} of {asked} objected and were outvoted",
        KeptBy.ADJUDICATOR: "Reviewers disagreed, and the adjudicator keeps it: {words}",
    }
)
_COUNTED = {"words": "(?P<words>.*?)", "objected": r"(?P<objected>\d+)", "asked": r"(?P<asked>\d+)"}
_KEPT_TEXT = re.compile(
    f"(?:{'|'.join(f'(?P<{by}>{words.format(**_COUNTED)})' for by, words in _KEPT.items())})"
    r"(?:; (?P<right>\d+) of (?P<answers>\d+) readers chose the key without knowing it)?"
    rf"(?:; {_UNJUDGED}(?P<unjudged>\w+(?:, \w+)*))?\.(?P<notes>(?:{_NOTE}.*)?)",
    re.DOTALL,
)
