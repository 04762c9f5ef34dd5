"""A release: what lies in it, what it refuses, and that its bytes follow from its items alone."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import ReleaseRefused
from data.release.canary import canary
from data.release.description.hub_card import size_category
from data.release.description.release_description import (
    FORMAT,
    About,
    Agreement,
    Attribution,
    AuditCertificate,
    DraftQuality,
    ReleaseDescription,
    ReleasedPromptWords,
    WeakLanguage,
)
from data.release.evidence_file import ItemEvidence
from data.release.item_columns import COLUMNS
from data.release.release_files import render, write_release
from tests.data.release.small_release import ABOUT, halved, made, written


def spoilt(at: int, **columns: Any) -> pd.DataFrame:
    items = made()
    for column, value in columns.items():
        items.at[at, column] = value
    return items


def test_columns_and_order(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    table = pq.read_table(tmp_path / "out/data/arb_Arab.parquet")
    assert table.schema.names == [name for name, _ in COLUMNS]
    assert {str(field.type) for field in table.schema if field.name != "question_number"} == {"string"}
    assert str(table.schema.field("question_number").type) == "int64"
    assert set(table.schema.metadata) == {b"canary"}
    for field in table.schema:
        assert field.metadata[b"description"].decode() == dict(COLUMNS)[field.name]
        assert field.metadata[b"type"].decode() == str(field.type)
    assert table["item_id"].to_pylist() == ["wells-a-q1", "wells-b-q1", "wells-b-q2"]
    assert table["correct_answer_num"].to_pylist() == ["1", "2", "4"]
    second = table.to_pylist()[2]
    assert second == {
        "item_id": "wells-b-q2",
        "link": "https://wells.invalid/wells-b",
        "question_number": 2,
        "flores_passage": "arb_Arab wells-b is deep.",
        "question": "arb_Arab wells-b-q2: how deep?",
        "mc_answer1": "arb_Arab wells-b-q2 answer 2",
        "mc_answer2": "arb_Arab wells-b-q2 answer 3",
        "mc_answer3": "arb_Arab wells-b-q2 answer 4",
        "mc_answer4": "arb_Arab wells-b-q2 answer 1",
        "correct_answer_num": "4",
        "dialect": "arb_Arab",
        "ds": "2026-01-31",
    }


def test_files_are_made_to_be_read_in_part(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    found = pq.ParquetFile(tmp_path / "out/data/arb_Arab.parquet").metadata.row_group(0)
    assert found.sorting_columns == (pq.SortingColumn(0),)
    for column in (found.column(n) for n in range(found.num_columns)):
        assert column.compression == "ZSTD"
        assert column.statistics.has_min_max
        assert column.has_column_index and column.has_offset_index


def test_json_lines_have_belebeles_own_keys(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    text = (tmp_path / "out/jsonl/test/arb_Arab.jsonl").read_text("utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert [list(line) for line in lines] == [
        [
            "link", "question_number", "flores_passage", "question", "mc_answer1", "mc_answer2", "mc_answer3",
            "mc_answer4", "correct_answer_num", "dialect", "ds", "canary",
        ]
    ] * 3  # fmt: skip
    table = pq.read_table(tmp_path / "out/data/arb_Arab.parquet")
    mark = canary(ABOUT.hub or ABOUT.title)
    assert lines == [{**row, "canary": mark} for row in table.drop_columns(["item_id"]).to_pylist()]
    assert table.schema.metadata[b"canary"] == mark.encode()


def test_sums_are_what_sha256sum_checks(tmp_path: Path) -> None:
    write_release(halved(), ABOUT, tmp_path / "out")
    told = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=tmp_path / "out", capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    assert len(told.stdout.splitlines()) == len(written(tmp_path / "out")) - 1


def test_dev_has_files_of_its_own(tmp_path: Path) -> None:
    description = write_release(halved(), ABOUT, tmp_path / "out")
    held = [path for path in written(tmp_path / "out") if "arb" in path and not path.startswith("tasks/")]
    assert sorted(held) == [
        "data/arb_Arab.parquet", "dev/arb_Arab.parquet", "jsonl/dev/arb_Arab.jsonl", "jsonl/test/arb_Arab.jsonl",
    ]  # fmt: skip
    assert pq.read_table(tmp_path / "out/dev/arb_Arab.parquet")["item_id"].to_pylist() == ["wells-a-q1"]
    assert pq.read_table(tmp_path / "out/data/arb_Arab.parquet")["item_id"].to_pylist() == [
        "wells-b-q1",
        "wells-b-q2",
    ]
    assert [(one.name, one.items, one.passages) for one in description.splits] == [("test", 2, 1), ("dev", 1, 1)]
    assert description.dev is not None
    assert description.dev.correct_answers == {"1": 1, "2": 0, "3": 0, "4": 0}
    card = unlinked((tmp_path / "out/README.md").read_text())
    assert "The split `dev` holds 1 item more in each language" in card


def test_a_release_without_dev_has_no_trace_of_it() -> None:
    files = render(made(), ABOUT).files
    assert not [path for path in files if path.startswith("dev/") or "/dev/" in path]
    assert b"`dev`" not in files["README.md"]


def test_the_hubs_library_loads_both_splits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    write_release(halved(), ABOUT, tmp_path / "out")
    found = load_dataset(str(tmp_path / "out"), "arb_Arab", cache_dir=str(tmp_path / "cache"))
    assert {split: items["item_id"] for split, items in found.items()} == {
        "test": ["wells-b-q1", "wells-b-q2"], "dev": ["wells-a-q1"],
    }  # fmt: skip


def test_the_manifest_is_read_as_it_was_written() -> None:
    told = replace(
        ABOUT,
        hub="wells/deep",
        attributions=(Attribution("Springs", "CC0-1.0", "https://springs.invalid"),),
        agreement=(Agreement("judging", "Krippendorff's alpha", 0.8, 0.7, 0.9),),
        prompt_words=(ReleasedPromptWords("arb_Arab", 1, {"question_word": "سؤال"}, english=False),),
        certificate=AuditCertificate(
            certified=True, sentence="Nothing was found.", excluded=("One.",), margin=0.05
        ),
        weak_languages=(WeakLanguage("arb_Arab", "its passages are of another variety"),),
        quality=(DraftQuality("arb_Arab", 3, 90.0, None, (1.0, None, None), 0.5),),
        evidence=(ItemEvidence("wells-a-q1", "arb_Arab", 1, 1, None, None, "one"),),
        guidelines={"authoring": "Write."},
    )
    description = render(halved(), told).description
    assert ReleaseDescription.from_json(description.to_json()) == description
    with pytest.raises(ValueError, match="no description"):
        ReleaseDescription.from_json('{"format": "belebele-release/1"}')
    with pytest.raises(ValueError, match="no description"):
        ReleaseDescription.from_json('{"format": "belebele-release/2"}')


REBUILT = """
import sys
sys.path.insert(0, sys.argv[1])
import hashlib
import pandas as pd
from data.release.release_files import render
from tests.data.release.small_release import ABOUT, halved
items = halved(("eng_Latn", "arb_Arab", "zho_Hans")).sample(frac=1, random_state=int(sys.argv[2]))
for path, content in sorted(render(items, ABOUT).files.items()):
    print(path, hashlib.sha256(content).hexdigest())
"""


def test_the_bytes_are_the_same_in_another_place_and_time(tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    made_there = []
    for seed, locale, zone in (("1", "C", "UTC"), ("2", "tr_TR.UTF-8", "Pacific/Chatham")):
        ran = subprocess.run(
            [sys.executable, "-c", REBUILT, str(root), seed],
            env={**os.environ, "LC_ALL": locale, "LANG": locale, "TZ": zone, "PYTHONHASHSEED": seed},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stderr
        made_there.append(ran.stdout)
    assert made_there[0] == made_there[1]
    assert "jsonl/dev/zho_Hans.jsonl" in made_there[0]


def test_every_language_holds_the_same_items_in_the_same_order(tmp_path: Path) -> None:
    write_release(made(("eng_Latn", "arb_Arab", "amh_Ethi")), ABOUT, tmp_path / "out")
    same = ["item_id", "link", "question_number", "correct_answer_num"]
    files = sorted((tmp_path / "out/data").glob("*.parquet"))
    assert [file.stem for file in files] == ["amh_Ethi", "arb_Arab", "eng_Latn"]
    assert len({pd.read_parquet(file)[same].to_csv() for file in files}) == 1


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(6)))
def test_same_items_in_any_order_same_bytes(order: list[int]) -> None:
    assert render(made().iloc[order], ABOUT).files == render(made(), ABOUT).files


def test_what_is_told_in_any_order_same_bytes() -> None:
    turned = replace(
        ABOUT,
        checks=ABOUT.checks[::-1],
        pending=ABOUT.pending[::-1],
        people=dict(reversed(ABOUT.people.items())),
        names=dict(reversed(ABOUT.names.items())),
    )
    assert render(made(), turned).files == render(made(), ABOUT).files


def test_manifest_describes_every_file(tmp_path: Path) -> None:
    description = write_release(made(), ABOUT, tmp_path / "out")
    files = written(tmp_path / "out")
    del files["SHA256SUMS"]
    text = files.pop("manifest.json").decode()
    content = json.loads(text)
    assert (
        text == description.to_json() == json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    )
    assert content["files"] == {
        path: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for path, data in files.items()
    }
    assert content["format"] == FORMAT
    assert content["checks"] == ["distinct_options|v:2", "four_options|v:1|count:4"]
    assert content["counts"] == {"languages": 2, "items": 6}
    assert content["splits"] == {
        "test": {"items": 3, "passages": 2, "correct_answers": {"1": 1, "2": 1, "3": 0, "4": 1}}
    }
    assert {code: one["splits"]["test"]["passages"] for code, one in content["languages"].items()} == {
        "arb_Arab": 2, "eng_Latn": 2,
    }  # fmt: skip
    arabic = content["languages"]["arb_Arab"]
    assert (arabic["bcp47"], arabic["iso639_3"], arabic["script"]) == ("arb-Arab", "arb", "Arab")
    assert (arabic["glottocode"], arabic["family"], arabic["direction"]) == ("stan1318", "Afro-Asiatic", "rtl")
    assert [(one["code"], one["missing"]) for one in content["pending"]] == [("ben_Beng", 2), ("tha_Thai", 7)]
    assert content["people"] == {"authors": 2, "reviewers": 3}


def unlinked(card: str) -> str:
    """The text of a card, without where its numbers come from."""
    return re.sub(r'\[([^\]]*)\]\(\S+ "[^"]*"\)', r"\1", card)


def test_card_is_what_the_hub_reads(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    _, head, body = (tmp_path / "out/README.md").read_text().split("---\n", 2)
    assert yaml.safe_load(head) == {
        "pretty_name": 'Wells: "deep" and #shallow',
        "license": "cc0-1.0",
        "language": ["arb", "eng"],
        "language_bcp47": ["arb-Arab", "en"],
        "multilinguality": ["multilingual"],
        "tags": ["benchmark", "croissant", "reading-comprehension"],
        "task_categories": ["multiple-choice", "question-answering"],
        "size_categories": ["n<1K"],
        "configs": [
            {"config_name": code, "data_files": [{"split": "test", "path": f"data/{code}.parquet"}]}
            for code in ("arb_Arab", "eng_Latn")
        ],
    }
    digest = hashlib.sha256((tmp_path / "out/data/arb_Arab.parquet").read_bytes()).hexdigest()
    assert (
        "| `arb_Arab` | Modern Standard Arabic | arb-Arab | arb | stan1318 | 3 | 2 | 25.0 | 30.0 | 28.0 |"
        in unlinked(body)
    )
    assert f'[28.0](data/arb_Arab.parquet "sha256 {digest}") |' in body
    assert "| `ben_Beng` | ben_Beng | 2 |\n| `tha_Thai` | tha_Thai | 7 |" in unlinked(body)
    assert "In 2 languages: 3 items on 2 passages in each, the same in the same order, 6 in all." in unlinked(body)
    assert '[2](manifest.json "manifest.json: people.authors") authors' in body


def test_card_without_pending_languages_has_no_such_part() -> None:
    files = render(made(), replace(ABOUT, pending=())).files
    assert b"Pending" not in files["README.md"]


def test_card_commands_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    monkeypatch.chdir(tmp_path / "out")
    commands = re.findall(r"```python\n(.*?)```", Path("README.md").read_text(), re.DOTALL)
    in_pandas, in_duckdb, in_datasets = commands
    names: dict[str, Any] = {}
    exec(in_pandas, names)
    assert len(names["items"]) == 3
    exec(in_duckdb, names)
    assert "load_dataset" in in_datasets
    counted = duckdb.sql(
        "select dialect, count(*) from 'data/*.parquet' group by dialect order by dialect"
    ).fetchall()
    assert counted == [("arb_Arab", 3), ("eng_Latn", 3)]


def test_size_categories_at_their_limits() -> None:
    assert [size_category(n) for n in (1, 999, 1_000, 10_000, 100_000, 1_000_000)] == [
        "n<1K", "n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "n>1M",
    ]  # fmt: skip


REFUSED = {
    "three answers": (spoilt(0, answers=["a", "b", "c"]), "wells-b-q1 in eng_Latn: 3 answers, not 4"),
    "two alike": (spoilt(1, answers=["a", "b", "a", "c"]), "wells-b-q2 in eng_Latn: two answers are the same"),
    "key 0": (spoilt(0, key=0), "wells-b-q1 in eng_Latn: the key is 0, not one of 1 to 4"),
    "key 5": (spoilt(0, key=5), "wells-b-q1 in eng_Latn: the key is 5, not one of 1 to 4"),
    "no permutation": (spoilt(0, order=[1, 1, 2, 3]), "order [1, 1, 2, 3], which is none of 1 to 4"),
    "line break": (
        spoilt(0, question="How\ndeep?"),
        "wells-b-q1 in eng_Latn: question holds the character U+000A at 4",
    ),
    "control": (spoilt(0, passage="deep\x97"), "passage holds the character U+0097 at 5"),
    "separator": (spoilt(0, answers=["a", "b", "c\u2028d", "e"]), "answer 3 holds the character U+2028 at 2"),
    "empty": (spoilt(0, answers=["a", "b", "", "e"]), "answer 3 is empty"),
    "space": (spoilt(0, question="How? "), "question begins or ends with white space"),
    "missing": (spoilt(0, passage=None), "passage is missing"),
    "one language short": (made().drop(index=4), "arb_Arab lacks 1 of 3 items: wells-b-q2"),
    "other key": (spoilt(5, key=1), "wells-a-q1: languages disagree on its key"),
    "other order": (spoilt(5, order=[4, 3, 2, 1]), "wells-a-q1: languages disagree on its order"),
    "other place": (spoilt(5, position=9), "wells-a-q1: languages disagree on its position"),
    "two passages": (spoilt(1, passage="Another."), "wells-b in eng_Latn: its questions show different passages"),
    "twice": (pd.concat([made(), made().iloc[[0]]]), "wells-b-q1 in eng_Latn: given more than once"),
    "nothing": (made().iloc[:0], "no item is complete"),
    "other side": (
        made().assign(split=["test", "test", "dev", "test", "test", "test"]),
        "wells-a-q1: languages disagree on its split",
    ),
    "a passage on both sides": (
        made().assign(split=["dev", "test", "test"] * 2),
        "the passage wells-b has items in test and in dev",
    ),
    "a source on both sides": (
        made().assign(split=["dev", "dev", "test"] * 2, link="https://wells.invalid"),
        "the source https://wells.invalid has items in test and in dev",
    ),
    "another split": (made().assign(split="train"), "split 'train': there are test and dev"),
    "only dev": (made().assign(split="dev"), "no item is in the test split"),
}


@pytest.mark.parametrize(("items", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_unfit_items_are_refused(items: pd.DataFrame, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseRefused, match=re.escape(reason)):
        write_release(items, ABOUT, tmp_path / "out")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        (replace(ABOUT, version="1.0"), "version '1.0'"),
        (replace(ABOUT, version="v1.0.0"), "version 'v1.0.0'"),
        (replace(ABOUT, version="1.01.0"), "version '1.01.0'"),
        (replace(ABOUT, licence="my own: licence"), "licence 'my own: licence'"),
        (replace(ABOUT, hub="wells"), "hub 'wells'"),
        (replace(ABOUT, title="two\nlines"), "title"),
        (replace(ABOUT, pending=(("eng_Latn", 1),)), "eng_Latn: both complete and pending"),
        (replace(ABOUT, pending=(("../x", 1),)), "language '../x'"),
    ],
)
def test_unfit_descriptions_are_refused(about: About, reason: str) -> None:
    with pytest.raises(ReleaseRefused, match=re.escape(reason)):
        render(made(), about)


def test_every_reason_is_listed() -> None:
    items = spoilt(0, key=7)
    items.at[4, "question"] = ""
    with pytest.raises(ReleaseRefused) as refused:
        render(items, replace(ABOUT, version="2"))
    assert len(refused.value.problems) == 3


@pytest.mark.parametrize(
    ("text", "forbidden", "refused"),
    [
        ("Ask Ada Wellmaker how deep.", "ada wellmaker", True),
        ("Ask ADA  WELLMAKER.", "Ada Wellmaker", True),
        ("Write to ada@wells.invalid.", "ada@wells.invalid", True),
        ("A granada is a fruit.", "Ada", False),
        ("请问王小井有多深?", "王小井", True),
        ("How deep?", "", False),
        ("Where does Wellmaker live?", "Wellmaker", True),
        ("Where does WELLMAKER live?", "Wellmaker", True),
        ("How can deep wells be made?", "Deep", False),  # a word, as the passage has it
        ("What will Ada do?", "Will", False),
        ("Who was Mary Deep?", "Deep", True),
    ],
)
def test_people_are_never_released(text: str, forbidden: str, refused: bool) -> None:
    items = spoilt(0, question=text)
    if not refused:
        render(items, ABOUT, [forbidden])
        return
    with pytest.raises(ReleaseRefused, match="wells-b-q1 in eng_Latn: question holds a person's") as error:
        render(items, ABOUT, [forbidden])
    assert forbidden.casefold() not in str(error.value).casefold()


def test_a_person_in_the_title_is_refused() -> None:
    with pytest.raises(
        ReleaseRefused, match=r"the title holds a person's name or address; change it in campaign\.toml"
    ):
        render(made(), replace(ABOUT, title="The wells of Ada Wellmaker"), ["Ada Wellmaker"])


@pytest.mark.parametrize(
    ("about", "place"),
    [
        ({"homepage": "https://wells.invalid/~ada@wells.invalid"}, "the homepage"),
        ({"homepage": "https://wells.invalid/Ada"}, "the homepage"),
        (
            {"guidelines": {"translating": "Well.\n\nAsk ADA  Wellmaker first."}},
            r"guidelines/translating\.md, line 3",
        ),
        ({"guidelines": {"translating": "Ask Ada first."}}, r"guidelines/translating\.md, line 1"),
        ({"policies": ["Ada Wellmaker decided what was disputed."]}, r"README\.md, line \d+.*|manifest\.json"),
        ({"names": {"eng_Latn": "Ada Wellmaker's English"}}, r"README\.md, line"),
        ({"licence": "ada-wellmaker"}, ""),
    ],
)
def test_a_person_is_found_in_whatever_a_release_holds(about: dict[str, Any], place: str) -> None:
    people = ["Ada Wellmaker", "ada@wells.invalid", "Ada"]
    if not place:  # a licence that is no name of a person
        render(made(), replace(ABOUT, **about), people)
        return
    with pytest.raises(ReleaseRefused, match=place) as refused:
        render(made(), replace(ABOUT, **about), people)
    assert "wellmaker" not in str(refused.value).casefold()


def test_an_ordinary_word_of_the_programs_own_guidelines_is_no_name() -> None:
    told = replace(ABOUT, guidelines={"translating": "Mark the sentence.\nMark it well."})
    with pytest.raises(ReleaseRefused, match="line 1"):
        render(made(), told, ["Mark"])
    render(made(), replace(told, ours=frozenset(told.guidelines["translating"].split("\n"))), ["Mark"])


def test_same_release_again_is_left_as_it_is(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    before = (tmp_path / "out").stat().st_ino
    write_release(made(), ABOUT, tmp_path / "out")
    assert (tmp_path / "out").stat().st_ino == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_version_is_published_once(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    before = written(tmp_path / "out")
    mended = spoilt(0, question="How deep, really?")
    with pytest.raises(ReleaseRefused, match=re.escape("data/eng_Latn.parquet differs")):
        write_release(mended, ABOUT, tmp_path / "out")
    assert written(tmp_path / "out") == before


def test_another_version_takes_the_place_of_the_former(tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    write_release(made(("eng_Latn",)), replace(ABOUT, version="1.1.0"), tmp_path / "out")
    assert not [path for path in written(tmp_path / "out") if "arb_Arab" in path]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["notes.txt", "README.md", ".git/config"])
def test_a_former_release_that_someone_changed_is_kept(name: str, tmp_path: Path) -> None:
    write_release(made(), ABOUT, tmp_path / "out")
    (tmp_path / "out" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(ReleaseRefused, match=re.escape(f"{name} was added, changed or removed")):
        write_release(made(), replace(ABOUT, version="1.1.0"), tmp_path / "out")
    assert (tmp_path / "out" / name).read_text() == "mine"


@pytest.mark.parametrize("manifest", [None, "{}", "[]", "no JSON"])
def test_a_folder_of_something_else_is_refused(manifest: str | None, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = written(tmp_path)
    with pytest.raises(ReleaseRefused, match="something else"):
        write_release(made(), ABOUT, tmp_path)
    assert written(tmp_path) == before


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ReleaseRefused, match="not a folder"):
        write_release(made(), ABOUT, tmp_path / "out")


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "deep/out").mkdir(parents=True)
    write_release(made(), ABOUT, tmp_path / "deep/out")
    assert (tmp_path / "deep/out/manifest.json").exists()


@pytest.mark.parametrize("died", ["while writing", "between the two renames", "before clearing up"])
def test_a_killed_release_is_made_good_by_the_next(died: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    incoming, former = tmp_path / ".out.belebele-incoming", tmp_path / ".out.belebele-former"
    write_release(made(), ABOUT, out)
    if died == "while writing":
        (incoming / "data").mkdir(parents=True)
        (incoming / "data/eng_Latn.parquet").write_bytes(b"half")
    elif died == "between the two renames":
        out.rename(former)
        incoming.mkdir()
    else:
        write_release(made(), ABOUT, former)
    new = replace(ABOUT, version="1.1.0")
    write_release(made(), new, out)
    assert written(out) == render(made(), new).files
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_guidelines_are_released_with_it() -> None:
    told = {"authoring": "# Writing\n\nWrite.\n"}
    made_of = render(made(), replace(ABOUT, guidelines=told))
    files = made_of.files
    assert files["guidelines/authoring.md"].decode() == told["authoring"]
    assert "guidelines/authoring.md" in made_of.description.files
    assert b"`guidelines/`" in files["README.md"]
    assert b"guidelines" not in render(made(), ABOUT).files["README.md"]
