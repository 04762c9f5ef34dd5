"""Authors see which other questions stand on their passage, as they come in."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.stages import PAGES
from data.ledger.events import TaskPublished
from flows.ledger_views.sibling_questions import sibling_revisions, siblings
from tests.flows.small_campaign import BOATS, TEXTS, Small, begin

pytestmark = pytest.mark.usefixtures("own_state")

SECOND = BOATS.replace("-q1", "-q2")
ASKED = TEXTS[BOATS, "eng_Latn"]["question"]


@pytest.fixture
def small(tmp_path: Path, studio: LabelStudio, campaign_id: str) -> Small:
    small = begin(tmp_path / "campaign", campaign_id)
    small.configure("questions_per_passage = 1", "questions_per_passage = 2")
    small.servers = {"main": studio}
    assert small.advance().problems == []
    return small


def shown(small: Small, studio: LabelStudio, question: str) -> object:
    """What the open page of a question says was asked beside it, on the server."""
    (task,) = small.open("authoring", question=question).to_dict("records")
    title = small.state.campaign.workbench_title("authoring", "eng_Latn", str(task["person"]))
    (bench,) = studio.workbenches(title).values()
    (found,) = [one.data for one in studio.tasks(bench) if one.key == task["task_key"]]
    return found["siblings"]


def test_an_open_page_is_refreshed_when_a_sibling_is_written(small: Small, studio: LabelStudio) -> None:
    assert shown(small, studio, SECOND) == []
    small.submit(*small.keys("authoring", question=BOATS))
    small.advance()
    assert shown(small, studio, SECOND) == [ASKED]
    state = small.state
    passage = BOATS.rpartition("-q")[0]
    assert siblings(state, passage, BOATS) == [], "a question is no sibling of its own"
    assert (siblings(state, passage, SECOND), sibling_revisions(state, passage, SECOND)) == ([ASKED], 1)


def test_a_page_that_shows_its_siblings_is_left_alone(small: Small, studio: LabelStudio) -> None:
    small.submit(*small.keys("authoring", question=BOATS))
    small.advance()
    told = len(small.state.events(TaskPublished))
    assert small.advance().problems == []
    assert len(small.state.events(TaskPublished)) == told


def test_no_page_but_an_authors_shows_siblings() -> None:
    """Who answers or guesses meets every question on its own."""
    assert [page.stage for page in PAGES if page.shows_siblings] == ["authoring"]
