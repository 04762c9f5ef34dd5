"""What an annotator may ask of Label Studio: the list that the door goes by. What is not in it is refused.

Routes are known by the names of Label Studio's URL table. Of each, the methods are named, what the numbers in its
path are, and which fields a query or a body may have; every number among them must be of the account's own work.
This module imports nothing, so that the documentation can list it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NUMBERS: Mapping[str, str] = {
    "annotation": "annotation",
    "completed_by": "account",
    "draft_id": "draft",
    "parent_annotation": "annotation",
    "parent_prediction": "prediction",
    "project": "project",
    "tabID": "view",
    "task": "task",
    "taskID": "task",
    "user": "account",
    "view": "view",
}
"""Fields of queries and bodies that name something by its number: field to what it is."""


@dataclass(frozen=True)
class Route:
    """A route that annotators may use.

    Attributes:
        name: in Label Studio's URL table.
        methods: allowed ones; GET includes HEAD.
        purpose: what people do with it.
        path: what each number in the path is.
        query: fields that the query may have.
        body: fields that a JSON body may have; with none, there may be no body.
        one_of: of these fields of the query at least one must be there.
    """

    name: str
    methods: tuple[str, ...]
    purpose: str
    path: Mapping[str, str] = field(default_factory=dict)
    query: frozenset[str] = frozenset()
    body: frozenset[str] = frozenset()
    one_of: tuple[str, ...] = ()


def _fields(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LIST = _fields("page page_size include exclude filter ordering search title expand fields state query")
_ONE = _fields("project tabID include expand fields interaction resolve_uri")
_IN_PROJECT = ("project",)

ANNOTATION = _fields(
    "result lead_time was_cancelled started_at draft_id parent_annotation parent_prediction task project "
    "completed_by comment unique_id"
)
DRAFT = _fields(
    "result lead_time was_postponed started_at draft_id parent_prediction parent_annotation annotation task "
    "project"
)
VIEW = _fields("id data project title type target order")

ROUTES: tuple[Route, ...] = (
    # Pages
    Route("main", ("GET",), "the first page, which leads to their own", query=_fields("next")),
    Route("projects:project-index", ("GET",), "the list of workbenches, which leads there too", query=_LIST),
    Route("data_manager:project-data", ("GET",), "the page of a workbench", {"pk": "project"},
          _fields("tab task labeling annotation region interaction hidden page")),
    Route("user-account", ("GET",), "the page of their account"),
    Route("user-account-anything", ("GET",), "the page of their account", {"sub_path": "text"}),
    Route("logout", ("GET", "POST"), "logging out"),
    # Workbenches
    Route("projects:api:project-list", ("GET",), "their workbenches", query=_LIST | {"ids"}),
    Route("projects:api:project-counts-list", ("GET",), "the counts of their workbenches", query=_LIST | {"ids"}),
    Route("projects:api:project-detail", ("GET",), "a workbench", {"pk": "project"}, _ONE),
    Route("projects:api:project-next", ("GET",), "their next task", {"pk": "project"}, _ONE | {"view"}),
    Route("projects:api:label-stream-history", ("GET",), "their latest tasks", {"pk": "project"}, _ONE),
    Route("data_manager:dm-project", ("GET",), "a workbench", query=_ONE | {"view"}, one_of=_IN_PROJECT),
    Route("data_manager:dm-columns", ("GET",), "the columns of the task list", query=_ONE | {"view"},
          one_of=_IN_PROJECT),
    Route("data_manager:dm-actions", ("GET",), "what the task list can do", query=_ONE | {"view"},
          one_of=_IN_PROJECT),
    Route("data_manager:dm-actions", ("POST",), "their next task (the action `next_task`)",
          query=_fields("project id tabID view"), one_of=_IN_PROJECT,
          body=_fields("selectedItems filters ordering project")),
    Route("data_manager:api:view-list", ("GET",), "their columns", query=_ONE | {"page_size"}, one_of=_IN_PROJECT),
    Route("data_manager:api:view-list", ("POST",), "keeping columns",
          query=_fields("project tabID interaction"), body=VIEW),
    Route("data_manager:api:view-detail", ("GET",), "their columns", {"pk": "view"}, _ONE),
    Route("data_manager:api:view-detail", ("PUT", "PATCH"), "keeping columns", {"pk": "view"},
          _fields("project interaction tabID"), VIEW),
    Route("data_manager:api:view-detail", ("DELETE",), "removing columns", {"pk": "view"},
          _fields("project tabID")),
    Route("labels_manager:api-labels:label_link-list", ("GET",), "labels of a workbench; ours have none",
          query=_ONE | {"page", "page_size"}, one_of=_IN_PROJECT),
    # Tasks
    Route("tasks:api:task-list", ("GET",), "the list of their tasks",
          query=_LIST | _ONE | {"view", "review", "only_annotated", "selectedItems"}, one_of=("project", "view")),
    Route("tasks:api:task-detail", ("GET",), "a task", {"pk": "task"}, _ONE),
    # Answers
    Route("tasks:api:task-annotations", ("GET",), "their answers to a task", {"pk": "task"}, _ONE),
    Route("tasks:api:task-annotations", ("POST",), "submitting, skipping", {"pk": "task"},
          _fields("project was_cancelled"), ANNOTATION),
    Route("tasks:api-annotations:annotation-detail", ("GET",), "an answer", {"pk": "annotation"}, _ONE),
    Route("tasks:api-annotations:annotation-detail", ("PATCH", "PUT"), "updating an answer", {"pk": "annotation"},
          _fields("project taskID"), ANNOTATION),
    Route("tasks:api-annotations:annotation-convert-to-draft", ("POST",), "taking back a skip",
          {"pk": "skipped annotation"}, _fields("project")),
    # Drafts
    Route("tasks:api:task-drafts", ("GET",), "their drafts of a task", {"pk": "task"}, _ONE),
    Route("tasks:api:task-drafts", ("POST",), "saving a draft", {"pk": "task"}, _fields("project"), DRAFT),
    Route("tasks:api:task-annotations-drafts", ("GET",), "their drafts of an answer",
          {"pk": "task", "annotation_id": "annotation"}, _ONE),
    Route("tasks:api:task-annotations-drafts", ("POST",), "saving a draft",
          {"pk": "task", "annotation_id": "annotation"}, _fields("project"), DRAFT),
    Route("tasks:api-drafts:draft-detail", ("GET",), "a draft of theirs", {"pk": "draft"}, _ONE),
    Route("tasks:api-drafts:draft-detail", ("PATCH", "PUT"), "saving a draft", {"pk": "draft"}, _fields("project"),
          DRAFT),
    Route("tasks:api-drafts:draft-detail", ("DELETE",), "dropping a draft", {"pk": "draft"}, _fields("project")),
    # The assistant
    Route("ml:api:ml-list", ("GET",), "whether an assistant is there", query=_ONE | {"is_interactive"},
          one_of=_IN_PROJECT),
    Route("ml:api:ml-interactive-annotating", ("POST",), "asking the assistant", {"pk": "backend"},
          _fields("project"), _fields("task context retrieve_labels")),
    # Themselves
    Route("current-user-whoami", ("GET",), "their account"),
    Route("current-user-hotkeys", ("GET",), "their shortcut keys"),
    Route("current-user-hotkeys", ("PATCH",), "keeping shortcut keys", body=_fields("custom_hotkeys")),
    Route("user-list", ("GET",), "their account, as a list of one", query=_ONE | _LIST),
    Route("user-detail", ("GET",), "their account", {"pk": "account"}, _ONE),
    Route("product-tour", ("GET",), "which hints they have seen", query=_fields("name")),
    # The program itself
    Route("version", ("GET",), "Label Studio's version"),
    Route("feature_flags", ("GET",), "Label Studio's switches"),
)  # fmt: skip

ENTRANCES: Mapping[str, tuple[str, ...]] = {
    "main": ("GET",),
    "user-login": ("GET", "POST"),
    "user-signup": ("GET", "POST"),
    "health": ("GET",),
    "jwt_auth:token_refresh": (
        "POST",
    ),  # with the program's personal token; an annotator's is refused at the door
}
"""Routes for people who are not signed in, and their methods; signing up takes an invitation."""

FILES: frozenset[str] = frozenset(
    {
        r"^sw\.js$",
        r"^sw-fallback\.js$",
        r"^favicon\.ico$",
        r"^label-studio-frontend/(?P<path>.*)$",
        r"^dm/(?P<path>.*)$",
        r"^react-app/(?P<path>.*)$",
        r"^static/fonts/roboto/roboto.css$",
        r"^static/(?P<path>.*)$",
    }
)
"""Patterns of the front end's own files, which anybody may read; they have no names."""


@dataclass(frozen=True)
class OwnAddress:
    """An address of the layer itself.

    Attributes:
        method: one of its methods.
        path: it.
        handler: what of `program_requests.ProgramRequests` answers, or of `pages.own_pages.OwnPages`.
        purpose: what it is for.
        by_token: whether only an access token is answered, so that no page in a browser can ask.
        query: fields that the query of a page for people may have.
    """

    method: str
    path: str
    handler: str
    purpose: str
    by_token: bool = False
    query: frozenset[str] = frozenset()


PROGRAM: tuple[OwnAddress, ...] = (
    OwnAddress("GET", "/belebele/layer", "layer", "which version of the layer this is"),
    OwnAddress("GET", "/belebele/members", "members", "who works where, and whom accounts were made for"),
    OwnAddress("PUT", "/belebele/members", "admit", "setting who works where"),
    OwnAddress("GET", "/belebele/invitation", "invitation", "an invitation for one person"),
    OwnAddress("GET", "/belebele/skips", "skips", "why people skipped tasks"),
    OwnAddress("PUT", "/belebele/copy", "copy", "noting which copy of a campaign works here", True),
    OwnAddress("PUT", "/belebele/tasks", "put", "putting tasks on a workbench, changing what they show", True),
    OwnAddress("POST", "/belebele/changes", "changes", "reading what changed on workbenches", True),
    OwnAddress("GET", "/belebele/pages", "pages", "which pages of people are there, by digest", True),
    OwnAddress("PUT", "/belebele/pages", "put_pages", "setting a campaign's pages of people", True),
    OwnAddress("PUT", "/belebele/lead", "put_lead", "setting a campaign's page for the lead", True),
)
"""The layer's own addresses; only the lead's and the program's accounts are answered there."""

ME = "/me"
"""Where everybody finds what is theirs."""

HOMES = ("main", "projects:project-index")
"""Label Studio's own first pages, from which annotators are led there."""

OWN_PAGES: tuple[OwnAddress, ...] = (
    OwnAddress("GET", ME, "me", "what is open for the account, and what became of its work"),
    OwnAddress("GET", "/me/next", "next", "the account's next piece of work", query=_fields("after phone")),
    OwnAddress("GET", "/me/open", "open", "how many tasks wait on a workbench", query=_fields("project")),
    OwnAddress("GET", "/me/guidelines", "guidelines", "the guidelines of a workbench", query=_fields("project")),
    OwnAddress("GET", "/lead", "lead", "the lead's page, for the lead's account", query=_fields("campaign")),
)
"""The layer's own pages for people; each answers an account about itself."""

WATCHED: tuple[OwnAddress, ...] = (
    OwnAddress("GET", "/belebele/health", "health", "whether the server works, for anybody"),
    OwnAddress("GET", "/belebele/metrics", "metrics", "Prometheus' metrics of the server", True),
)
"""The layer's own addresses for monitoring, which `monitoring.measures.Measures` answers."""


def allowed(name: str, method: str) -> Route | None:
    """Return the route that allows annotators this method, None if none does."""
    return next((one for one in ROUTES if one.name == name and method in one.methods), None)
