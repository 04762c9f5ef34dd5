"""FLORES+ as it is published: FLORES-200's maintained successor, one parquet or JSON-lines file per language.

    {dev,devtest}/<name>.{parquet,jsonl}      id, text, url, domain, topic; iso_639_3, iso_15924, glottocode, …

A file's name is FLORES+'s code of the language, with a Glottocode if one code has two varieties. The table of
languages gives our code for it (`zho_Hans` for `cmn_Hans`); a name that is not in the table is kept, because the
collection grows. Some languages have one split only; they get that split's passages, at the same positions as in
every other language. Downloading FLORES+ needs the user's consent to its terms, so this module only reads files.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data.errors import MisalignedSource, MissingLanguage, SourceError
from data.intake import listed
from data.languages import canonical, language, languages
from data.sources.passage_assembly import SCHEMA, Layout, Origin, SourceFault, apart, refuse
from data.sources.record_files import table

KIND = "floresplus"
SPLITS = ("dev", "devtest")

_NAME = re.compile(r"(?P<code>[a-z]{3}_[A-Z][a-z]{3})(?:_(?P<variant>[a-z0-9]{8}))?$")
_SUFFIXES = (".parquet", ".jsonl")
_MEASURE = "eng_Latn"
_TEXTS = ("text", "url", "domain", "topic")


def read(path: Path, wanted: Sequence[str] | None) -> pa.Table:
    """Read all passages in the wanted languages.

    Args:
        path: the folder that holds dev/ and devtest/, or the folder around it.
        wanted: language codes, FLORES-200's or FLORES+'s; all that the source has by default.

    Returns:
        Columns of `data.sources.passage_assembly.SCHEMA`, one line per language and passage, ordered by language,
        then position. A language without one of the splits has no passages of it.

    Raises:
        UsageError: a code is neither in the table of languages nor in the source.
        MissingLanguage: the source has no text for a language.
        MisalignedSource: a file does not have the same sentences as the others.
        BadEncoding: a file has bytes that are not UTF-8.
        SourceError: something else is wrong (a missing column, say), or there are faults of several kinds.
    """
    files = _files(path)
    codes = _asked(path, files, wanted)
    faults: list[SourceFault] = []
    layouts: list[Layout] = []
    batches: dict[tuple[str, str], pa.RecordBatch] = {}
    for split in SPLITS:
        here = {code: file for (code, other), file in files.items() if other == split}
        if not here:
            continue
        measure = _MEASURE if _MEASURE in here else min(here)
        read_here = {code: _sentences(here[code], faults) for code in {measure, *codes} & here.keys()}
        reference = read_here[measure]
        if reference is None:
            continue
        layout = Layout.of(KIND, split, sum(map(len, layouts)), reference.origins)
        layouts.append(layout)
        shared = layout.columns()
        for code in codes:
            found = read_here.get(code)
            if found is None or _differs(found, reference, faults):
                continue
            batches[code, split] = layout.batch(shared, code, found.text)
    refuse(path, faults)
    refuse(path, apart(layouts))
    return pa.Table.from_batches([batches[key] for key in sorted(batches)], schema=SCHEMA)


def available(path: Path) -> list[str]:
    """Return the languages that the source has text for in at least one split, sorted."""
    return sorted({code for code, _ in _files(path)})


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The sentences of one file, in the order of their ids."""

    file: Path
    text: pa.Array
    origins: list[Origin]


def _files(path: Path) -> dict[tuple[str, str], Path]:
    """Return the source's files by language and split."""
    found: dict[tuple[str, str], Path] = {}
    faults: list[SourceFault] = []
    for split in SPLITS:
        folder = root_of(path) / split
        for file in sorted(folder.iterdir()) if folder.is_dir() else ():
            if file.suffix not in _SUFFIXES or not _NAME.match(file.stem):
                continue
            key = (canonical(file.stem), split)
            if key in found:
                both = f"{split}/{found[key].name} and {split}/{file.name}"
                faults.append((SourceError, f"{both} are the same language; remove one"))
            found[key] = file
    refuse(path, faults)
    if not found:
        raise SourceError(
            f"{path} is not FLORES+", ["dev/ and devtest/ hold no <language>.parquet or .jsonl files"]
        )
    return found


def root_of(path: Path) -> Path:
    """Return the folder that holds dev/ or devtest/: the given one, or one folder in it.

    Raises:
        SourceError: there is no such folder.
    """
    if path.is_dir():
        for root in (path, *sorted(child for child in path.iterdir() if child.is_dir())):
            if any((root / split).is_dir() for split in SPLITS):
                return root
    raise SourceError(
        f"{path} is not FLORES+", ["there is no folder dev/ or devtest/ in it; give the folder of both"]
    )


def _asked(path: Path, files: dict[tuple[str, str], Path], wanted: Sequence[str] | None) -> list[str]:
    there = {code for code, _ in files}
    if wanted is None:
        return sorted(there)
    codes = sorted({code if (code := canonical(asked)) in there else language(asked).code for asked in wanted})
    refuse(
        path,
        [
            (
                MissingLanguage,
                f"{code} ({languages()[code].name}): no file of it in dev/ or devtest/; leave it out",
            )
            for code in codes
            if code not in there
        ],
    )
    return codes


def _sentences(file: Path, faults: list[SourceFault]) -> _Sentences | None:
    lines = table(file, faults)
    if lines is None:
        return None
    if absent := [column for column in ("text", "url") if column not in lines.column_names]:
        has = listed(lines.column_names)
        faults.append((SourceError, f"{file}: no column {' and '.join(absent)}; it has {has}"))
        return None
    if "id" in lines.column_names:
        lines = lines.sort_by("id")
    if empty := [name for name in ("text", "url") if lines[name].null_count]:
        faults.append((SourceError, f"{file}: column {' and '.join(empty)} has lines without a value"))
        return None
    if strange := [name for name in _TEXTS if name in lines.column_names and not _is_text(lines[name].type)]:
        faults.append((SourceError, f"{file}: column {' and '.join(strange)} holds something else than texts"))
        return None
    if not _named_right(file, lines, faults):
        return None
    blank = [""] * len(lines)
    domain, topic = (
        [value or "" for value in lines[name].to_pylist()] if name in lines.column_names else blank
        for name in ("domain", "topic")
    )
    text = pc.utf8_trim_whitespace(lines["text"].cast(pa.string())).combine_chunks()
    origins = [Origin(*one) for one in zip(lines["url"].to_pylist(), domain, topic, strict=True)]
    return _Sentences(file, text, origins)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_null(kind))


def _named_right(file: Path, lines: pa.Table, faults: list[SourceFault]) -> bool:
    """Return whether a file holds the language that it is named after."""
    name = _NAME.match(file.stem)
    assert name is not None  # only such files are read
    language_code, script = name["code"].split("_")
    said: dict[str, Any] = {"iso_639_3": language_code, "iso_15924": script, "glottocode": name["variant"]}
    for column, expected in said.items():
        if expected is None or column not in lines.column_names:
            continue
        others = set(pc.unique(lines[column]).to_pylist()) - {expected}
        if others:
            faults.append(
                (
                    SourceError,
                    f"{file}: its {column} says {listed(sorted(map(str, others)))}, its name {expected!r}",
                )
            )
            return False
    return True


def _differs(found: _Sentences, reference: _Sentences, faults: list[SourceFault]) -> bool:
    if len(found.origins) != len(reference.origins):
        told = f"{found.file}: {len(found.origins)} sentences, {reference.file.name} has {len(reference.origins)}"
        faults.append((MisalignedSource, f"{told}; fetch it again"))
        return True
    for place, (one, other) in enumerate(zip(found.origins, reference.origins, strict=True)):
        if one.link != other.link:
            told = (
                f"{found.file}, sentence {place + 1}: from {one.link}, in {reference.file.name} from {other.link}"
            )
            faults.append((MisalignedSource, f"{told}; fetch it again"))
            return True
    return False
