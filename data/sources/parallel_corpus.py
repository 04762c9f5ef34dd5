"""Parallel passages of any origin: JSON lines or parquet, a file or a folder of files; FLORES is not needed.

One record per passage and language:

    language       required: a code or alias of the table of languages
    text           the passage; or
    sentences      a list of its sentences (with both, they must say the same)
    passage_id     the passage's id, the same in every language: letters, digits and . _ : - ; or
    link           its address; the id is then made from it, or found in a record that has both
    split          optional, as are domain and topic; they must be the same in all languages of a passage

Other columns are ignored, so files written by `belebele passages` can be read again, and passages in a language
that FLORES does not have can be added beside them. Every language must have the same passages. Passages come in
the order in which they first appear, with the files sorted by name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from data.errors import MisalignedSource, MissingLanguage, SourceError, UsageError
from data.intake import listed, shown
from data.languages import language
from data.sources.passage_assembly import SCHEMA, SourceFault, passage_id, refuse
from data.sources.record_files import Record, records

KIND = "parallel"
SUFFIXES = (".jsonl", ".parquet")

_SHARED = ("link", "split", "domain", "topic")
_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)
_SHOWN = 5


def read(path: Path, wanted: Sequence[str] | None) -> pa.Table:
    """Read all passages in the wanted languages.

    Args:
        path: a .jsonl or .parquet file, or a folder of such files.
        wanted: language codes or aliases; all that the source has by default.

    Returns:
        Columns of `data.sources.passage_assembly.SCHEMA`, one line per language and passage, ordered by language,
        then position.
        `link`, `split`, `domain` and `topic` are "" where no record has them.

    Raises:
        UsageError: a wanted code is unknown.
        MissingLanguage: a wanted language has no passage.
        MisalignedSource: a language lacks passages that others have.
        BadEncoding: a file has bytes that are not UTF-8.
        SourceError: something else is wrong (invalid JSON, a missing column, a passage given twice), or there are
            faults of several kinds.
    """
    codes = None if wanted is None else sorted({language(code).code for code in wanted})
    found = _found(path)
    there = {code for code, _ in found.sentences}
    if codes is None:
        codes = sorted(there)
    refuse(path, found.faults)
    refuse(
        path, [(MissingLanguage, f"{code}: no passage in this language") for code in codes if code not in there]
    )
    refuse(path, _incomplete(found, codes))
    lines = [
        {
            "passage_id": name,
            "language": code,
            "source": KIND,
            "sentence_ids": range(len(found.sentences[code, name])),
            "sentences": found.sentences[code, name],
            "text": " ".join(found.sentences[code, name]),
            "position": place,
            **{column: shared.get(column, "") for column in _SHARED},
        }
        for code in codes
        for place, (name, shared) in enumerate(found.passages.items())
    ]
    return pa.Table.from_pylist(lines, schema=SCHEMA)


def available(path: Path) -> list[str]:
    """Return the languages that the source has text for, sorted; raise errors as `read` does."""
    found = _found(path)
    refuse(path, found.faults)
    return sorted({code for code, _ in found.sentences})


def files_of(path: Path) -> list[Path]:
    """Return the files of the source, sorted by name."""
    if path.is_file() and path.suffix in SUFFIXES:
        return [path]
    found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES) if path.is_dir() else []
    if not found:
        raise SourceError(
            f"cannot read passages from {path}", ["give a .jsonl or .parquet file, or a folder of them"]
        )
    return found


@dataclass
class _Found:
    """The content of the records: passages in their order of appearance, sentences by language and passage."""

    passages: dict[str, dict[str, str]] = field(default_factory=dict)
    sentences: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    faults: list[SourceFault] = field(default_factory=list)
    places: dict[tuple[str, str], str] = field(default_factory=dict)
    ids: dict[str, set[str]] = field(default_factory=dict)  # passage_ids by link

    def take(self, place: str, record: Record) -> None:
        faults_before = len(self.faults)
        code = self._language(place, record)
        name = self._name(place, record)
        sentences = self._sentences(place, record)
        if len(self.faults) > faults_before:
            return
        if (code, name) in self.sentences:
            self._fault(
                place, f"passage {name} in {code} was given already at {self.places[code, name]}; keep one"
            )
            return
        self.places[code, name] = place
        self.sentences[code, name] = sentences
        shared = self.passages.setdefault(name, {})
        for column in _SHARED:
            said = str(record.get(column) or "")
            if said and shared.setdefault(column, said) != said:
                self._fault(
                    place, f"{column} of passage {name} is {shown(said)}, but elsewhere {shown(shared[column])}"
                )

    def _fault(self, place: str, problem: str) -> None:
        self.faults.append((SourceError, f"{place}: {problem}"))

    def _language(self, place: str, record: Record) -> str:
        code = record.get("language")
        if not isinstance(code, str) or not code:
            self._fault(place, f"no `language`; the record has {_columns(record)}")
            return ""
        try:
            return language(code).code
        except UsageError as error:
            self._fault(place, str(error))
            return ""

    def _name(self, place: str, record: Record) -> str:
        name, link = _named(record), record.get("link")
        if name:
            if not isinstance(name, str) or not _ID.fullmatch(name):
                self._fault(
                    place, f"passage_id {shown(name)} may hold letters, digits and . _ : - only, at most 100"
                )
            return str(name)
        if not isinstance(link, str) or not link:
            self._fault(place, f"neither `passage_id` nor `link`; the record has {_columns(record)}")
            return ""
        known = sorted(self.ids.get(link, ()))
        if len(known) > 1:
            self._fault(place, f"{link} is the link of {' and '.join(known)}; say which by `passage_id`")
        return known[0] if known else passage_id(KIND, link)

    def _sentences(self, place: str, record: Record) -> list[str]:
        text, sentences = record.get("text"), record.get("sentences")
        if sentences is None:
            if not isinstance(text, str):
                self._fault(place, f"neither `text` nor `sentences`; the record has {_columns(record)}")
                return []
            return [text.strip()]
        if not isinstance(sentences, list) or not all(isinstance(sentence, str) for sentence in sentences):
            self._fault(place, "`sentences` must be a list of texts")
            return []
        stripped = [sentence.strip() for sentence in sentences]
        if isinstance(text, str) and text.split() != " ".join(stripped).split():
            self._fault(place, "`text` and `sentences` differ; give one of them, or the same in both")
        return stripped


def _found(path: Path) -> _Found:
    found = _Found()
    read_all = [
        (f"{file.name}, line {number}", record)
        for file in files_of(path)
        for number, record in records(file, found.faults)
    ]
    for _, record in read_all:
        name = _named(record)
        if isinstance(record.get("link"), str) and isinstance(name, str):
            found.ids.setdefault(record["link"], set()).add(name)
    for place, record in read_all:
        found.take(place, record)
    if not read_all and not found.faults:
        found.faults.append((SourceError, "there is no record in it"))
    return found


def _incomplete(found: _Found, codes: Sequence[str]) -> list[SourceFault]:
    faults: list[SourceFault] = []
    for code in codes:
        missing = [name for name in found.passages if (code, name) not in found.sentences]
        if missing:
            shown = ", ".join(missing[:_SHOWN]) + (" …" if len(missing) > _SHOWN else "")
            told = f"{code}: {len(missing)} of {len(found.passages)} passages are missing: {shown}"
            faults.append((MisalignedSource, f"{told}; add them, or leave {code} out"))
    return faults


def _named(record: Record) -> object:
    """Return a record's passage_id, a number as text: 0 is an id like any other, and tables turn 1 into 1.0."""
    name = record.get("passage_id")
    if isinstance(name, bool) or not (isinstance(name, int) or (isinstance(name, float) and name.is_integer())):
        return name
    return str(int(name))


def _columns(record: Record) -> str:
    return listed(sorted(record)) if record else "nothing"
