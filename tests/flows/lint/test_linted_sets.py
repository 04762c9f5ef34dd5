"""`belebele lint`: what is wrong with a set is shown, each fault once, and nothing else is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from data.errors import ItemSetError, UsageError
from data.itemsets import Columns, read_set
from flows.cli.commands import main
from flows.lint.linted_sets import FILES, Asked, Linted, lint
from flows.runners import worker_processes
from qc.checks.translation_checks import TRANSLATED_TEXT_SUITE
from qc.reports.lint_report import schema
from tests.clean_set import Record, records, write_set
from tests.data.itemsets.layout_files import WRITTEN
from tests.data.itemsets.layout_files import made as written_items
from tests.pages import blocks, lines_of

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


PLANTS: dict[str, tuple[str, int, str, Callable[[Record, Set], None]]] = {}


def plant_of(check: str, language: str, row: int, part: str) -> Callable[[Any], Any]:
    """A fault of a translated text, planted in one item; the one check and the part that must show it."""

    def kept(change: Callable[[Record, Set], None]) -> Callable[[Record, Set], None]:
        PLANTS[check] = language, row, part, change
        return change

    return kept


@plant_of("blank_text", "arb_Arab", 1, "option_2")
def marks_alone(item: Record, _: Set) -> None:
    item["options"][1] = "…"


@plant_of("mixed_script", "rus_Cyrl", 0, "question")
def latin_letter_in_a_russian_word(item: Record, _: Set) -> None:
    item["question"] = item["question"].replace("масло", "мacло")


@plant_of("source_words_left", "rus_Cyrl", 5, "option_1")
def words_left_in_english(item: Record, _: Set) -> None:
    item["options"][0] = "Тюлени hurt by the turbines"


@plant_of("cut_short", "hin_Deva", 9, "option_4")
def ends_in_a_comma(item: Record, _: Set) -> None:
    item["options"][3] += ","


@plant_of("doubled_words", "rus_Cyrl", 6, "option_2")
def a_word_twice(item: Record, made: Set) -> None:
    item["options"][1] = "Рассказать другим другим детям историю"
    made["rus_Cyrl"][0]["passage"] += " " + " ".join(f"слово{number}" for number in range(6000))


@plant_of("repeated_text", "zho_Hans", 3, "question")
def a_question_twice(item: Record, _: Set) -> None:
    item["question"] *= 2


@plant_of("end_marks", "arb_Arab", 12, "question")
def a_question_with_a_full_stop(item: Record, _: Set) -> None:
    item["question"] = item["question"].replace("؟", ".")


@plant_of("unpaired_brackets", "ben_Beng", 10, "option_1")
def a_bracket_alone(item: Record, _: Set) -> None:
    item["options"][0] = item["options"][0].replace(" ", " (", 1)


@plant_of("unpaired_quotes", "rus_Cyrl", 8, "option_3")
def a_quotation_mark_alone(item: Record, _: Set) -> None:
    item["options"][2] = item["options"][2].replace(" ", " «", 1)


@plant_of("digits_kept", "ben_Beng", 2, "option_4")
def changed_digits(item: Record, _: Set) -> None:
    item["options"][3] = item["options"][3].replace("২৪", "৪২")


@plant_of("reused_rendering", "swh_Latn", 14, "option_3")
def a_question_as_an_option(item: Record, _: Set) -> None:
    item["options"][2] = item["question"]


@plant_of("one_rendering", "amh_Ethi", 22, "option_4")
def an_option_of_two_items_in_one_way_elsewhere(_: Record, made: Set) -> None:
    for code, lines in made.items():
        if code != "amh_Ethi":
            lines[22]["options"][3] = lines[21]["options"][0]


@plant_of("text_of_another_item", "hin_Deva", 15, "question")
def a_question_of_another_item(item: Record, made: Set) -> None:
    item["question"] = made["hin_Deva"][18]["question"]


def test_a_fault_of_a_translated_text_is_shown_by_its_check(tmp_path: Path) -> None:
    """Each where it is, and by no other of these checks."""
    made_of: dict[str, str] = {}

    def planted(made: Set) -> None:
        for check, (language, row, _, change) in PLANTS.items():
            made_of[check] = made[language][row]["id"]
            change(made[language][row], made)
        made_of["neighbour"] = made["amh_Ethi"][21]["id"]
        made_of["lender"] = made["hin_Deva"][18]["id"]

    assert set(PLANTS) == {check.name for check in TRANSLATED_TEXT_SUITE}
    done = linted(write_set(tmp_path / "set", planted), tmp_path / "out")
    found = {
        (one.check, one.language, one.item_id, one.part) for one in done.result.flagged if one.check in PLANTS
    }
    wanted = {(check, language, made_of[check], part) for check, (language, _, part, _) in PLANTS.items()}
    wanted |= {
        ("reused_rendering", "swh_Latn", made_of["reused_rendering"], "question"),
        ("one_rendering", "amh_Ethi", made_of["neighbour"], "option_1"),
        ("text_of_another_item", "hin_Deva", made_of["lender"], "question"),
    }
    assert found == wanted


@pytest.mark.slow
def test_two_processes_find_what_one_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is the same, byte for byte."""

    def planted(made: Set) -> None:
        for language, row, _, change in PLANTS.values():
            change(made[language][row], made)

    folder = write_set(tmp_path / "set", planted)
    monkeypatch.setattr(worker_processes, "WORTH", 1)
    for processes in ("1", "2"):
        monkeypatch.setenv(worker_processes.PROCESSES, processes)
        linted(folder, tmp_path / processes)
    for name in FILES:
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


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


def test_the_table_has_the_columns_and_the_places(tmp_path: Path) -> None:
    def plant(made: Set) -> None:
        made["rus_Cyrl"][0]["question"] = " " + made["rus_Cyrl"][0]["question"]

    linted(write_set(tmp_path / "set", plant), tmp_path / "out")
    table = pq.read_table(tmp_path / "out" / "findings.parquet")
    assert table.schema.names == [
        "item_id", "language", "check", "version", "part", "start", "end", "level", "flagged", "score", "reason",
        "fix",
    ]  # fmt: skip
    flagged = [row for row in table.to_pylist() if row["flagged"]]
    (row,) = flagged
    assert (row["part"], row["start"], row["end"], row["fix"]) == ("question", 0, 1, "")
    unjudged = [row for row in table.to_pylist() if row["flagged"] is None]
    assert {row["check"] for row in unjudged} == {"language_identified", "key_positions", "doubled_words"}
    assert all(row["reason"] and row["score"] is None for row in unjudged)


def test_report_keeps_its_schema_and_the_page_needs_no_network(tmp_path: Path) -> None:
    def plant(made: Set) -> None:
        made["arb_Arab"][0]["options"][1] = "  " + made["arb_Arab"][0]["options"][1]
        made["rus_Cyrl"][0]["question"] = "<script>alert(1)</script> " + made["rus_Cyrl"][0]["question"]

    linted(write_set(tmp_path / "set", plant), tmp_path / "out")
    read = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema())
    assert [error.message for error in Draft202012Validator(schema()).iter_errors(read)] == []
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []
    assert "<script>alert" not in page
    assert '<div class="item" lang="arb-Arab" dir="rtl">' in page
    assert '<mark class="error">␣␣</mark>' in page


def test_severity_and_gaps_decide_the_exit_code(tmp_path: Path) -> None:
    def plant(made: Set) -> None:
        inner = made["eng_Latn"][0]["options"]
        inner[1] = inner[0] + " and more of it"  # contained: a note

    folder = write_set(tmp_path / "set", plant)
    assert linted(folder, tmp_path / "a").code == 0
    assert linted(folder, tmp_path / "b", Asked(severity="note")).code == 1
    assert linted(folder, tmp_path / "c", Asked(require_judged=True)).code == 1


def test_without_a_source_translations_are_not_applicable(tmp_path: Path) -> None:
    done = linted(write_set(tmp_path / "set"), tmp_path / "out", Asked())
    for name in ("untranslated", "numbers_kept", "answers_match_count"):
        for one in done.result.covered[name].values():
            assert (one.judged, one.unjudged, one.not_applicable) == (0, 0, 23)


def test_what_is_known_is_accepted_until_its_text_changes(tmp_path: Path) -> None:
    def plant(made: Set) -> None:
        made["rus_Cyrl"][0]["question"] += " "
        made["rus_Cyrl"][1]["question"] += " "

    folder = write_set(tmp_path / "set", plant)
    assert linted(folder, tmp_path / "a").code == 1
    known = Asked(source_language="eng_Latn", baseline=str(tmp_path / "a" / "baseline.jsonl"))
    again = linted(folder, tmp_path / "b", known)
    assert (again.code, again.facts["verdict"]["accepted"]) == (0, 2)
    assert [line for line in again.lines if "stray" in line and ": error" in line] == []
    file = folder / "rus_Cyrl.jsonl"
    lines = file.read_text("utf-8").splitlines()
    file.write_text("\n".join([lines[0].replace('? "', '?  "'), *lines[1:]]), "utf-8")
    changed = linted(folder, tmp_path / "c", known)
    assert (changed.code, changed.facts["verdict"]["accepted"]) == (1, 1)


def test_a_baseline_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set")
    file = tmp_path / "baseline.jsonl"
    file.write_text('{"check": "a"}\n')
    with pytest.raises(UsageError, match=r"baseline\.jsonl, line 1: no finding of a baseline"):
        linted(folder, tmp_path / "out", Asked(baseline=str(file)))


# Mends -----------------------------------------------------------------------------------------------------------


def as_files(folder: Path, kind: str, lines: list[Record]) -> Path:
    folder.mkdir()
    file = folder / f"items.{kind}"
    flat = []
    for one in lines:
        options = {f"answer{number}": text for number, text in enumerate(one["options"])}
        told = {"id": one["id"], "context": one["passage"], "question": one["question"]}
        flat.append({**told, **options, "label": one["options"][one["answer"] - 1]})
    if kind == "jsonl":
        file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in flat), "utf-8")
    elif kind == "parquet":
        pd.DataFrame(flat).to_parquet(file)
    else:
        pd.DataFrame(flat).to_csv(file, index=False, sep="\t" if kind == "tsv" else ",")
    return file


@pytest.mark.parametrize("kind", ["jsonl", "csv", "tsv", "parquet"])
def test_certain_mends_are_written_and_nothing_more_is_left(tmp_path: Path, kind: str) -> None:
    lines = records()["eng_Latn"]
    key = lines[0]["answer"] - 1
    lines[0]["options"][key] = f" {lines[0]['options'][key]}"  # the answer, told by its text, is mended with it
    lines[1]["question"] = lines[1]["question"].replace(" ", "  ", 1) + "\u00a0"
    lines[2]["options"][0] = lines[2]["options"][1] + " "  # mended, it would be the same as another
    file = as_files(tmp_path / "a", kind, lines)
    by_text = Columns(answer="label", answer_from="text", language="eng_Latn")
    first = lint([str(file)], str(tmp_path / "o1"), Asked(fix=str(tmp_path / "b")), columns=by_text)
    listed = [json.loads(line) for line in (tmp_path / "o1" / "mends.jsonl").read_text("utf-8").splitlines()]
    assert [(one["item_id"], one["part"]) for one in listed] == [
        (lines[0]["id"], f"option_{key + 1}"),
        (lines[1]["id"], "question"),
    ]
    assert len(first.facts["mends"]) == 2
    mended = tmp_path / "b" / f"items.{kind}"
    again = lint([str(mended)], str(tmp_path / "o2"), Asked(fix=str(tmp_path / "c")), columns=by_text)
    assert {(one.check, one.item_id) for one in again.result.flagged if one.level == "error"} == {
        ("stray_whitespace", lines[2]["id"]),
        ("distinct_options", lines[2]["id"]),
    }
    assert (tmp_path / "c" / f"items.{kind}").read_bytes() == mended.read_bytes()
    before, after = (read_set([str(one)], by_text).items for one in (file, mended))
    assert [list(one) for one in zip(before["key"], before["item_id"], strict=True)] == [
        list(one) for one in zip(after["key"], after["item_id"], strict=True)
    ]
    if kind != "parquet":
        same = zip(file.read_bytes().split(b"\n"), mended.read_bytes().split(b"\n"), strict=True)
        assert sum(one != other for one, other in same) == 2


@pytest.mark.parametrize(
    "name", ["RACE of the Hub", "DREAM of the Hub", "Cosmos QA", "MultiRC of SuperGLUE", "ARC of the Hub", "MMLU"]
)
def test_a_mend_finds_its_place_in_every_layout(tmp_path: Path, name: str) -> None:
    """Passages of dialogues have line breaks, which are no fault."""
    written = WRITTEN[name]
    items = written_items(written.options)
    items[3]["options"][0] += "  "
    (tmp_path / "set").mkdir()
    written.write(tmp_path / "set", items)
    done = lint([str(tmp_path / "set")], str(tmp_path / "out"), Asked(fix=str(tmp_path / "mended")))
    assert [(one["before"], one["after"]) for one in done.facts["mends"]] == [
        (items[3]["options"][0], items[3]["options"][0].strip())
    ]
    assert {one.check for one in done.result.flagged if one.level == "error"} == {"stray_whitespace"}
    again = lint([str(tmp_path / "mended")], str(tmp_path / "out2"), Asked())
    assert [one.reason for one in again.result.flagged if one.level == "error"] == []
    assert len(again.result.items) == len(items)


def test_declared_digits_are_mended(tmp_path: Path) -> None:
    lines = records()["eng_Latn"][2:3]
    lines[0]["options"] = ["Hour 5", "Hour ١١", "Hour 16", "Hour 24"]
    file = as_files(tmp_path / "a", "jsonl", lines)
    asked = Asked(digits=("eng_Latn=latn",), fix=str(tmp_path / "b.jsonl"))
    lint([str(file)], str(tmp_path / "o"), asked, columns=Columns(answer_from="text", language="eng_Latn"))
    assert "Hour 11" in (tmp_path / "b.jsonl").read_text("utf-8")


# Use -------------------------------------------------------------------------------------------------------------


def test_the_commands_of_the_guide_and_its_recipes_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As they stand on the page, one after the other, each in the folder that the set lies in."""
    recipes = re.findall(r"(?:run|entry): (belebele lint .*)", "\n".join(blocks("docs/guides/lint.md", "yaml")))
    assert len(recipes) == 2
    write_set(tmp_path / "set")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baseline.jsonl").write_text("")
    for line in [*lines_of("docs/guides/lint.md", "belebele lint"), *recipes]:
        ran = CliRunner().invoke(main, [*line.split()[1:], "--answer-from", "1"])
        assert ran.exit_code == 0, ran.output
        assert "four_options" in ran.output
    assert (tmp_path / "mended" / "rus_Cyrl.jsonl").read_bytes() == (
        tmp_path / "set" / "rus_Cyrl.jsonl"
    ).read_bytes()


def test_what_the_set_has_not_is_refused(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set")
    with pytest.raises(UsageError, match="the set has no language 'fra_Latn'"):
        linted(folder, tmp_path / "out", Asked(source_language="fra_Latn"))
    with pytest.raises(UsageError, match="--digits takes LANGUAGE=SYSTEM"):
        linted(folder, tmp_path / "out", Asked(digits=("rus_Cyrl=roman",)))
    whole = tmp_path / "whole.json"
    whole.write_text("[]")
    with pytest.raises(UsageError, match=r"whole\.json: --fix writes \.jsonl"):
        linted(whole, tmp_path / "out", Asked(fix=str(tmp_path / "mended")))
    (tmp_path / "out2").mkdir()
    (tmp_path / "out2" / "report.html").write_text("mine")
    with pytest.raises(UsageError, match="no belebele lint wrote it"):
        linted(folder, tmp_path / "out2")


def test_bad_input_is_answered_without_what_takes_long_to_load(tmp_path: Path) -> None:
    """Of processor time, since the machine may have other work; nothing that draws or learns is imported."""
    file = tmp_path / "a.csv"
    file.write_text("what,is,this\n1,2,3\n")
    script = (
        "import resource, sys\n"
        "from flows.cli.commands import main\n"
        "try:\n"
        f"    main(['lint', {str(file)!r}, '--out', {str(tmp_path / 'out')!r}])\n"
        "except SystemExit as left:\n"
        "    used = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    print(left.code, used.ru_utime + used.ru_stime, {'torch', 'matplotlib'} & {*sys.modules})\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    code, seconds, loaded = ran.stdout.splitlines()[-1].split(maxsplit=2)
    assert "which columns are the options?" in ran.stderr
    assert (code, loaded) == ("2", "set()")
    assert float(seconds) < 3  # .9 on a quiet machine; compiled bytecode may be missing
    with pytest.raises(ItemSetError):
        lint([str(file)], str(tmp_path / "out"), Asked())
