"""Twenty people at once on a real server for a minute, with advance running: nothing is lost, nothing comes twice.

The assistant is asked as by twenty more. How long everything takes is measured by
benchmarks/servers/many_at_once.py.
"""

from pathlib import Path

import pytest

from annotation.labelstudio.client import LabelStudio
from benchmarks.servers.many_at_once import PEOPLE, Answers, Sent, asked, begin, lost, play
from data.campaign.campaign import Campaign
from data.ledger import Ledger
from flows.campaign_state import State
from flows.ledger_views.current_items import current_questions

SECONDS = 60.0
EACH = 2
LATE = 0.05
"""Share of the assistant's answers that may come too late to help: the machine may be busy with other tests."""

pytestmark = [pytest.mark.real_server, pytest.mark.slow]


@pytest.fixture(scope="module")
def played(
    own_state: Path, studio: LabelStudio, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Sent, Answers]:
    address = begin(tmp_path_factory.mktemp("many"), "many", passages=len(PEOPLE) * EACH // 2)
    with asked(SECONDS, questions=120) as answers:
        sent = play(address, studio, tasks=EACH, seconds=SECONDS)
        return address, sent, answers.result()


def test_everything_that_the_server_took_is_in_the_ledger_once(played: tuple[str, Sent, Answers]):
    address, sent, _ = played
    assert {key.split("/")[4] for key in sent.keys.values()} == set(PEOPLE)
    assert sum(map(len, sent.contents.values())) == len(sent.seconds) > len(sent.contents)  # they went on changing
    assert sent.advances >= 1
    assert lost(address, sent) == []


def test_every_submission_became_one_question_of_its_author(played: tuple[str, Sent, Answers]):
    address, sent, _ = played
    state = State(Campaign.load(address), Ledger(address))
    current = current_questions(state)
    assert len(current) == len(sent.contents)
    asked = {key.split("/")[2]: key.split("/")[4] for key in sent.keys.values()}
    assert dict(zip(current["question_id"], current["person"], strict=True)) == asked
    assert state.questions["question"].is_unique


def test_the_assistant_answered_everybody_meanwhile(played: tuple[str, Sent, Answers]):
    _, _, said = played
    print(f"{len(said.seconds)} answers, 95 % within {said.seconds[len(said.seconds) * 95 // 100]:.3f} s")
    assert len(said.seconds) >= len(PEOPLE)
    assert len(said.late) <= LATE * len(said.seconds)


def test_a_loss_would_be_seen(played: tuple[str, Sent, Answers]):
    address, sent, _ = played
    number = min(sent.contents)
    more = {**sent.contents, 10**9: sent.contents[number]}
    keys = {**sent.keys, 10**9: "authoring/eng_Latn/mill-9999-q1/0/w01"}
    assert lost(address, Sent(more, keys)) == ["authoring/eng_Latn/mill-9999-q1/0/w01: nothing is in the ledger"]
    changed = {**sent.contents, number: [[{"from_name": "question", "value": {"text": ["Else?"]}}]]}
    assert len(lost(address, Sent(changed, sent.keys))) >= 2
