"""Copies of a set's files with some of their texts mended and everything else unchanged.

A text is found in its record by its content, not by the column that it was read from: so if an answer is given as
its option's text, it is mended with the option, whatever the set's layout is. In JSON lines and delimited text
only the bytes of mended texts change; a parquet file keeps its columns, types, metadata and compression.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.errors import UsageError
from data.intake import delimited

KINDS = (".jsonl", ".ndjson", ".csv", ".tsv", ".parquet")

Texts = Mapping[str, str]
"""The new text for each text of a record that is to change."""


@dataclass
class MendedFile:
    """A file with its mends.

    Attributes:
        content: the file's bytes.
        done: the old texts that were found and changed, by record (line or row, from 1).
    """

    content: bytes
    done: dict[int, set[str]] = field(default_factory=dict)


def mended(file: Path, texts: Mapping[int, Texts]) -> MendedFile:
    """Return a file with some of its records' texts changed.

    Args:
        file: a file of one of `KINDS`.
        texts: the changes by record, numbered as in an item's place: by its first line, or by its row.

    Raises:
        UsageError: the file is of another kind, or its records cannot be found as they were read.
    """
    if not texts:
        return MendedFile(file.read_bytes())
    suffix = file.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _json_lines(file, texts)
    if suffix in (".csv", ".tsv"):
        return _delimited(file, texts, "\t" if suffix == ".tsv" else "")
    if suffix == ".parquet":
        return _parquet(file, texts)
    raise UsageError(f"{file}: --fix writes {', '.join(KINDS)}; convert the file to one of them first")


# JSON lines ------------------------------------------------------------------------------------------------------

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"(?P<key>\s*:)?')


def _json_lines(file: Path, texts: Mapping[int, Texts]) -> MendedFile:
    data = file.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{file}: --fix writes UTF-8, and this is UTF-16; convert the file first")
    made = MendedFile(b"")
    lines = data.split(b"\n")
    for number, wanted in texts.items():
        if number > len(lines):
            continue
        done = made.done.setdefault(number, set())
        lines[number - 1] = _in_json(lines[number - 1].decode("utf-8"), wanted, done).encode("utf-8")
    made.content = b"\n".join(lines)
    return made


def _in_json(line: str, wanted: Texts, done: set[str]) -> str:
    """Return a line of JSON with some string values changed; the names of keys stay."""

    def change(found: re.Match[str]) -> str:
        if found["key"]:
            return found[0]
        value = json.loads(found[0])
        if value not in wanted:
            return found[0]
        done.add(value)
        return json.dumps(wanted[value], ensure_ascii=found[0].isascii() and not wanted[value].isascii())

    return _STRING.sub(change, line)


# Delimited text --------------------------------------------------------------------------------------------------


def _delimited(file: Path, texts: Mapping[int, Texts], mark: str) -> MendedFile:
    text = _decoded(file)
    read = delimited.read(text.removeprefix("\ufeff"), mark)
    cells = {line: list(row.values()) for line, row in read.rows}
    for record_of in (_quoted_records, _plain_records):
        records = dict(record_of(text, read.mark))
        if all(
            [value for _, _, value in records.get(line, [])[: len(cells.get(line, ()))]] == cells.get(line)
            for line in texts
        ):
            break
    else:
        raise UsageError(f"{file}: its fields cannot be found as they were read; write it as JSON lines first")
    made = MendedFile(b"")
    parts, at = [], 0
    for line in sorted(texts):
        done = made.done.setdefault(line, set())
        for start, end, value in records[line]:
            if value in texts[line]:
                done.add(value)
                parts += [text[at:start], _field(texts[line][value], text[start:end], read.mark, record_of)]
                at = end
    made.content = "".join([*parts, text[at:]]).encode("utf-8")
    return made


_Field = tuple[int, int, str]
"""A field: its start and end in the text, and its value."""

_Records = Callable[[str, str], Iterator[tuple[int, list[_Field]]]]


def _decoded(file: Path) -> str:
    data = file.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"{file}: --fix writes UTF-8, and this is something else; convert the file first"
        ) from None


def _plain_records(text: str, mark: str) -> Iterator[tuple[int, list[_Field]]]:
    """Yield the number and the fields of each line, with quotation marks read as text."""
    at = 0
    for number, line in enumerate(text.split("\n"), start=1):
        fields, start = [], at
        for cell in line.removesuffix("\r").split(mark):
            fields.append((start, start + len(cell), cell))
            start += len(cell) + len(mark)
        yield number, fields
        at += len(line) + 1


def _quoted_records(text: str, mark: str) -> Iterator[tuple[int, list[_Field]]]:
    """Yield the first line and the fields of each record; a field in quotation marks may hold line breaks."""
    cell = re.compile(rf'"((?:[^"]|"")*)"|([^{re.escape(mark)}\r\n]*)')
    at = 1 if text.startswith("\ufeff") else 0
    line = 1
    while at < len(text):
        first, fields = line, []
        while True:
            found = cell.match(text, at)
            if found is None:  # never happens: the second alternative matches even an empty field
                return
            value = found[2] if found[1] is None else found[1].replace('""', '"')
            fields.append((found.start(), found.end(), value))
            line += found[0].count("\n")
            at = found.end()
            if not text.startswith(mark, at):
                break
            at += len(mark)
        yield first, fields
        ending = re.compile(r"\r\n|\r|\n").match(text, at)
        if ending is None:
            if at < len(text):
                return  # text after a closing quotation mark: this record cannot be trusted
        else:
            at = ending.end()
            line += 1


def _field(value: str, before: str, mark: str, record_of: _Records) -> str:
    if record_of is _plain_records:
        return value
    if before.startswith('"'):
        return '"' + value.replace('"', '""') + '"'
    held = io.StringIO()
    csv.writer(held, delimiter=mark, lineterminator="").writerow([value])
    return held.getvalue()


# Parquet ---------------------------------------------------------------------------------------------------------


def _parquet(file: Path, texts: Mapping[int, Texts]) -> MendedFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    source = pq.ParquetFile(file)
    table = source.read()
    made = MendedFile(b"")
    for place, column in enumerate(table.schema):
        if not _holds_text(column.type):
            continue
        values = table.column(place).to_pylist()
        changed = False
        for row, wanted in texts.items():
            if row <= len(values):
                done = made.done.setdefault(row, set())
                before = len(done)
                values[row - 1], differs = _in_value(values[row - 1], wanted, done)
                changed |= differs or len(done) > before
        if changed:
            table = table.set_column(place, column, pa.array(values, type=column.type))
    held = io.BytesIO()
    groups = source.metadata
    pq.write_table(
        table,
        held,
        compression=groups.row_group(0).column(0).compression if groups.num_row_groups else "snappy",
        row_group_size=max(1, groups.row_group(0).num_rows) if groups.num_row_groups else None,
    )
    made.content = held.getvalue()
    return made


def _holds_text(kind: Any) -> bool:
    import pyarrow.types as types

    if types.is_string(kind) or types.is_large_string(kind):
        return True
    return any(_holds_text(kind.field(number).type) for number in range(kind.num_fields))


def _in_value(value: Any, wanted: Texts, done: set[str]) -> tuple[Any, bool]:
    """Return a value with the texts in it changed, and whether any was changed."""
    if isinstance(value, str):
        if value not in wanted:
            return value, False
        done.add(value)
        return wanted[value], True
    if isinstance(value, list):
        pairs = [_in_value(one, wanted, done) for one in value]
        return [one for one, _ in pairs], any(differs for _, differs in pairs)
    if isinstance(value, dict):
        inside = {key: _in_value(one, wanted, done) for key, one in value.items()}
        return {key: one for key, (one, _) in inside.items()}, any(differs for _, differs in inside.values())
    return value, False
