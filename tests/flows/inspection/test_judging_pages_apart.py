"""Who still answers blind reaches no page that shows the key, on one real server with our layer.

A judging page is made when everybody has answered. A third reviewer is asked later, when such pages stand already.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import pytest

from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.local_server import LocalLabelStudio
from annotation.labelstudio.signed_in_user import SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.environment import state_dir
from data.ledger.tables import Stage
from tests.flows.small_campaign import BOATS, Small, at
from tests.flows.stages.test_disputes import FIELDS, with_more
from tests.labelstudio_fixture import PASSWORD

pytestmark = [pytest.mark.servers, pytest.mark.slow]

REVIEWERS = ("r1", "r2", "r3", "r4")


class Table:
    """The campaign on its server, and the reviewers in their accounts."""

    def __init__(self, small: Small, studio: LabelStudio, people: dict[str, SignedInUser]) -> None:
        self.small, self.studio, self.people = small, studio, people

    def do(self, stage: str, person: str, **fields: Any) -> None:
        """One person does their task on the question, on its page."""
        (key,) = self.small.keys(stage, question=BOATS, person=person)
        title = self.small.state.campaign.workbench_title(cast("Stage", stage), "eng_Latn", person)
        task = next(one for one in self.people[person].open_tasks(title) if one.key == key)
        result = page_of(stage).result({**FIELDS[stage], **fields}, task.data, "")
        self.people[person].submit(task.id, result)

    def judging_pages(self) -> dict[int, str]:
        """The judging pages on the server as the program sees them: number to whose it is."""
        benches = self.studio.workbenches(f"{self.small.state.campaign.id}/judging/")
        return {task.id: title.split("/")[3] for title, one in benches.items() for task in self.studio.tasks(one)}

    def within_reach(self, person: str) -> set[int]:
        """The judging pages that a person's account is shown, asked for one by one."""
        found = set()
        for number in self.judging_pages():
            answer = self.people[person]._http.get(f"/api/tasks/{number}/")
            assert answer.status_code in (200, 403)
            if answer.status_code == 200:
                found.add(number)
        return found


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    environments = state_dir()
    monkeypatch.setenv("BELEBELE_STATE_DIR", str(tmp_path / "state"))
    small = with_more(at("answering", tmp_path), max_reviewers=3)
    with ExitStack() as stack:
        server = stack.enter_context(LocalLabelStudio(environments, data_dir=tmp_path / "server"))
        studio = stack.enter_context(LabelStudio(server.url, server.token))
        small.servers, people, name = {"main": studio}, {}, small.state.campaign.id
        for person in REVIEWERS:
            email = f"{person}@example.org"
            set_contact(name, person, email)
            invited = studio.invitation(f"{name}/{person}")
            people[person] = stack.enter_context(SignedInUser.sign_up(studio.url, invited, email, PASSWORD))
        assert small.advance().problems == []
        yield Table(small, studio, people)


def test_a_judging_page_opens_when_all_have_answered_and_to_its_reviewer_alone(table: Table) -> None:
    small = table.small
    first, second = (key.rpartition("/")[2] for key in small.keys("answering", question=BOATS))
    table.do("answering", first)
    small.advance()
    assert table.judging_pages() == {}, "the other still answers blind"
    table.do("answering", second)
    small.advance()
    pages = table.judging_pages()
    assert sorted(pages.values()) == sorted([first, second])
    for person in REVIEWERS:
        assert table.within_reach(person) == {number for number, whose in pages.items() if whose == person}
    table.do("judging", first)
    rubric = {**FIELDS["judging"]["rubric"], "wording": False}
    table.do("judging", second, rubric=rubric, recommend="revise", comment="Say ‘store’.")
    small.advance()
    (third,) = (key.rpartition("/")[2] for key in small.keys("answering", question=BOATS))
    assert third not in (first, second), "they differ, so a third answers blind"
    assert len(table.judging_pages()) == 2
    assert table.within_reach(third) == set()
    table.do("answering", third)
    small.advance()
    assert len(table.within_reach(third)) == 1
