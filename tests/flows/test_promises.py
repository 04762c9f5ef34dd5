"""Killed anywhere and run again: nothing lost, nothing doubled, the same release. On a real Label Studio."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from annotation.client import LabelStudio
from flows.advance import advance
from tests.flows.play import Company, meaning, perform, standing

pytestmark = pytest.mark.servers


@dataclass
class Told:
    """How a campaign went: after each round, what the ledger meant and what stood on the server; its release."""

    meanings: list[dict[str, object]]
    standings: list[dict[str, list[tuple[str, int]]]]
    release: dict[str, bytes]


@pytest.fixture(scope="module")
def undisturbed(company: Callable[..., Company], studio: LabelStudio) -> Told:
    """The campaign as it goes when nothing goes wrong."""
    mine = company()
    told = Told([], [], {})

    def look(_: int) -> None:
        told.meanings.append(meaning(mine.state()))
        told.standings.append(standing(studio, mine))

    assert perform(mine, lambda: advance(mine.address, {"main": studio}), look)
    told.release = mine.release()
    return told

def test_undisturbed(undisturbed):
    print(len(undisturbed.meanings), undisturbed.release.keys())
    import pprint; pprint.pp(undisturbed.standings[-1]); print(*undisturbed.meanings[-1]["standing"],sep="\n")
