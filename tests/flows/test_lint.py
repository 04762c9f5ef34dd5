"""`belebele lint`: what is wrong with a set is shown, each fault once, and nothing else is."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from data.errors import ItemSetError, UsageError
from data.itemsets import Columns
from flows.lint import FILES, Asked, Linted, lint
from qc.lint.finding import Finding
from qc.reports.lint_report import COLUMNS
from tests.clean_set import Record, write_set

BY_ONE = Columns(answer_from="1")
FROM_ENGLISH = Asked(source_language="eng_Latn")
Set = dict[str, list[Record]]


def linted(folder: Path, out: Path, asked: Asked = FROM_ENGLISH) -> Linted:
    return lint([str(folder)], str(out), asked, columns=BY_ONE)


def told(done: Linted, level: str = "error") -> set[tuple[str, str, str, str]]:
    """Check, language, item and part of what was flagged at a level."""
    return {
        (one.check, one.language, one.item_id or "", one.part or "")
        for one in done.result.flagged
        if one.level == level
    }


def test_a_clean_set_shows_nothing(tmp_path: Path) -> None:
    done = linted(write_set(tmp_path / "set"), tmp_path / "out")
    assert [one.reason for one in done.result.flagged] == []
    assert done.code == 0
    assert {file.name for file in (tmp_path / "out").iterdir()} - {".belebele-written.json"} == {*FILES}
    named = done.result.covered["numbers_kept"]
    assert named["eng_Latn"].not_applicable == 23
    assert named["rus_Cyrl"].judged == 23
    assert done.result.covered["language_identified"]["amh_Ethi"].unjudged == 23  # never passed


FAULTS: dict[str, tuple[str, int, Callable[[Record, Set], None], set[tuple[str, str]]]] = {}


def fault(language: str, row: int, *wanted: tuple[str, str]) -> Callable[[Any], Any]:
    """A fault that is planted in one item of one language, and the checks and parts that must show it."""

    def kept(change: Callable[[Record, Set], None]) -> Callable[[Record, Set], None]:
        FAULTS[change.__name__] = language, row, change, set(wanted)
        return change

    return kept


@fault("eng_Latn", 0, ("distinct_options", "option_2"), ("stray_whitespace", "option_2"))
def equal_but_for_a_no_break_space(item: Record, _: Set) -> None:
    words = next(text for text in item["options"] if " " in text)
    item["options"][0], item["options"][1] = words, words.replace(" ", "\u00a0", 1)


@fault("swh_Latn", 21, ("distinct_options", "option_3"))
def equal_but_for_case(item: Record, _: Set) -> None:
    item["options"][2] = item["options"][0].upper()


@fault("rus_Cyrl", 3, ("stray_whitespace", "question"))
def space_at_the_end(item: Record, _: Set) -> None:
    item["question"] += " "


@fault("rus_Cyrl", 4, ("invisible_characters", "option_1"))
def zero_width_space(item: Record, _: Set) -> None:
    item["options"][0] = item["options"][0][:2] + "\u200b" + item["options"][0][2:]


@fault("swh_Latn", 5, ("quote_debris", "question"))
def doubled_marks_in_a_question(item: Record, _: Set) -> None:
    first, _, rest = item["question"].partition(" ")
    item["question"] = f'""{first}"" {rest}'


@fault("hin_Deva", 6, ("key_differs", "item"))
def another_key(item: Record, _: Set) -> None:
    item["answer"] = item["answer"] % 4 + 1


@fault("ben_Beng", 7, ("answer_is_no_option", "item"))
def answer_beyond_the_options(item: Record, _: Set) -> None:
    item["answer"] = 9


@fault("hin_Deva", 8, ("empty_option", "option_1"))
def empty_option(item: Record, _: Set) -> None:
    item["options"][item["answer"] % 4] = ""


@fault("arb_Arab", 9, ("four_options", "item"), ("answers_match_count", "item"))
def three_options(item: Record, _: Set) -> None:
    assert item["answer"] != 4
    item["options"].pop()


@fault("swh_Latn", 10, ("untranslated", "question"))
def question_left_in_english(item: Record, made: Set) -> None:
    item["question"] = next(one["question"] for one in made["eng_Latn"] if one["id"] == item["id"])


@fault("zho_Hans", 11, ("wrong_script", "question"))
def question_in_another_script(item: Record, _: Set) -> None:
    item["question"] = "Почему они ушли так рано утром?"


@fault("rus_Cyrl", 12, ("missing_item", "item"))
def missing_item(item: Record, made: Set) -> None:
    made["rus_Cyrl"].remove(item)


@fault("amh_Ethi", 13, ("doubled_item", "item"))
def doubled_item(item: Record, made: Set) -> None:
    made["amh_Ethi"].append({**item, "id": "again"})


@fault("arb_Arab", 22, ("passage_of_another", "passage"))
def passage_of_another(item: Record, made: Set) -> None:
    item["passage"] = made["arb_Arab"][0]["passage"]


@fault("ben_Beng", 15, ("passage_quotes", "passage"))
def marks_that_csv_left(item: Record, made: Set) -> None:
    before = item["passage"]
    for one in made["ben_Beng"]:
        if one["passage"] == before:
            first, _, rest = before.partition(" ")
            one["passage"] = f'""{first}"" {rest}'


@fault("zho_Hans", 17, ("borrowed_sentence", "passage"))
def spliced_passage(item: Record, made: Set) -> None:
    before = item["passage"]
    sentence = made["zho_Hans"][0]["passage"].split("。")[0] + "。"
    for one in made["zho_Hans"]:
        if one["passage"] == before:
            one["passage"] = before + sentence


@fault("hin_Deva", 2, ("moved_options", "item"))
def options_that_changed_places(item: Record, _: Set) -> None:
    item["options"][0], item["options"][1] = item["options"][1], item["options"][0]


def expected(name: str, made: Set) -> set[tuple[str, str, str, str]]:
    language, row, _, wanted = FAULTS[name]
    item = made[language][row]["id"]
    if name == "doubled_item":
        item = "again"
    found = {(check, language, item, part) for check, part in wanted}
    if name == "spliced_passage":  # all items on the passage have it
        same = [one["id"] for one in made[language] if one["passage"] == made[language][row]["passage"]]
        found = {(check, language, one, part) for check, part in wanted for one in same}
    if name == "marks_that_csv_left":  # said once of the passage, at its first item
        same = [one["id"] for one in made[language] if one["passage"] == made[language][row]["passage"]]
        found = {(check, language, same[0], part) for check, part in wanted}
    return found


def test_one_of_each_fault_is_shown_and_nothing_else(tmp_path: Path) -> None:
    wanted: set[tuple[str, str, str, str]] = set()

    def plant(made: Set) -> None:
        for name in FAULTS:
            wanted.update(expected(name, made))
        items = {name: made[language][row] for name, (language, row, _, _) in FAULTS.items()}
        for name, (_, _, change, _) in FAULTS.items():
            change(items[name], made)

    done = linted(write_set(tmp_path / "set", plant), tmp_path / "out")
    assert told(done) == wanted
    assert done.code == 1
    lines = [line for line in done.lines if ": error " in line]
    assert len(lines) == len(wanted)
    assert any("rus_Cyrl.jsonl:4: error stray_whitespace" in line for line in lines), lines
