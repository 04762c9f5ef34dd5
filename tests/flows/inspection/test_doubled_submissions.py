"""A server that stores a submission twice, as Label Studio does when its database was locked, changes nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from data.ledger import tables
from data.ledger.events import Late
from tests.flows.small_campaign import BOATS, FRENCH, Small, at


def again(small: Small, key: str, number: str, result: Any = None) -> None:
    """The server stores what was submitted last once more, under another number; or something else."""
    rows = small.state.ledger.read(tables.ANNOTATIONS)
    last = rows[rows["task_key"] == key].sort_values("updated_at").iloc[-1].to_dict()
    later = last["updated_at"] + timedelta(seconds=9)
    more = {"annotation_id": number, "created_at": later, "updated_at": later}
    more |= {} if result is None else {"result": json.dumps(result)}
    for column in ("event_id", "recorded_at", "sequence"):
        last.pop(column)
    small.state.ledger.append(tables.ANNOTATIONS, [{**last, **more}])


@pytest.mark.parametrize("together", [True, False], ids=["at once", "one advance later"])
def test_a_question_stored_twice_is_one_revision(tmp_path: Path, together: bool):
    small = at("authoring", tmp_path)
    key = small.keys("authoring", question=BOATS)[0]
    small.submit(key)
    if not together:
        small.advance()
    again(small, key, "n2")
    small.advance()
    questions = small.state.questions
    assert list(questions["revision"][questions["question_id"] == BOATS]) == [1]
    assert len(small.keys("answering", question=BOATS)) == 2
    assert small.state.events(Late).empty


def test_a_verdict_stored_twice_is_one_verdict(tmp_path: Path):
    small = at("answering", tmp_path)
    key = small.keys("answering", question=BOATS)[0]
    small.submit(key)
    again(small, key, "n2")
    small.advance()
    assert list(small.state.verdicts_on({BOATS})["check"]).count("blind_answer") == 1


def test_a_change_and_a_change_back_still_count(tmp_path: Path):
    small = at("translating", tmp_path)
    key = small.keys("translating", FRENCH, BOATS)[0]
    small.submit(key)
    small.advance()
    row = small.state.annotations[small.state.annotations["task_key"] == key].iloc[0]
    first = small.state.results_of({row["event_id"]})[row["event_id"]]
    other = [{**one, "value": {"text": ["Où donc ?"]}} if one["from_name"] == "question" else one for one in first]
    for number, content in (("n2", other), ("n3", first), ("n4", first)):
        again(small, key, number, content)
        small.advance()
    texts = small.state.translations
    mine = texts[(texts["question_id"] == BOATS) & (texts["language"] == FRENCH)]
    assert sorted(mine["revision"]) == [1, 2, 3]
