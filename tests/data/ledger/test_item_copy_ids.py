"""Identities of copies: one grammar, so that a kind that is added is a copy everywhere."""

from __future__ import annotations

import pandas as pd
import pytest

from data.ledger import item_copy_ids
from data.ledger.item_copy_ids import are_copies, copy_id, kind_of, original, passages_of, trial_id


def test_a_kind_of_copy_that_is_added_is_a_copy_to_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    assert kind_of("boats-q1-x1") is None
    monkeypatch.setitem(item_copy_ids._MARKS, "pilot", "x")  # type: ignore[misc]
    pilot = copy_id("boats-q1", "pilot")  # type: ignore[arg-type]
    assert kind_of(pilot) == "pilot"
    assert original(pilot) == "boats-q1"
    assert are_copies(pd.Series([pilot, "boats-q1"])).tolist() == [True, False]
    assert passages_of(pd.Series([pilot])).tolist() == ["boats"]


def test_many_at_once_are_as_one_by_one() -> None:
    subjects = ["p-1-q2", "p-1-q2-p1", "p-1-q2-r12", "p-q1-b1", trial_id("p-1", "a-na", 1), "p-1", "p-q1-c1"]
    assert are_copies(pd.Series(subjects)).tolist() == [kind_of(subject) is not None for subject in subjects]
    assert are_copies(pd.Series([], dtype=str)).tolist() == []
