"""Files of pages: `datasets` reads them as pictures, and a broken picture is one item's problem."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import Image, load_dataset

from data.images.page_drawing import drawn_page
from data.images.page_files import PageNotes, join_pieces, joined, notes_of, piece, read_pages
from data.images.page_problem import PageProblem
from data.images.page_settings import PageSettings
from data.images.page_table import SCHEMA, PageImage


def pages(*texts: str) -> list[PageImage]:
    made = [drawn_page(f"q{at}", "eng_Latn", "Latn", text, PageSettings("224")) for at, text in enumerate(texts)]
    return [one.page for one in made]


def file_of(tmp_path: Path, *texts: str) -> Path:
    drawn = pages(*texts)
    pieces = [piece([page], PageNotes(f"o{page.item_id}", 1, fonts={"Noto Sans": "1f"})) for page in drawn]
    notes = joined([found for one in pieces if (found := notes_of(pa.BufferReader(one)))], "order")
    join_pieces(pieces, notes, tmp_path / "eng_Latn.parquet")
    return tmp_path / "eng_Latn.parquet"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_datasets_reads_pictures_and_boxes(tmp_path: Path) -> None:
    file = file_of(tmp_path, "One two", "Three")
    read = load_dataset("parquet", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache"))
    assert isinstance(read.features["image"], Image)
    assert read.column_names == SCHEMA.names
    assert read[0]["image"].size == (224, 224)
    assert read[0]["image"].mode == "L"
    assert [word["text"] for word in read[0]["words"]] == ["One", "two"]
    assert read[1]["item_id"] == "q1"


def test_a_file_is_its_pieces_with_their_notes(tmp_path: Path) -> None:
    file = file_of(tmp_path, "One two", "Three")
    assert notes_of(file) == PageNotes("order", 2, fonts={"Noto Sans": "1f"})
    assert pq.ParquetFile(file).num_row_groups == 2
    assert pq.read_schema(file).remove_metadata() == SCHEMA
    (tmp_path / "no.parquet").write_bytes(b"PAR1")
    assert notes_of(tmp_path / "no.parquet") is None


@pytest.mark.parametrize("broken", [b"", b"\x89PNG\r\n\x1a\n", b"no picture"])
def test_a_broken_picture_is_named_and_the_others_are_read(tmp_path: Path, broken: bytes) -> None:
    file = file_of(tmp_path, "One", "Two", "Three")
    lines = pq.read_table(file).to_pylist()
    lines[1]["image"]["bytes"] = broken
    pq.write_table(pa.Table.from_pylist(lines, SCHEMA), file)
    first, second, third = read_pages(file)
    assert isinstance(second, PageProblem)
    assert (second.item_id, second.kind) == ("q1", "unreadable_picture")
    assert not isinstance(first, PageProblem) and first["image"].size == (224, 224)
    assert not isinstance(third, PageProblem)


def test_a_cut_picture_or_one_of_another_size_is_named(tmp_path: Path) -> None:
    file = file_of(tmp_path, "One", "Two")
    lines = pq.read_table(file).to_pylist()
    lines[0]["image"]["bytes"] = lines[0]["image"]["bytes"][:-200]
    lines[1]["width"] = 100
    pq.write_table(pa.Table.from_pylist(lines, SCHEMA), file)
    cut, other = read_pages(file)
    assert isinstance(cut, PageProblem) and "cannot be opened" in cut.what
    assert isinstance(other, PageProblem) and "224 × 224" in other.what
