"""A Label Studio for tests: one a session of each kind, started when the first test asks for it.

Tests whose point is the real server are marked `real_server`; those that hold the fake to the real one are marked
`both_servers`, with `slow=True` if the real one may wait for the slow tests. All others get the fake, or the real
one with BELEBELE_TEST_SERVER=real.

Use it in a test folder by registering this module as a plugin in that folder's conftest.py (see
tests/annotation/conftest.py); registered in several, it is still one server of a kind.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from data.environment import state_dir

PASSWORD = "a-password-of-nobody"

AnyLabelStudio = LocalLabelStudio | FakeLabelStudio


def another(server: AnyLabelStudio, folder: Path, port: int | None = None) -> AnyLabelStudio:
    """A server of the same kind with nothing on it, not started yet; a real one's data lie in the folder."""
    if isinstance(server, FakeLabelStudio):
        return FakeLabelStudio(port or 0)
    return LocalLabelStudio(server.state_dir, port, data_dir=folder, layer=False)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Which kind of server a test gets."""
    if "label_studio" not in metafunc.fixturenames:
        return
    marks = {mark.name: mark.kwargs for mark in metafunc.definition.iter_markers()}
    usual = os.environ.get("BELEBELE_TEST_SERVER", "fake")
    real = [pytest.mark.servers, *([pytest.mark.slow] if marks.get("both_servers", {}).get("slow") else [])]
    kinds = {"fake": pytest.param("fake"), "real": pytest.param("real", marks=real)}
    wanted = ["real"] if "real_server" in marks else list(kinds) if "both_servers" in marks else [usual]
    metafunc.parametrize("label_studio", [kinds[kind] for kind in wanted], indirect=True, scope="session")


@pytest.fixture(autouse=True)
def without_pauses(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that fails is asked again at once: a test made it fail. Slow tests, with busy servers, wait."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr("annotation.labelstudio.http_connection._PAUSE", 0.01)


@pytest.fixture(scope="session")
def label_studio(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AnyLabelStudio]:
    """The running server, without our layer: accounts reach what tests open, and what anybody could do is tried.

    The real one's environment is that of this machine's state folder; its data are new.
    """
    if request.param == "fake":
        with FakeLabelStudio() as fake:
            yield fake
        return
    place: Path = tmp_path_factory.mktemp("label-studio")
    with LocalLabelStudio(state_dir(), data_dir=place / "data", tell=print, layer=False) as server:
        yield server


@pytest.fixture(scope="session")
def studio(label_studio: AnyLabelStudio) -> Iterator[LabelStudio]:
    """The program's client for it."""
    with LabelStudio(label_studio.url, label_studio.token) as client:
        yield client


@contextmanager
def signing_up(studio: LabelStudio) -> Iterator[Callable[[str], SignedInUser]]:
    """Name → that person on a server, signed up once as name@example.org."""
    with ExitStack() as stack:
        known: dict[str, SignedInUser] = {}

        def of(name: str) -> SignedInUser:
            if name not in known:
                signed = SignedInUser.sign_up(studio.url, studio.invitation(), f"{name}@example.org", PASSWORD)
                known[name] = stack.enter_context(signed)
            return known[name]

        yield of


@pytest.fixture(scope="session")
def visitor(studio: LabelStudio) -> Iterator[Callable[[str], SignedInUser]]:
    """Name → that person, signed up once a session."""
    with signing_up(studio) as people:
        yield people


@pytest.fixture
def campaign_id() -> str:
    """An id that no other test uses, to begin workbench titles with."""
    return f"c{uuid4().hex[:8]}"
