"""Work that is due: what somebody must do now, and who does not want to be asked for it.

Each stage says what is due from the state alone; `flows.steps.task_opening` makes tasks of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data.campaign.settings import Role
from data.ledger.events import Closed, TaskClosed, details_of
from data.ledger.tables import Stage
from flows.state import State, among, by_key, reading

WorkKey = tuple[str, str, str, int]
"""Stage, language, question_id, revision."""


@dataclass(frozen=True)
class Due:
    """A piece of work that somebody must do now."""

    stage: Stage
    language: str
    passage_id: str
    question_id: str
    revision: int  # that is worked on; 0 when there is none yet
    reason: str = ""
    never: frozenset[str] = frozenset()  # people who must not get it
    last: frozenset[str] = frozenset()  # people who should get it only when there is nobody else
    person: str = ""  # set when only one person can do it (who answered blind, judges)
    count: int = 1  # how many people
    role: Role | None = None  # whose work it is, where that is not the stage's usual one

    @property
    def work(self) -> WorkKey:
        """What identifies the work, whoever does it."""
        return (self.stage, self.language, self.question_id, self.revision)

    def lacks(self, people: Sequence[str]) -> bool:
        """Whether somebody is wanted beyond these people, who have it."""
        return self.person not in people if self.person else len(people) < self.count


Place = tuple[str, str, str, str]
"""Stage, language, passage_id, person."""


@reading
def turned_away(state: State) -> tuple[set[Place], dict[tuple[str, str, str], str]]:
    """Who gives no more of a passage's work to do, and to whom the lead gave it instead, as (places, wishes).

    Who skips, or is reassigned, is not asked again for that passage in that stage, unless the lead gives it to
    them by name later. Who will not judge cannot be asked to answer blind either: one is the other's first half;
    and who will not guess is not going to answer.
    """
    closed = state.events(TaskClosed)
    tasks = by_key(state.tasks[among(state.tasks["task_key"], closed["subject"])], "task_key")
    away: set[Place] = set()
    wishes: dict[tuple[str, str, str], str] = {}
    for key, facts in zip(closed["subject"], details_of(closed, TaskClosed), strict=True):
        if facts.why not in (Closed.SKIPPED, Closed.REASSIGNED):
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
"""What else somebody does not do who will not do this."""
