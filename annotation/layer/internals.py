"""What the layer leans on inside Label Studio, looked for before anything is served: if one is missing, none is.

An upgrade of Label Studio begins here: raise `VERSION`, start, and see what is named (“Upgrade Label Studio” in
docs/guides/team-server.md).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .pages import front_end, replaced_pages
from .routes import ENTRANCES, FILES, ROUTES

VERSION = "1.23.2"
"""The Label Studio that the layer is written for and tested with."""

BEHIND = "jwt_auth.middleware.JWTAuthenticationMiddleware"
"""The middleware after which ours stand: whoever asks is known there, and no view has run yet."""

LEANS_ON: tuple[tuple[str, str], ...] = (
    ("core.middleware", "CommonMiddlewareAppendSlashWithoutRedirect.process_response"),
    ("data_import.serializers", "ImportApiSerializer"),
    ("data_manager.api", "ProjectActionsAPI.post"),
    ("data_manager.api", "ViewAPI.get_queryset"),
    ("data_manager.models", "ProjectViewMixin.has_permission"),
    ("data_manager.models", "View.project"),
    ("jwt_auth.auth", "TokenAuthenticationPhaseout.authenticate"),
    ("jwt_auth.middleware", "JWTAuthenticationMiddleware"),
    ("ml.models", "MLBackend.project"),
    ("organizations.models", "Organization.created_by"),
    ("organizations.models", "Organization.token"),
    ("projects.api", "ProjectCountsListAPI.get_queryset"),
    ("projects.api", "ProjectListAPI.get_queryset"),
    ("projects.mixins", "ProjectMixin.has_permission"),
    ("projects.models", "Project.has_permission"),
    ("projects.models", "Project.title"),
    ("projects.models", "Project.update_tasks_counters_and_task_states"),
    ("projects.models", "ProjectSummary.remove_data_columns"),
    ("projects.models", "ProjectSummary.update_data_columns"),
    ("rest_framework.exceptions", "ValidationError"),
    ("tasks.api", "AnnotationDraftListAPI.filter_queryset"),
    ("tasks.models", "Annotation.completed_by"),
    ("tasks.models", "Annotation.lead_time"),
    ("tasks.models", "Annotation.result"),
    ("tasks.models", "Annotation.task"),
    ("tasks.models", "Annotation.updated_by"),
    ("tasks.models", "Annotation.was_cancelled"),
    ("tasks.models", "AnnotationDraft.task"),
    ("tasks.models", "AnnotationDraft.user"),
    ("tasks.models", "Prediction.task"),
    ("tasks.models", "Task.cancelled_annotations"),
    ("tasks.models", "Task.data"),
    ("tasks.models", "Task.is_labeled"),
    ("tasks.models", "Task.overlap"),
    ("tasks.models", "Task.project"),
    ("tasks.models", "Task.total_annotations"),
    ("tasks.models", "Task.updated_at"),
    ("tasks.models", "Task.updated_by"),
    ("tasks.validation", "TaskValidator.check_data"),
    ("users.api", "UserAPI.get_queryset"),
    ("users.models", "User.active_organization"),
    ("users.models", "User.is_active"),
    ("users.models", "User.is_superuser"),
    ("users.views", "user_signup"),
    ("webhooks.models", "WebhookAction.TASKS_CREATED"),
    ("webhooks.utils", "emit_webhooks_for_instance"),
)
"""Modules of Label Studio, and what of them is used."""


class OtherLabelStudio(SystemExit):
    """Ends a start: the Label Studio here lacks something that the layer leans on."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"belebele: this Label Studio has {what}, on which the layer leans that keeps people's work apart, so "
            f"it is not started. Install the version that belebele was written for, {VERSION} "
            "(annotation/labelstudio/label-studio-constraints.txt), or follow “Upgrade Label Studio” in "
            "docs/guides/team-server.md."
        )


def check() -> None:
    """Look for everything that the layer leans on.

    Raises:
        OtherLabelStudio: something is missing, all of which is named, or the version is another.
    """
    found = held(module("label_studio"), "__version__")
    wrong = [] if found == VERSION else [f"version {found}"]
    missing = [*_missing_names(), *_missing_routes(), *_missing_settings(), *_missing_on_pages()]
    if wrong := [*wrong, *(f"no {one}" for one in missing)]:
        raise OtherLabelStudio(", ".join(wrong))


def module(name: str) -> Any:
    """Return a module of Label Studio."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise OtherLabelStudio(f"no {name} ({error})") from error


def held(place: Any, name: str) -> Any:
    """Return an attribute."""
    if not hasattr(place, name):
        raise OtherLabelStudio(f"no {place.__name__}.{name}")
    return getattr(place, name)


def _missing_names() -> Iterator[str]:
    for place, path in LEANS_ON:
        found = module(place)
        for name in path.split("."):
            found = getattr(found, name, None)
        if found is None:
            yield f"{place}.{path}"


def _missing_routes() -> Iterator[str]:
    from django.urls import get_resolver

    names, patterns = set(), set()
    for name, pattern in urls(get_resolver()):
        names.add(name)
        patterns.add(pattern)
    for name in sorted({*(one.name for one in ROUTES), *ENTRANCES} - names):
        yield f"address named {name}"
    for pattern in sorted(FILES - patterns):
        yield f"address {pattern}"


def _missing_settings() -> Iterator[str]:
    from django.conf import settings

    if BEHIND not in settings.MIDDLEWARE:
        yield f"middleware {BEHIND}"
    if not hasattr(settings, "REACT_APP_ROOT"):
        yield "setting REACT_APP_ROOT"


def _missing_on_pages() -> Iterator[str]:
    from django.conf import settings
    from django.template import TemplateDoesNotExist
    from django.template.loader import get_template

    for name in replaced_pages.REPLACED:
        try:
            get_template(name)
        except TemplateDoesNotExist:
            yield f"page {name}"
    yield from front_end.missing(Path(getattr(settings, "REACT_APP_ROOT", "")))


def urls(resolver: Any, space: str = "", prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name and the pattern of every address."""
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if hasattr(one, "url_patterns"):
            yield from urls(one, f"{space}{one.namespace}:" if one.namespace else space, pattern)
        else:
            yield f"{space}{one.name}", pattern
