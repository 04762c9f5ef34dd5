"""What the program needs of Label Studio: the whole of it, as two small protocols.

`AnnotationServer` is what flows ask of a server, and `Participant` what demo, rehearsals and tests do there in the
place of people. The client and the user fulfil them by HTTP, and a fake server (`annotation.labelstudio.fake`)
gives both the same answers as a real one. No flow may rely on what is not named here: another annotation tool
would need this much and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from annotation.labelstudio.assistant_passwords import Credentials
from annotation.labelstudio.server_records import (
    Backend,
    Collected,
    Listing,
    Mark,
    Pushed,
    RemoteTask,
    Webhook,
    Workbench,
)

if TYPE_CHECKING:
    from annotation.labelstudio.client import LabelStudio
    from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser


class AnnotationServer(Protocol):
    """A server as flows speak to it. Every method may raise ServerUnreachable, ServerRefused or ServerError."""

    url: str
    name: str
    """Its name in campaign.toml."""

    def check(self) -> str:
        """Its version, once it has taken the token."""

    def invitation(self) -> str:
        """Where people sign up."""

    def accounts(self) -> dict[str, str]:
        """E-mail address in lower case → account."""

    def workbenches(self, prefix: str, *, tidy: bool = True) -> dict[str, Workbench]:
        """Title → workbench; of several of one title the lowest id counts."""

    def listing(self, prefix: str, *, tidy: bool = True) -> Listing:
        """The same, and what under such titles is no workbench."""

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF"
    ) -> Workbench:
        """The workbench of this title, made if it is missing, its pages and settings as they should be."""

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Which columns its list of tasks shows, unless somebody chose."""

    def backends(self, workbench: Workbench) -> tuple[Backend, ...]:
        """Which assistants its pages may ask."""

    def assist(self, workbench: Workbench, address: str, credentials: Credentials | None = None) -> bool:
        """Its pages ask the assistant at this address and no other; whether that changed anything."""

    def webhooks(self) -> tuple[Webhook, ...]:
        """To where the server sends what happens."""

    def push(self, workbench: Workbench, tasks: Sequence[tuple[str, Mapping[str, object]]]) -> Pushed:
        """Every one of these tasks stands there, once."""

    def update(self, workbench: Workbench, shown: Mapping[str, Mapping[str, object]]) -> list[str]:
        """Tasks show this; the keys of those that did not."""

    def tasks(self, workbench: Workbench) -> list[RemoteTask]:
        """What stands there, by id."""

    def remove(self, workbench: Workbench, keys: Iterable[str]) -> list[str]:
        """Tasks go that nobody has worked on; the keys of those that went."""

    def submissions(
        self,
        workbenches: Iterable[Workbench],
        marks: Mapping[str, Mark] | None = None,
        *,
        full: bool = False,
        watched: Collection[str] = (),
    ) -> Collected:
        """What was submitted, edited, skipped or taken back since the marks."""

    def close(self) -> None:
        """Lets go of the connections."""


class Participant(Protocol):
    """A signed-in person at a server."""

    url: str
    email: str
    account: int

    def open_tasks(self, title: str, workbench: int | None = None) -> Sequence[OpenTask]:
        """What waits for somebody in the workbench of this title."""

    def submit(self, task_id: int, result: Sequence[Mapping[str, Any]], seconds: float = 60.0) -> int:
        """Submits work; the annotation's number."""

    def skip(self, task_id: int) -> int:
        """Skips a task; the number of the annotation that says so."""

    def edit(self, annotation_id: int, result: Sequence[Mapping[str, Any]]) -> None:
        """Changes what was submitted."""

    def delete(self, annotation_id: int) -> None:
        """Takes it back."""

    def close(self) -> None:
        """Leaves."""


if TYPE_CHECKING:
    CLIENT: type[AnnotationServer] = LabelStudio
    VISITOR: type[Participant] = SignedInUser
