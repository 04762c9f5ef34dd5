"""Due work: what somebody must do now, and who has declined it.

Each stage derives its due work from the state alone; `flows.steps.task_opening` makes tasks of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.campaign.settings import Role
from data.ledger.events import Closed, TaskClosed, details_of
from data.ledger.tables import Stage
from flows.campaign_state import State, among, by_key, ledger_view

WorkKey = tuple[str, str, str, int]
"""Stage, language, question_id, revision."""


@dataclass(frozen=True)
class Due:
    """A piece of work that somebody must do now."""

    stage: Stage
    language: str
    passage_id: str
    question_id: str
    revision: int  # worked on; 0 when there is none yet
    reason: str = ""
    never: frozenset[str] = frozenset()  # people who must not get it
    last: frozenset[str] = frozenset()  # people who get it only if there is nobody else
    person: str = ""  # set when only one person can do it (whoever answered blind also judges)
    count: int = 1  # how many people
    roles: tuple[Role, ...] = ()  # who does it, if not the stage's usual role

    @property
    def work(self) -> WorkKey:
        """The identity of the work, whoever does it."""
        return (self.stage, self.language, self.question_id, self.revision)

    def lacks(self, people: Sequence[str]) -> bool:
        """Whether more people are wanted than these, who already have it."""
        return self.person not in people if self.person else len(people) < self.count


Place = tuple[str, str, str, str]
"""Stage, language, passage_id, person."""


@ledger_view
def turned_away(state: State) -> tuple[set[Place], dict[tuple[str, str, str], str]]:
    """Return who gets no more of a passage's work, and to whom the lead gave it instead, as (places, wishes).

    Somebody who skips a passage, or is reassigned from it, is not asked again in that stage unless the lead names
    them for it later. Declining to judge also excludes from answering blind, its first half, and declining to
    guess excludes from answering.
    """
    closed = state.events(TaskClosed)
    tasks = by_key(state.tasks[among(state.tasks["task_key"], closed["subject"])], "task_key")
    away: set[Place] = set()
    wishes: dict[tuple[str, str, str], str] = {}
    for key, facts in zip(closed["subject"], details_of(closed, TaskClosed), strict=True):
        if facts.why not in (Closed.SKIPPED, Closed.REASSIGNED) or key not in tasks:  # its task may be lost
            continue
        task = tasks[key]
        stages = _TOGETHER.get(task["stage"], (task["stage"],))
        for stage in stages:
            place = (stage, task["language"], task["passage_id"])
            away.add((*place, task["person"]))
            if facts.to:
                away.discard((*place, facts.to))
                wishes[place] = facts.to
    return away, wishes


_TOGETHER: Mapping[str, tuple[str, ...]] = {
    "guessing": ("guessing", "answering"),
    "judging": ("answering", "judging"),
}
"""The stages that a person is excluded from by declining each stage."""
