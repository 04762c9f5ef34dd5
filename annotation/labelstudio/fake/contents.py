"""The contents of the fake server: projects, their tasks, and the tasks' annotations and drafts.

Ids are assigned as SQLite and Label Studio assign them: an imported task or annotation gets the highest existing
id plus one, so an id can be reused after its owner was deleted; a submitted annotation gets an id never used
before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

from annotation.labelstudio.fake.accounts import Account, now
from annotation.labelstudio.fake.refusals import Refused, invalid, missing

_NEW_PROJECT: Mapping[str, object] = {
    "title": "", "description": "", "label_config": "<View></View>", "expert_instruction": "",
    "show_instruction": False, "show_skip_button": True, "enable_empty_annotation": True,
    "show_annotation_history": False, "organization": 1, "color": "#FFFFFF", "maximum_annotations": 1,
    "is_published": False, "model_version": "", "is_draft": False, "min_annotations_to_start_training": 0,
    "start_training_on_annotation_update": False, "show_collab_predictions": True,
    "sampling": "Sequential sampling", "show_ground_truth_first": False, "show_overlap_first": False,
    "overlap_cohort_percentage": 100, "task_data_login": None, "task_data_password": None,
    "evaluate_predictions_automatically": False, "skip_queue": "REQUEUE_FOR_OTHERS",
}  # fmt: skip
_SUBMITTED = ("result", "lead_time", "was_cancelled", "completed_by", "ground_truth")


@dataclass
class Annotation:
    """An annotation that somebody submitted, skipped or imported."""

    id: int
    task: int
    project: int
    completed_by: int
    updated_by: int | None
    result: Any = None
    lead_time: float | None = None
    was_cancelled: bool = False
    ground_truth: bool = False
    created_at: str = field(default_factory=now)
    updated_at: str = ""

    def __post_init__(self) -> None:
        self.updated_at = self.updated_at or self.created_at

    def as_json(self) -> dict[str, object]:
        """Return the annotation as answers show it."""
        rest = dict.fromkeys(("draft_created_at", "import_id", "last_action", "parent_prediction"))
        return {**vars(self), **rest, "bulk_created": False}


@dataclass
class Task:
    """One task."""

    id: int
    project: int
    inner_id: int
    data: Any
    annotations: dict[int, Annotation] = field(default_factory=dict)
    drafts: list[dict[str, object]] = field(default_factory=list)
    updated_by: int | None = None
    created_at: str = field(default_factory=now)
    updated_at: str = ""
    marked: bool = False
    """Whether somebody marked it as done, without an annotation."""

    def __post_init__(self) -> None:
        self.updated_at = self.updated_at or self.created_at

    def total(self, *, cancelled: bool) -> int:
        """Return the number of annotations that are skips, or that are not."""
        return sum(one.was_cancelled is cancelled for one in self.annotations.values())

    def touch(self, by: Account) -> None:
        """Record that somebody changed the task."""
        self.updated_at, self.updated_by = now(), by.id

    def as_json(self) -> dict[str, object]:
        """Return the task as a list of tasks shows it, without its annotations."""
        ids = sorted(self.annotations, reverse=True)
        return {
            "id": self.id, "data": self.data, "meta": {}, "inner_id": self.inner_id, "project": self.project,
            "total_annotations": self.total(cancelled=False), "cancelled_annotations": self.total(cancelled=True),
            "total_predictions": 0, "drafts": self.drafts, "annotations_ids": ",".join(map(str, ids)),
            "annotators": sorted({one.completed_by for one in self.annotations.values()}), "overlap": 1,
            "is_labeled": self.marked or bool(self.total(cancelled=False)), "created_at": self.created_at,
            "updated_at": self.updated_at, "file_upload": None, "storage_filename": None, "comment_count": 0,
            "updated_by": [{"user_id": self.updated_by}] if self.updated_by else [],
        }  # fmt: skip


@dataclass
class Project:
    """A project: a workbench, or something else that somebody created."""

    id: int
    fields: dict[str, object]
    created_by: int
    created_at: str = field(default_factory=now)
    tasks: dict[int, Task] = field(default_factory=dict)
    inner_ids: int = 0
    views: list[dict[str, object]] = field(default_factory=list)

    @property
    def title(self) -> str:
        return str(self.fields["title"])

    def as_json(self) -> dict[str, object]:
        """Return the project as answers show it, with its counts."""
        tasks = self.tasks.values()
        counts = {
            "task_number": len(tasks),
            "total_annotations_number": sum(task.total(cancelled=False) for task in tasks),
            "skipped_annotations_number": sum(task.total(cancelled=True) for task in tasks),
            "num_tasks_with_annotations": sum(bool(task.total(cancelled=False)) for task in tasks),
        }
        return {"id": self.id, **self.fields, "created_at": self.created_at, **counts}


class Contents:
    """Everything stored on a server. The caller must handle one request at a time."""

    def __init__(self) -> None:
        self.projects: dict[int, Project] = {}
        self.webhooks: dict[int, dict[str, object]] = {}
        self._given = dict.fromkeys(("project", "annotation", "draft", "view", "webhook"), 0)

    def number(self, kind: str) -> int:
        """Return an id that nothing of this kind ever had."""
        self._given[kind] += 1
        return self._given[kind]

    # Reading

    def project(self, number: int) -> Project:
        if number not in self.projects:
            raise missing("Project")
        return self.projects[number]

    def task(self, number: int) -> Task:
        found = next((one.tasks[number] for one in self.projects.values() if number in one.tasks), None)
        if found is None:
            raise missing("Task")
        return found

    def annotation(self, number: int) -> Annotation:
        for project in self.projects.values():
            for task in project.tasks.values():
                if number in task.annotations:
                    return task.annotations[number]
        raise missing("Annotation")

    # Writing

    def create(self, fields: Mapping[str, Any], by: Account) -> Project:
        """Create a project."""
        checked = _checked({"title": "", **fields})
        project = Project(self.number("project"), {**_NEW_PROJECT, **checked}, by.id)
        self.projects[project.id] = project
        return project

    def change(self, project: Project, fields: Mapping[str, Any]) -> None:
        """Change pages or settings."""
        project.fields.update(_checked(fields))

    def bring(self, project: Project, items: Any, by: Account) -> tuple[int, int]:
        """Import tasks, with annotations if they have any: all of them or none.

        Returns:
            The number of tasks and of annotations imported.
        """
        if not items:
            raise invalid("non_field_errors", "load_tasks: No tasks added")
        brought = [item if "data" in item else {"data": item} for item in items]
        check_data(project, [item["data"] for item in brought])
        first = number = max(self._numbers("annotation"), default=0)
        for task_id, item in enumerate(brought, start=1 + max(self._numbers("task"), default=0)):
            project.inner_ids += 1
            task = project.tasks[task_id] = Task(task_id, project.id, project.inner_ids, item["data"])
            for one in item.get("annotations", ()):
                number += 1
                given = {name: one[name] for name in _SUBMITTED if name in one and name != "completed_by"}
                owner = int(one.get("completed_by") or by.id)
                task.annotations[number] = Annotation(number, task.id, project.id, owner, None, **given)
        self._given["annotation"] = max(number, self._given["annotation"])
        return len(brought), number - first

    def submit(self, task: Task, body: Mapping[str, Any], by: Account) -> Annotation:
        """Add an annotation by somebody, or in another account's name if the body says so."""
        if isinstance(body.get("result"), str):
            raise Refused(500, 'annotation "result" can\'t be parse from str to JSON')
        given = {name: body[name] for name in _SUBMITTED if name in body}
        made = Annotation(
            self.number("annotation"), task.id, task.project, **{"completed_by": by.id, **given}, updated_by=by.id
        )
        task.annotations[made.id] = made
        task.drafts = [one for one in task.drafts if one["id"] != body.get("draft_id")]
        task.touch(by)
        return made

    def edit(self, annotation: Annotation, body: Mapping[str, Any], by: Account) -> None:
        """Change an annotation; the account that makes the request becomes its last writer."""
        for name in _SUBMITTED:
            if name in body:
                setattr(annotation, name, body[name])
        annotation.updated_by, annotation.updated_at = by.id, now()
        self.task(annotation.task).touch(by)

    def take_back(self, annotation: Annotation, by: Account) -> None:
        """Delete an annotation."""
        task = self.task(annotation.task)
        del task.annotations[annotation.id]
        task.touch(by)

    def draft(self, task: Task, body: Mapping[str, Any], by: Account) -> dict[str, object]:
        """Store a draft that somebody has not submitted yet."""
        made = {
            "id": self.number("draft"), "user": by.email, "result": body.get("result"), "task": task.id,
            "lead_time": body.get("lead_time"), "created_at": now(), "annotation": None,
        }  # fmt: skip
        task.drafts.append(made)
        return made

    def _numbers(self, kind: str) -> list[int]:
        tasks = [task for project in self.projects.values() for task in project.tasks.values()]
        return [task.id for task in tasks] if kind == "task" else [n for task in tasks for n in task.annotations]


def check_data(project: Project, items: Sequence[Mapping[str, Any]]) -> None:
    """Refuse tasks whose data lack what the project's pages show."""
    wanted = _required_fields(str(project.fields["label_config"]))
    for number, data in enumerate(items):
        for name, kinds in wanted.items():
            if not isinstance(data.get(name), kinds):
                fault = "key is expected in task data" if name not in data else "is of another type"
                raise invalid("non_field_errors", f'Error at item {number}: "{name}" {fault} :: {data}')


def _checked(fields: Mapping[str, Any]) -> dict[str, object]:
    """Return a project's fields as they are stored; unknown ones are ignored, as by Label Studio."""
    kept = {name: value for name, value in fields.items() if name in _NEW_PROJECT}
    if "title" in kept:
        length = len(str(kept["title"]))
        if length < 3:
            raise invalid("title", "Ensure this field has at least 3 characters.")
        if length > 50:
            raise invalid("title", "Ensure this field has no more than 50 characters.")
    if "label_config" in kept:
        _validate(str(kept["label_config"]))
    if "expert_instruction" in kept:
        kept["expert_instruction"] = _Cleaned(str(kept["expert_instruction"])).text
    return kept


def _validate(config: str) -> None:
    try:
        ElementTree.fromstring(config)
    except ElementTree.ParseError as error:
        raise invalid("label_config", str(error)) from error
    names = re.findall(r'name="([^"]*)"', config)
    if len(set(names)) < len(names):
        raise invalid("label_config", "Label config contains non-unique names")
    for name in (name for named in re.findall(r'toName="([^"]*)"', config) for name in named.split(",")):
        if name not in names:
            raise invalid("label_config", f'toName="{name}" not found in names: {sorted(names)}')


def _required_fields(config: str) -> dict[str, tuple[type, ...]]:
    """Return the fields that a task's data needs for these pages, with the types that each may have."""
    kinds = {"Text": (str, int, float, list), "Header": (str, int, float), "Choices": (str, list)}
    found: dict[str, tuple[type, ...]] = {}
    for tag in ElementTree.fromstring(config).findall(".//*[@value][@name]"):
        if named := re.search(r"^\$(.+)|\$(\w+)", str(tag.get("value"))):
            name, *inside = re.split(r"([\[.])", named[1] or named[2])
            found[name] = (list,) if "[" in inside else (dict,) if inside else kinds.get(tag.tag, (str,))
    return found


class _Cleaned(HTMLParser):
    """A guideline as Label Studio stores it: text escaped, styles and comments removed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = "".join(f' {name}="{escape(value or "")}"' for name, value in attrs if name != "style")
        self.text += f"<{tag}{kept}>"

    def handle_endtag(self, tag: str) -> None:
        self.text += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.text += escape(data, quote=False)
