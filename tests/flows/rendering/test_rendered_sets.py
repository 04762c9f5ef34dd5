"""`belebele render`: every item has one page, once, however often the work was interrupted."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from click.testing import CliRunner, Result

from data.images.page_files import notes_of
from data.images.page_settings import PageSettings
from data.itemsets import Columns
from flows.cli.commands import main
from flows.rendering import rendered_sets
from flows.rendering.page_orders import drawn
from tests.clean_set import records, write_set

LANGUAGES = "eng_Latn,arb_Arab,zho_Hans"
COLUMNS = Columns(answer_from="1")
SQUARE = ("--resolution", "224", "--name", "sample", "--answer-from", "1")


def ran(folder: Path, out: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["render", str(folder), "--out", str(out), *SQUARE, *words])


def lines(out: Path, language: str) -> list[dict[str, Any]]:
    return pq.read_table(out / "pages" / f"{language}.parquet").to_pylist()


def digests(out: Path) -> dict[str, str]:
    files = [file for file in sorted(out.rglob("*")) if file.is_file()]
    return {str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sample's items in files, and their pages in three languages."""
    base = tmp_path_factory.mktemp("rendering")
    folder = write_set(base / "set")
    done = ran(folder, base / "out", "--languages", LANGUAGES)
    assert done.exit_code == 0, done.output
    return folder, base / "out"


def test_every_item_has_its_page_in_every_language(made: tuple[Path, Path]) -> None:
    _, out = made
    for code in LANGUAGES.split(","):
        want = {one["id"]: one["passage"] for one in records()[code]}
        found = lines(out, code)
        assert {one["item_id"]: one["text"] for one in found} == want
        assert len(found) == len(want)
        by_text = {one["text"]: one["image"]["bytes"] for one in found}
        assert all(one["image"]["bytes"] == by_text[one["text"]] for one in found)  # one passage, one picture
        assert all(one["words"] for one in found)
    told = json.loads((out / "rendering.json").read_text("utf-8"))
    assert [*told["languages"]] == sorted(LANGUAGES.split(","))
    assert told["settings"]["resolution"] == "224"
    assert {"pango", "cairo", "harfbuzz"} < told["versions"].keys()
    assert all(len(digest) == 64 for digest in told["fonts"].values())
    assert (out / "problems.jsonl").read_text() == ""
    assert not (out / ".work").exists()


def test_card_and_contact_sheet_show_each_script_once(made: tuple[Path, Path]) -> None:
    _, out = made
    card = (out / "README.md").read_text("utf-8")
    front = yaml.safe_load(card.split("---")[1])
    assert [one["config_name"] for one in front["configs"]] == sorted(LANGUAGES.split(","))
    assert all((out / one["data_files"][0]["path"]).is_file() for one in front["configs"])
    sheet = (out / "contact_sheet.html").read_text("utf-8")
    assert sheet.count("<figure>") == 3
    assert "http" not in sheet
    for script in ("Latn", "Arab", "Hans"):
        assert sheet.count(f"<h2>{script}: ") == 1


def test_the_same_request_gives_the_same_bytes_and_draws_nothing_twice(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = made
    before = digests(out)
    ran(folder, tmp_path / "other", "--languages", LANGUAGES)
    assert digests(tmp_path / "other") == before
    monkeypatch.setattr(rendered_sets, "drawn", lambda _order: pytest.fail("drawn again"))
    assert ran(folder, out, "--languages", LANGUAGES).exit_code == 0
    assert digests(out) == before


def test_what_was_drawn_otherwise_is_drawn_again(made: tuple[Path, Path], tmp_path: Path) -> None:
    folder, _ = made
    out = tmp_path / "out"
    ran(folder, out, "--languages", "eng_Latn")
    before = lines(out, "eng_Latn")
    done = ran(folder, out, "--languages", "eng_Latn", "--degrade", "blur=1", "--font", "serif", "--size", "7,8")
    assert done.exit_code == 0
    after = lines(out, "eng_Latn")
    assert {(one["degradation"], one["font"]) for one in after} == {("blur=1", "Noto Serif")}
    assert {one["size"] for one in after} == {7.0, 8.0}
    assert [one["item_id"] for one in after] == [one["item_id"] for one in before]


def test_an_interruption_between_pieces_neither_doubles_nor_loses_a_page(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = made
    monkeypatch.setattr("flows.rendering.page_orders.SIZE", 4)
    again, drawn_now = tmp_path / "out", 0

    def stopped(order: Any) -> bytes:
        nonlocal drawn_now
        drawn_now += 1
        if drawn_now == 3:
            raise KeyboardInterrupt
        return drawn(order)

    stops = 0
    while stops < 50:
        drawn_now = 0
        monkeypatch.setattr(rendered_sets, "drawn", stopped)
        try:
            settings = PageSettings("224")
            rendered_sets.render(
                [str(folder)], str(again), settings, languages=LANGUAGES.split(","), columns=COLUMNS, name="sample"
            )
            break
        except KeyboardInterrupt:
            stops += 1
    assert stops >= 3
    for code in LANGUAGES.split(","):
        assert lines(again, code) == lines(out, code)


@pytest.mark.slow
def test_a_killed_run_is_taken_up_by_the_next(made: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = made
    again = tmp_path / "out"
    words = ["render", str(folder), "--out", str(again), *SQUARE, "--languages", LANGUAGES]
    running = subprocess.Popen([sys.executable, "-m", "flows.cli.commands", *words], stderr=subprocess.DEVNULL)
    for _ in range(3000):
        if list(again.glob("pages/*.parquet")) or running.poll() is not None:
            break
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert ran(folder, again, "--languages", LANGUAGES).exit_code == 0
    assert digests(again) == digests(out)


def test_a_spoiled_piece_is_drawn_again(made: tuple[Path, Path], tmp_path: Path) -> None:
    folder, out = made
    again = tmp_path / "out"
    (again / ".work").mkdir(parents=True)
    for order in rendered_sets.page_orders(rendered_sets._items([str(folder)], COLUMNS), PageSettings("224")):
        (again / ".work" / rendered_sets._key(order)).write_bytes(b"half")
    ran(folder, again, "--languages", LANGUAGES)
    assert digests(again) == digests(out)


def test_a_changed_item_is_drawn_anew(made: tuple[Path, Path], tmp_path: Path) -> None:
    def change(made: dict[str, list[dict[str, Any]]]) -> None:
        made["eng_Latn"][0]["passage"] = "A new passage."

    folder, out = write_set(tmp_path / "set"), tmp_path / "out"
    ran(folder, out, "--languages", "eng_Latn")
    write_set(folder, change)
    ran(folder, out, "--languages", "eng_Latn")
    assert [one["text"] for one in lines(out, "eng_Latn")].count("A new passage.") == 1
    assert len(lines(out, "eng_Latn")) == len(records()["eng_Latn"])


def test_one_bad_text_is_one_problem_and_the_rest_is_drawn(tmp_path: Path) -> None:
    def change(made: dict[str, list[dict[str, Any]]]) -> None:
        made["eng_Latn"][0]["passage"] = "A sign \ue123 of nobody."
        made["eng_Latn"][1]["passage"] = "word " * 600

    folder, out = write_set(tmp_path / "set", change), tmp_path / "out"
    done = ran(folder, out, "--languages", "eng_Latn")
    assert done.exit_code == 1
    problems = [json.loads(line) for line in (out / "problems.jsonl").read_text().splitlines()]
    first, second = (records()["eng_Latn"][at]["id"] for at in (0, 1))
    told = {(one["item_id"], one["kind"]) for one in problems}
    assert told == {(first, "no_glyph"), (second, "page_too_small")}
    assert f"eng_Latn {first}: no installed font has U+E123" in done.output
    assert len(lines(out, "eng_Latn")) + len(problems) == len(records()["eng_Latn"])


def test_names_of_languages_are_drawn_for_a_model_to_read(tmp_path: Path) -> None:
    words = ["render", "--autonyms", "--languages", "khm_Khmr,urd_Arab,eng_Latn", "--resolution", "224"]
    done = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "names")])
    assert done.exit_code == 0, done.output
    (line,) = lines(tmp_path / "names", "khm_Khmr")
    assert (line["item_id"], line["text"]) == ("autonym-khm_Khmr", "ខ្មែរ")
    assert line["script"] == "Khmr"
    assert "".join(word["text"] for word in line["words"]) == line["text"]
    assert "# Names of languages, as pages" in (tmp_path / "names" / "README.md").read_text("utf-8")
    for wrong in (["render", "--out", "x"], [*words, str(tmp_path), "--out", "x"]):
        assert CliRunner().invoke(main, wrong).exit_code == 2


def test_whole_items_are_drawn_as_pages(made: tuple[Path, Path], tmp_path: Path) -> None:
    folder, _ = made
    done = ran(folder, tmp_path / "out", "--languages", "arb_Arab", "--part", "page")
    assert done.exit_code == 0
    item = records()["arb_Arab"][0]
    (page,) = [one for one in lines(tmp_path / "out", "arb_Arab") if one["item_id"] == item["id"]]
    assert page["part"] == "page"
    for text in (item["passage"], item["question"], *item["options"]):
        assert text in page["text"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--font", "Noto Sanss"], "no font here is called 'Noto Sanss': did you mean"),
        (["--resolution", "300"], "--resolution takes 224, 448 or a4@DPI"),
        (["--degrade", "fog=3"], "--degrade takes mixed, or skew"),
        (["--size", "huge"], "--size takes fit"),
        (["--languages", "fra_Latn"], "the set has no items in fra_Latn; its languages are amh_Ethi"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_written(
    made: tuple[Path, Path], tmp_path: Path, words: list[str], told: str
) -> None:
    done = ran(made[0], tmp_path / "out", *words)
    assert done.exit_code == 2
    assert told in done.output
    assert not (tmp_path / "out").exists()


def test_what_others_wrote_is_left_alone(made: tuple[Path, Path], tmp_path: Path) -> None:
    folder, _ = made
    (tmp_path / "README.md").write_text("mine")
    assert "no belebele render wrote it" in ran(folder, tmp_path).output
    (tmp_path / "README.md").unlink()
    ran(folder, tmp_path, "--languages", "eng_Latn")
    done = ran(folder, tmp_path, "--languages", "amh_Ethi")
    assert done.exit_code == 2
    assert "pages has eng_Latn.parquet, which this run does not draw" in done.output


def test_a_set_without_passages_is_drawn_by_the_page_alone(tmp_path: Path) -> None:
    line = {"id": "q1", "question": "Is it?", "options": ["Yes", "No"], "answer": 0}
    (tmp_path / "eng_Latn.jsonl").write_text(json.dumps(line) + "\n")
    words = ["--passage", "-", "--answer-from", "0", "--language", "eng_Latn"]
    assert "--part page draws" in ran(tmp_path / "eng_Latn.jsonl", tmp_path / "out", *words).output
    assert ran(tmp_path / "eng_Latn.jsonl", tmp_path / "out", *words, "--part", "page").exit_code == 0
    (page,) = lines(tmp_path / "out", "eng_Latn")
    assert page["text"] == "Is it?\nA. Yes\nB. No"
    assert notes_of(tmp_path / "out/pages/eng_Latn.parquet") is not None
