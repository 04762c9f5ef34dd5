"""Twenty people submit at once to a real server while advance runs: nothing is lost and nothing comes twice."""

from pathlib import Path

import pytest

from annotation.client import LabelStudio
from benchmarks.many_at_once import PEOPLE, Sent, begin, lost, play
from data.campaign import Campaign
from data.ledger import Ledger
from flows.state import State

EACH = 4


@pytest.fixture(scope="module")
def played(own_state: Path, studio: LabelStudio, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Sent]:
    address = begin(tmp_path_factory.mktemp("many"), "many", passages=len(PEOPLE) * EACH // 2)
    return address, play(address, studio, tasks=EACH)


@pytest.mark.servers
def test_everything_that_the_server_took_is_in_the_ledger_once(played: tuple[str, Sent]):
    address, sent = played
    assert len(sent.contents) == len(PEOPLE) * EACH
    assert sent.advances >= 1
    assert lost(address, sent) == []


@pytest.mark.servers
def test_every_submission_became_one_question_of_its_author(played: tuple[str, Sent]):
    address, sent = played
    state = State(Campaign.load(address), Ledger(address))
    assert len(state.questions) == len(sent.contents)
    asked = {key.split("/")[2]: key.split("/")[4] for key in sent.keys.values()}
    assert dict(zip(state.questions["question_id"], state.questions["person"], strict=True)) == asked
    assert state.questions["question"].is_unique


@pytest.mark.servers
def test_a_loss_would_be_seen(played: tuple[str, Sent]):
    address, sent = played
    number = min(sent.contents)
    more = {**sent.contents, 10**9: sent.contents[number]}
    keys = {**sent.keys, 10**9: "authoring/eng_Latn/mill-9999-q1/0/w01"}
    assert lost(address, Sent(more, keys)) == ["authoring/eng_Latn/mill-9999-q1/0/w01: nothing is in the ledger"]
    changed = {**sent.contents, number: [[{"from_name": "question", "value": {"text": ["Else?"]}}]]}
    assert len(lost(address, Sent(changed, sent.keys))) == 2
