"""The interface to Label Studio: two small protocols that cover all that the program needs of it.

`AnnotationServer` is what flows use of a server, and `Participant` is what the demo, rehearsals and tests do there
in place of people. The client and the signed-in user implement them over HTTP, and the fake server
(`annotation.labelstudio.fake`) gives both the same answers as a real one. No flow may rely on anything that is not
named here: another annotation tool would have to offer exactly this.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from annotation.labelstudio.assistant_passwords import Credentials
from annotation.labelstudio.person_pages import StandingPages
from annotation.labelstudio.server_layer import CopyHeld, RunningLayer, SkipReasons
from annotation.labelstudio.server_records import (
    NOWHERE,
    Backend,
    Collected,
    Listing,
    Mark,
    Placed,
    RemoteTask,
    Standing,
    Webhook,
    Workbench,
)
from annotation.labelstudio.workbenches.workbench_members import Members

if TYPE_CHECKING:
    from annotation.labelstudio.client import LabelStudio
    from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser


class AnnotationServer(Protocol):
    """A server as flows use it. Every method may raise ServerUnreachable, ServerRefused or ServerError."""

    url: str
    name: str
    """The server's name in campaign.toml."""

    def check(self) -> str:
        """Check the token and return the server's version."""

    def invitation(self, person: str = "") -> str:
        """Return the address at which people sign up, or at which one person does."""

    def accounts(self) -> dict[str, str]:
        """Return the accounts by e-mail address in lower case."""

    def members(self) -> Members | None:
        """Return the accounts that work in each project, by numbers; None if the server keeps none apart."""

    def invited(self) -> dict[int, str]:
        """Return whom accounts were made for, by number, where the server knows."""

    def layer(self) -> RunningLayer | None:
        """Return which layer of ours runs there; None if there is none."""

    def note_copy(self, asked: Mapping[str, object]) -> CopyHeld | None:
        """Note a run of a copy of a campaign; return which copy worked there before, where the server knows."""

    def skip_reasons(self) -> SkipReasons:
        """Return why people skipped tasks, by the numbers of task and account, where the server knows."""

    def admit(self, members: Mapping[int, Collection[int]]) -> None:
        """Set the accounts that reach these projects."""

    def person_pages(self, campaign: str) -> StandingPages | None:
        """Return which of a campaign's people have a page of their own there; None if it shows none."""

    def put_person_pages(
        self, campaign: str, seal: str, accounts: Collection[int], pages: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Set a campaign's pages of people: these differ, and those of accounts that are not named go."""

    def put_lead_page(self, campaign: str, title: str, html: str) -> bool:
        """Set a campaign's page for the lead; return whether the server shows it."""

    def workbenches(
        self, prefix: str, *, tidy: bool = True, placed: Mapping[int, Placed] = NOWHERE
    ) -> dict[str, Workbench]:
        """Return workbenches by title; of several with one title, the placed one or that with the lowest id."""

    def listing(self, prefix: str, *, tidy: bool = True, placed: Mapping[int, Placed] = NOWHERE) -> Listing:
        """Return the same, with the titles of projects under the prefix that are not workbenches."""

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF",
        *, standing: Workbench | None = None,
    ) -> Workbench:  # fmt: skip
        """Return the workbench of this title, created if missing, with up-to-date pages, settings and title."""

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Set the columns of the workbench's task list, unless somebody has already chosen them."""

    def backends(self, workbench: Workbench) -> tuple[Backend, ...]:
        """Return the assistants that the workbench's pages may ask."""

    def assist(self, workbench: Workbench, address: str, credentials: Credentials | None = None) -> bool:
        """Make the pages ask the assistant at this address and no other; return whether that changed anything."""

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return the addresses to which the server sends events."""

    def put(
        self,
        workbench: Workbench,
        add: Mapping[str, Mapping[str, object]],
        change: Mapping[str, Mapping[str, object]],
        numbers: Mapping[int, str] = MappingProxyType({}),
    ) -> Standing:
        """Ensure that tasks, known by key or number, are on the workbench exactly once and show this data."""

    def tasks(self, workbench: Workbench) -> list[RemoteTask]:
        """Return the workbench's tasks, by id."""

    def remove(self, workbench: Workbench, keys: Iterable[str]) -> list[str]:
        """Remove tasks that nobody has worked on; return the keys of those that were removed."""

    def submissions(
        self,
        workbenches: Iterable[Workbench],
        marks: Mapping[str, Mark] | None = None,
        *,
        full: bool = False,
        watched: Collection[str] = (),
    ) -> Collected:
        """Return what was submitted, edited, skipped or taken back since the marks."""

    def close(self) -> None:
        """Close the connections."""


class Participant(Protocol):
    """A person signed in at a server."""

    url: str
    email: str
    account: int

    def open_tasks(self, title: str, workbench: int | None = None) -> Sequence[OpenTask]:
        """Return the open tasks in the workbench of this title."""

    def submit(self, task_id: int, result: Sequence[Mapping[str, Any]], seconds: float = 60.0) -> int:
        """Submit work; return the annotation's number."""

    def skip(self, task_id: int, why: str = "") -> int:
        """Skip a task, for a reason; return the number of the annotation that records it."""

    def edit(self, annotation_id: int, result: Sequence[Mapping[str, Any]]) -> None:
        """Change a submitted annotation."""

    def delete(self, annotation_id: int) -> None:
        """Take back a submitted annotation."""

    def close(self) -> None:
        """Close the session."""


if TYPE_CHECKING:
    CLIENT: type[AnnotationServer] = LabelStudio
    VISITOR: type[Participant] = SignedInUser
