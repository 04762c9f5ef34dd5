"""Languages, copies and different sets: what names and ids tell, and what is refused because nothing tells it."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from data.itemsets import Columns, ItemSetError, read, read_set
from data.itemsets.file_languages import file_languages
from data.itemsets.key_agreement import agreement, marks, repeats_within

WORDS = [
    "river",
    "cloud",
    "paper",
    "engine",
    "forest",
    "stone",
    "lamp",
    "bridge",
    "valley",
    "harbor",
    "singer",
    "market",
]


def items(number: int, seed: int, word: str = "", ids: bool = True) -> list[dict[str, Any]]:
    """Items whose keys follow from the seed; a word makes their texts another language's."""
    draw = random.Random(seed)
    return [
        ({"id": n} if ids else {})
        | {
            "question": f"{word} what {draw.choice(WORDS)} {n}?",
            "options": [f"{word}{draw.choice(WORDS)} {n}{letter}" for letter in "pqrs"],
            "answer": draw.randrange(4),
        }
        for n in range(number)
    ]


def jsonl(path: Path, lines: Sequence[object]) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def refused(*paths: str, columns: Columns | None = None) -> str:
    with pytest.raises(ItemSetError) as caught:
        read(list(paths), columns)
    return str(caught.value)


# Languages in names ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "languages"),
    [
        (["mmlu_AR-XY.csv", "mmlu_BN-BD.csv", "mmlu_ES-LA.csv"], ["AR-XY", "BN-BD", "ES-LA"]),
        (["et/test.et.jsonl", "zh/test.zh.jsonl"], ["et", "zh"]),
        (["et/val.et.jsonl", "et/test.et.jsonl"], ["et", "et"]),
        (["data/eng_Latn/test-00000-of-00002.parquet", "data/fra_Latn.parquet"], ["eng_Latn", "fra_Latn"]),
        (["Albanian/test.parquet", "Greek/test.parquet"], ["Albanian", "Greek"]),
        (["EN/test.parquet", "SW/test.parquet"], ["EN", "SW"]),
        (["set.deu.csv", "set.zho.csv", "set.ger.csv"], ["deu", "zho", "ger"]),
        (["jv_belebele.jsonl", "su_belebele.jsonl"], ["jv", "su"]),
        (["x.zh-Hans.jsonl", "x.zh-Hant.jsonl"], ["zh-Hans", "zh-Hant"]),
        (["pt-BR.csv", "pt-PT.csv"], ["pt-BR", "pt-PT"]),
        (["eng_Latn.jsonl"], ["eng_Latn"]),
        (["test.et.jsonl"], ["et"]),
        (["mc_test.jsonl", "ood_test.jsonl"], ["", ""]),
        (["is_hard.jsonl", "is_easy.jsonl"], ["", ""]),
        (["no_hint.jsonl", "with_hint.jsonl"], ["", ""]),
        (["us_history_test.csv", "world_history_test.csv", "no_history_test.csv"], ["", "", ""]),
        (["race.jsonl"], [""]),
    ],
)
def test_a_word_is_a_language_only_if_it_tells_files_apart(names: list[str], languages: list[str]) -> None:
    assert [one.language for one in file_languages([Path("/sets") / name for name in names])] == languages


def test_a_pattern_says_where_the_language_stands() -> None:
    files = [Path("/x/part_bzd_v1.csv"), Path("/x/part_shp_v1.csv")]
    assert [one.language for one in file_languages(files)] == ["", ""]
    assert [one.language for one in file_languages(files, "part_{}_v1.csv")] == ["bzd", "shp"]
    assert [one.language for one in file_languages([Path("/x/oto/a.csv")], "{}/a.csv")] == ["oto"]
    files = [Path("/x/oto/t.oto.csv"), Path("/x/oto/t.nah.csv")]
    assert [one.language for one in file_languages(files, "{}/t.{}.csv")] == ["oto", ""]


def test_a_language_that_is_none_is_refused(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "a.jsonl", items(6, 0))
    assert "'Sprache' is no language, and no column either" in refused(path, columns=Columns(language="Sprache"))
    assert "does not end in 'b_{}.jsonl'" in refused(path, columns=Columns(language="b_{}.jsonl"))
    assert set(read([path], Columns(language="bzd"))["language"]) == {"bzd"}


def test_locales_are_told_by_names_and_items_are_paired_by_row_number(tmp_path: Path) -> None:
    for locale in ("AR-XY", "BN-BD", "DE-DE", "ES-LA", "FR-FR", "HI-IN", "ID-ID", "IT-IT"):
        lines = [
            {"Question": line["question"], **dict(zip("ABCD", line["options"], strict=True)),
             "Answer": "ABCD"[line["answer"]], "Subject": "x"}
            for line in items(40, 3, locale)
        ]  # fmt: skip
        pd.DataFrame(lines).to_csv(tmp_path / f"mmlu_{locale}.csv")
    found = read_set([str(tmp_path)])
    assert found.items["language"].nunique() == 8
    assert found.items["item_id"].nunique() == 40
    assert any("languages: 8" in line for line in found.described)


def test_a_language_column_is_known_in_any_case(tmp_path: Path) -> None:
    lines = [
        line | {"Language": language} for language in ("English", "Swahili") for line in items(20, 1, language)
    ]
    found = read([jsonl(tmp_path / "a.jsonl", lines)])
    assert sorted(set(found["language"])) == ["English", "Swahili"]
    assert found["item_id"].nunique() == 20


# Different sets, and questions that share an id ------------------------------------------------------------------


def test_files_with_the_same_ids_and_other_keys_are_different_items(tmp_path: Path) -> None:
    paths = [jsonl(tmp_path / f"{name}_test.jsonl", items(60, seed)) for seed, name in enumerate(("mc", "ood"))]
    found = read_set(paths)
    assert len(found.items) == 120
    assert set(found.items["language"]) == {""}
    assert "mc_test.jsonl/0" in set(found.items["item_id"])


def test_short_words_are_no_languages_where_the_items_contradict_it(tmp_path: Path) -> None:
    paths = [jsonl(tmp_path / f"{name}.jsonl", items(60, seed)) for seed, name in enumerate(("it", "no"))]
    found = read_set(paths)
    assert set(found.items["language"]) == {""}
    assert len(found.items) == 120
    assert any("are taken for none" in line for line in found.described)


def test_an_id_of_a_passage_becomes_one_for_each_of_its_questions(tmp_path: Path) -> None:
    lines = [
        line | {"example_id": f"high{n // 3}.txt", "article": f"Text {n // 3}."}
        for n, line in enumerate(items(12, 0, ids=False))
    ]
    pd.DataFrame(lines).to_parquet(tmp_path / "test.parquet")
    found = read([str(tmp_path / "test.parquet")])
    assert found["item_id"].tolist()[:4] == ["high0.txt#1", "high0.txt#2", "high0.txt#3", "high1.txt#1"]
    assert found["group"].nunique() == 4


def test_an_id_of_different_passages_is_refused_and_can_be_set_aside(tmp_path: Path) -> None:
    lines = [line | {"id": n // 2, "passage": f"Text {n}."} for n, line in enumerate(items(12, 0))]
    path = jsonl(tmp_path / "a.jsonl", lines)
    assert "--id -" in refused(path)
    assert len(read([path], Columns(id="-"))) == 12


# Languages and copies that nothing tells -------------------------------------------------------------------------


def hidden(folder: Path, ids: bool) -> list[str]:
    return [jsonl(folder / f"part{n}.jsonl", items(80, 7, f"w{n}", ids)) for n in range(4)]


@pytest.mark.parametrize("ids", [True, False])
def test_files_with_the_same_keys_are_never_silently_independent(tmp_path: Path, ids: bool) -> None:
    paths = hidden(tmp_path, ids)
    said = refused(*paths)
    assert "have the same keys in 80 of 80 rows" in said
    assert all(cure in said for cure in ("--language …", "--id", "--pair rows", "--independent"))
    if not ids:
        assert len(read(paths, Columns(independent=True))) == 320
    found = read(paths, Columns(language="part{}.jsonl", pair_rows=True))
    assert found["item_id"].nunique() == 80
    assert found["language"].nunique() == 4


def test_one_file_that_holds_a_set_several_times_is_refused(tmp_path: Path) -> None:
    parts = [items(80, 7, f"w{n}", ids=False) for n in range(4)]
    blocks = [line for part in parts for line in part]
    runs = [line for row in zip(*parts, strict=True) for line in row]
    assert "the keys repeat after 80 items" in refused(jsonl(tmp_path / "a.jsonl", blocks))
    assert "4 items on end have the same key each time" in refused(jsonl(tmp_path / "b.jsonl", runs))


def test_known_languages_without_ids_are_paired_by_rows_only_on_request(tmp_path: Path) -> None:
    paths = [jsonl(tmp_path / f"{name}.jsonl", items(80, 7, name, ids=False)) for name in ("eng_Latn", "fra_Latn")]
    assert "--pair rows" in refused(*paths)
    assert read(paths, Columns(pair_rows=True))["item_id"].nunique() == 80
    other = jsonl(tmp_path / "deu_Latn.jsonl", items(80, 8, "deu", ids=False))
    assert "the rows are not the same items" in refused(paths[0], other, columns=Columns(pair_rows=True))
    short = jsonl(tmp_path / "ita_Latn.jsonl", items(79, 7, "ita", ids=False))
    assert "only where every language has them all" in refused(paths[0], short, columns=Columns(pair_rows=True))


def test_splits_whose_keys_were_drawn_alike_are_no_copies(tmp_path: Path) -> None:
    for split in ("val", "test"):
        jsonl(tmp_path / f"{split}.jsonl", items(80, 7, split))
    assert len(read([str(tmp_path)])) == 160
    for split in ("val", "test"):
        jsonl(tmp_path / f"{split}.jsonl", items(80, 7))
    assert "the same keys" in refused(str(tmp_path))


# Null sets: what is drawn by lot is never refused ----------------------------------------------------------------


@pytest.mark.parametrize("kind", ["lot", "sorted", "round", "one key", "two keys"])
def test_keys_that_agree_for_another_reason_are_no_copies(kind: str) -> None:
    draw = np.random.default_rng(11)
    for size in (20, 60, 150, 400):
        made = []
        for _ in range(12):
            keys = draw.integers(0, 4, size)
            if kind == "sorted":
                keys = np.sort(keys)
            elif kind == "round":
                keys = (np.arange(size) + draw.integers(0, 4)) % 4
            elif kind == "one key":
                keys = np.zeros(size, int)
            elif kind == "two keys":
                keys = (draw.random(size) < 0.03).astype(int)
            made.append(marks(keys, np.full(size, 4)))
        assert all(repeats_within(one) is None for one in made)
        assert all(agreement(one, other).p > 1e-6 for one in made for other in made[:3] if one is not other)


def test_whole_files_with_the_same_keys_are_seen_even_where_the_keys_go_round(tmp_path: Path) -> None:
    paths = [
        jsonl(
            tmp_path / f"part{n}.jsonl", [line | {"answer": i % 4} for i, line in enumerate(items(60, n, f"w{n}"))]
        )
        for n in range(3)
    ]
    assert "the same keys in 60 of 60 rows" in refused(*paths)
    assert len(read(paths[:1])) == 60


def test_copies_are_seen_whatever_their_number_of_options() -> None:
    draw = np.random.default_rng(5)
    keys = marks(draw.integers(0, 3, 120), draw.integers(3, 6, 120))
    assert agreement(keys, keys).p < 1e-20
    found = repeats_within(np.tile(keys, 3))
    assert found is not None and found[:2] == ("blocks", 120)
    found = repeats_within(np.repeat(keys, 3))
    assert found is not None and found[:2] == ("runs", 3)
