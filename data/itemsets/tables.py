"""The raw lines of the files that a set consists of, each with the place that an error will name.

Every value stays as the file has it: a label that CSV spells "0" is a text until `data.itemsets.keys` has looked
at all of them.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.itemsets.problems import Problems

SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
SPLITS = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "devtest")
_NOT_ITEMS = {"manifest.json", "dataset_info.json", "dataset_infos.json", "config.json", "state.json"}
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")
_CODE = re.compile(r"[a-z]{2,3}(?:[_-](?:[A-Z][a-z]{3}|[A-Z]{2}))?")
_LONG_CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_STEM = re.compile(
    rf"(?:(?P<before>{'|'.join(SPLITS)})[._-])?(?P<code>{_CODE.pattern})(?:[._-](?P<after>{'|'.join(SPLITS)}))?"
)
_BIG = 1 << 27  # a field of CSV: more than any passage


@dataclass
class Table:
    """One file's lines.

    Attributes:
        name: the file as the user named it, or its path within the folder that was named.
        columns: names of its columns, in order.
        lines: per item its values by column.
        places: per item where it stands: "items.jsonl, line 3".
        language: what the file's name says of the language, "" for nothing.
        split: `train`, `test`, … if its name says so.
    """

    name: str
    columns: list[str]
    lines: list[Mapping[str, Any]]
    places: list[str]
    language: str = ""
    split: str = ""


def tables(paths: Sequence[str], problems: Problems) -> Iterator[Table]:
    """The files of a set; a folder stands for the files in it.

    Args:
        paths: files and folders.
        problems: takes what cannot be read.
    """
    files: dict[Path, str] = {}
    for path in sorted(paths):
        for file, name in _files(Path(path), problems):
            files.setdefault(file.resolve(), name)
    several = sum(file.suffix != ".txt" for file in files) > 1
    for file, name in files.items():
        if (table := _table(file, name, problems)) is not None:
            table.split, table.language = _told(file, several)
            yield table


def _files(path: Path, problems: Problems) -> Iterator[tuple[Path, str]]:
    if path.is_file():
        if path.suffix.lower() not in SUFFIXES and path.suffix != ".txt":
            problems.add(str(path), f"is of no known kind; known are {', '.join(SUFFIXES)} and RACE's .txt")
        else:
            yield path, str(path)
        return
    if not path.is_dir():
        problems.add(str(path), "there is no such file or folder")
        return
    inside = path / "data" if (path / "data").is_dir() else path
    found = [
        file
        for file in sorted(inside.rglob("*"))
        if file.is_file()
        and file.suffix.lower() in (*SUFFIXES, ".txt")
        and file.name not in _NOT_ITEMS
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    if any(file.suffix.lower() in SUFFIXES for file in found):  # texts beside tables are notes
        found = [file for file in found if file.suffix != ".txt"]
    if not found:
        problems.add(str(path), f"holds no items: no {', '.join(SUFFIXES)} file, and none of RACE's .txt")
    for file in found:
        yield file, str(file)


def _told(file: Path, several: bool) -> tuple[str, str]:
    """Split and language, as a file's name tells them: `test.et.jsonl`, `eng_Latn.parquet`, `et/test.jsonl`.

    Two or three letters alone count as a language only where several files are told apart by them.
    """
    stem = _SHARD.sub("", file.stem)
    above = [part.name for part in list(file.parents)[:2]]
    split = next((name for name in above if name in SPLITS), "")
    if stem in SPLITS:
        near = [name for name in above if _CODE.fullmatch(name) and name not in SPLITS]
        return stem, next((name for name in near if several or _LONG_CODE.fullmatch(name)), "")
    if (told := _STEM.fullmatch(stem)) is not None:
        own = told["before"] or told["after"] or ""
        if own or several or _LONG_CODE.fullmatch(told["code"]):
            return own or split, told["code"]
    return split, next((name for name in above if _LONG_CODE.fullmatch(name)), "")


def _table(file: Path, name: str, problems: Problems) -> Table | None:
    suffix = file.suffix.lower()
    if suffix == ".parquet":
        return _parquet(file, name, problems)
    text = _text(file, name, problems)
    if text is None:
        return None
    if not text.strip():
        problems.add(name, "is empty")
        return None
    if suffix == ".txt":
        return _race(text, name, f"{file.parent.name}/{file.stem}", problems)
    if suffix in (".csv", ".tsv"):
        return _csv(text, name, "\t" if suffix == ".tsv" else "", problems)
    if suffix == ".json" and (whole := _json_array(text, name, problems)) is not None:
        return whole
    return _json_lines(text, name, problems)


def _text(file: Path, name: str, problems: Problems) -> str | None:
    data = file.read_bytes()
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        problems.add(f"{name}, line {line}", f"the byte 0x{byte:02X} is not UTF-8; save the file as UTF-8")
        return None


def _parquet(file: Path, name: str, problems: Problems) -> Table | None:
    try:
        table = pq.read_table(file)
    except (pa.ArrowInvalid, OSError) as error:
        problems.add(name, f"is no parquet file that can be read: {str(error).splitlines()[0]}")
        return None
    lines = table.to_pylist()
    return Table(name, table.column_names, lines, [f"{name}, row {n}" for n in range(1, len(lines) + 1)])


def _csv(text: str, name: str, delimiter: str, problems: Problems) -> Table | None:
    head = text.partition("\n")[0]
    marks = [delimiter] if delimiter else sorted(",;\t", key=head.count, reverse=True)
    csv.field_size_limit(_BIG)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=marks[0], strict=True)
    table = Table(name, [], [], [])
    first = 1
    try:
        for row in reader:
            place = f"{name}, line {first}"
            first = reader.line_num + 1
            if not table.columns:
                table.columns = [cell.strip() for cell in row]
            elif row and len(row) != len(table.columns):
                problems.add(place, f"has {len(row)} fields and the header {len(table.columns)}; quote the fields")
            elif row:
                table.lines.append(dict(zip(table.columns, row, strict=True)))
                table.places.append(place)
    except csv.Error as error:
        problems.add(f"{name}, line {first}", f"is no CSV from here on: {error}; look for an unpaired quote")
        return None
    return table


def _json_lines(text: str, name: str, problems: Problems) -> Table:
    table = Table(name, [], [], [])
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            problems.add(place, f"is no JSON: {error.msg} at column {error.colno}")
            continue
        _take(table, value, place, problems)
    return table


def _json_array(text: str, name: str, problems: Problems) -> Table | None:
    """A file that is one JSON value; None if it is JSON lines under a short suffix."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith("["):
            return None
        problems.add(f"{name}, line {error.lineno}", f"is no JSON: {error.msg} at column {error.colno}")
        return Table(name, [], [], [])
    if isinstance(value, dict):
        lists = [key for key in ("data", "items", "questions", "examples") if isinstance(value.get(key), list)]
        value = value[lists[0]] if lists and not _is_race(value) else [value]
    table = Table(name, [], [], [])
    for number, item in enumerate(value, start=1):
        _take(table, item, f"{name}, item {number}", problems)
    return table


def _race(text: str, name: str, passage: str, problems: Problems) -> Table:
    table = Table(name, [], [], [])
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        problems.add(f"{name}, line {error.lineno}", f"is no JSON: {error.msg} at column {error.colno}")
        return table
    if isinstance(value, dict) and _is_race(value):
        _take(table, {"id": passage, **value}, name, problems)
    else:
        problems.add(name, "is no passage of RACE: wanted are article, questions, options and answers")
    return table


def _is_race(value: Mapping[str, Any]) -> bool:
    return {"article", "questions", "options", "answers"} <= value.keys()


def _take(table: Table, value: object, place: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.add(
            place, f"holds {json.dumps(value, ensure_ascii=False)[:40]}, wanted is an object with columns"
        )
        return
    found = [(value, place)]
    if _is_race(value) and isinstance(value["questions"], list):
        lengths = {key: len(value[key]) for key in ("questions", "options", "answers")}
        if len(set(lengths.values())) > 1:
            problems.add(place, " and ".join(f"{n} {key}" for key, n in lengths.items()) + "; wanted are as many")
            return
        found = [
            (
                {
                    "article": value["article"],
                    "question": question,
                    "options": options,
                    "answer": answer,
                    "id": f"{value.get('id', table.name)}#{number}",
                },
                f"{place}, question {number}",
            )
            for number, (question, options, answer) in enumerate(
                zip(value["questions"], value["options"], value["answers"], strict=True), start=1
            )
        ]
    for line, where in found:
        table.columns.extend(column for column in line if column not in table.columns)
        table.lines.append(line)
        table.places.append(where)
