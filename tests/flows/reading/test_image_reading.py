"""`belebele read`: real pages, a real model, its answers under each condition, and what becomes of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from data.itemsets.solver_responses import read_responses
from flows.cli.commands import main
from flows.reading import image_reading
from flows.reading.reading_conditions import Condition, ItemPage, chosen
from qc.models.vision.model_folder import folder_files
from qc.models.vision.readers.item_prompts import asked
from tests.qc.models.vision.small_models import small_model

WORDS = ["river", "boat", "bread", "north", "song", "child", "stone", "light"]


def items(count: int) -> list[dict[str, object]]:
    """Items on passages of their own, but for the last two, which share one."""
    return [
        {
            "item_id": f"i{at:02}",
            "language": "eng_Latn",
            "passage": f"A {WORDS[min(at, count - 2) % 8]} came first.",
            "question": "What came first?",
            "options": [f"a {word}" for word in WORDS[:4]],
            "answer": at % 4,
        }
        for at in range(count)
    ]


def stored(lines: Sequence[dict[str, object]], path: Path) -> str:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return str(path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    made = run(
        "render", stored(items(6), folder / "set.jsonl"), "--out", str(folder / "images"), "--resolution", "224"
    )
    assert made.exit_code == 0, made.output
    return folder / "images"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    folder.mkdir()
    made, tokeniser = small_model("abcdefghijklmnopqrstuvwxyzABCDEW .?,:\n")
    for name, content in folder_files(made, tokeniser, 28).items():
        (folder / name).write_bytes(content)
    return folder


def test_items_are_answered_under_each_condition_and_an_audit_takes_the_answers(
    tmp_path: Path, pages: Path, model: Path
) -> None:
    out = tmp_path / "out"
    ran = run("read", str(pages), "--model", str(model), "--out", str(out))
    assert ran.exit_code == 0, ran.output
    assert "tiny answers" in ran.output and "text less picture:" in ran.output
    answers = pd.read_parquet(out / "items.parquet")
    assert answers.groupby("condition").size().to_dict() == {str(one): 6 for one in Condition}
    assert answers["passage"].nunique() == 5  # the last two share theirs
    told = read_responses(out / "responses.csv")
    assert set(told["solver"]) == {f"tiny, {one}" for one in Condition}
    assert set(told.loc[told["solver"].str.endswith("picture") & (told["inputs"] != "full"), "solver"]) == {
        "tiny, blank picture", "tiny, other picture",
    }  # fmt: skip
    facts = json.loads((out / "report.json").read_text("utf-8"))
    assert facts["format"] == "belebele-reading/1" and facts["items"] == 6 and facts["chance"] == 0.25
    (language,) = facts["by"]["language"]
    shown = answers[answers["condition"] == "picture"]["right"].mean()
    assert language["accuracies"]["picture"]["right"] == pytest.approx(shown)
    assert "<svg" in (out / "report.html").read_text("utf-8")
    assert not (out / ".work").exists()


def test_a_stopped_reading_goes_on_and_ends_as_if_it_had_not_been_stopped(
    tmp_path: Path, pages: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_reading, "SIZE", 2)
    whole = run("read", str(pages), "--model", str(model), "--out", str(tmp_path / "whole"))
    asked_of, real = list[str](), image_reading.chosen

    def stopping(reader: object, page: ItemPage, condition: Condition) -> tuple[int, float] | None:
        if len(asked_of) == 9:
            raise KeyboardInterrupt
        asked_of.append(page.text)
        return real(reader, page, condition)  # type: ignore[arg-type]

    monkeypatch.setattr(image_reading, "chosen", stopping)
    out = tmp_path / "out"
    assert run("read", str(pages), "--model", str(model), "--out", str(out)).exit_code != 0
    asked_of.clear()
    monkeypatch.setattr(image_reading, "chosen", lambda *told: (asked_of.append(told[1].text), real(*told))[1])
    again = run("read", str(pages), "--model", str(model), "--out", str(out))
    assert again.exit_code == whole.exit_code == 0
    assert len(asked_of) == 16  # the first two items, eight answers, were kept
    for name in ("report.json", "report.html", "responses.csv", "items.parquet"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_a_broken_picture_is_named_and_stops_no_other(tmp_path: Path, pages: Path, model: Path) -> None:
    broken = tmp_path / "images"
    (broken / "pages").mkdir(parents=True)
    (broken / "rendering.json").write_bytes((pages / "rendering.json").read_bytes())
    table = pq.read_table(pages / "pages" / "eng_Latn.parquet")
    lines = table.to_pylist()
    lines[2]["image"]["bytes"] = lines[2]["image"]["bytes"][:60]
    pq.write_table(pa.Table.from_pylist(lines, schema=table.schema), broken / "pages" / "eng_Latn.parquet")
    ran = run("read", str(broken), "--model", str(model), "--out", str(tmp_path / "out"))
    assert ran.exit_code == 1, ran.output
    assert "eng_Latn i02: eng_Latn.parquet: its picture cannot be opened" in ran.output
    answers = pd.read_parquet(tmp_path / "out" / "items.parquet")
    assert set(answers["item_id"]) == {"i00", "i01", "i03", "i04", "i05"}
    (problem,) = map(json.loads, (tmp_path / "out" / "problems.jsonl").read_text("utf-8").splitlines())
    assert problem["item_id"] == "i02"


def test_what_cannot_be_read_is_refused_with_the_cure(tmp_path: Path, pages: Path, model: Path) -> None:
    ran = run("read", str(tmp_path), "--model", str(model), "--out", str(tmp_path / "out"))
    told = " ".join(ran.output.split())
    assert ran.exit_code == 2 and "it has no rendering.json" in told
    assert "draw pages first: belebele render" in told
    ran = run("read", str(pages), "--model", str(tmp_path), "--out", str(tmp_path / "out"))
    assert ran.exit_code == 2 and "there is no config.json in it" in " ".join(ran.output.split())
    ran = run("read", str(pages), "--model", str(model), "--out", str(tmp_path / "out"), "--languages", "fra_Latn")
    assert ran.exit_code == 2 and "its languages are eng_Latn" in " ".join(ran.output.split())
    ran = run("read", str(pages), "--out", str(tmp_path / "out"))
    assert ran.exit_code == 2 and "--model" in ran.output


class Seeing:
    """Tells by which of the words in its sight the answer is: a reader whose right answers are known."""

    name = "seeing"

    def scores(self, picture: Image.Image | None, prompt: str, options: Sequence[str]) -> list[float]:
        self.prompt, self.picture = prompt, picture
        shown = prompt.startswith("A stone") or (picture is not None and picture.getpixel((0, 0)) == 7)
        return [1.0 if (at == 2) == shown else 0.5 for at in range(len(options))]


@pytest.mark.parametrize(
    ("condition", "place", "told"),
    [
        (Condition.PICTURE, 2, "What?\nA. x\nB. y\nC. z\nAnswer: "),
        (Condition.TEXT, 2, "A stone.\n\nWhat?\nA. x\nB. y\nC. z\nAnswer: "),
        (Condition.BLANK, 0, "What?\nA. x\nB. y\nC. z\nAnswer: "),
        (Condition.OTHER, 0, "What?\nA. x\nB. y\nC. z\nAnswer: "),
    ],
)
def test_what_is_shown_in_each_condition(condition: Condition, place: int, told: str) -> None:
    reader = Seeing()
    own, other = Image.new("L", (5, 4), 7), Image.new("L", (6, 4), 9)
    page = ItemPage("A stone.", "passage", "What?", ["x", "y", "z"], own, other)
    found = chosen(reader, page, condition)
    assert found is not None and found[0] == place and found[1] == pytest.approx(0.5 if place == 2 else 0.0)
    assert reader.prompt == told
    sizes = {Condition.PICTURE: (5, 4), Condition.BLANK: (5, 4), Condition.OTHER: (6, 4)}
    assert (reader.picture.size if reader.picture else None) == sizes.get(condition)


def test_a_whole_page_is_not_told_again_in_words_and_no_other_page_is_no_answer() -> None:
    reader = Seeing()
    page = ItemPage("A stone.\n\nWhat?\nA. x\nB. y", "page", "What?", ["x", "y"], Image.new("L", (5, 4), 7), None)
    chosen(reader, page, Condition.PICTURE)
    assert reader.prompt == "Answer: "
    chosen(reader, page, Condition.BLANK)
    assert reader.prompt == asked("What?", ["x", "y"])
    assert chosen(reader, page, Condition.OTHER) is None


def test_responses_of_a_reading_name_what_was_seen() -> None:
    answers = pd.DataFrame(
        {"item_id": "x", "language": "und", "condition": list(map(str, Condition)), "chosen": np.arange(1, 5)}
    )
    told = image_reading.responses(answers, "m")
    assert told["inputs"].tolist() == ["full", "full", "question+options", "question+options"]
