"""Files written once more with some texts mended: those, and nothing else."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import UsageError
from data.itemsets.mended_files import mended

TEXTS = {" a  b": "a b"}


def test_json_lines_change_in_place(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    lines = [
        '{"id": 1,"q": " a  b",  "o": ["x", " a  b"], " a  b": "\\u00e9\\/", "n": 1.0}',
        '{"id": 2, "q": " a  b"}',
    ]
    file.write_bytes("\r\n".join(lines).encode() + b"\r\n\r\n")
    made = mended(file, {1: TEXTS})
    first = lines[0].replace('": " a  b"', '": "a b"').replace('"x", " a  b"', '"x", "a b"')
    assert made.content == f"{first}\r\n{lines[1]}\r\n\r\n".encode()
    assert made.done == {1: {" a  b"}}


def test_escapes_stay_escapes(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"q": "\\u00e9  "}\n{"q": "é  "}\n')
    made = mended(file, {1: {"é  ": "é"}, 2: {"é  ": "é"}})
    assert made.content.decode() == '{"q": "\\u00e9"}\n{"q": "é"}\n'


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("a.csv", 'id,q,o\r\n1," a  b","x ""y"", z"\r\n2, a  b,"two\nlines"\r\n', None),
        ("a.csv", 'id;q;o\n1;" a  b";"x; y"\n2; a  b;z\n', None),
        ("a.tsv", 'id\tq\to\n1\t a  b\t"said" he\n2\t a  b\tz', None),
        ("a.csv", '\ufeffid,q,o\n1, a  b,"x, y"\n', None),
    ],
)
def test_fields_change_in_place(tmp_path: Path, name: str, before: str, after: None) -> None:
    file = tmp_path / name
    file.write_bytes(before.encode())
    line = 2 if "2" not in before else before[: before.index("2")].count("\n") + 1
    made = mended(file, {line: TEXTS}).content.decode()
    assert made == before[::-1].replace(" a  b"[::-1], "a b"[::-1], 1)[::-1]


def test_what_needs_marks_gets_them(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,q\n1,a\n")
    made = mended(file, {2: {"a": 'b, "c"'}}).content.decode()
    assert list(csv.reader(made.splitlines()))[1] == ["1", 'b, "c"']


def test_parquet_keeps_everything_else(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    options = pa.array([["x", " a  b"], ["y", " a  b"]], pa.list_(pa.string()))
    choices = pa.array([{"text": [" a  b"], "label": ["A"]}, None])
    schema = pa.schema(
        [("n", pa.int8()), ("q", pa.large_string()), ("o", options.type), ("c", choices.type)],
        {b"huggingface": b"{}"},
    )
    table = pa.table(
        [pa.array([1, 2], pa.int8()), pa.array([" a  b", None], pa.large_string()), options, choices], schema
    )
    pq.write_table(table, file, compression="gzip", row_group_size=1)
    target = tmp_path / "b.parquet"
    target.write_bytes(mended(file, {1: TEXTS}).content)
    found = pq.ParquetFile(target)
    assert found.schema_arrow.equals(pq.ParquetFile(file).schema_arrow, check_metadata=True)
    assert found.num_row_groups == 2
    assert found.metadata.row_group(0).column(0).compression == "GZIP"
    rows = found.read().to_pylist()
    assert rows[0] == {"n": 1, "q": "a b", "o": ["x", "a b"], "c": {"text": ["a b"], "label": ["A"]}}
    assert rows[1] == {"n": 2, "q": None, "o": ["y", " a  b"], "c": None}


def test_a_file_without_mends_is_the_same(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b"\xff not text")
    assert mended(file, {}).content == file.read_bytes()


def test_other_kinds_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(json.dumps([{"q": " a  b"}]))
    with pytest.raises(UsageError, match=r"a\.json: --fix writes"):
        mended(file, {1: TEXTS})
