"""The progress of one advance: as counts for programs and records, and in words for people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass
class Progress:
    """The result of one advance."""

    passages: int = 0
    annotations: int = 0
    restored: int = 0  # lost events rebuilt from what is there
    altered: int = 0  # workbenches and tasks that somebody had changed on a server
    questions: int = 0
    translations: int = 0
    verdicts: int = 0
    flagged: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0
    pushed: int = 0
    removed: int = 0
    told: int = 0  # messages sent to people and the lead
    problems: list[str] = field(default_factory=list)
    busy: str = ""  # who is running, if another run is; nothing was done here then

    def add_problems(self, problems: Iterable[str]) -> None:
        """Add problems, each sentence once."""
        self.problems = list(dict.fromkeys([*self.problems, *problems]))

    def count_decisions(self, outcomes: Iterable[str]) -> None:
        """Count these decisions."""
        for outcome in outcomes:
            self.decisions[outcome] = self.decisions.get(outcome, 0) + 1

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        done = (
            self.passages,
            self.annotations,
            self.restored,
            self.altered,
            self.verdicts,
            self.opened,
            self.closed,
            self.pushed,
            self.removed,
            self.told,
        )
        return not any(done) and not self.decisions


def lines(progress: Progress) -> list[str]:
    """Return what an advance did, in words."""
    collected = [(progress.questions, "question"), (progress.translations, "translation")]
    among = ", ".join(counted(count, what) for count, what in collected if count)
    decided = ", ".join(f"{count} {outcome}" for outcome, count in sorted(progress.decisions.items()))
    flagged = f"; the checks flagged {progress.flagged}" if progress.flagged else ""
    everywhere = progress.pushed == progress.opened
    parts = [
        (progress.passages, f"recorded {counted(progress.passages, 'passage')} of the source"),
        (
            progress.annotations,
            f"collected {counted(progress.annotations, 'submission')}{f' ({among})' if among else ''}",
        ),
        (progress.restored, f"made {counted(progress.restored, 'event')} again that had been lost"),
        (
            progress.altered,
            f"put right {counted(progress.altered, 'page')} that somebody had changed: belebele status",
        ),
        (progress.verdicts, f"recorded {counted(progress.verdicts, 'verdict')}{flagged}"),
        (decided, f"decided {decided}"),
        (progress.opened, f"opened {counted(progress.opened, 'task')}{' on the servers' if everywhere else ''}"),
        (progress.closed, f"closed {counted(progress.closed, 'task')} that nobody needs any more"),
        (progress.pushed and not everywhere, f"brought {counted(progress.pushed, 'task')} to the servers"),
        (progress.removed, f"took {counted(progress.removed, 'task')} off the servers"),
        (progress.told, f"sent {counted(progress.told, 'message')}"),
    ]
    return [words for count, words in parts if count]


def counted(count: int, what: str) -> str:
    """Return the count and the noun, plural if need be.

    >>> counted(1, "task"), counted(24, "task")
    ('1 task', '24 tasks')
    """
    return f"{count} {what}{'' if count == 1 else 's'}"
