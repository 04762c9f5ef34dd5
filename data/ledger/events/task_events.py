"""Events about tasks and workbenches on their servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from data.ledger.events.event import Event, optional


class Closed(StrEnum):
    """Why an open task was closed without its work."""

    MOVED_ON = "moved on"
    SKIPPED = "skipped"
    INVALID = "invalid"
    QUERY = "query"
    REASSIGNED = "reassigned"
    REJECTED = "rejected"
    DECIDED = "decided by the lead"
    MENDED = "the passage was mended"
    OTHERS_BENCH = "another person's"
    OTHERS_HAND = "written by another"


@dataclass(frozen=True)
class TaskPublished(Event):
    """A task was put on its server in its present form. Subject: the task's key.

    Attributes:
        notices: number of the lead's replies that it shows.
        seal: of what it shows; None from before seals were recorded.
        restored: how many times it was restored after somebody changed it.
        page: the version of its page, for pages that are refreshed when outdated.
        fate: what it says became of the work.
        siblings: how many revisions the other questions on its passage had, where it shows them.
        words: the version of the words in which it speaks; None for English.
    """

    KIND = "published"
    notices: int
    seal: str | None = optional()
    restored: int | None = optional()
    page: int | None = optional()
    fate: str | None = optional()
    siblings: int | None = optional()
    words: str | None = optional()


@dataclass(frozen=True)
class WorkbenchPlaced(Event):
    """A workbench stands on a server. Subject: its title.

    Attributes:
        server: its name.
        project: the server's number of it; unlike its title, nobody can change it.
        made: when it was made there, ISO 8601; a number may be given out again.
    """

    KIND = "workbench_placed"
    server: str
    project: int
    made: str


@dataclass(frozen=True)
class TasksPlaced(Event):
    """Tasks were put on a server, or were changed there by this program. Subject: the workbench's title.

    Attributes:
        made: when the workbench was made, ISO 8601; another one of that title numbers its tasks anew.
        numbers: the server's number of each new task, by key; unlike what a task shows, nobody can change it.
        changed: the server's time of the change of each other task, ISO 8601, by key.
        righted: the same of tasks that were put right, since somebody had changed them.
    """

    KIND = "tasks_placed"
    made: str
    numbers: Mapping[str, int]
    changed: Mapping[str, str]
    righted: Mapping[str, str]


@dataclass(frozen=True)
class TaskWithdrawn(Event):
    """A task was removed from its server. Subject: its key."""

    KIND = "withdrawn"


@dataclass(frozen=True)
class TaskClosed(Event):
    """An open task was closed without its work, which is handed out again if still due. Subject: its key.

    Attributes:
        why: one of `Closed`.
        person: whose task it was.
        to: who gets the work, if the lead decided so.
        problems: what was wrong with a submission.
        annotation: that submission.
    """

    KIND = "task_closed"
    why: str
    person: str | None = optional()
    to: str | None = optional()
    problems: Sequence[str] | None = optional()
    annotation: str | None = optional()


@dataclass(frozen=True)
class Page(Event):
    """The seals of what a workbench shows. Subject: its title.

    Attributes:
        wanted: of what it should show.
        served: of that as its server returns it.
        number: of such events for this workbench, from 1.
        righted: when the last of the submissions was made that stood there once it showed that again, since
            somebody had changed it, by the server's clock, ISO 8601; "" if there was none.
        altered: how many times somebody had changed it by then.
    """

    KIND = "page"
    wanted: str
    served: str
    number: int
    righted: str | None = optional()
    altered: int | None = optional()


@dataclass(frozen=True)
class Altered(Event):
    """A workbench or task showed something other than it should. Subject: its title, or the task's key.

    Attributes:
        server: its name.
        workbench: its title.
        what: was changed: "task" ("task, undone" if it was changed back), or parts of a page.
        number: how many times this has happened by now.
        annotations: the annotation events made meanwhile, sorted.
        called: the title that a workbench bore instead of its own.
        lasts: whether a workbench still showed it, so that what is submitted until it is put right was made
            meanwhile too; None if not, and from before this was noted.
    """

    KIND = "altered"
    server: str
    workbench: str
    what: Sequence[str]
    number: int
    annotations: Sequence[str]
    called: str | None = optional()
    lasts: bool | None = optional()


@dataclass(frozen=True)
class AlteredAccepted(Event):
    """The lead accepted work made on an altered page. Subject: the annotation event."""

    KIND = "altered_accepted"


@dataclass(frozen=True)
class Rejected(Event):
    """The lead rejected it, so it does not count. Subject: the event of an annotation, alteration or claim."""

    KIND = "rejected"


@dataclass(frozen=True)
class Destroyed(Event):
    """Submissions in a workbench were lost before they were collected. Subject: its title.

    Attributes:
        server: its name.
        made: when the workbench was created, ISO 8601.
        stood: number of submissions counted there.
        collected: number of those that were collected.
    """

    KIND = "destroyed"
    server: str
    made: str
    stood: int
    collected: int


@dataclass(frozen=True)
class Assisted(Event):
    """A workbench asks this assistant from now on. Subject: its title.

    Attributes:
        asks: an identifier of address and account; "" for none, or for one that somebody else set.
        made: when the workbench was created, ISO 8601.
        number: of such events for this workbench, from 1.
        generation: of the valid password.
        found: other addresses that it asked.
    """

    KIND = "assisted"
    asks: str
    made: str
    number: int
    generation: int | None = optional()
    found: Sequence[str] | None = optional()


@dataclass(frozen=True)
class WebhookSeen(Event):
    """A server sends submissions to an address. Subject: the workbench's title, or the server's."""

    KIND = "webhook_seen"
    server: str
    url: str
