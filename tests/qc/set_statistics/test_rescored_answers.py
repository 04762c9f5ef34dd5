"""What a change of a release does to numbers that were published."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from data.errors import UsageError
from data.itemsets.solver_responses import read_responses
from data.release.release_content import content_of_files
from data.release.release_files import render, write_release
from flows.cli.commands import main
from qc.set_statistics.rescored_answers import rescored_answers
from tests.data.release.small_release import ABOUT, made

# Shown keys: wells-a-q1 1, wells-b-q1 2, wells-b-q2 4.
ANSWERS = """solver,item_id,language,chosen
sure,wells-a-q1,eng_Latn,A
sure,wells-b-q1,eng_Latn,B
sure,wells-b-q2,eng_Latn,D
poor,wells-a-q1,eng_Latn,B
poor,wells-b-q1,eng_Latn,
"""


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    (tmp_path / "answers.csv").write_text(ANSWERS)
    return tmp_path / "answers.csv"


def scored(items: pd.DataFrame, answers: Path) -> dict[str, tuple[int, int, float, float]]:
    old, new = (content_of_files(render(one, replace(ABOUT, version="2.0.0")).files) for one in (made(), items))
    found = rescored_answers(old, new, read_responses(answers))
    assert all(one.low <= one.new - one.old <= one.high for one in found)
    return {one.solver: (one.items, one.gone, one.old, one.new) for one in found}


def changed(number: int, **columns: object) -> pd.DataFrame:
    items = made()
    for at in (number, number + 3):
        for name, value in columns.items():
            items.at[at, name] = value
    return items


def test_nothing_changes_where_nothing_changed(answers: Path) -> None:
    assert scored(made(), answers) == {"sure": (3, 0, 1.0, 1.0), "poor": (2, 0, 0.0, 0.0)}


def test_another_key_turns_right_into_wrong(answers: Path) -> None:
    assert scored(changed(2, key=1), answers) == {"sure": (3, 0, 1.0, 2 / 3), "poor": (2, 0, 0.0, 0.5)}


def test_a_choice_moves_with_its_option(answers: Path) -> None:
    assert scored(changed(2, order=[1, 2, 3, 4]), answers)["sure"] == (3, 0, 1.0, 1.0)


def test_items_that_are_gone_do_not_count(answers: Path) -> None:
    assert scored(made().drop(index=[1, 4]), answers)["sure"] == (2, 1, 1.0, 1.0)


def test_answers_to_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("solver,item_id,chosen\nsure,x,A\n")
    with pytest.raises(UsageError, match="item_id and language must be as there, such as wells-a-q1 and arb_Arab"):
        scored(made(), tmp_path / "other.csv")


def test_the_command(tmp_path: Path, answers: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "old")
    write_release(changed(2, key=1), replace(ABOUT, version="2.0.0"), tmp_path / "new")
    words = ["diff", str(tmp_path / "old"), str(tmp_path / "new"), "--responses", str(answers)]
    told = CliRunner().invoke(main, words)
    assert told.exit_code == 1
    assert (
        "sure in eng_Latn: 100.0% → 66.7% right of 3 items (-33.3%, 95 % interval -100.0% to +0.0%)" in told.output
    )
    facts = json.loads(CliRunner().invoke(main, [*words, "--json"]).output)
    assert [one["solver"] for one in facts["scores"]] == ["poor", "sure"]
