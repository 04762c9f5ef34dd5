"""The same promises on a server with our layer, where many tasks are put, changed and read in one request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.fake import FakeLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from tests.faulty_line import FaultyLine
from tests.flows import test_promises as promises
from tests.flows.play import Company, begin, meaning, perform
from tests.flows.test_promises import (
    Spoiler,
    Told,
    advance,
    brisk,
    line,
    undisturbed,
)
from tests.labelstudio_fixture import signing_up

__all__ = ["brisk", "line", "undisturbed"]  # fixtures


@pytest.fixture(scope="module")
def label_studio() -> Iterator[FakeLabelStudio]:
    with FakeLabelStudio(layer=True) as fake:
        yield fake


@pytest.fixture(scope="module")
def studio(label_studio: FakeLabelStudio) -> Iterator[LabelStudio]:
    with LabelStudio(label_studio.url, label_studio.token) as client:
        yield client


@pytest.fixture(scope="module")
def visitor(studio: LabelStudio) -> Iterator[Callable[[str], SignedInUser]]:
    with signing_up(studio) as people:
        yield people


@pytest.mark.slow
def test_the_ledger_says_what_it_says_without_the_layer(
    undisturbed: Told, company: Callable[..., Company], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Round by round, and in the release; tasks were put there in one request."""
    with FakeLabelStudio() as plain, LabelStudio(plain.url, plain.token) as client, signing_up(client) as of:
        mine = begin(tmp_path_factory.mktemp("campaign") / "of-two", client, of)
        meanings: list[object] = []
        assert perform(
            mine, lambda: advance(mine.address, {"main": client}), lambda _: meanings.append(meaning(mine.state()))
        )
        assert meanings == undisturbed.meanings
        assert mine.release() == undisturbed.release


COPY = "/belebele/copy"


class Watching(Spoiler):
    """Counts what is written by its path, too."""

    def __call__(self, method: str, path: str) -> str:
        self.paths[path] += 1
        if path == COPY and self.paths[path] > 20:
            return ""  # every run begins with it, and after so many it has met each fault
        return super().__call__(method, path)

    def __init__(self, spoils: Sequence[tuple[str, ...]]) -> None:
        super().__init__(spoils)
        self.paths = Counter[str]()


@pytest.mark.slow
@pytest.mark.parametrize("when", ["before", "after"])
def test_crashed_at_every_append_and_spoilt_at_every_write(
    when: str,
    undisturbed: Told,
    company: Callable[..., Company],
    line: FaultyLine,
    label_studio: FakeLabelStudio,
    studio: LabelStudio,
) -> None:
    spoiler = Watching(promises.SPOILS)
    promises.crashed_and_spoilt(when, spoiler, undisturbed, company(), line, label_studio, studio)
    assert spoiler.writes > 30
    assert spoiler.paths["/belebele/tasks"] > 10
