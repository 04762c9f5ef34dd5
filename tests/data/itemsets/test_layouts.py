"""The same 60 items in every layout are read into the same table; own layouts, folders of the Hub, saved sets."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from data.itemsets import Columns, ItemSetError, read, read_set
from data.itemsets.layouts import LAYOUTS
from tests.data.itemsets.layout_files import WRITTEN, Written, as_csv, jsonl, made, table


def expected(layout: Written) -> list[tuple[Any, ...]]:
    found = []
    for one in made(layout.options):
        options = one["options"] if layout.ordered else sorted(one["options"])
        id_ = f"{one['passage_id']}#{one['number']}" if layout.ids else ""
        passage = layout.passage(one["passage"]) if layout.passages else None
        found.append((id_, passage, one["question"], options, one["options"][one["key"]]))
    return found


@pytest.mark.parametrize("name", WRITTEN)
def test_the_same_items_are_read_from_every_layout(name: str, tmp_path: Path) -> None:
    layout = WRITTEN[name]
    layout.write(tmp_path, made(layout.options))
    found = read_set([str(tmp_path)])
    items = found.items
    if name == "MCTest":  # its stories have four questions, the fourth the first again
        items = items[~items["item_id"].str.endswith("#4")]
    asked = [
        (
            item["item_id"] if layout.ids else "",
            item["passage"],
            item["question"],
            item["options"] if layout.ordered else sorted(item["options"]),
            item["options"][item["key"]],
        )
        for item in items.to_dict("records")
    ]
    assert sorted(asked, key=lambda one: int(one[2].split()[-1][:-1])) == expected(layout)
    assert items["item_id"].is_unique
    assert items["keys"].map(len).eq(1).all()
    assert items["group"].nunique() == (20 if layout.passages else 60)
    assert found.described[0].startswith(name.partition(",")[0].replace(" of SuperGLUE", ""))


def test_columns_without_lines_are_no_items_in_any_layout(tmp_path: Path) -> None:
    tried = 0
    named = [layout for name, layout in WRITTEN.items() if name != "MMLU"]  # its files have no heading
    for number, layout in enumerate(named):
        folder = tmp_path / str(number)
        folder.mkdir()
        layout.write(folder, made(layout.options))
        files = [one for one in folder.rglob("*") if one.suffix in (".parquet", ".csv")]
        for file in files:
            if file.suffix == ".parquet":
                pd.read_parquet(file).iloc[:0].to_parquet(file)
            else:
                file.write_text(file.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
        if files and len(files) == sum(one.is_file() for one in folder.rglob("*")):
            tried += 1
            with pytest.raises(ItemSetError, match="no items"):
                read_set([str(folder)])
    assert tried > 5


def test_every_layout_is_written_by_the_test_and_says_its_source() -> None:
    written = {name.replace(" of SuperGLUE", "") for name in WRITTEN}
    assert {layout.name for layout in LAYOUTS} <= written
    assert all(layout.source.startswith("https://") and layout.checked for layout in LAYOUTS)
    assert {layout.name for layout in LAYOUTS if layout.evidence == "read"} == {"XCOPA", "Cosmos QA"}


def test_several_right_options_are_all_kept(tmp_path: Path) -> None:
    items = made()
    WRITTEN["MultiRC"].write(tmp_path, items)
    path = tmp_path / "dev_83-fixedIds.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    for answer in whole["data"][0]["paragraph"]["questions"][0]["answers"][1:3]:
        answer["isAnswer"] = True
    for answer in whole["data"][0]["paragraph"]["questions"][1]["answers"]:
        answer["isAnswer"] = False
    path.write_text(json.dumps(whole), encoding="utf-8")
    found = read_set([str(path)], lenient=True)
    first = found.items.set_index("item_id").loc["p00#1"]
    assert first["keys"] == sorted({items[0]["key"], 1, 2})
    assert [(fault.item_id, fault.kind) for fault in found.faults] == [("p00#2", "no_answer")]


def test_a_file_with_the_columns_of_a_set_but_other_answers_is_read_by_the_rules(tmp_path: Path) -> None:
    lines = [
        {"example_id": n, "article": f"Text {n}.", "question": "?", "options": ["p", "q", "r"], "answer": n % 3}
        for n in range(12)
    ]
    jsonl(tmp_path / "a.jsonl", lines)
    assert sorted(read([str(tmp_path / "a.jsonl")])["key"]) == [0] * 4 + [1] * 4 + [2] * 4


def test_a_record_that_is_not_of_the_layout_is_named(tmp_path: Path) -> None:
    WRITTEN["DREAM or C3"].write(tmp_path, made())
    path = tmp_path / "dev.json"
    whole = json.loads(path.read_text(encoding="utf-8"))
    whole[3] = {"dialogue": 5}
    path.write_text(json.dumps(whole), encoding="utf-8")
    found = read_set([str(path)], lenient=True)
    assert len(found.items) == 57
    assert [(fault.place, fault.kind) for fault in found.faults] == [(f"{path}, item 4", "unreadable_line")]
    with pytest.raises(ItemSetError, match="is no record of DREAM or C3"):
        read([str(path)])


def test_a_table_whose_last_column_is_called_d_is_not_taken_for_mmlu(tmp_path: Path) -> None:
    rows = [
        ["question", "answer", "A", "B", "C", "D"],
        *([f"{n}?", "ABCD"[n % 4], "p", "q", "r", "s"] for n in range(6)),
    ]
    (tmp_path / "a.csv").write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    assert len(read([str(tmp_path / "a.csv")])) == 6


def test_mctest_without_its_answers_says_where_they_belong(tmp_path: Path) -> None:
    WRITTEN["MCTest"].write(tmp_path, made())
    (tmp_path / "mc500.dev.ans").unlink()
    with pytest.raises(ItemSetError, match=r"put mc500\.dev\.ans there"):
        read([str(tmp_path)])


def test_mctests_answers_are_found_in_their_own_folder(tmp_path: Path) -> None:
    folder = tmp_path / "MCTest"
    folder.mkdir()
    WRITTEN["MCTest"].write(folder, made())
    (tmp_path / "MCTestAnswers").mkdir()
    (folder / "mc500.dev.ans").rename(tmp_path / "MCTestAnswers/mc500.dev.ans")
    assert len(read([str(folder)])) == 80


def test_questions_over_several_lines_are_read_from_mmlu(tmp_path: Path) -> None:
    items = [
        one | {"question": f"This goes back to a source.\nIt rained.\nIn 1848.\n{one['question']}"}
        for one in made()
    ]
    WRITTEN["MMLU"].write(tmp_path, items)
    found = read_set([str(tmp_path)])
    assert found.described[0].startswith("MMLU ")
    assert set(found.items["question"]) == {one["question"] for one in items}


def test_a_table_that_begins_with_a_field_of_great_length_is_read(tmp_path: Path) -> None:
    """In a process of its own: the reader that comes with Python keeps how long a field may be."""
    rows = [
        ["n" * 140_000, "question", "answer", "A", "B"],
        *([n, f"{n}?", "AB"[n % 2], "p", "q"] for n in range(6)),
    ]
    as_csv(tmp_path / "a.csv", rows)
    told = f"from data.itemsets import read; print(len(read([{str(tmp_path / 'a.csv')!r}])))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("6", "")


def test_ids_that_begin_anew_in_each_split_of_belebeles_training_set_are_told_apart(tmp_path: Path) -> None:
    lines = [
        {"dataset": "ReClor", "split": split, "passage_id": n, "question_id": n, "passage": f"{split} {n} rained.",
         "question": "?", "answer1": "p", "answer2": "q", "answer3": "r", "answer4": "s",
         "correct_answer": "pqrs"[key - 1], "correct_answer_num": key}
        for split, keys in (("train", (1, 3, 2, 4, 4, 2, 1)), ("dev", (3, 3, 1, 2, 4, 1, 4)))
        for n, key in enumerate(keys)
    ]  # fmt: skip
    pd.DataFrame(lines).to_csv(tmp_path / "a.tsv", sep="\t")
    found = read([str(tmp_path / "a.tsv")])
    assert found["item_id"].nunique() == found["group"].nunique() == 14


# Folders of the Hub, and saved data sets -------------------------------------------------------------------------


def test_configurations_of_a_card_name_the_languages(tmp_path: Path) -> None:
    lines = [{"id": n, "question": f"{n}?", "options": ["p", "q"], "answer": n % 2} for n in range(8)]
    for number, _ in enumerate(("sw", "yo")):
        table(tmp_path / f"part-{number}.parquet", lines)
    (tmp_path / "README.md").write_text(
        "---\nconfigs:\n- config_name: sw\n  data_files: part-0.parquet\n"
        "- config_name: yo\n  data_files:\n  - split: test\n    path: [part-1.parquet]\n---\n",
        encoding="utf-8",
    )
    found = read([str(tmp_path)])
    assert found["language"].tolist() == ["sw"] * 8 + ["yo"] * 8


@pytest.mark.parametrize(
    ("front", "said"),
    [
        ("configs: [\n", "is no YAML"),
        ("configs:\n- config_name: a\n  data_files: ../x.parquet\n", "outside of the"),
    ],
)
def test_a_card_that_is_broken_is_refused(tmp_path: Path, front: str, said: str) -> None:
    table(tmp_path / "a.parquet", [{"id": 1, "question": "?", "options": ["p", "q"], "answer": 0}])
    (tmp_path / "README.md").write_text(f"---\n{front}---\n", encoding="utf-8")
    with pytest.raises(ItemSetError, match=said):
        read([str(tmp_path)])


def test_a_card_cannot_stand_for_more_than_it_says(tmp_path: Path) -> None:
    names = "abcdefghijklmnopqrstuvwxyz"
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n" for before, name in itertools.pairwise(names)
    )
    table(tmp_path / "a.parquet", [{"id": 1, "question": "?", "options": ["p", "q"], "answer": 0}])
    front = f"{bomb}configs:\n- config_name: *z\n  data_files: a.parquet\n"
    (tmp_path / "README.md").write_text(f"---\n{front}---\n", encoding="utf-8")
    assert len(read([str(tmp_path)])) == 1


def test_a_saved_dataset_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    WRITTEN["columns known by their names"].write(tmp_path, made())
    path = tmp_path / "saved/data-00000-of-00001.arrow"
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(ItemSetError, match="cannot be read as an Arrow file"):
        read([str(tmp_path)])


# Own layouts -----------------------------------------------------------------------------------------------------

OWN = """
name = "Our exam"
answer_from = "letter"

[columns]
passage = "body.text"
question = "stem"
options = ["a", "b", "c", "d"]
answer = "gold"
id = "nr"

[questions]
in = "items"
"""


def own_records() -> list[dict[str, Any]]:
    items = made()
    return [
        {
            "nr": items[n]["passage_id"],
            "body": {"text": items[n]["passage"]},
            "items": [
                {
                    "stem": one["question"],
                    **dict(zip("abcd", one["options"], strict=True)),
                    "gold": "ABCD"[one["key"]],
                }
                for one in items[n : n + 3]
            ],
        }
        for n in range(0, 60, 3)
    ]


def test_a_layout_of_ones_own_is_read(tmp_path: Path) -> None:
    jsonl(tmp_path / "exam.jsonl", own_records())
    (tmp_path / "own.toml").write_text(OWN, encoding="utf-8")
    found = read_set([str(tmp_path / "exam.jsonl")], Columns(layout=str(tmp_path / "own.toml")))
    assert found.items["item_id"].tolist() == [f"{one['passage_id']}#{one['number']}" for one in made()]
    assert found.items["key"].tolist() == [one["key"] for one in made()]
    assert found.items["passage"].tolist() == [one["passage"] for one in made()]
    assert found.described[0].startswith("Our exam: passage = ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns]\nquestion = 'q'", "[columns] options is missing"),
        ("[columns]\nquestion = 5\noptions = 'o'\nanswer = 'a'", "wanted is the name of a column"),
        (OWN.replace('"letter"', '"roman"'), "answer_from is 'roman'; known are 0, 1, letter, text"),
        (OWN.replace("passage =", "text ="), "'text' is unknown; known are passage, question"),
        ("name = 5 5", "line 1"),
    ],
)
def test_a_layout_that_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    jsonl(tmp_path / "exam.jsonl", own_records())
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ItemSetError) as caught:
        read([str(tmp_path / "exam.jsonl")], Columns(layout=str(tmp_path / "own.toml")))
    assert said in str(caught.value)


# Columns that are asked about ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["text", "Context", "ARTICLE", "document", "Story", "dialogue", "Passage Text"])
def test_a_passage_is_known_by_its_usual_names_in_any_case(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.csv"
    pd.DataFrame([{"ID": 1, name: "It rains.", "Question": "?", "A": "p", "B": "q", "Answer": "A"}]).to_csv(
        path, index=False
    )
    assert read([str(path)])["passage"].tolist() == ["It rains."]


def test_a_column_of_long_texts_is_asked_about(tmp_path: Path) -> None:
    lines = [
        {"id": n, "lesetext": f"Wort {n} " * 40, "question": "?", "options": ["p", "q"], "answer": n % 2}
        for n in range(6)
    ]
    jsonl(tmp_path / "a.jsonl", lines)
    path = str(tmp_path / "a.jsonl")
    with pytest.raises(ItemSetError, match="is it the passage"):
        read([path])
    assert read([path], Columns(passage="lesetext"))["passage"].notna().all()
    assert read([path], Columns(passage="-"))["passage"].isna().all()


def test_a_column_of_explanations_is_no_passage(tmp_path: Path) -> None:
    lines = [
        {"id": n, "explanation": f"Because {n} " * 40, "question": "?", "options": ["p", "q"], "answer": n % 2}
        for n in range(6)
    ]
    jsonl(tmp_path / "a.jsonl", lines)
    assert read([str(tmp_path / "a.jsonl")])["passage"].isna().all()
