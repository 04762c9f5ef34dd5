"""The raw lines of the files that a set consists of, each with the place that an error will name.

Every value stays as the file has it: a label that CSV spells "0" is a text until `data.itemsets.answer_keys` has
looked at all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.intake import Unreadable, delimited, json_lines, parquet, shown, text_files
from data.itemsets.set_problems import Problems

SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
SPLITS = ("train", "training", "test", "testing", "val", "valid", "validation", "dev", "devtest")
_NOT_ITEMS = {"manifest.json", "dataset_info.json", "dataset_infos.json", "config.json", "state.json"}
_SHARD = re.compile(r"-\d{5}-of-\d{5}$")
_CODE = re.compile(r"[a-z]{2,3}(?:[_-](?:[A-Z][a-z]{3}|[A-Z]{2}))?")
_LONG_CODE = re.compile(r"[a-z]{3}_[A-Z][a-z]{3}")
_STEM = re.compile(
    rf"(?:(?P<before>{'|'.join(SPLITS)})[._-])?(?P<code>{_CODE.pattern})(?:[._-](?P<after>{'|'.join(SPLITS)}))?"
)


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


def files_of(paths: Sequence[str]) -> list[Path]:
    """The files that a set is read from."""
    return [file for path in paths for file, _ in _files(Path(path), Problems())]


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
    try:
        if suffix == ".parquet":
            columns, lines = parquet.rows(file)
            return Table(name, columns, lines, [f"{name}, row {n}" for n in range(1, len(lines) + 1)])
        if suffix in (".jsonl", ".ndjson"):
            return _json_lines(file, name, problems)
        text = text_files.text(file)
        if not text.strip():
            raise Unreadable("is empty")
        if suffix == ".txt":
            return _race(text, name, f"{file.parent.name}/{file.stem}", problems)
        if suffix in (".csv", ".tsv"):
            return _delimited(text, name, "\t" if suffix == ".tsv" else "", problems)
        if (whole := _json_array(text, name, problems)) is not None:
            return whole
        return _json_lines(file, name, problems)
    except Unreadable as problem:
        where = "row" if suffix == ".parquet" else "line"
        problems.add(f"{name}, {where} {problem.line}" if problem.line else name, problem.what)
        return None


def _delimited(text: str, name: str, mark: str, problems: Problems) -> Table:
    found = delimited.read(text, mark)
    for problem in found.problems:
        note = problems.line if problem.alone else problems.add
        note(f"{name}, line {problem.line}", problem.what)
    return Table(name, found.columns, [row for _, row in found.rows], [f"{name}, line {n}" for n, _ in found.rows])


def _json_lines(file: Path, name: str, problems: Problems) -> Table | None:
    table = Table(name, [], [], [])
    wrong: list[Unreadable] = []
    for number, value in json_lines.values(file, wrong):
        _take(table, value, f"{name}, line {number}", problems)
    for problem in wrong:
        if problem.line:
            problems.line(f"{name}, line {problem.line}", problem.what)
        else:
            problems.add(name, problem.what)
    if not table.lines and not wrong and not problems.count:
        raise Unreadable("is empty")
    return table


def _json_array(text: str, name: str, problems: Problems) -> Table | None:
    """A file that is one JSON value; None if it is JSON lines under a short suffix."""
    try:
        value = json_lines.value(text)
    except Unreadable:
        if not text.lstrip().startswith("["):
            return None
        raise
    if isinstance(value, dict):
        lists = [key for key in ("data", "items", "questions", "examples") if isinstance(value.get(key), list)]
        value = value[lists[0]] if lists and not _is_race(value) else [value]
    table = Table(name, [], [], [])
    for number, item in enumerate(value if isinstance(value, list) else [value], start=1):
        _take(table, item, f"{name}, item {number}", problems)
    return table


def _race(text: str, name: str, passage: str, problems: Problems) -> Table:
    table = Table(name, [], [], [])
    value = json_lines.value(text)
    if isinstance(value, dict) and _is_race(value):
        _take(table, {"id": passage, **value}, name, problems)
    else:
        problems.add(name, "is no passage of RACE: wanted are article, questions, options and answers")
    return table


def _is_race(value: Mapping[str, Any]) -> bool:
    return {"article", "questions", "options", "answers"} <= value.keys()


def _by_column(value: Mapping[str, Any]) -> bool:
    """Whether an object holds whole columns, each an object of cells by number."""
    columns = list(value.values())
    return len(columns) > 1 and all(isinstance(one, dict) and "0" in one for one in columns)


def _take(table: Table, value: object, place: str, problems: Problems) -> None:
    if not isinstance(value, dict):
        problems.line(place, f"holds {shown(value, 40)}, wanted is an object with columns")
        return
    if _by_column(value):
        problems.add(
            place,
            "holds a table column by column; write one object a line, as pandas' "
            "to_json(orient='records', lines=True) does",
        )
        return
    found = [(value, place)]
    if _is_race(value) and isinstance(value["questions"], list):
        lengths = {key: len(value[key]) for key in ("questions", "options", "answers")}
        if len(set(lengths.values())) > 1:
            what = " and ".join(f"{n} {key}" for key, n in lengths.items()) + "; wanted are as many"
            problems.line(place, what)
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
