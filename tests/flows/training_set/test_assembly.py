"""`belebele assemble`: items in + items named = items read, nothing of the release, the same bytes each time."""

import json
import re
import shlex
import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from data.release.description.release_description import About
from data.release.release_files import write_release
from flows.cli.commands import main
from tests.pages import ROOT, lines_of

STORY = (
    "Amina mends wooden boats at the old harbour behind the market, where her father taught her to steam planks "
    "over a fire of driftwood until they bend, and to seal every seam with cotton and warm pitch before the rains."
)
OTHER = "The baker opens at five, sells out by nine and sleeps through the heat of the day above her own shop."


def question(number: int, passage: str = OTHER, **other: object) -> dict[str, object]:
    options = {f"answer{n}": f"reason {n} of {number}" for n in range(4)}
    return {
        "id": f"c{number}", "context": passage, "question": f"Why did she do number {number}?", **options,
        "label": number % 4, **other,
    }  # fmt: skip


def cosmos(folder: Path, items: list[dict[str, object]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "train.jsonl"
    file.write_text("".join(json.dumps(item) + "\n" for item in items))
    return file


def multirc(folder: Path) -> Path:
    asked = [
        {"question": f"What happened, part {n}?", "idx": str(n), "answers": [
            {"text": f"option {m} of {n}", "isAnswer": m == 0 or (m == 1 and n == 1)} for m in range(6)
        ]}
        for n in range(3)
    ]  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "dev.json"
    held = {"text": "<b>Sent 1: </b>It rained for days.<br>", "questions": asked}
    file.write_text(json.dumps({"data": [{"id": "p", "paragraph": held}]}))
    return file


def mcscript(folder: Path) -> Path:
    asked = "".join(
        f'<question id="{n}" text="What came at step {n}?" type="text"><answer id="0" text="first {n}" '
        f'correct="True"/><answer id="1" text="second {n}" correct="False"/></question>'
        for n in range(2)
    )
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "train-data.xml"
    file.write_text(
        f'<data><instance id="1" scenario="tea"><text>We made tea at dawn.</text><questions>{asked}</questions>'
        "</instance></data>"
    )
    return file


def release(folder: Path) -> Path:
    """A small release with a dev split."""
    items = [
        {
            "question_id": f"boats-{side}", "language": "eng_Latn", "passage_id": side, "question_number": 1,
            "revision": 1, "passage": passage, "link": f"https://example.org/{side}", "position": position,
            "key": 2,
            "question": f"How does Amina close the many seams of the boats, {side}?",
            "answers": [f"with tool {n}" for n in range(1, 5)], "order": [1, 2, 3, 4], "split": split,
        }
        for position, (side, split, passage) in enumerate(
            (("data", "test", STORY), ("dev", "dev", "The baker sleeps until noon."))
        )
    ]  # fmt: skip
    write_release(pd.DataFrame(items), About("1.0.0", date(2026, 11, 30), "Boats", "CC0-1.0", "eng_Latn"), folder)
    return folder


def assemble(*words: object) -> Result:
    return CliRunner().invoke(main, ["assemble", *map(str, words)])


def test_sets_become_one_in_the_releases_columns(tmp_path: Path) -> None:
    sets = [
        cosmos(tmp_path / "cosmos", [question(n) for n in range(8)]),
        multirc(tmp_path / "multirc"),
        mcscript(tmp_path / "mcscript"),
    ]
    done = assemble(*sets, "--out", tmp_path / "out", "--release", release(tmp_path / "release"))
    assert done.exit_code == 0, done.output
    made = pd.read_parquet(tmp_path / "out" / "train.parquet")
    assert [*made.columns][:12] == [
        "item_id", "link", "question_number", "flores_passage", "question", "mc_answer1", "mc_answer2",
        "mc_answer3", "mc_answer4", "correct_answer_num", "dialect", "ds",
    ]  # fmt: skip
    assert Counter(made["source"]) == {"Cosmos QA": 8, "MultiRC": 2, "MCScript 2.0": 2}
    assert {*made["ds"]} == {"2026-11-30"}
    assert {*made["dialect"]} == {"eng_Latn"}
    assert made["item_id"].is_unique
    assert not made.duplicated(["link", "question_number"]).any()
    right = [line[f"mc_answer{line['correct_answer_num']}"] for line in made.to_dict("records")]
    asked = dict(zip(made["question"], right, strict=True))
    assert asked["What happened, part 0?"] == "option 0 of 0"
    assert asked["What came at step 1?"] == "first 1"
    assert asked["Why did she do number 3?"] == "reason 3 of 3"
    licences = dict(zip(made["source"], made["licence"], strict=True))
    assert licences == {"Cosmos QA": "CC-BY-4.0", "MultiRC": "unknown", "MCScript 2.0": "unknown"}
    again = [json.loads(line) for line in (tmp_path / "out" / "train.jsonl").read_text().splitlines()]
    assert again == made.to_dict("records")


def test_what_overlaps_is_left_out_whichever_way_it_does(tmp_path: Path) -> None:
    words = STORY.split()
    changed = " ".join("really" if n % 9 == 4 else word for n, word in enumerate(words))
    part = f"She told us a long story: {' '.join(words[5:20])}, and went home."
    asked = question(4, question="How does Amina close the many seams of the boats, dev?")
    items = [question(0, STORY), question(1, part), question(2, changed), question(3), asked]
    sources = tmp_path / "more.txt"
    sources.write_text(
        "Nothing here.\n\n" + question(5, "One two three four five six seven eight nine")["context"]
    )
    items.append(question(5, "So: one two three four five, six seven eight nine!"))
    done = assemble(
        cosmos(tmp_path / "set", items), "--out", tmp_path / "out", "--release", release(tmp_path / "release"),
        "--sources", sources,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    left = [json.loads(line) for line in (tmp_path / "out" / "left_out.jsonl").read_text().splitlines()]
    assert {one["source_id"]: one["reason"] for one in left} == {
        "c0": "overlap_exact", "c1": "overlap_ngram", "c2": "overlap_near", "c4": "overlap_exact",
        "c5": "overlap_exact",
    }  # fmt: skip
    assert "boats-d" in left[0]["what"]
    assert str(sources) in next(one["what"] for one in left if one["source_id"] == "c5")


def test_every_item_read_is_in_or_named(tmp_path: Path) -> None:
    items = [question(n) for n in range(6)]
    items += [
        question(0, id="again"),
        question(1, label=2, id="other key"),
        question(6, label=None),
        question(7, context=""),
        question(8, answer1="REASON 2 OF 8."),
        question(9, answer1=""),
    ]
    file = cosmos(tmp_path / "set", items)
    file.write_text(file.read_text() + '{"id": \n')
    done = assemble(file, "--out", tmp_path / "out", "--max-per-source", 3)
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["read"] == 13 == report["taken"] + report["left_out"]
    (source,) = report["sources"]
    assert source["left_out"] == {
        "unreadable": 1, "faulty": 1, "no_key": 1, "no_passage": 1, "equal_options": 1, "double": 1,
        "keys_contradict": 2, "over_the_cap": 2,
    }  # fmt: skip
    left = [json.loads(line) for line in (tmp_path / "out" / "left_out.jsonl").read_text().splitlines()]
    assert len(left) == report["left_out"]
    assert all(f"{file}, line " in one["place"] for one in left)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "its source had more items than were wanted" in page


def test_same_items_same_bytes_in_any_order_of_lines_and_sets(tmp_path: Path) -> None:
    items = [question(n) for n in range(12)]
    bytes_of = []
    for turn in (0, 1):
        shutil.rmtree(tmp_path / "sets", ignore_errors=True)
        sets = [cosmos(tmp_path / "sets" / "a", items[::-1] if turn else items), multirc(tmp_path / "sets" / "b")]
        out = tmp_path / f"out{turn}"
        done = assemble(*(sets[::-1] if turn else sets), "--out", out, "--max-per-source", 5)
        assert done.exit_code == 0, done.output
        bytes_of.append([(out / name).read_bytes() for name in ("train.parquet", "train.jsonl", "report.json")])
    assert bytes_of[0] == bytes_of[1]


def test_licences_are_the_users_first(tmp_path: Path) -> None:
    file = cosmos(tmp_path / "set", [question(0)])
    done = assemble(file, "--out", tmp_path / "out", "--licence", "Cosmos QA=agreed with the authors")
    assert "(agreed with the authors)" in done.output
    wrong = assemble(file, "--out", tmp_path / "out", "--licence", "Kosmos=x")
    assert (wrong.exit_code, "the sets are Cosmos QA" in wrong.output) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--date", "2026-13-01"], "--date takes YYYY-MM-DD"),
        (["--licence", "nothing"], "--licence takes SET=LICENCE"),
        (["--release", "nowhere"], "nowhere: there is no such file or folder"),
    ],
)
def test_mistakes_are_named_with_their_cure(tmp_path: Path, words: list[str], said: str) -> None:
    done = assemble(cosmos(tmp_path / "set", [question(0)]), "--out", tmp_path / "out", *words)
    assert (done.exit_code, said in done.output) == (2, True), done.output
    assert not (tmp_path / "out").exists()


def test_nothing_of_others_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "train.jsonl").write_text("mine")
    done = assemble(cosmos(tmp_path / "set", [question(0)]), "--out", tmp_path / "out")
    assert (done.exit_code, "nothing is overwritten" in done.output) == (2, True)
    assert (tmp_path / "out" / "train.jsonl").read_text() == "mine"


def test_several_sets_in_one_folder_are_to_be_named_apart(tmp_path: Path) -> None:
    cosmos(tmp_path / "all" / "a", [question(0)])
    multirc(tmp_path / "all" / "b")
    done = assemble(tmp_path / "all", "--out", tmp_path / "out")
    assert (done.exit_code, "holds several sets" in done.output) == (2, True), done.output


def test_the_guide_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (line,) = lines_of("docs/guides/training-sets.md", "belebele assemble")
    guide = (ROOT / "docs" / "guides" / "training-sets.md").read_text()
    monkeypatch.chdir(tmp_path)
    cosmos(Path("RACE"), [question(n) for n in range(4)])
    cosmos(Path("sciq"), [question(n) for n in range(4, 6)])
    multirc(Path("multirc"))
    mcscript(Path("mcscript"))
    release(Path("mybench-1.0.0"))
    Path("passages.txt").write_text("Nothing that is in any of them.")
    words = shlex.split(line.replace("flores200_dataset.tar.gz", "passages.txt"))
    done = CliRunner().invoke(main, words[1:])
    assert done.exit_code == 0, done.output
    named = re.findall(r"`([a-z_]+\.(?:parquet|jsonl|html|json))`", guide)
    assert {*named} == {file.name for file in Path("training").iterdir() if file.name[0] != "."}
