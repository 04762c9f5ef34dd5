"""Label Studio over HTTP: workbenches, the tasks on them, and what people submitted.

All requests to a Label Studio server go through `LabelStudio`. Three rules make it safe to run again after any
crash. Reads are retried when the connection fails. A write is never simply repeated, because it may have arrived
although its answer was lost: every writing method looks first and sends what is missing. And of duplicates the
lowest id counts; another one is removed only if nobody has worked in it.

`annotation.labelstudio.submission_reading` finds what changed since the last reading without asking every
workbench.

The official library, label-studio-sdk, makes the requests; `annotation.labelstudio.http_connection` is the only
module that imports it and says on what terms. Lists are limited to the few fields needed here, because the server
takes some milliseconds per task to return all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from annotation.labelstudio.assistant_connections import AssistantConnections
from annotation.labelstudio.assistant_passwords import Credentials
from annotation.labelstudio.person_pages import PersonPages, StandingPages
from annotation.labelstudio.server_layer import CopyHeld, RunningLayer, ServerLayer, SkipReasons
from annotation.labelstudio.server_records import (
    NOWHERE,
    Backend,
    Collected,
    Listing,
    Mark,
    Placed,
    Pushed,
    RemoteTask,
    Standing,
    Submission,
    Touched,
    Unread,
    Webhook,
    Workbench,
    account,
)
from annotation.labelstudio.submission_reading import SubmissionReading
from annotation.labelstudio.workbenches.bulk_exchange import BulkExchange
from annotation.labelstudio.workbenches.workbench_members import Members, WorkbenchMembers
from annotation.labelstudio.workbenches.workbench_projects import WorkbenchProjects
from annotation.labelstudio.workbenches.workbench_tasks import WorkbenchTasks

__all__ = [
    "Backend",
    "Collected",
    "LabelStudio",
    "Mark",
    "Placed",
    "Pushed",
    "RemoteTask",
    "Standing",
    "Submission",
    "Touched",
    "Unread",
    "Webhook",
    "Workbench",
]


class LabelStudio:
    """A client for one Label Studio server and one account.

    Args:
        url: its address, such as `http://127.0.0.1:8080`.
        token: an access token of an account there, legacy or personal.
        name: its name in campaign.toml, for messages.
        timeout: seconds allowed for one answer.

    Every method raises ServerUnreachable when no answer comes, ServerRefused when the server refuses, and
    ServerError when the answer makes no sense; messages name the address, the request and the cure, and never hold
    the token.
    """

    def __init__(self, url: str, token: str, *, name: str = "main", timeout: float = 30.0) -> None:
        from annotation.labelstudio.http_connection import Wire  # imports httpx, which most commands never use

        self._wire = Wire(url, token, name, timeout)
        bulk = BulkExchange(self._wire)
        self._tasks = WorkbenchTasks(self._wire, bulk)
        self._projects = WorkbenchProjects(self._wire, self._tasks)
        self._reading = SubmissionReading(self._wire, self._tasks.read, bulk)
        self._connections = AssistantConnections(self._wire)
        self._members = WorkbenchMembers(self._wire)
        self._layer = ServerLayer(self._wire)
        self._pages = PersonPages(self._wire)
        self.url = self._wire.url
        self.name = name

    def __enter__(self) -> LabelStudio:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def check(self) -> str:
        """Check that the server takes the token, and return its version."""
        self._wire.ask(self._wire.sdk.users.whoami, "whose token this is", lambda answer: int(answer["id"]))
        return self._wire.ask(self._wire.sdk.versions.get, "its version", lambda answer: str(answer["release"]))[0]

    def invitation(self, person: str = "") -> str:
        """Return the link at which people sign up on this server.

        Args:
            person: campaign id and code of whom it is for; on a server with our layer it serves for one account,
                which is theirs. "" for anybody.
        """
        if path := self._members.invitation(person):
            return self.url + path
        invite = self._wire.sdk.organizations.invites.get_invite_link
        link, _ = self._wire.ask(invite, "the invitation link", lambda answer: str(answer["invite_url"]))
        return link if link.startswith("http") else self.url + link

    def accounts(self) -> dict[str, str]:
        """Return each account on the server, as submissions name it, by e-mail address in lower case."""
        found, _ = self._wire.ask(
            self._wire.sdk.users.list,
            "the accounts",
            lambda answer: {str(user["email"]).lower(): account(user) for user in answer},
        )
        return found

    def members(self) -> Members | None:
        """Return the accounts that work in each project, by numbers; None if the server has no layer of ours."""
        return self._members.members()

    def invited(self) -> dict[int, str]:
        """Return whom accounts were made for, as `invitation` named them, by number; none without our layer."""
        return self._members.invited()

    def layer(self) -> RunningLayer | None:
        """Return which layer of ours runs inside the server; None if there is none."""
        return self._layer.running()

    def note_copy(self, asked: Mapping[str, object]) -> CopyHeld | None:
        """Note a run of a copy of a campaign; return which copy worked there before, None without our layer."""
        return self._layer.note_copy(asked)

    def skip_reasons(self) -> SkipReasons:
        """Return why people skipped tasks, by the numbers of task and account; nothing without our layer."""
        return self._layer.skip_reasons()

    def admit(self, members: Mapping[int, Collection[int]]) -> None:
        """Set the accounts that reach these projects, on a server with our layer; others stay as they are."""
        self._members.admit(members)

    def person_pages(self, campaign: str) -> StandingPages | None:
        """Return which of a campaign's people have a page there; None without a layer that has such pages."""
        return self._pages.standing(campaign)

    def put_person_pages(
        self, campaign: str, seal: str, accounts: Collection[int], pages: Mapping[int, Mapping[str, Any]]
    ) -> None:
        """Set a campaign's pages of people, as `annotation.labelstudio.person_pages.PersonPages.put` does."""
        self._pages.put(campaign, seal, accounts, pages)

    def put_lead_page(self, campaign: str, title: str, html: str) -> bool:
        """Set a campaign's page for the lead; return whether the server has a layer with a place for it."""
        return self._pages.put_lead(campaign, title, html)

    def workbenches(
        self, prefix: str, *, tidy: bool = True, placed: Mapping[int, Placed] = NOWHERE
    ) -> dict[str, Workbench]:
        """Return the workbenches whose titles begin with the prefix, by title; arguments as for `listing`."""
        return self.listing(prefix, tidy=tidy, placed=placed).workbenches

    def listing(self, prefix: str, *, tidy: bool = True, placed: Mapping[int, Placed] = NOWHERE) -> Listing:
        """List the projects whose titles begin with the prefix; one request per 100.

        A second workbench with the same title is removed if nobody has worked in it, else named in `doubles`.
        Projects that are not workbenches are left alone.

        Args:
            prefix: of the titles.
            tidy: False to remove nothing and name every second workbench in `doubles`.
            placed: workbenches by the server's number. They are listed under their own titles, whatever they bear
                now, and of several with one title they count.
        """
        return self._projects.listing(prefix, tidy=tidy, placed=placed)

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF",
        *, standing: Workbench | None = None,
    ) -> Workbench:  # fmt: skip
        """Find or create the workbench of this title, and bring its pages and settings up to date.

        Args:
            title: 3 to 50 characters.
            config: the label configuration, XML.
            guideline_html: what the person reads first; Label Studio keeps only harmless HTML of it.
            description: one line for the list of projects.
            colour: of its card in that list, as "#RRGGBB".
            standing: the workbench as `listing` gave it, which gets its title back if it bears another.
        """
        return self._projects.open(title, config, guideline_html, description, colour, standing=standing)

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Limit the columns of the workbench's task list to some fields, unless somebody has already chosen them.

        Args:
            workbench: as `open` gave it.
            shown: the fields of a task's data to show.
            fields: all fields of its tasks' data.
        """
        self._projects.arrange(workbench, shown, fields)

    def backends(self, workbench: Workbench) -> tuple[Backend, ...]:
        """Return the assistants that a workbench's pages may ask, by id. The server checks each when asked."""
        return self._connections.backends(workbench)

    def assist(self, workbench: Workbench, address: str, credentials: Credentials | None = None) -> bool:
        """Make the pages of a workbench ask the assistant at this address, and no other.

        Args:
            workbench: as `open` or `workbenches` returned it.
            address: the assistant's, which the server must be able to reach now; "" for no assistant.
            credentials: what the server asks with. It shows the password to nobody, so a seal is stored with it to
                identify it.

        Returns:
            Whether anything was changed.
        """
        return self._connections.assist(workbench, address, credentials)

    def webhooks(self) -> tuple[Webhook, ...]:
        """Return the addresses to which the server sends its workbenches' events, by id."""
        return self._connections.webhooks()

    def put(
        self,
        workbench: Workbench,
        add: Mapping[str, Mapping[str, object]],
        change: Mapping[str, Mapping[str, object]],
        numbers: Mapping[int, str] = MappingProxyType({}),
    ) -> Standing:
        """Ensure that tasks are on the workbench exactly once, and show what they should; their annotations stay.

        On a server with our layer this is one request.

        Args:
            workbench: as `open` or `workbenches` returned it.
            add: task key → all that the task shows, of tasks that must be there. Those already there stay as they
                are unless they are in `change`.
            change: task key → all that the task must show. Keys of no task are ignored.
            numbers: task id → its key, of tasks that may show the key of another.
        """
        return self._tasks.put(workbench, add, change, numbers)

    def push(self, workbench: Workbench, tasks: Sequence[tuple[str, Mapping[str, object]]]) -> Pushed:
        """Ensure that each of these tasks, key and data, is on the workbench exactly once, as `put` does."""
        return self.put(workbench, dict(tasks), {}).pushed

    def update(
        self,
        workbench: Workbench,
        shown: Mapping[str, Mapping[str, object]],
        numbers: Mapping[int, str] = MappingProxyType({}),
    ) -> Mapping[str, str]:
        """Change what tasks show, where it differs, as `put` does; return the keys of those changed, and when."""
        return self.put(workbench, {}, shown, numbers).changed

    def tasks(self, workbench: Workbench) -> list[RemoteTask]:
        """Return every task on the workbench, by id."""
        return self._tasks.on(workbench)

    def remove(self, workbench: Workbench, keys: Iterable[str]) -> list[str]:
        """Remove tasks with these keys that hold no annotation; drafts on them are lost.

        Returns:
            The keys of tasks that this call removed, sorted.
        """
        return self._tasks.remove(workbench, keys)

    def submissions(
        self,
        workbenches: Iterable[Workbench],
        marks: Mapping[str, Mark] | None = None,
        *,
        full: bool = False,
        watched: Collection[str] = (),
    ) -> Collected:
        """Return what was submitted, edited, skipped or taken back since the marks were made.

        Args:
            workbenches: fresh from `workbenches`, since their counts show what changed.
            marks: marks of earlier calls by title; a workbench without one is read whole.
            full: read every workbench whole.
            watched: titles of workbenches to be read whole once a day.

        Returns:
            Every annotation on every task that changed. Changes up to a minute old are returned again next time.
        """
        return self._reading.submissions(workbenches, marks, full=full, watched=watched)
