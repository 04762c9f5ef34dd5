"""The texts of a corpus or benchmark, record by record, in memory that does not grow with the file.

Any file that people train on is read: text, JSON lines (both also with gzip), JSON, CSV, TSV and parquet. Nothing
needs to be known of its columns: every text of a record counts, since a passage is as leaked in a column of notes
as in one of articles. Corpora hold broken lines; these are collected with their places, and the rest is read.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyarrow.parquet as pq

from data.intake import delimited, json_lines, text_files
from data.intake.parquet import readable_as
from data.intake.parquet_footer import weight
from data.intake.texts import Unreadable, listed

SUFFIXES = (
    ".txt",
    ".md",
    ".xml",
    ".jsonl",
    ".ndjson",
    ".json",
    ".csv",
    ".tsv",
    ".parquet",
    ".txt.gz",
    ".jsonl.gz",
)
"""The kinds of files that are read."""

ID_NAMES = ("item_id", "index_id", "sentence_id", "passage_id", "link", "url", "uid", "id")
"""The names of columns, in any case, whose values identify a record in every language."""

_BLOCK = 1 << 16  # the most characters of a paragraph that are read at once
_KEPT = 2_000  # characters of a paragraph that are repeated where it is cut, more than any passage's
_SHORTEST = 5
_ROWS = 256
_WHOLE = 1 << 28  # the most bytes of a file that has to be read whole
_MOST_PROBLEMS = 1_000  # a file with more broken lines is not what its name says


@dataclass(frozen=True)
class CorpusRecord:
    """One paragraph, line or row.

    Attributes:
        place: the line, row or item of its file, in words; empty for a whole value.
        text: all of its texts, one a line.
        ids: its identifying values by the columns' names in small letters.
    """

    place: str
    text: str
    ids: Mapping[str, str]


def kind_of(file: Path) -> str:
    """Return the suffix of a file by which it is read; "" if it is of no kind that is read."""
    name = file.name.lower()
    return next((one for one in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(one)), "")


def records(file: Path, problems: list[Unreadable]) -> Iterator[CorpusRecord]:
    """Yield the records of a file in their order.

    Args:
        file: a file of one of the kinds `SUFFIXES`.
        problems: collects what cannot be read; the other records are yielded.
    """
    try:
        match kind_of(file).removesuffix(".gz"):
            case ".txt" | ".md" | ".xml":
                yield from _paragraphs(file, problems)
            case ".jsonl" | ".ndjson":
                yield from _json_lines(file, problems)
            case ".parquet":
                yield from _rows(file)
            case ".csv" | ".tsv" as suffix:
                found = delimited.read(text_files.text(file, _WHOLE), "\t" if suffix == ".tsv" else "")
                problems.extend(found.problems)
                for line, row in found.rows:
                    yield _record(f"line {line}", row)
            case ".json":
                for number, one in enumerate(_values(file), start=1):
                    yield _record(f"item {number}", one)
            case _:
                raise Unreadable(f"is of no kind that is read; known are {', '.join(SUFFIXES)}")
    except Unreadable as problem:
        problems.append(problem)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or str(error) or "it ends too early"
        problems.append(Unreadable(f"cannot be read: {why}"))


def _opened(file: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(file, "rb") if file.suffix.lower() == ".gz" else file.open("rb"))


def _paragraphs(file: Path, problems: list[Unreadable]) -> Iterator[CorpusRecord]:
    """Yield what stands between empty lines; a longer paragraph in overlapping parts."""
    with _opened(file) as opened:
        if opened.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            raise Unreadable("is UTF-16, as its first bytes say; save the file as UTF-8")
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    held: list[str] = []
    size, first, line = 0, 1, 1
    with _opened(file) as opened:
        while raw := opened.readline(_BLOCK):
            text = decoder.decode(raw)
            if "\ufffd" in text and "\ufffd".encode() not in raw:
                _note(problems, Unreadable("holds bytes that are not UTF-8; they were taken for a sign", line))
            if text.strip():
                held.append(text)
                size += len(text)
            if held and (size >= _BLOCK or not text.strip()):
                whole = "".join(held)
                yield CorpusRecord(f"line {first}", whole.strip(), {})
                held = [whole[-_KEPT:]] if text.strip() else []
                size = sum(map(len, held))
                first = line
            line += raw.endswith(b"\n")
            if not held:
                first = line
    if size:
        yield CorpusRecord(f"line {first}", "".join(held).strip(), {})


def _json_lines(file: Path, problems: list[Unreadable]) -> Iterator[CorpusRecord]:
    number = 0
    with _opened(file) as opened:
        while raw := opened.readline(json_lines.LONGEST_LINE + 1):
            number += 1
            if len(raw) > json_lines.LONGEST_LINE:
                while raw and not raw.endswith(b"\n"):
                    raw = opened.readline(json_lines.LONGEST_LINE)
                what = f"is more than {json_lines.LONGEST_LINE:,} bytes long; split it"
                _note(problems, Unreadable(what, number))
                continue
            try:
                if said := raw.decode("utf-8-sig" if number == 1 else "utf-8").strip():
                    yield _record(f"line {number}", json_lines.value(said))
            except UnicodeDecodeError as error:
                _note(problems, text_files.not_utf8(error, number))
            except Unreadable as problem:
                _note(problems, Unreadable(problem.what, number))


def _note(problems: list[Unreadable], problem: Unreadable) -> None:
    """Collect a problem.

    Raises:
        Unreadable: there are too many; the file is given up.
    """
    problems.append(problem)
    if len(problems) > _MOST_PROBLEMS:
        what = f"more than {_MOST_PROBLEMS:,} lines cannot be read; is it of the kind that its name says?"
        raise Unreadable(what, problem.line)


def _values(file: Path) -> list[Any]:
    whole = json_lines.value(text_files.text(file, _WHOLE))
    if isinstance(whole, dict):
        lists = [one for one in whole.values() if isinstance(one, list)]
        return lists[0] if len(lists) == 1 else [whole]
    return whole if isinstance(whole, list) else [whole]


def _rows(file: Path) -> Iterator[CorpusRecord]:
    number = 0
    with readable_as("parquet"):
        weight(file)  # a broken footer would end the process
        with pq.ParquetFile(file) as opened:
            for batch in opened.iter_batches(batch_size=_ROWS):
                names = batch.schema.names
                if len({*names}) < len(names):
                    raise Unreadable(f"two columns share a name among {listed(names)}; keep one")
                for row in batch.to_pylist():
                    number += 1
                    yield _record(f"row {number}", row)


def _record(place: str, value: Any) -> CorpusRecord:
    ids = {}
    if isinstance(value, Mapping):
        plain = {str(name).casefold(): one for name, one in value.items()}
        ids = {name: str(plain[name]) for name in ID_NAMES if isinstance(plain.get(name), str | int)}
    return CorpusRecord(place, "\n".join(_texts(value)), ids)


def _texts(value: Any) -> Iterator[str]:
    """Yield the texts within a value, whatever its form, without numbers and marks of a few characters."""
    if isinstance(value, str):
        if len(value) >= _SHORTEST:
            yield value
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)
