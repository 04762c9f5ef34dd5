"""Workbenches on a server: the projects with their titles, found or created, and brought up to date.

Of projects with the same title the one counts that the caller knows by its number, else that with the lowest id;
another one is removed only if nobody has worked in it. A project is created only after a look, and looked for
again when the answer to its creation is lost. Whatever title somebody gives a project, its number stays.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from annotation.labelstudio.server_records import (
    NOWHERE,
    Listing,
    Placed,
    Project,
    Workbench,
    is_workbench,
    project_page,
)
from annotation.labelstudio.task_filters import DRAFTED, query
from annotation.labelstudio.workbenches.content_seals import PAGES, comparable, of_pages, project_fields
from annotation.labelstudio.workbenches.workbench_tasks import WorkbenchTasks
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
_TURNS = 3


class WorkbenchProjects:
    """The projects of a server that are workbenches.

    Args:
        wire: the connection to the server.
        tasks: lists a workbench's tasks.
    """

    def __init__(self, wire: Wire, tasks: WorkbenchTasks) -> None:
        self._wire = wire
        self._tasks = tasks

    def listing(self, prefix: str, *, tidy: bool = True, placed: Mapping[int, Placed] = NOWHERE) -> Listing:
        """List the projects whose titles begin with the prefix, and those placed; as `LabelStudio.listing`."""
        same: dict[str, list[Workbench]] = {}
        foreign: set[str] = set()
        listed = [project.workbench for project in self.beginning(prefix)]
        away = set(placed) - {bench.id for bench in listed}
        listed += [project.workbench for project in self._numbered(sorted(away))]
        for bench in listed:
            known = placed.get(bench.id)
            if known is not None and known.made == bench.made.isoformat():
                called = bench.title if bench.title != known.title else ""
                same.setdefault(known.title, []).append(replace(bench, title=known.title, called=called))
            elif bench.id in away or not bench.title.startswith(prefix):
                continue
            elif is_workbench(bench.title):
                same.setdefault(bench.title, []).append(bench)
            else:
                foreign.add(bench.title)
        settled = {title: self._settle(benches, set(placed), tidy) for title, benches in sorted(same.items())}
        return Listing(settled, tuple(sorted(foreign)))

    def open(
        self, title: str, config: str, guideline_html: str, description: str, colour: str = "#FFFFFF",
        *, standing: Workbench | None = None,
    ) -> Workbench:  # fmt: skip
        """Find or create a workbench, and bring its pages and settings up to date; as `LabelStudio.open`."""
        if not 3 <= len(title) <= TITLE_LENGTH:
            raise UsageError(
                f"The workbench title {title!r} has {len(title)} characters and Label Studio takes 3 to "
                f"{TITLE_LENGTH}: choose a shorter campaign id or person code in campaign.toml."
            )
        wanted = project_fields(config, guideline_html, description, colour)
        found = self.titled(title)
        if standing is not None and standing.id not in {project.workbench.id for project in found}:
            found += [one for one in self._numbered([standing.id]) if one.workbench.made == standing.made]
        found = found or self._create(title, wanted)
        settled = self._settle([project.workbench for project in found], {standing.id} if standing else ())
        workbench = replace(settled, title=title)
        held = next(project.pages for project in found if project.workbench.id == workbench.id)
        stale = _stale({**held, "title": settled.title}, {**wanted, "title": title})
        if not stale:
            return workbench
        for _ in range(_TURNS):
            change: Callable[..., Any] = partial(self._wire.sdk.projects.update, workbench.id, **stale)
            # What the server made of it stands in its answer, with whatever somebody else has changed since the
            # look; read anew, it could show what was changed after this, which would then pass for ours.
            answer = self._wire.write(change, f"new pages for workbench {title!r}")
            if not (further := _stale(answer, {name: wanted[name] for name in PAGES if name not in stale})):
                return replace(workbench, seal=of_pages(answer), before=settled.seal)
            stale |= further
        raise ServerError(f"{self._wire.who}: somebody changes workbench {title!r} while it is put right.")

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

    def _numbered(self, numbers: Sequence[int]) -> list[Project]:
        """Return the projects with these numbers, of those that exist; one request per 100."""
        projects: list[Project] = []
        for start in range(0, len(numbers), _PAGE):
            ids = ",".join(map(str, numbers[start : start + _PAGE]))
            include = ",".join(["id,title", _COUNTS, *PAGES])
            call = partial(self._wire.sdk.projects.list, ids=ids, include=include, page=1, page_size=_PAGE)
            (part, _), _now = self._wire.ask(call, f"the workbenches of the numbers {ids}", project_page)
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

    def _settle(self, same: Sequence[Workbench], known: Collection[int] = (), tidy: bool = True) -> Workbench:
        """Return the one workbench of several with one title, those of known numbers first."""
        first, *extra = sorted(same, key=lambda workbench: (workbench.id not in known, workbench.id))
        kept = [] if tidy else [double.id for double in extra]
        for double in extra if tidy else ():
            if double.annotations or self._tasks.read(double, dict, {"include": "id", **query(DRAFTED)})[0]:
                kept.append(double.id)
            else:
                delete = partial(self._wire.sdk.projects.delete, double.id)
                self._wire.write(delete, f"an empty double of {first.title!r} removed")
        return replace(first, doubles=tuple(kept))


def _stale(held: Mapping[str, Any], wanted: Mapping[str, object]) -> dict[str, object]:
    """Return those of the wanted fields that a project does not hold."""
    return {
        name: value
        for name, value in wanted.items()
        if comparable(name, held.get(name)) != comparable(name, value)
    }
