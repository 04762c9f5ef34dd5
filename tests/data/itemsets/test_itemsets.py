"""Reading any multiple-choice set, and saying what is wrong with one."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.itemsets import Columns, ItemSetError, read

Line = Mapping[str, Any]

BELEBELE: list[dict[str, Any]] = [
    {
        "link": "https://en.wikibooks.org/wiki/Bread",
        "question_number": 1,
        "flores_passage": "Bread is baked from flour.",
        "question": "What is bread baked from?",
        "mc_answer1": "Flour",
        "mc_answer2": "Sand",
        "mc_answer3": "Milk",
        "mc_answer4": "Stones",
        "correct_answer_num": "1",
        "dialect": "eng_Latn",
    },
    {
        "link": "https://en.wikibooks.org/wiki/Bread",
        "question_number": 2,
        "flores_passage": "Bread is baked from flour.",
        "question": "How is it made?",
        "mc_answer1": "It is boiled",
        "mc_answer2": "It is fried",
        "mc_answer3": "It is frozen",
        "mc_answer4": "It is baked",
        "correct_answer_num": "4",
        "dialect": "eng_Latn",
    },
]
SMALL: list[dict[str, Any]] = [
    {"id": "a", "question": "One?", "options": ["x", "y"], "answer": 0},
    {"id": "b", "question": "Two?", "options": ["x", "y", "z"], "answer": 2},
]


def jsonl(path: Path, lines: Sequence[object]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def as_csv(path: Path, lines: Sequence[Line], delimiter: str = ",") -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(lines[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return str(path)


def parquet(path: Path, lines: Sequence[Line]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(lines).to_parquet(path)
    return str(path)


def refused(*paths: str, columns: Columns | None = None) -> str:
    with pytest.raises(ItemSetError) as caught:
        read(list(paths), columns)
    return str(caught.value)


# Layouts that are known ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [jsonl, as_csv, parquet])
def test_belebele_is_known_by_its_columns(tmp_path: Path, write: Any) -> None:
    items = read(
        [write(tmp_path / f"x.{ {'jsonl': 'jsonl', 'as_csv': 'csv'}.get(write.__name__, 'parquet') }", BELEBELE)]
    )
    assert items["item_id"].tolist() == [f"{line['link']}#{line['question_number']}" for line in BELEBELE]
    assert items["group"].tolist() == [BELEBELE[0]["link"]] * 2
    assert items["language"].tolist() == ["eng_Latn"] * 2
    assert items["key"].tolist() == [0, 3]  # 1 to 4 in the file
    assert items["options"][1] == ["It is boiled", "It is fried", "It is frozen", "It is baked"]
    assert items["passage"][0] == "Bread is baked from flour."


def test_a_release_of_ours_is_read_with_its_ids(tmp_path: Path) -> None:
    from data.release.description.release_description import About
    from data.release.release_files import write_release

    texts = {"eng_Latn": ("Bread.", ["a", "b", "c", "d"]), "fra_Latn": ("Pain.", ["e", "f", "g", "h"])}
    items = pd.DataFrame(
        [
            {
                "question_id": f"p1-q{number}",
                "language": language,
                "passage_id": "p1",
                "question_number": number,
                "passage": passage,
                "question": f"{passage} {number}?",
                "answers": answers,
                "key": 3,
                "link": "https://example.org/bread",
                "position": 0,
                "order": [3, 1, 4, 2] if number == 1 else [1, 2, 3, 4],
            }
            for language, (passage, answers) in texts.items()
            for number in (1, 2)
        ]
    )
    about = About("1.0.0", date(2026, 1, 1), "Bread", "CC-BY-4.0", "eng_Latn")
    write_release(items, about, tmp_path / "release")
    read_back = read([str(tmp_path / "release")])
    assert read_back["item_id"].tolist() == ["p1-q1", "p1-q2"] * 2
    assert read_back["language"].tolist() == ["eng_Latn"] * 2 + ["fra_Latn"] * 2
    assert read_back["key"].tolist() == [0, 2] * 2  # the third answer, shown first and third
    assert read_back["options"][0] == ["c", "a", "d", "b"]


def test_cosmos_counts_from_zero(tmp_path: Path) -> None:
    line = {"id": "q1", "context": "It rains.", "question": "Wet?", "label": "1"}
    line |= {f"answer{n}": f"option {n}" for n in range(4)}
    items = read([as_csv(tmp_path / "valid.csv", [line, line | {"id": "q2", "label": "3"}])])
    assert items["key"].tolist() == [1, 3]
    assert items["passage"].tolist() == ["It rains."] * 2
    assert items["group"].nunique() == 1
    assert items["language"].tolist() == ["", ""]


def xcopa(label: int, idx: int, premise: str = "Ese.") -> dict[str, object]:
    return {"premise": premise, "choice1": "a", "choice2": "b", "question": "cause", "label": label, "idx": idx}


def test_xcopa_takes_its_language_from_the_file_name(tmp_path: Path) -> None:
    files = [
        jsonl(tmp_path / "et/test.et.jsonl", [xcopa(1, 0, "E0"), xcopa(1, 1, "E1")]),
        jsonl(tmp_path / "zh/test.zh.jsonl", [xcopa(1, 0, "Z0"), xcopa(1, 1, "Z1")]),
    ]
    items = read(files)
    assert items[["language", "item_id", "key", "group"]].to_numpy().tolist() == [
        ["et", "0", 1, "0"],
        ["et", "1", 1, "1"],
        ["zh", "0", 1, "0"],
        ["zh", "1", 1, "1"],
    ]
    assert read([str(tmp_path)]).drop(columns="place").equals(items.drop(columns="place"))


def test_ids_of_several_splits_do_not_collide(tmp_path: Path) -> None:
    for split in ("val", "test"):
        jsonl(tmp_path / f"et/{split}.et.jsonl", [xcopa(0, 0, split)])
    assert read([str(tmp_path)])["item_id"].tolist() == ["test/0", "val/0"]


def test_race_is_read_from_its_folder(tmp_path: Path) -> None:
    for split, level in (("dev", "high"), ("dev", "middle")):
        folder = tmp_path / split / level
        folder.mkdir(parents=True)
        passage = {
            "article": f"A {level} text.",
            "questions": ["What?", "Why?"],
            "options": [["p", "q", "r", "s"], ["t", "u", "v", "w"]],
            "answers": ["A", "D"],
            "id": f"{level}1.txt",
        }
        (folder / "1.txt").write_text(json.dumps(passage), encoding="utf-8")
    items = read([str(tmp_path)])
    assert items["item_id"].tolist() == ["high1.txt#1", "high1.txt#2", "middle1.txt#1", "middle1.txt#2"]
    assert items["key"].tolist() == [0, 3, 0, 3]
    assert items["group"].nunique() == 2
    assert items["passage"][0] == "A high text."


def test_a_hub_folder_holds_shards_and_languages(tmp_path: Path) -> None:
    parquet(tmp_path / "data/eng_Latn/test-00000-of-00002.parquet", SMALL[:1])
    parquet(tmp_path / "data/eng_Latn/test-00001-of-00002.parquet", SMALL[1:])
    parquet(tmp_path / "data/fra_Latn.parquet", SMALL)
    (tmp_path / "README.md").write_text("# A set")
    (tmp_path / "dataset_info.json").write_text("{}")
    items = read([str(tmp_path)])
    assert items["language"].tolist() == ["eng_Latn", "eng_Latn", "fra_Latn", "fra_Latn"]
    assert [name.split("/")[-1] for name in items["item_id"]] == ["a", "b"] * 2


def test_options_with_labels_of_their_own(tmp_path: Path) -> None:
    line = {"id": "1", "question": "Q?", "choices": {"text": ["x", "y"], "label": ["1", "2"]}, "answerKey": "2"}
    assert read([jsonl(tmp_path / "arc.jsonl", [line])])["key"].tolist() == [1]


def test_columns_may_be_named(tmp_path: Path) -> None:
    line = {"Nr": 7, "T": "text", "Q": "q?", "a": "x", "b": "y", "c": "", "right": "B", "L": "deu_Latn"}
    columns = Columns(
        passage="T", question="Q", options=("a", "b", "c"), answer="right", group="T", id="Nr", language="L"
    )
    (item,) = read([as_csv(tmp_path / "own.csv", [line])], columns).to_dict("records")
    assert (item["item_id"], item["passage"], item["question"], item["group"]) == ("7", "text", "q?", "text")
    assert (item["options"], item["key"], item["language"]) == (["x", "y"], 1, "deu_Latn")


def test_a_code_for_all_and_a_set_without_questions(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "x.jsonl", [{"ctx": "He", "endings": ["runs", "sits"], "label": n} for n in (0, 1)])
    items = read([path], Columns(question="-", language="eng_Latn"))
    assert items["question"].tolist() == ["", ""]
    assert items["language"].tolist() == ["eng_Latn"] * 2
    assert items["item_id"].nunique() == 2  # the same item twice is two items


# How the answer is told ----------------------------------------------------------------------------------------


def with_answers(path: Path, *answers: object) -> str:
    return jsonl(
        path, [{"id": n, "question": "?", "options": ["x", "y", "z"], "answer": a} for n, a in enumerate(answers)]
    )


@pytest.mark.parametrize(
    ("answers", "keys"),
    [
        ((0, 1, 2), [0, 1, 2]),
        (("0", "2", "2"), [0, 2, 2]),
        ((0.0, 2.0), [0, 2]),
        (("A", "C", "b"), [0, 2, 1]),
        (("x", "z"), [0, 2]),
    ],
)
def test_answers_that_are_told_safely(tmp_path: Path, answers: tuple[object, ...], keys: list[int]) -> None:
    assert read([with_answers(tmp_path / "x.jsonl", *answers)])["key"].tolist() == keys


def test_numbers_without_a_zero_are_not_guessed(tmp_path: Path) -> None:
    path = with_answers(tmp_path / "x.jsonl", 1, 2, 3)
    said = refused(path)
    assert "are the answers counted from 0 or from 1? They run from 1 to 3 and none is 0" in said
    assert "--answer-from 1" in said
    assert "counted from 0, 1 of them would lie beyond the last option" in said
    assert read([path], Columns(answer_from="1"))["key"].tolist() == [0, 1, 2]


def test_numbers_that_are_texts_of_options_too_are_not_guessed(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "x.jsonl", [{"id": 1, "question": "2 − 1?", "options": ["0", "1"], "answer": "1"}])
    assert "how is the answer told" in refused(path)
    assert read([path], Columns(answer_from="text"))["key"].tolist() == [1]
    assert read([path], Columns(answer_from="1"))["key"].tolist() == [0]


# What is wrong is told -----------------------------------------------------------------------------------------


def test_a_missing_column_names_those_there_are(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "x.jsonl", [{"q": "?", "options": ["x", "y"], "gold": 0}])
    said = refused(path)
    assert f"{path}: which column is the question? Its columns are q, options, gold: say --question COLUMN" in said
    assert read([path], Columns(question="q"))["key"].tolist() == [0]


def test_a_named_column_that_is_not_there(tmp_path: Path) -> None:
    said = refused(jsonl(tmp_path / "x.jsonl", SMALL), columns=Columns(answer="gold", options=("o1", "o2")))
    assert "has no column 'gold' (--answer); its columns are id, question, options, answer" in said
    assert "has no column 'o1' (--options)" in said


def test_a_key_out_of_range(tmp_path: Path) -> None:
    path = with_answers(tmp_path / "x.jsonl", 0, 3)
    assert f"{path}, line 2: the answer (answer) 3 names none of the 3 options; it must lie in 0 to 2" in refused(
        path
    )


def test_doubled_ids_name_both_places(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "x.jsonl", [SMALL[0], SMALL[1], SMALL[0]])
    assert f"{path}, line 3: the id 'a' stands at {path}, line 1 too; make ids unique" in refused(path)


@pytest.mark.parametrize(("text", "said"), [("", "is empty"), ("\n\n", "is empty"), ("[]", "holds no items")])
def test_an_empty_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "x.json").write_text(text)
    assert f"x.json: {said}" in refused(str(tmp_path / "x.json"))


def test_broken_utf8_names_the_line(tmp_path: Path) -> None:
    path = Path(jsonl(tmp_path / "x.jsonl", SMALL))
    path.write_bytes(path.read_bytes() + b'{"id": "c", "question": "caf\xe9?"}\n')
    assert f"{path}, line 3: byte 169 (0xe9) is not UTF-8; save the file as UTF-8" in refused(str(path))


def test_broken_json_names_the_line(tmp_path: Path) -> None:
    path = Path(jsonl(tmp_path / "x.jsonl", SMALL))
    path.write_text(path.read_text() + '{"id": "c",\n')
    assert f"{path}, line 3: invalid JSON" in refused(str(path))
    path = tmp_path / "x.json"
    path.write_text('[\n{"id": 1},\n{"id" 2}\n]')
    assert f"{path}, line 3: invalid JSON" in refused(str(path))


def test_csv_that_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,question,A,B,answer\n1,q,x,y,A\n2,q,x,y\n", encoding="utf-8")
    assert f"{path}, line 3: has 4 fields and the header 5" in refused(str(path))
    path.write_text('id,question,A,B,answer\n1,q,"x" y,z,A\n', encoding="utf-8")
    assert f"{path}, line 2: is no CSV from here on" in refused(str(path))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["x"], "there is 1 option; an item has 2 to 10"),
        ([], "there are 0 options"),
        ([str(n) for n in range(11)], "there are 11 options"),
        (["x", 5], "option 2 is 5, no text"),
        (["x", None], "option 2 is None, no text"),
        (["x", " "], "option 2 is empty"),
        ("x or y", "the options (options) are 'x or y', wanted is a list of texts"),
    ],
)
def test_options_that_are_none(tmp_path: Path, options: object, said: str) -> None:
    path = jsonl(tmp_path / "x.jsonl", [SMALL[0] | {"options": options}])
    assert said in refused(path)


def test_parquet_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1 no")
    assert "cannot be read as parquet" in refused(str(tmp_path / "x.parquet"))


def test_no_such_file_and_a_folder_without_items(tmp_path: Path) -> None:
    assert "there is no such file or folder" in refused(str(tmp_path / "nowhere"))
    assert "holds no items" in refused(str(tmp_path))
    (tmp_path / "x.docx").touch()
    assert "is of no known kind" in refused(str(tmp_path / "x.docx"))


def test_twenty_mistakes_are_told_at_once(tmp_path: Path) -> None:
    lines = [{"id": n, "question": "?", "options": ["x"], "answer": 0} for n in range(30)]
    said = refused(jsonl(tmp_path / "x.jsonl", lines)).splitlines()
    assert said[0] == "the items cannot be read"
    assert len(said) == 22
    assert said[-1] == "  - and 10 more like these"


# What must hold ------------------------------------------------------------------------------------------------


def test_the_order_of_lines_and_files_changes_nothing(tmp_path: Path) -> None:
    lines = [
        {"passage": f"p{n % 3}", "question": f"q{n}?", "options": ["x", "y", f"z{n}"], "answer": n % 3}
        for n in range(20)
    ]
    mixed = list(lines)
    random.Random(1).shuffle(mixed)
    first = read([jsonl(tmp_path / "a.jsonl", lines[:9]), jsonl(tmp_path / "b.jsonl", lines[9:])])
    other = read([jsonl(tmp_path / "d.jsonl", mixed[4:]), jsonl(tmp_path / "c.jsonl", mixed[:4])])
    assert first.drop(columns="place").equals(other.drop(columns="place"))
    assert first["group"].nunique() == 3


def test_items_that_share_a_passage_in_one_language_are_one_group_in_all(tmp_path: Path) -> None:
    lines = [
        {"id": 1, "language": "aa", "passage": "same", "question": "?", "options": ["x", "y"], "answer": 0},
        {"id": 2, "language": "aa", "passage": "same", "question": "?", "options": ["x", "y"], "answer": 0},
        {"id": 1, "language": "bb", "passage": "one", "question": "?", "options": ["x", "y"], "answer": 0},
        {"id": 2, "language": "bb", "passage": "two", "question": "?", "options": ["x", "y"], "answer": 0},
        {"id": 3, "language": "bb", "passage": "three", "question": "?", "options": ["x", "y"], "answer": 0},
    ]
    items = read([jsonl(tmp_path / "x.jsonl", lines)])
    assert items["group"].tolist() == ["1", "1", "1", "1", "3"]


texts = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), min_size=1).filter(
    lambda text: bool(text.strip())
)


@settings(deadline=None)  # the first reading loads the table of languages
@given(
    st.lists(
        st.tuples(st.lists(texts, min_size=2, max_size=10), st.integers(0, 1), st.none() | texts),
        min_size=1,
        max_size=6,
    )
)
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, made: Any) -> None:
    lines = [
        {"id": f"i{n}", "question": "?", "options": options, "answer": key, "passage": passage}
        for n, (options, key, passage) in enumerate([*made, (["x", "y"], 0, None)])
    ]
    folder = tmp_path_factory.mktemp("sets")
    columns = Columns(answer_from="0")
    items = read([jsonl(folder / "x.jsonl", lines)], columns)
    assert items["options"].tolist() == [line["options"] for line in lines]
    assert items["key"].tolist() == [line["answer"] for line in lines]
    assert list(items["passage"]) == [line["passage"] for line in lines]
    other = read([parquet(folder / "x.parquet", lines)], columns)
    assert other.drop(columns="place").to_dict("records") == items.drop(columns="place").to_dict("records")
