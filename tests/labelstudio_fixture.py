"""A real Label Studio server for tests: one a session, started when the first test asks for it.

Use it in a test folder by registering this module as a plugin in that folder's conftest.py (see
tests/annotation/conftest.py); registered in several, it is still one server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from annotation.client import LabelStudio
from annotation.server import LocalLabelStudio
from annotation.visitor import Visitor
from data.environment import state_dir

PASSWORD = "a-password-of-nobody"


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLabelStudio]:
    """The running server. Its environment is the one of this machine's state folder; its data are new."""
    place: Path = tmp_path_factory.mktemp("label-studio")
    with LocalLabelStudio(state_dir(), data_dir=place / "data", tell=print) as server:
        yield server


@pytest.fixture(scope="session")
def studio(label_studio: LocalLabelStudio) -> Iterator[LabelStudio]:
    """The program's client for it."""
    with LabelStudio(label_studio.url, label_studio.token) as client:
        yield client


@pytest.fixture(scope="session")
def visitor(studio: LabelStudio) -> Iterator[Callable[[str], Visitor]]:
    """Name → that person, signed up once a session as name@example.org."""
    with ExitStack() as stack:
        known: dict[str, Visitor] = {}

        def of(name: str) -> Visitor:
            if name not in known:
                signed = Visitor.sign_up(studio.url, studio.invitation(), f"{name}@example.org", PASSWORD)
                known[name] = stack.enter_context(signed)
            return known[name]

        yield of


@pytest.fixture
def campaign_id() -> str:
    """An id that no other test uses, to begin workbench titles with."""
    return f"c{uuid4().hex[:8]}"
