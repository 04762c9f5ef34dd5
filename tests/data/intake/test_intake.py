"""The gate: what hostile and odd files hold is refused with its place, and what is read is exact."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import sources
from data.campaign.campaign import Campaign
from data.errors import CampaignError, ItemSetError, SourceError, UsageError
from data.intake import LONGEST, Unreadable, delimited, json_lines, listed, parquet, text_files
from data.itemsets import read
from data.itemsets.solver_responses import read_responses
from data.sources import flores200
from flows.simulation.rehearsal import worker_profiles

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (r'{"a": "x \ud83d"}', "a holds half of a surrogate pair (U+D83D) after 'x '"),
        (r'{"a": ["b", "x\u0000"]}', "a, 2 holds the character U+0000 after 'x'"),
        (r'{"\ud83d": 1}', "as a name, holds half of a surrogate pair"),
        ('{"a": 1, "a": 2}', "a stands twice in one object"),
        ('{"a": {"b": 1, "b": 2}}', "b stands twice in one object"),
        ("[" * 100_000, "nested more than 20 deep"),
        ('{"a":' * 30 + "1" + "}" * 30, "nested more than 20 deep"),
        ("9" * 5000, "a number of thousands of digits"),
        (f'{{"a": "{"x" * (LONGEST + 1)}"}}', "a is 1,000,001 characters long, and at most 1,000,000 are taken"),
        ('{"a": 1', "invalid JSON"),
    ],
)
def test_json_that_is_not_taken(text: str, says: str) -> None:
    with pytest.raises(Unreadable) as told:
        json_lines.value(text)
    assert says in str(told.value)
    assert len(str(told.value)) < 200


def test_every_reader_of_json_lines_refuses_half_a_character_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    good = (
        '{"id": 1, "question": "?", "options": ["a", "b"], "answer": 0, "solver": "m", "item_id": 1, "chosen": 1}'
    )
    file.write_text(good + "\n" + good.replace('"?"', r'"? \ud83d"') + "\n", encoding="utf-8")
    for reader, error in (
        (lambda: read([str(file)]), ItemSetError),
        (lambda: read_responses(file), UsageError),
        (lambda: sources.read("parallel", str(file)), SourceError),
    ):
        with pytest.raises(error, match=r"x.jsonl, line 2: question holds half of a surrogate pair"):
            reader()


def test_long_lines_and_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "LONGEST_LINE", 100)
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n["' + "x" * 100 + '"]\n', encoding="utf-8")
    problems: list[Unreadable] = []
    assert list(json_lines.values(tmp_path / "a.jsonl", problems)) == [(1, {"a": 1})]
    assert [problem.at("a") for problem in problems] == ["a, line 2: is 104 bytes long, and at most 100 are taken"]
    with (tmp_path / "huge.csv").open("wb") as file:
        file.truncate(text_files.LARGEST + 1)  # a file of holes: it takes no room on the disk
    with pytest.raises(ItemSetError, match=r"huge.csv: is 1,073,741,825 bytes large"):
        read([str(tmp_path / "huge.csv")])


def test_a_column_list_in_a_message_is_short(tmp_path: Path) -> None:
    assert len(listed(f"column_{n}" for n in range(10_000))) < 200
    (tmp_path / "x.jsonl").write_text("{" + ", ".join(f'"c{n}": 1' for n in range(10_000)) + "}", encoding="utf-8")
    with pytest.raises(ItemSetError) as told:
        read([str(tmp_path / "x.jsonl")])
    assert "its columns are c0, c1, " in str(told.value).casefold()
    assert len(str(told.value)) < 1500
    by_column = {name: {str(n): "text" for n in range(5000)} for name in ("question", "options", "answer")}
    (tmp_path / "y.json").write_text(json.dumps(by_column), encoding="utf-8")
    with pytest.raises(ItemSetError, match=r"a table column by column; .* lines=True") as told:
        read([str(tmp_path / "y.json")])
    assert len(str(told.value)) < 300


# Delimited text --------------------------------------------------------------------------------------------------

CELLS = st.text(alphabet=st.sampled_from("ab ,;\t\"'\n\r=é\u2028"), max_size=6)
ROWS = st.lists(st.tuples(CELLS, CELLS, st.just("z")), min_size=1, max_size=5)


@given(ROWS, st.sampled_from(",;\t"), st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
def test_what_a_writer_quotes_comes_back(rows: list[tuple[str, str, str]], mark: str, quoting: int) -> None:
    held = io.StringIO()
    csv.writer(held, delimiter=mark, quoting=quoting).writerows([("id", "text", "end"), *rows])
    found = delimited.read(held.getvalue(), mark)
    for line, cells in found.rows:
        assert line > 1
        assert set(cells) == {"id", "text", "end"}
    if not found.problems:  # a cell of lines that look like rows is refused, not read
        assert [tuple(cells.values()) for _, cells in found.rows] == rows


@pytest.mark.parametrize(
    ("text", "mark", "cells"),
    [
        ('a\tb\n"x" y\t1\nz "\t2\n', "\t", [['"x" y', "1"], ['z "', "2"]]),  # marks of the text
        ('a\tb\n"Go.\t1\nz\t2\nw."\t3\n', "\t", [['"Go.', "1"], ["z", "2"], ['w."', "3"]]),
        ('a\tb\n"x ""y"""\t1\n', "\t", [['x "y"', "1"]]),  # marks of the format
        ('"a"\t"b"\n"x"\t"1"\n', "\t", [["x", "1"]]),
        ('a\tb\n"x\ny"\t1\n', "\t", [["x\ny", "1"]]),
        ('a\tb\n"x"\t1\ny\t2\n', "\t", [['"x"', "1"], ["y", "2"]]),  # a quotation
        ("a;b\n1;2\n;\n", "", [["1", "2"]]),
        ("sep=;\na;b\n1;2\n", "", [["1", "2"]]),
        ("a,b,,\n1,2,,\n", "", [["1", "2"]]),
    ],
)
def test_quotation_marks_and_separators(text: str, mark: str, cells: list[list[str]]) -> None:
    found = delimited.read(text, mark)
    assert found.problems == []
    assert [list(row.values()) for _, row in found.rows] == cells


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id,answer,answer\n1,A,B\n", "x, line 1: the column 'answer' stands there 2 times (2, 3); keep one"),
        ('a,b\n"Go.,1\nz,2\nw.",3\n', "x, line 2: a quotation mark here, at the beginning of a field, is closed"),
        ('a,b\n"x" y,1\n', "x, line 2: is no CSV from here on"),
        ("a,b\n1,2,3\n", "x, line 2: has 3 fields and the header 2"),
        (f"a,b\n{'x' * (LONGEST + 1)},1\n", "x, line 2: a is 1,000,001 characters long"),
    ],
)  # fmt: skip
def test_delimited_text_that_is_not_taken(text: str, says: str) -> None:
    assert delimited.read(text).problems[0].at("x").startswith(says)


def test_text_as_spreadsheets_save_it(tmp_path: Path) -> None:
    for name, encoding in (("a.csv", "utf-8-sig"), ("b.csv", "utf-16"), ("c.csv", "utf-8")):
        (tmp_path / name).write_bytes("term;fra_Latn\r\nmûr;é\u2028x\r\n".encode(encoding))
        assert delimited.read(text_files.text(tmp_path / name)).rows == [
            (2, {"term": "mûr", "fra_Latn": "é\u2028x"})
        ]
    (tmp_path / "d.csv").write_bytes(b"a,b\nx\0,1\n")
    with pytest.raises(Unreadable) as told:
        text_files.text(tmp_path / "d.csv")
    assert told.value.at("d.csv").startswith("d.csv, line 2: holds the character U+0000")


# Parquet, archives, TOML -----------------------------------------------------------------------------------------


def dictionary(text: str, times: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), pa.array([text]))


BOMBS: dict[str, Callable[[], dict[str, pa.Array]]] = {
    "texts": lambda: {"t": dictionary("x" * 1_000_000, 20_000)},
    "a list of texts": lambda: {
        "t": pa.ListArray.from_arrays(pa.array([0, 20_000], pa.int32()), dictionary("x" * 1_000_000, 20_000))
    },
    "numbers": lambda: {"n": pa.array([0] * 21_000_000, pa.int8())},
}


def test_small_parquet_files_that_stand_for_gigabytes(tmp_path: Path) -> None:
    """Read by a process whose memory is watched: 20 GB of texts in cells, in a list, 21 million numbers."""
    files = []
    for name, columns in BOMBS.items():
        files.append(str(tmp_path / f"{name}.parquet"))
        pq.write_table(pa.table(columns()), files[-1], compression="zstd")
        assert Path(files[-1]).stat().st_size < 1_000_000
    code = (
        "import resource, sys\nfrom data.itemsets import read\nfrom data.errors import ItemSetError\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for file in sys.argv[1:]:\n    try: read([file])\n    except ItemSetError as e: print(e.problems)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *files], capture_output=True, text=True, cwd=ROOT, check=True
    )
    *told, grown = done.stdout.splitlines()
    assert len(told) == len(files)
    for line, file in zip(told, files, strict=True):
        assert file in line
        assert "split it" in line
    assert int(grown) < 600_000, "kilobytes"


def test_parquet_that_is_not_taken(tmp_path: Path) -> None:
    def refused(table: pa.Table) -> str:
        pq.write_table(table, tmp_path / "x.parquet")
        with pytest.raises(Unreadable) as told:
            parquet.table(tmp_path / "x.parquet")
        return told.value.at("x", "row")

    assert refused(pa.table({"t": ["a", "b\0"]})).startswith("x, row 2: t holds the character U+0000")
    assert refused(pa.table({"t": [["a"], [], ["b", "c\0"]]})).startswith("x, row 3: t holds the character U+0000")
    assert refused(pa.table({"t": [{"text": ["a\0"]}]})).startswith("x, row 1: t holds the character U+0000")
    assert refused(pa.table({"t": ["a", "x" * (LONGEST + 1)]})).startswith("x, row 2: t is longer than 1,000,000")
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert refused(twice) == "x: the column a stands there twice; keep one"
    half = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\3\0\0\0"), pa.py_buffer(b"\xed\xa0\xbd")]
    )
    assert refused(pa.table({"t": half})) == "x: the column t holds bytes that are not UTF-8"
    deep = pa.array([1], pa.int32())
    for _ in range(60):
        deep = pa.ListArray.from_arrays(pa.array([0, 1], pa.int32()), deep)
    assert "nested" in refused(pa.table({"t": deep}))


def test_an_archive_that_stands_for_gigabytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flores200, "UNPACKED", 1_000_000)
    monkeypatch.setattr(flores200, "LARGEST", 100_000)

    def packed(name: str, size: int) -> str:
        with tarfile.open(tmp_path / "f.tar.gz", "w:gz") as archive:
            member = tarfile.TarInfo(name)
            member.size = size
            archive.addfile(member, io.BytesIO(bytes(size)))
        return str(tmp_path / "f.tar.gz")

    with pytest.raises(SourceError, match=r"eng_Latn.dev: 200,000 bytes, and at most 100,000 are taken"):
        sources.read("flores200", packed("f/dev/eng_Latn.dev", 200_000))
    with pytest.raises(SourceError, match=r"holds more than 1,000,000 bytes unpacked"):
        sources.read("flores200", packed("f/readme", 20_000_000))


def test_toml_that_is_not_taken() -> None:
    good = (
        '[campaign]\nid = "a"\ntitle = "T"\n[source]\nkind = "parallel"\npath = "p"\n[languages]\ntargets = []\n'
    )
    assert Campaign.parse(good).id == "a"
    for text, says in (
        (good.replace('"T"', r'"T\u0000"'), "line 3, campaign.title: holds the character U+0000"),
        (good + "x = " + "[" * 3000 + "]" * 3000, "line 9"),
        (good + "x = " + "9" * 5000, "thousands of digits"),
    ):
        with pytest.raises(CampaignError) as told:
            Campaign.parse(text)
        assert any(says in problem for problem in told.value.problems), told.value
    with pytest.raises(CampaignError, match="nested too deep"):
        worker_profiles.parse("x = " + "[" * 3000 + "]" * 3000)
