"""What happened to tasks and workbenches on their servers."""

from __future__ import annotations

from collections.abc import Sequence
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
    """A task stands on its server as it is now. Subject: the task's key.

    Attributes:
        notices: replies of the lead that it shows.
        seal: of what it shows; None from before seals were noted.
        restored: how many times it was put right after somebody changed it.
        page: the version of its page, where an old one is renewed.
        fate: what it tells of what became of the work.
    """

    KIND = "published"
    notices: int
    seal: str | None = optional()
    restored: int | None = optional()
    page: int | None = optional()
    fate: str | None = optional()


@dataclass(frozen=True)
class TaskWithdrawn(Event):
    """A task was taken from its server. Subject: its key."""

    KIND = "withdrawn"


@dataclass(frozen=True)
class TaskClosed(Event):
    """An open task is closed without its work, which is handed out anew where it is still due. Subject: its key.

    Attributes:
        why: one of `Closed`.
        person: who had it.
        to: who is to have it, where the lead says so.
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
        served: of what its server makes of that.
        number: of the notes of this workbench, from 1.
    """

    KIND = "page"
    wanted: str
    served: str
    number: int


@dataclass(frozen=True)
class Altered(Event):
    """A workbench, or a task, showed something else than it should. Subject: its title, or the task's key.

    Attributes:
        server: by its name.
        workbench: its title.
        what: was changed: "task", or parts of a page.
        number: how many times it was by now.
        annotations: the annotation events that were made meanwhile, sorted.
    """

    KIND = "altered"
    server: str
    workbench: str
    what: Sequence[str]
    number: int
    annotations: Sequence[str]


@dataclass(frozen=True)
class AlteredAccepted(Event):
    """What was made on an altered page counts all the same. Subject: the annotation event."""

    KIND = "altered_accepted"


@dataclass(frozen=True)
class Rejected(Event):
    """The lead has seen it and it does not count. Subject: an annotation's, alteration's or claim's event."""

    KIND = "rejected"


@dataclass(frozen=True)
class Destroyed(Event):
    """Submissions that stood in a workbench never came in. Subject: its title.

    Attributes:
        server: by its name.
        made: when the workbench was made, ISO 8601.
        stood: submissions that were counted there.
        collected: those that came in.
    """

    KIND = "destroyed"
    server: str
    made: str
    stood: int
    collected: int


@dataclass(frozen=True)
class Assisted(Event):
    """Which assistant a workbench asks from now on. Subject: its title.

    Attributes:
        asks: a mark of address and account; "" for none, or for what somebody else put there.
        made: when the workbench was made, ISO 8601.
        number: of the notes of this workbench, from 1.
        generation: of the password that counts.
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
    """A server sends what is submitted to an address. Subject: the workbench's title, or the server's."""

    KIND = "webhook_seen"
    server: str
    url: str
