"""Pages become samples; words held out are never among them; the command trains, writes, tells, and refuses."""

from __future__ import annotations

import io
import json
import random
import re
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from data.errors import UsageError
from data.sample import load as load_sample
from flows.cli.commands import main
from flows.vision.caption_shards import captioned_pictures
from flows.vision.page_pictures import cut_pages, held_out
from flows.vision.training_samples import makers
from qc.models.vision.model_folder import load, opened
from qc.models.vision.tokens import unboxed
from tests.flows.vision.drawn_pages import drawn, pages_folder
from tests.qc.models.vision.test_model_folder import published_folder

SAMPLE = {
    (passage.passage_id, passage.language): passage.sentences
    for passage in load_sample().passages
    if passage.language in ("eng_Latn", "rus_Cyrl")
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    lines = [drawn(item, language, sentences) for (item, language), sentences in SAMPLE.items()]
    return pages_folder(tmp_path_factory.mktemp("set"), lines)


def test_words_held_out_are_in_no_sample(pages: Path) -> None:
    pictures = cut_pages(str(pages), 56, 16)
    unseen = {word.text for word in pictures.unseen}
    assert len(unseen) > 20
    assert {word.script for word in pictures.unseen} == {"Latn", "Cyrl"}
    assert not unseen & {word.text for word in pictures.words}
    assert not unseen & {word for window in pictures.windows for word, _ in window.words}
    apart = held_out(item for item, _ in SAMPLE)
    assert not apart & {page.item_id for page in pictures.pages}
    dice = random.Random(1)
    drawn_samples = makers(pictures, [], 16)
    for _ in range(50):
        for maker in drawn_samples.values():
            sample = maker(dice)
            assert not unseen & set(f"{sample.prompt} {sample.answer}".split())


def plain(sentences: Sequence[str]) -> str:
    """As clozes have them, without quotation marks."""
    return " ".join(re.sub('["“”„«»]', " ", " ".join(sentences)).split())


def test_each_task_is_what_it_says(pages: Path) -> None:
    pictures = cut_pages(str(pages), 56, 16)
    dice = random.Random(2)
    drawn_samples = makers(pictures, [], 16)
    assert set(drawn_samples) == {"transcription", "repetition", "text", "grounding", "questions"}
    for _ in range(20):
        repeated = drawn_samples["repetition"](dice)
        assert repeated.prompt.replace("<imgpad>", "") == f"<img>{repeated.answer}</img>"
        asked = drawn_samples["questions"](dice)
        assert asked.prompt.count("\n") >= 3
        assert asked.prompt.endswith("Answer: ")
        (right,) = [line[3:] for line in asked.prompt.splitlines() if line.startswith(f"{asked.answer}. ")]
        stem = asked.prompt.split(" ____")[0]
        assert any(stem in plain(some) and right in plain(some) for some in SAMPLE.values())
        found = drawn_samples["grounding"](dice)
        assert found.picture is not None
        (box,) = unboxed(found.answer, *found.picture.size)
        inked = found.picture.crop(tuple(map(round, box)))  # type: ignore[arg-type]
        assert inked.getextrema()[0] < 128


def test_a_page_that_is_no_picture_is_told_and_left_out(tmp_path: Path) -> None:
    lines = [drawn(f"p{n}", "eng_Latn", [f"The boat number {n} sank off the {n}th isle."]) for n in range(9)]
    (item,) = held_out(f"p{n}" for n in range(9))
    broken = next(line for line in lines if line["item_id"] != item)
    broken["image"] = {"bytes": b"nothing", "path": "x.png"}
    pictures = cut_pages(str(pages_folder(tmp_path / "set", lines)), 56, 16)
    assert len(pictures.pages) == 7
    assert [str(broken["item_id"]) in problem for problem in pictures.problems] == [True]


def test_what_is_no_table_of_pages_is_refused(tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pytest.raises(UsageError, match="no tables of pages"):
        cut_pages(str(tmp_path), 56, 16)
    pq.write_table(pa.table({"item_id": ["a"], "image": ["b"]}), tmp_path / "other.parquet")
    with pytest.raises(UsageError, match=r"other\.parquet: is no table of pages: it has no column language"):
        cut_pages(str(tmp_path), 56, 16)


@pytest.mark.slow
def test_the_command_trains_and_tells(pages: Path, tmp_path: Path) -> None:
    captions = shard(tmp_path / "captions", {"1.png": png(), "1.txt": b"a white wall"})
    out = tmp_path / "model"
    line = ["vision", "--train", str(pages), "--out", str(out), "--pace", "0.002", "--captions", str(captions)]
    ran = CliRunner().invoke(main, line)
    assert ran.exit_code == 0, ran.output
    assert "Cyrl" in ran.stdout
    assert "another word's picture" in ran.stdout
    report = json.loads((out / "training.json").read_text("utf-8"))
    assert [lesson["changed"] for lesson in report["lessons"]] == [
        ["language_model"], ["image_encoder", "adapter", "output_projection"],
        ["image_encoder", "adapter", "output_projection", "language_model"],
        ["adapter", "output_projection", "language_model"],
    ]  # fmt: skip
    reader = load(out, "cpu")
    assert len(reader.scores(Image.new("L", (50, 50), 255), "", ["a", "b"])) == 2
    told = json.loads(CliRunner().invoke(main, ["vision", "--describe", "--model", str(out), "--json"]).stdout)
    assert told["adapter"]["queries"] == 16
    assert told["parameters"]["all"] < 1_000_000


STAGE = """
[[stage]]
number = 3
trains = ["adapter", "output_projection", "language_model"]
side = 42
mixture = { questions = 0.3, transcription = 0.7 }
steps = 2
batch = 6
rate = 1e-3
lowest = 1e-5
warm = 1
"""


def test_a_published_checkpoint_goes_through_a_stage_of_ones_own(pages: Path, tmp_path: Path) -> None:
    published_folder(tmp_path / "published")
    (tmp_path / "stages.toml").write_text(STAGE)
    line = ["vision", "--train", str(pages), "--model", str(tmp_path / "published"), "--at-once", "2"]
    ran = CliRunner().invoke(
        main, [*line, "--stages", str(tmp_path / "stages.toml"), "--out", str(tmp_path / "mine"), "--json"]
    )
    assert ran.exit_code == 0, ran.output
    (lesson,) = json.loads(ran.stdout)["lessons"]
    assert lesson["changed"] == ["adapter", "output_projection", "language_model"]
    before, after = (opened(tmp_path / name)[0].image_encoder.state_dict() for name in ("published", "mine"))
    assert all(torch.equal(after[name], weight) for name, weight in before.items())
    assert opened(tmp_path / "mine")[2] == 42


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("steps = 2", "", "stage 1: lacks steps"),
        ("steps = 2", "steps = 2.5", "steps = 2.5 is no whole number from 1 upwards"),
        ("warm = 1", "warm = 1\nwidth = 3", "width is no key of a stage; there are number, trains"),
        ('"adapter", ', '"eyes", ', "is no list of parts: image_encoder, adapter"),
        ("questions = 0.3", "reading = 0.3", "gives no share to any of text, repetition, captions"),
        ("questions = 0.3", "questions = 0", "mixture.questions = 0 is no share above 0"),
        ("rate = 1e-3", "rate = true", "rate = True is no number between 0 and 1"),
        ("[[stage]]", "[stage]", "wants a table [[stage]] for each stage"),
        ("[[stage]]", "[[stage", "cannot be read"),
        ("side = 42", "side = 50", "stage 3: side = 50 is no multiple of 7, a patch's side"),
        ("{ questions = 0.3, transcription = 0.7 }", "{ captions = 1 }", "stage 3 has no data: it wants captions"),
    ],
)
def test_a_stage_that_cannot_be_is_refused(pages: Path, tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in STAGE
    (tmp_path / "stages.toml").write_text(STAGE.replace(old, new))
    line = ["vision", "--train", str(pages), "--stages", str(tmp_path / "stages.toml")]
    ran = CliRunner().invoke(main, [*line, "--out", str(tmp_path / "mine")])
    assert ran.exit_code == 2
    assert told in " ".join(ran.output.split())
    assert not (tmp_path / "mine").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "say either --describe, or --train"),
        (["--describe", "--train", "pages"], "say either --describe, or --train"),
        (["--train", "pages"], "--train needs --out"),
        (["--train", "pages", "--out", "x", "--model", "y"], "--model needs --stages FILE"),
        (["--describe", "--model", "nowhere"], "no config.json"),
    ],
)
def test_bad_use_is_told(words: list[str], told: str) -> None:
    ran = CliRunner().invoke(main, ["vision", *words])
    assert ran.exit_code == 2
    assert told in ran.output


# Captions --------------------------------------------------------------------------------------------------------


def png() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (8, 8), (255, 255, 255)).save(written, "PNG")
    return written.getvalue()


def shard(folder: Path, members: dict[str, bytes]) -> Path:
    folder.mkdir(exist_ok=True)
    with tarfile.open(folder / "00000.tar", "w") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return folder


def test_pairs_are_read_in_their_order(tmp_path: Path) -> None:
    members = {"a/1.png": png(), "a/1.txt": b" one \n", "a/2.json": b'{"caption": "two"}', "a/2.png": png()}
    found = list(captioned_pictures(str(shard(tmp_path / "s", members))))
    assert [pair.caption for pair in found] == ["one", "two"]
    assert found[0].picture.size == (8, 8)


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"1.png": b"no", "1.txt": b"one"}, "1: the picture cannot be read"),
        ({"1.png": png()}, "1: there is no caption"),
        ({"1.txt": b"one", "2.png": png()}, "1: there is no picture"),
        ({"1.png": png(), "1.txt": b"\xff"}, "1: the caption is no UTF-8"),
        ({"1.png": png(), "1.json": b"{}"}, "1: the caption is no UTF-8 text, or no JSON"),
        ({"1.png": png(), "1.txt": b"  "}, "1: the caption is empty"),
    ],
)
def test_a_broken_pair_is_named(tmp_path: Path, members: dict[str, bytes], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        list(captioned_pictures(str(shard(tmp_path / "s", members))))


def test_a_broken_shard_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no shards"):
        list(captioned_pictures(str(tmp_path)))
    (tmp_path / "1.tar").write_bytes(b"no tar file at all" * 100)
    with pytest.raises(UsageError, match=r"1\.tar: cannot be read as a tar file"):
        list(captioned_pictures(str(tmp_path)))
