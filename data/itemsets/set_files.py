"""The raw lines of a set's files, each with the place that an error would name.

Every value stays as the file has it: a label "0" in a CSV file stays a text until `data.itemsets.answer_keys` has
looked at all of them. Records of a known layout (`data.itemsets.layouts`) are unfolded here into one plain record
for each question.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.intake import Unreadable, arrow_stream, delimited, json_lines, parquet, shown, text_files
from data.itemsets.file_languages import NOTHING, SPLITS, FileLanguage, file_languages, stem_of
from data.itemsets.hub_card import ConfiguredFile, configured_files
from data.itemsets.layouts import LAYOUTS, layout_of, multirc
from data.itemsets.layouts.layout import Layout
from data.itemsets.set_problems import Problems
from data.language_tags import spelling

SUFFIXES = (".parquet", ".arrow", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_TEXTS = (".txt", ".xml")
_NOT_ITEMS = {
    "manifest.json", "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "config.json", "state.json"
}  # fmt: skip


@dataclass
class Table:
    """The lines of one file.

    Attributes:
        name: the file as the user named it, or its path under the folder that the user named.
        columns: the names of its columns, in order.
        lines: the values of each item by column.
        places: the place of each item: "items.jsonl, line 3".
        told: the language that the file's name, or its folder's card, tells.
        split: `train`, `test`, … if the file's name, its folder or a card tells it.
        layout: the layout that the file has; None if it is not a known one.
    """

    name: str
    columns: list[str]
    lines: list[Mapping[str, Any]]
    places: list[str]
    told: FileLanguage = NOTHING
    split: str = ""
    layout: Layout | None = None


def tables(
    paths: Sequence[str], problems: Problems, own: Layout | None = None, language_pattern: str = ""
) -> Iterator[Table]:
    """Yield the files of a set; a folder stands for the files in it.

    Args:
        paths: files and folders.
        problems: collects what cannot be read.
        own: the user's own layout, which then holds for every file.
        language_pattern: a part of the files' paths with `{}` in place of the language; "" to recognise it.
    """
    files: dict[Path, str] = {}
    configs: dict[Path, list[ConfiguredFile]] = {}
    for path in sorted(paths):
        for file, name in _files(Path(path), problems, configs):
            files.setdefault(file.resolve(), name)
    told = file_languages([Path(file) for file in files], language_pattern)
    for name, language in zip(files.values(), told, strict=True) if language_pattern else ():
        if not language.language:
            problems.add(name, f"does not end in {language_pattern!r}, which is to tell its language (--language)")
    by_card = {} if language_pattern else _card_languages(configs)
    for (file, name), language in zip(files.items(), told, strict=True):
        if (table := _table(file, name, problems, own)) is not None:
            table.told = by_card.get(file, language)
            named = configs.get(file, [])
            table.split = _split_of(file) or (named[0].split if named else "")
            yield table


def files_of(paths: Sequence[str]) -> list[Path]:
    """Return the files that a set is read from."""
    return [file for path in paths for file, _ in _files(Path(path), Problems(), {})]


def _files(
    path: Path, problems: Problems, configs: dict[Path, list[ConfiguredFile]]
) -> Iterator[tuple[Path, str]]:
    try:
        if path.is_file():
            if path.suffix.lower() not in (*SUFFIXES, *_TEXTS):
                kinds = f"known are {', '.join(SUFFIXES)}, and .txt and .xml of known layouts"
                problems.add(str(path), f"is of no known kind; {kinds}")
            else:
                yield path, str(path)
            return
        if not path.is_dir():
            problems.add(str(path), "there is no such file or folder")
            return
    except (OSError, ValueError) as error:
        problems.add(shown(str(path))[1:-1], f"cannot be looked at ({getattr(error, 'strerror', '') or error})")
        return
    if (tested := _tested(path)) is not None:
        yield from ((file, str(file)) for file in tested)
        return
    try:
        named = [one for one in configured_files(path) if one.file.suffix.lower() in (*SUFFIXES, *_TEXTS)]
    except Unreadable as problem:
        problems.add(str(path / "README.md"), problem.what)
        return
    for one in named:
        configs.setdefault(one.file.resolve(), []).append(one)
    found = sorted({one.file for one in named}) or _inside(path)
    if not found:
        problems.add(str(path), f"holds no items: no {', '.join(SUFFIXES)} file, and no .txt or .xml")
    for file in found:
        yield file, str(file)


def _tested(path: Path) -> list[Path] | None:
    """Return the files of a release's test split; None for any other folder. Its dev split is to learn from."""
    try:
        manifest = json.loads((path / "manifest.json").read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(manifest, Mapping) or not str(manifest.get("format", "")).startswith("belebele-release/"):
        return None
    return sorted((path / "data").glob("*.parquet")) or None


def _inside(path: Path) -> list[Path]:
    inside = path / "data" if (path / "data").is_dir() else path
    found = [
        file
        for file in sorted(inside.rglob("*"))
        if file.is_file()
        and file.suffix.lower() in (*SUFFIXES, *_TEXTS)
        and file.name not in _NOT_ITEMS
        and not any(part.startswith(".") for part in file.relative_to(path).parts)
    ]
    if any(file.suffix.lower() in SUFFIXES for file in found):  # text files beside tables are notes
        found = [file for file in found if file.suffix.lower() not in _TEXTS]
    return found


def _card_languages(configs: Mapping[Path, Sequence[ConfiguredFile]]) -> dict[Path, FileLanguage]:
    """Return the language of each file by the name of its configuration, if the names are several languages."""
    mains = {
        one.config: told.main
        for of in configs.values()
        for one in of
        if (told := spelling(one.config)) is not None
    }
    if len({*mains.values()}) < 2:
        return {}
    found = {file: [one.config for one in of if one.config in mains] for file, of in configs.items()}
    return {file: FileLanguage(names[0], sure=True) for file, names in found.items() if len({*names}) == 1}


def _split_of(file: Path) -> str:
    """Return the split that a file's name (alone or with a language) or its folder's name tells; "" for none."""
    words = stem_of(file).replace("-", ".").replace("_", ".").split(".")
    if stem_of(file) in SPLITS:
        return stem_of(file)
    for own, rest in (
        (words[0], stem_of(file)[len(words[0]) + 1 :]),
        (words[-1], stem_of(file)[: -len(words[-1]) - 1]),
    ):
        if own in SPLITS and spelling(rest) is not None:
            return own
    return next((part.name for part in list(file.parents)[:2] if part.name in SPLITS), "")


def _table(file: Path, name: str, problems: Problems, own: Layout | None) -> Table | None:
    suffix = file.suffix.lower()
    try:
        if suffix in (".parquet", ".arrow"):
            read = parquet.rows if suffix == ".parquet" else arrow_stream.rows
            columns, lines = read(file)
            return _flat(
                Table(name, columns, [*lines], [f"{name}, row {n + 1}" for n in range(len(lines))]), problems, own
            )
        if suffix in (".jsonl", ".ndjson"):
            return _json_lines(file, name, problems, own)
        text = text_files.text(file)
        if not text.strip():
            raise Unreadable("is empty")
        if own is None and (found := _of_a_layout(file, text, name, problems)) is not None:
            return found
        if suffix in (".csv", ".tsv"):
            return _delimited(text, name, "\t" if suffix == ".tsv" else "", problems, own)
        if suffix in _TEXTS and not text.lstrip().startswith(("{", "[")):
            kinds = ", ".join(one.name for one in LAYOUTS if suffix in one.suffixes)
            raise Unreadable(
                f"is in no layout that is known for {suffix} files ({kinds}); give a table or JSON lines"
            )
        if suffix not in _TEXTS and (whole := _json_array(text, name, problems, own)) is not None:
            return whole
        return _json_lines(file, name, problems, own)
    except Unreadable as problem:
        where = "row" if suffix in (".parquet", ".arrow") else "line"
        problems.add(f"{name}, {where} {problem.line}" if problem.line else name, problem.what)
        return None


def _of_a_layout(file: Path, text: str, name: str, problems: Problems) -> Table | None:
    """Return the items of a file that is neither a table nor JSON, read by its layout; None if no layout fits."""
    for layout in LAYOUTS:
        if layout.text is None or file.suffix.lower() not in layout.suffixes:
            continue
        if (records := layout.text(file, text)) is None:
            continue
        table = Table(name, [], [], [], layout=layout)
        for line, record in records:
            place = f"{name}, line {line}" if line else name
            if layout.unfold is not None:
                _unfold(table, record, place, problems)
            else:
                _add(table, record, place)
        return table
    return None


def _delimited(text: str, name: str, mark: str, problems: Problems, own: Layout | None) -> Table:
    found = delimited.read(text, mark)
    for problem in found.problems:
        note = problems.line if problem.alone else problems.add
        note(f"{name}, line {problem.line}", problem.what)
    places = [f"{name}, line {n}" for n, _ in found.rows]
    return _flat(Table(name, found.columns, [row for _, row in found.rows], places), problems, own)


def _flat(table: Table, problems: Problems, own: Layout | None) -> Table:
    """Return the table, unfolded if its layout holds several questions in a line."""
    first = table.lines[0] if table.lines else dict.fromkeys(table.columns, "")
    table.layout = own or layout_of(first)
    if table.layout is multirc.HUB:
        items = multirc.of_lines(table.lines)
        places = [table.places[first] for first, _ in items]
        columns = [*items[0][1]] if items else []
        return Table(table.name, columns, [item for _, item in items], places, layout=multirc.HUB)
    if table.layout is None or table.layout.unfold is None:
        return table
    flat = Table(table.name, [], [], [], layout=table.layout)
    for line, place in zip(table.lines, table.places, strict=True):
        _unfold(flat, line, place, problems)
    return flat


def _json_lines(file: Path, name: str, problems: Problems, own: Layout | None) -> Table | None:
    wrong: list[Unreadable] = []
    values = [(f"{name}, line {number}", value) for number, value in json_lines.values(file, wrong)]
    for problem in wrong:
        if problem.line:
            problems.line(f"{name}, line {problem.line}", problem.what)
        else:
            problems.add(name, problem.what)
    if not values and not wrong:
        raise Unreadable("is empty")
    return _of_values(name, values, problems, own)


def _json_array(text: str, name: str, problems: Problems, own: Layout | None) -> Table | None:
    """Return the items of a file that is one JSON value; None if it holds JSON lines under the suffix `.json`."""
    try:
        value = json_lines.value(text)
    except Unreadable:
        if not text.lstrip().startswith("["):
            return None
        raise
    if isinstance(value, dict) and layout_of(value) is None and own is None:
        lists = [key for key in ("data", "items", "questions", "examples") if isinstance(value.get(key), list)]
        value = value[lists[0]] if lists else value
    values = value if isinstance(value, list) and not _is_one(value, own) else [value]
    return _of_values(name, [(f"{name}, item {n}", one) for n, one in enumerate(values, start=1)], problems, own)


def _is_one(value: list[Any], own: Layout | None) -> bool:
    """Return whether a list is itself one record, not a list of records."""
    return own is None and layout_of(value) is not None


def _of_values(name: str, values: Sequence[tuple[str, Any]], problems: Problems, own: Layout | None) -> Table:
    table = Table(name, [], [], [])
    first = next((value for _, value in values if isinstance(value, Mapping | list)), None)
    table.layout = own or layout_of(first)
    if table.layout is multirc.HUB and all(isinstance(value, Mapping) for _, value in values):
        items = multirc.of_lines([value for _, value in values])
        return Table(
            name, [*items[0][1]], [one for _, one in items], [values[n][0] for n, _ in items], layout=table.layout
        )
    take: Callable[[Table, Any, str, Problems], None] = _take
    if table.layout is not None and table.layout.unfold is not None:
        take = _unfold
    for place, value in values:
        take(table, value, place, problems)
    return table


def _unfold(table: Table, record: object, place: str, problems: Problems) -> None:
    """Add the questions of a record; note a problem if it is not a record of the layout."""
    layout = table.layout
    assert layout is not None and layout.unfold is not None
    try:
        if not layout.fits(record):
            raise Unreadable(f"is no record of {layout.name}: {shown(record, 40)}")
        questions = layout.unfold(record)
    except Unreadable as problem:
        problems.line(place, problem.what)
        return
    if not questions:
        problems.line(place, "holds no question")
    for number, question in enumerate(questions, start=1):
        _add(table, question, f"{place}, question {number}" if len(questions) > 1 else place)


def _add(table: Table, line: Mapping[str, Any], place: str) -> None:
    table.columns.extend(column for column in line if column not in table.columns)
    table.lines.append(line)
    table.places.append(place)


def _by_column(value: Mapping[str, Any]) -> bool:
    """Return whether an object holds whole columns, each of them an object of cells by number."""
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
    _add(table, value, place)
