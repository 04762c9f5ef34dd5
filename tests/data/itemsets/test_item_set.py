"""A set with faults, read leniently: every item is there or is named, and nothing is lost without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data.itemsets import NO_KEY, ItemSetError, read_set

GOOD = [
    {
        "id": f"q{n}",
        "passage": f"Text {n}.",
        "question": f"What {n}?",
        "options": ["p", "q", "r", "s"],
        "answer": "C",
    }
    for n in range(12)
]


def written(path: Path, lines: list[Any]) -> str:
    path.write_text(
        "".join(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines), encoding="utf-8"
    )
    return str(path)


def test_a_set_without_faults_has_none(tmp_path: Path) -> None:
    found = read_set([written(tmp_path / "a.jsonl", list(GOOD))], lenient=True)
    assert found.faults == ()
    assert found.items["key"].tolist() == [2] * 12
    assert found.items["keys"].tolist() == [[2]] * 12


@pytest.mark.parametrize(
    ("change", "part", "kind"),
    [
        ({"options": ["p", "", "r", "s"]}, "option_2", "empty_option"),
        ({"options": ["p", 5, "r", "s"]}, "option_2", "option_no_text"),
        ({"options": ["p"], "answer": "A"}, "item", "option_count"),
        ({"options": None, "answer": None}, "item", "no_options"),
        ({"answer": "F"}, "answer", "answer_is_no_option"),
        ({"answer": "7"}, "answer", "answer_is_no_option"),
        ({"answer": None}, "answer", "no_answer"),
        ({"id": None}, "item", "missing_id"),
        ({"id": "q3"}, "item", "doubled_id"),
        ({"passage": ["no"]}, "passage", "no_text"),
        ({"question": 5}, "question", "no_text"),
    ],
)
def test_a_fault_of_one_item_is_named_and_the_item_stays(
    tmp_path: Path, change: dict[str, Any], part: str, kind: str
) -> None:
    path = written(tmp_path / "a.jsonl", [*GOOD[:7], GOOD[7] | change, *GOOD[8:]])
    found = read_set([path], lenient=True)
    assert len(found.items) == 12
    assert (part, kind) in {(fault.part, fault.kind) for fault in found.faults}
    assert {fault.place for fault in found.faults} == {f"{path}, line 8"}
    (item,) = found.items[found.items["place"] == f"{path}, line 8"].to_dict("records")
    assert {fault.item_id for fault in found.faults} == {item["item_id"]}
    assert found.items["item_id"].is_unique
    expected = NO_KEY if part == "answer" or kind == "no_options" else 0 if kind == "option_count" else 2
    assert item["key"] == expected
    assert item["keys"] == ([] if expected == NO_KEY else [expected])
    with pytest.raises(ItemSetError, match="line 8"):
        read_set([path])


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "a.jsonl", [*GOOD[:5], '{"id": "q5", \n', "[1]\n", *GOOD[7:]])
    found = read_set([path], lenient=True)
    assert len(found.items) + len(found.faults) == 12
    assert sorted((fault.place, fault.kind) for fault in found.faults) == [
        (f"{path}, line 6", "unreadable_line"),
        (f"{path}, line 7", "unreadable_line"),
    ]


def test_an_answer_told_by_text_that_is_no_option_is_one_items_fault(tmp_path: Path) -> None:
    lines = [line | {"answer": "r"} for line in GOOD]
    found = read_set([written(tmp_path / "a.jsonl", [*lines[:11], lines[11] | {"answer": "t"}])], lenient=True)
    assert [(fault.item_id, fault.kind) for fault in found.faults] == [("q11", "answer_is_no_option")]
    assert sorted(found.items["key"]) == [NO_KEY, *[2] * 11]


def test_what_cannot_be_read_at_all_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ItemSetError, match="which columns are the options"):
        read_set([written(tmp_path / "a.jsonl", [{"id": 1, "text": "?"}])], lenient=True)
