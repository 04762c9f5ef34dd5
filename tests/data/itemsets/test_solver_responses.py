"""Reading solvers' responses: every form, and mistakes told with file, line and cure."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data.errors import UsageError
from data.itemsets.solver_responses import COLUMNS, read_responses


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_numbers_and_letters_become_places(tmp_path: Path, ending: str) -> None:
    table = pd.DataFrame({"solver": ["m", "m", "k"], "item_id": ["2", "1", "1"], "chosen": ["B", "1", ""]})
    path = tmp_path / f"responses.{ending}"
    if ending == "jsonl":
        table.to_json(path, lines=True, orient="records")
    elif ending == "parquet":
        table.to_parquet(path)
    else:
        table.to_csv(path, index=False, sep="\t" if ending == "tsv" else ",")
    read = read_responses(path)
    assert tuple(read.columns) == COLUMNS
    assert read.values.tolist() == [
        ["k", "1", "", -1, "full"],
        ["m", "1", "", 0, "full"],
        ["m", "2", "", 1, "full"],
    ]


def test_numbers_of_a_column_with_gaps(tmp_path: Path) -> None:
    table = pd.DataFrame({"solver": ["m", "k"], "item_id": ["1", "1"], "language": "eng", "chosen": [2.0, None]})
    table.to_parquet(tmp_path / "r.parquet")
    assert read_responses(tmp_path / "r.parquet")["chosen"].tolist() == [-1, 1]


def test_what_a_solver_saw_is_the_whole_item_unless_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("solver,item_id,chosen,inputs\nm,1,A,\nm,2,A,question+options\nm,3,A,full\n")
    assert read_responses(path)["inputs"].tolist() == ["full", "question+options", "full"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("solver,item_id\nm,1\n", "no column chosen; it has solver, item_id"),
        ("solver,item_id,chosen\nm,1,0\n", "r.csv, line 2: chose '0'; write a number from 1"),
        ("solver,item_id,chosen\nm,1,1\nm,2,11\n", "line 3: chose '11'"),
        ("solver,item_id,chosen,inputs\nm,1,1,question\n", "line 2: inputs is 'question'; write what the solver"),
        ("solver,item_id,chosen\nm,1,1\nm,1,2\n", "line 3: a second response of solver 'm' to item '1'"),
        ("solver,item_id,chosen\n,1,1\n", "line 2: the solver is empty"),
        ("", "no column solver, item_id, chosen; it has none"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_responses(path)


def test_a_file_must_be_there_and_of_a_known_kind(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no such file"):
        read_responses(tmp_path / "none.csv")
    (tmp_path / "r.xlsx").write_text("")
    with pytest.raises(UsageError, match=r"\.xlsx is not known"):
        read_responses(tmp_path / "r.xlsx")
    (tmp_path / "r.csv").write_bytes(b"solver,item_id,chosen\nm\xff,1,1\n")
    with pytest.raises(UsageError, match="line 2: byte 23"):
        read_responses(tmp_path / "r.csv")
