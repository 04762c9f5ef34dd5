"""Keys of tasks and titles of workbenches are read as they were written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ledger.tables import STAGES
from data.ledger.task_keys import TaskKey, WorkbenchTitle

word = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1, max_size=12)
stage = st.sampled_from(STAGES)


@given(key=st.builds(TaskKey, stage, word, word, st.integers(0, 99), word, st.integers(1, 9)))
def test_a_key_is_read_as_it_was_written(key: TaskKey) -> None:
    assert TaskKey.parse(str(key)) == key


@given(title=st.builds(WorkbenchTitle, word, stage, word, word))
def test_a_title_is_read_as_it_was_written(title: WorkbenchTitle) -> None:
    assert WorkbenchTitle.parse(str(title)) == title


def test_a_plant_is_called_like_a_question() -> None:
    key = TaskKey.of("judging", "eng_Latn", "boats-q2-p1", 1, "ana", 2)
    assert str(key) == "judging/eng_Latn/boats-q12/1/ana/2"


@pytest.mark.parametrize("text", ["", "judging/eng_Latn/boats-q1/1", "tea/eng_Latn/boats-q1/1/ana", "a/b"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no key of a task"):
        TaskKey.parse(text)
    with pytest.raises(ValueError, match="is no title of a workbench"):
        WorkbenchTitle.parse(text)
