"""A release: one parquet file per language, with a dataset card, the guidelines and a manifest.

The same items give the same bytes, whenever, wherever and in whatever order they arrive, so that a release can be
made again and compared: everything is sorted by its full key, the writer's options are fixed, and neither clock
nor file layout leaves a trace. Every file holds the same items in the same order under a stable `item_id`;
Belebele's files do not, and its users paired the wrong questions. A release that cannot be made is refused with
all reasons before a byte is written, and its folder appears complete or not at all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import ReleaseRefused
from data.output_files import alone, failing, sync_folder
from data.release.anonymity import People
from data.release.dataset_card import COLUMNS, About, LanguageCounts, card
from data.release.evidence_file import FILE as EVIDENCE_FILE
from data.release.evidence_file import evidence_table
from data.release.refusal_reasons import people_in_files, stands_in_the_way

FORMAT = "belebele-release/1"
"""Part of every manifest; distinguishes a release of ours from any other folder."""

SCHEMA = pa.schema([(name, pa.int64() if name == "question_number" else pa.string()) for name, _ in COLUMNS])
"""The columns of every file: a stable `item_id`, then Belebele's columns with their names and types."""

_MANIFEST = "manifest.json"
_README = "README.md"


@dataclass(frozen=True)
class File:
    """One file of a release."""

    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """The contents of a release, by count and digest.

    Attributes:
        about: the release's description of itself.
        languages: counts of every language, by code.
        keys: how often each answer, "1" to "4", is the correct one in a language.
        files: every file but the manifest, by its path in the release.
    """

    about: About
    languages: tuple[LanguageCounts, ...]
    keys: Mapping[str, int]
    files: Mapping[str, File]

    def text(self) -> str:
        """Return the manifest as `manifest.json` holds it: JSON with sorted keys, indented by two spaces."""
        about = self.about
        content = {
            "format": FORMAT,
            "version": about.version,
            "date": about.date.isoformat(),
            "title": about.title,
            "licence": about.licence,
            "source_language": about.source_language,
            "checks": sorted(set(about.checks)),
            "people": dict(about.people),
            "policies": list(about.policies),
            "pending": dict(about.pending),
            "made_with": {"belebele": about.code_version, "pyarrow": pa.__version__},
            "counts": {
                "languages": len(self.languages),
                "items": sum(counts.items for counts in self.languages),
                "correct_answers": dict(self.keys),
            },
            "languages": {
                counts.language: {"items": counts.items, "passages": counts.passages} for counts in self.languages
            },
            "files": {path: asdict(file) for path, file in self.files.items()},
        }
        return json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def write_release(items: pd.DataFrame, about: About, out: Path, forbidden: Sequence[str] = ()) -> Manifest:
    """Write a release, whole or not at all.

    Args:
        items: the accepted items of all complete languages, one per row, in any order: columns of
            `data.ledger.tables.ITEMS` (of which question_id, language, passage_id, question_number, passage,
            question, answers and key are read) and link; position, the passage's place, the same in every
            language; order, the identities of the answers as shown, such as `[3, 1, 4, 2]`.
        about: the release's description of itself.
        out: the release's folder. An earlier release there, unchanged since, is replaced by another version; the
            same version with the same bytes is left as it is.
        forbidden: names and addresses of people, none of which may occur anywhere in a release.

    Returns:
        The manifest, as it is in the folder.

    Raises:
        ReleaseRefused: the release cannot be made; lists every reason. Nothing was written.
        OutputFailed: the disk refuses. Nothing was changed.
    """
    manifest, files = render(items, about, forbidden)
    _publish(files, about.version, out.resolve())
    return manifest


def render(items: pd.DataFrame, about: About, forbidden: Sequence[str] = ()) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and all files of a release as bytes, by path; nothing is written to disk.

    Args and errors are those of `write_release`.
    """
    people = People(forbidden)
    problems = stands_in_the_way(items, about, people)
    if problems:
        raise ReleaseRefused(f"release {about.version} cannot be made", problems)
    released = _released(items, about)
    languages = tuple(_counts(language, lines) for language, lines in released.groupby("dialect", sort=True))
    first = released[released["dialect"] == languages[0].language]
    keys = {place: int((first["correct_answer_num"] == place).sum()) for place in ("1", "2", "3", "4")}
    files = {
        f"data/{language}.parquet": _parquet(_table(lines))
        for language, lines in released.groupby("dialect", sort=True)
    }
    if about.evidence:
        places = {item: place for place, item in enumerate(first["item_id"])}
        files[EVIDENCE_FILE] = _parquet(evidence_table(about.evidence, places))
    files |= {f"guidelines/{name}.md": text.encode() for name, text in about.guidelines.items()}
    files[_README] = card(about, languages, keys).encode()
    listed = {path: File(len(data), hashlib.sha256(data).hexdigest()) for path, data in sorted(files.items())}
    manifest = Manifest(about, languages, keys, listed)
    files[_MANIFEST] = manifest.text().encode()
    if named := people_in_files(files, people):
        raise ReleaseRefused(f"release {about.version} cannot be made", named)
    return manifest, files


def _released(items: pd.DataFrame, about: About) -> pd.DataFrame:
    items = items.sort_values(["language", "position", "question_number", "question_id"], ignore_index=True)
    columns = {
        "item_id": items["question_id"],
        "link": items["link"],
        "question_number": items["question_number"].astype("int64"),
        "flores_passage": items["passage"],
        "question": items["question"],
    }
    pairs = list(zip(items["answers"], items["order"], strict=True))
    for place in range(4):
        columns[f"mc_answer{place + 1}"] = pd.Series([answers[order[place] - 1] for answers, order in pairs])
    shown = [list(order).index(key) + 1 for order, key in zip(items["order"], items["key"], strict=True)]
    columns["correct_answer_num"] = pd.Series([str(place) for place in shown])
    columns["dialect"] = items["language"]
    return pd.DataFrame(columns).assign(ds=about.date.isoformat(), passage_id=items["passage_id"])


def _counts(language: object, lines: pd.DataFrame) -> LanguageCounts:
    answers = lines[[f"mc_answer{place}" for place in range(1, 5)]].stack()
    return LanguageCounts(
        language=str(language),
        items=len(lines),
        passages=lines["passage_id"].nunique(),
        passage_length=float(lines.drop_duplicates("passage_id")["flores_passage"].str.len().mean()),
        question_length=float(lines["question"].str.len().mean()),
        answer_length=float(answers.str.len().mean()),
    )


def _table(lines: pd.DataFrame) -> pa.Table:
    # Built from plain lists, so that neither pandas' index nor its types leave metadata behind.
    return pa.table(
        {name: pa.array(lines[name].tolist(), SCHEMA.field(name).type) for name in SCHEMA.names}, SCHEMA
    )


def _parquet(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=9,
        use_dictionary=True,
        row_group_size=1 << 20,
        data_page_size=1 << 20,
        write_statistics=True,
        store_schema=False,
    )
    return bytes(sink.getvalue())


def _publish(files: Mapping[str, bytes], version: str, out: Path) -> None:
    incoming, former = (out.with_name(f".{out.name}.belebele-{word}") for word in ("incoming", "former"))
    with failing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with alone(out.parent):
            _recover(out, incoming, former)
            if out.exists() and _already_there(files, version, out):
                return
            try:
                _lay(files, incoming)
                if out.exists():
                    out.rename(former)
                incoming.rename(out)
                sync_folder(out.parent)
            except OSError:
                _recover(out, incoming, former)
                raise
            shutil.rmtree(former, ignore_errors=True)


def _lay(files: Mapping[str, bytes], folder: Path) -> None:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as opened:
            opened.write(data)
            opened.flush()
            os.fsync(opened.fileno())
    for inside in (folder, *(one for one in folder.rglob("*") if one.is_dir())):
        sync_folder(inside)


def _recover(out: Path, incoming: Path, former: Path) -> None:
    """Undo what a killed run left: its unfinished folder, or the old release moved aside and not replaced."""
    if former.exists() and not out.exists():
        former.rename(out)
    for leftover in (incoming, former):
        if leftover.exists():
            shutil.rmtree(leftover)


def _already_there(files: Mapping[str, bytes], version: str, out: Path) -> bool:
    """Return whether exactly this release is in `out`; False if what is there may be replaced.

    Raises:
        ReleaseRefused: what is there may not be replaced.
    """
    if not out.is_dir():
        raise ReleaseRefused(f"{out} is not a folder; name another with --out")
    there = {str(path.relative_to(out)): path for path in out.rglob("*") if not path.is_dir()}
    if not there:
        return False
    published = _published(out)
    if published is None:
        raise ReleaseRefused(f"{out} holds something else than a release of ours; name an empty or new folder")
    if published["version"] == version:
        found = {path: file.read_bytes() for path, file in there.items()}
        other = [path for path in sorted({*files, *found}) if files.get(path) != found.get(path)]
        if other:
            raise ReleaseRefused(
                f"{out} holds version {version} with other content, and a version is published once; "
                "give the new one a number of its own",
                [f"{path} differs" for path in other],
            )
        return True
    listed = published["files"]
    changed = [
        path
        for path in sorted({*listed, *there} - {_MANIFEST})
        if path not in listed
        or path not in there
        or hashlib.sha256(there[path].read_bytes()).hexdigest() != listed[path]["sha256"]
    ]
    if changed:
        raise ReleaseRefused(
            f"{out} holds version {published['version']}, changed since it was released; "
            "name another folder, or move these away",
            [f"{path} was added, changed or removed" for path in changed],
        )
    return False


def _published(out: Path) -> dict[str, Any] | None:
    try:
        content = json.loads((out / _MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError, RecursionError):
        return None
    ours = isinstance(content, dict) and content.get("format") == FORMAT
    return content if ours and isinstance(content.get("files"), dict) and "version" in content else None
