"""Workbenches on a server: the projects with their titles, found or created, and brought up to date.

Of projects with the same title the one with the lowest id counts; another one is removed only if nobody has worked
in it. A project is created only after a look, and looked for again when the answer to its creation is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from annotation.labelstudio.content_seals import PAGES, comparable, project_fields
from annotation.labelstudio.server_records import Listing, Project, Workbench, is_workbench, project_page
from annotation.labelstudio.task_filters import DRAFTED, query
from annotation.labelstudio.workbench_tasks import WorkbenchTasks
from data.errors import ServerError, ServerRefused, UsageError

if TYPE_CHECKING:
    from annotation.labelstudio.http_connection import Wire

TITLE_LENGTH = 50
"""Label Studio's longest project title, in characters."""

_PAGE = 100  # the most projects that Label Studio lists at once
_COUNTS = "created_at,task_number,total_annotations_number,skipped_annotations_number"

_HIDDEN = (
    "inner_id", "total_annotations", "cancelled_annotations", "total_predictions", "annotators",
    "annotations_results", "annotations_ids", "predictions_score", "predictions_model_versions",
    "predictions_results", "file_upload", "storage_filename", "created_at", "updated_at", "updated_by",
    "avg_lead_time", "draft_exists",
)  # fmt: skip
"""Columns of Label Studio's task list that are of no use to annotators; only id and date are left."""

_WIDTH = 420  # of a column, in pixels


class WorkbenchProjects:
    """The projects of a server that are workbenches.

    Args:
        wire: the connection to the server.
        tasks: lists a workbench's tasks.
    """

    def __init__(self, wire: Wire, tasks: WorkbenchTasks) -> None:
        self._wire = wire
        self._tasks = tasks

    def listing(self, prefix: str, *, tidy: bool = True) -> Listing:
        """List the projects whose titles begin with the prefix; one request per 100; as `LabelStudio.listing`."""
        same: dict[str, list[Workbench]] = {}
        foreign: set[str] = set()
        for project in self.beginning(prefix):
            title = project.workbench.title
            if not title.startswith(prefix):
                continue
            if is_workbench(title):
                same.setdefault(title, []).append(project.workbench)
            else:
                foreign.add(title)
        settled = {title: self._settle(benches, tidy) for title, benches in sorted(same.items())}
        return Listing(settled, tuple(sorted(foreign)))

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF"
    ) -> Workbench:
        """Find or create a workbench, and bring its pages and settings up to date; as `LabelStudio.open`."""
        if not 3 <= len(title) <= TITLE_LENGTH:
            raise UsageError(
                f"The workbench title {title!r} has {len(title)} characters and Label Studio takes 3 to "
                f"{TITLE_LENGTH}: choose a shorter campaign id or person code in campaign.toml."
            )
        wanted = project_fields(config, guideline_html, description, colour)
        found = self.titled(title) or self._create(title, wanted)
        workbench = self._settle([project.workbench for project in found])
        held = next(project.pages for project in found if project.workbench.id == workbench.id)
        stale = {
            name: wanted[name]
            for name in PAGES
            if comparable(name, held.get(name)) != comparable(name, wanted[name])
        }
        if not stale:
            return workbench
        change: Callable[..., Any] = partial(self._wire.sdk.projects.update, workbench.id, **stale)
        self._wire.write(change, f"new pages for workbench {title!r}")
        shown = {project.workbench.id: project.workbench.seal for project in self.titled(title)}
        return replace(workbench, seal=shown.get(workbench.id, ""))

    def arrange(self, workbench: Workbench, shown: Collection[str], fields: Iterable[str]) -> None:
        """Limit the columns of the workbench's task list to some fields; as `LabelStudio.arrange`."""
        asked = f"the columns of workbench {workbench.title!r}"
        views, _ = self._wire.ask(partial(self._wire.sdk.views.list, project=workbench.id), asked, list)
        if views:
            return
        unseen = [f"tasks:data.{name}" for name in sorted({*fields, "task_key"} - set(shown))]
        hidden = [*unseen, *(f"tasks:{name}" for name in _HIDDEN)]
        widths = {f"tasks:data.{name}": _WIDTH for name in shown}
        data = {"title": "Tasks", "type": "list", "target": "tasks", "gridWidth": 4, "columnsWidth": widths}
        columns = {"explore": hidden, "labeling": [*hidden, "tasks:id", "tasks:completed_at"]}
        view = {**data, "hiddenColumns": columns}
        self._wire.write(partial(self._wire.sdk.views.create, project=workbench.id, data=view), asked)

    def beginning(self, title: str) -> list[Project]:
        """Return the projects whose titles hold this text, workbenches or not; one request per 100."""
        include = ",".join(["id,title", _COUNTS, *PAGES])
        projects: list[Project] = []
        more, page = True, 0
        while more:
            page += 1
            call = partial(self._wire.sdk.projects.list, title=title, include=include, page=page, page_size=_PAGE)
            (part, more), _ = self._wire.ask(call, f"the workbenches {title!r}", project_page)
            projects += part
        return projects

    def titled(self, title: str) -> list[Project]:
        """Return the projects with this title."""
        found = self.beginning(title)
        return [project for project in found if project.workbench.title == title]

    def _create(self, title: str, pages: Mapping[str, object]) -> list[Project]:
        create = partial(self._wire.sdk.projects.create, title=title, **pages)
        lost: ServerError | None = None
        for _ in range(2):
            try:
                self._wire.write(create, f"a new workbench {title!r}")
            except ServerRefused:
                raise
            except ServerError as error:
                lost = error  # it may have been created nevertheless
            found = self.titled(title)
            if found:
                return found
        raise lost or ServerError(
            f"{self._wire.who} says that it made workbench {title!r}, and lists none: see its log."
        )

    def _settle(self, same: Sequence[Workbench], tidy: bool = True) -> Workbench:
        first, *extra = sorted(same, key=lambda workbench: workbench.id)
        kept = [] if tidy else [double.id for double in extra]
        for double in extra if tidy else ():
            if double.annotations or self._tasks.read(double, dict, {"include": "id", **query(DRAFTED)})[0]:
                kept.append(double.id)
            else:
                delete = partial(self._wire.sdk.projects.delete, double.id)
                self._wire.write(delete, f"an empty double of {first.title!r} removed")
        return replace(first, doubles=tuple(kept))
