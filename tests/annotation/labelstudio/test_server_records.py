"""What a server tells is read strictly, and one annotation that is none costs itself only."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from annotation.labelstudio.server_records import LARGEST, Unread, Workbench, held_task, is_workbench, task_key_in

BENCH = Workbench(7, "c/authoring/eng_Latn/ana", 1, 2, datetime(2026, 11, 29, tzinfo=UTC))
TIME = "2026-11-29T12:00:00.000001Z"
FINE: dict[str, Any] = {
    "id": 1, "completed_by": 3, "updated_by": 3, "was_cancelled": False, "created_at": TIME, "updated_at": TIME,
    "lead_time": 12.5, "result": [{"from_name": "question"}],
}  # fmt: skip


def read(*annotations: dict[str, Any], raw: str = ""):
    task = {"id": 5, "data": {"task_key": "k"}, "annotations": list(annotations)}
    return held_task(BENCH, json.loads(raw) if raw else task)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"result": "text"},
        {"result": {"from_name": "question"}},
        {"result": ["x" * LARGEST]},
        {"created_at": None},
        {"updated_at": "yesterday"},
        {"created_at": "0001-01-01T00:00:00+14:00"},
        {"completed_by": "ana"},
        {"completed_by": {"email": "ana@example.org"}},
        {"lead_time": "long"},
        {"lead_time": [1]},
    ],
    ids=str,
)
def test_an_annotation_that_is_none_is_named_and_the_others_are_read(spoilt: dict[str, Any]):
    found = read({**FINE, **spoilt}, {**FINE, "id": 2})
    assert [one.annotation_id for one in found.submissions] == [2]
    assert found.unread == (Unread(BENCH.title, 7, 5, 1),)
    assert found.touched is not None and found.touched.annotations == (1, 2), "it stands there: nobody deleted it"


def test_a_field_that_is_missing_is_no_field_that_is_empty():
    assert len(read({name: value for name, value in FINE.items() if name != "lead_time"}).unread) == 1
    (one,) = read({**FINE, "lead_time": None, "result": None, "completed_by": None}).submissions
    assert (one.seconds, one.result, one.account) == (None, [], "")


@pytest.mark.parametrize("said", ["1e400", "-1e400", "NaN", "-5", "1e300", "9" * 400])
def test_a_time_that_nobody_can_have_taken_is_unknown_and_the_work_counts(said: str):
    annotation = json.dumps(FINE).replace("12.5", said)
    raw = f'{{"id": 5, "data": {{"task_key": "k"}}, "annotations": [{annotation}]}}'
    (one,) = read(raw=raw).submissions
    assert one.seconds is None


def test_a_key_is_text_that_every_table_takes():
    assert task_key_in({"data": {"task_key": "a\ud83d"}}) == "a\\ud83d"
    assert task_key_in({"data": {}}) == ""


@pytest.mark.parametrize(
    ("title", "ours"),
    [
        ("c/authoring/eng_Latn/ana", True),
        ("c/my notes", False),
        ("c/a/b/c", False),
        ("c/authoring//ana", False),
        ("c/authoring/eng_Latn/ana/2", False),
    ],
)
def test_which_projects_are_workbenches(title: str, ours: bool):
    assert is_workbench(title) is ours
