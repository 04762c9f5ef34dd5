"""A planted fault on a server: it comes, looks and is collected like any other work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from annotation.forms.review_criteria import CRITERIA
from annotation.labelstudio.client import LabelStudio
from annotation.labelstudio.signed_in_user import OpenTask, SignedInUser
from annotation.stages import page_of
from data.campaign.contacts import set_contact
from data.ledger.item_copy_ids import kind_of
from flows.campaign_state import State
from flows.ledger_views.posed_copies import plants_of_tasks
from flows.reports.people_and_pay import reviewer_measures
from flows.reports.people_and_pay.invoices import invoices
from tests.flows.small_campaign import Small, at

LANGUAGE = "eng_Latn"
REVIEWERS = ("r1", "r2", "r3", "r4", "r5", "r6")


@pytest.fixture
def planted(
    own_state: Path, tmp_path: Path, studio: LabelStudio, visitor: Callable[[str], SignedInUser], campaign_id: str
) -> Small:
    """A campaign under review by six people, with a wrong key planted for every question."""
    small = at("answering", tmp_path, campaign_id)
    small.configure("[plants]\nplant_share = 0.0", "[plants]\nplant_share = 1.0")
    small.configure('faults = ["wrong_key", "two_right", "unanswerable", "cue"]', 'faults = ["wrong_key"]')
    file = small.folder / "campaign.toml"
    people = "".join(f'\n[[people]]\ncode = "{code}"\nroles = ["reviewing"]\n' for code in REVIEWERS[3:])
    file.write_text(file.read_text("utf-8") + people, "utf-8")
    small.servers = {"main": studio}
    for code in REVIEWERS:
        visitor(code)
        set_contact(campaign_id, code, f"{code}@example.org")
    small.advance()
    return small


def waiting(
    state: State, visitor: Callable[[str], SignedInUser], stage: str
) -> dict[str, tuple[SignedInUser, OpenTask]]:
    """Every task of a stage as it waits on the server, by its key."""
    found = {}
    for code in REVIEWERS:
        title = state.campaign.workbench_title(stage, LANGUAGE, code)  # type: ignore[arg-type]
        tasks = state.tasks[
            (state.tasks["person"] == code) & (state.tasks["stage"] == stage) & state.tasks["open"]
        ]
        if len(tasks):
            found |= {task.key: (visitor(code), task) for task in visitor(code).open_tasks(title)}
    return found


def test_a_plant_is_read_on_the_reviewers_page_and_found(planted: Small, visitor: Callable[[str], SignedInUser]):
    there = waiting(planted.state, visitor, "answering")
    plants = {key for key in there if key in plants_of_tasks(planted.state)}
    assert len(there) == 8
    assert len(plants) == 4
    (fields,) = {frozenset(task.data) for _, task in there.values()}  # nothing on the page tells them apart
    assert "kind" not in fields
    assert not any("-p" in str(task.data) for _, task in there.values())

    for reader, task in there.values():
        reader.submit(
            task.id, page_of("answering").result({"choice": 1, "sure": True, "comment": ""}, task.data, "")
        )
    planted.advance()
    judging = waiting(planted.state, visitor, "judging")
    assert len(judging) == 8
    rubric = dict.fromkeys(CRITERIA, True)
    for key, (reader, task) in judging.items():
        plant = key in plants_of_tasks(planted.state)
        fields = {
            "rubric": {**rubric, "one_right": not plant},
            "recommend": "revise" if plant else "keep",
            "comment": "",
        }
        reader.submit(task.id, page_of("judging").result(fields, task.data, ""))
    told = planted.advance()
    assert told.decisions == {"keep": 2}
    looked = reviewer_measures.plants_seen(planted.state)
    assert (looked.all_found.met, looked.all_found.of) == (4, 4)
    assert looked.named["wrong_key"].met == 4
    assert not any(map(kind_of, planted.state.questions["question_id"]))
    measured = reviewer_measures.measures(planted.state)
    assert measured.remaining.share is None
    assert "too few readings" in measured.remaining.why_not
    assert sum(sum(counts["plants"].values()) for counts in invoices(planted.state).values()) == 8
