from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from tests import chromium_fixture, labelstudio_fixture
from tests.flows.play import Company, begin


def pytest_configure(config: pytest.Config) -> None:
    for plugin in (labelstudio_fixture, chromium_fixture):
        if not config.pluginmanager.is_registered(plugin):
            config.pluginmanager.register(plugin)


@pytest.fixture(scope="module")
def own_state(label_studio: LocalLabelStudio, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state folder for these tests alone, so for contacts and marks; Label Studio was found in the usual one."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BELEBELE_STATE_DIR", str(folder))
        yield folder


@pytest.fixture(scope="module")
def company(
    own_state: Path,
    tmp_path_factory: pytest.TempPathFactory,
    studio: LabelStudio,
    visitor: Callable[[str], SignedInUser],
) -> Callable[..., Company]:
    """Makes small campaigns with everybody signed up."""

    def make(**how: int) -> Company:
        return begin(tmp_path_factory.mktemp("campaign") / "of-two", studio, visitor, **how)

    return make
