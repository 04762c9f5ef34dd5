"""The folder of a release: laid down whole or not at all, and what may lie there before.

A folder appears complete, under its name, or not at all: files go to a hidden folder beside it, which takes its
name once everything is on the disk. A killed run leaves hidden folders only, and the next one clears them up; two
runs at once follow each other. What is not an unchanged release of ours is never replaced.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from data.errors import ReleaseRefused, ReleaseUnreadable
from data.output_files import alone, failing, sync_folder
from data.release.description.release_description import FORMAT

MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
SIGNATURE = "manifest.json.sig"

FORMAT_1 = "belebele-release/1"
"""The format of version 0.1: a parquet file a language in `data/`, a card, a manifest; one split."""

FORMATS = (FORMAT_1, FORMAT)

_VERSION = re.compile(r"(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}", re.ASCII)


def manifest_of(folder: Path) -> dict[str, Any] | None:
    """Return the manifest of a release of ours, of any format; None if the folder holds none."""
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("format") not in FORMATS:
        return None
    version, files = content.get("version"), content.get("files")
    if not isinstance(version, str) or not _VERSION.fullmatch(version) or not isinstance(files, dict):
        return None
    listed = all(isinstance(one, dict) and isinstance(one.get("sha256"), str) for one in files.values())
    return content if listed else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of a release of ours, of any format.

    Raises:
        ReleaseUnreadable: the folder holds none, or it cannot be read.
    """
    try:
        manifest = manifest_of(folder)
    except OSError as error:
        raise ReleaseUnreadable(f"{folder / MANIFEST} cannot be read: {error.strerror}") from None
    if manifest is None:
        there = "holds no release of ours" if folder.is_dir() else "is no folder"
        raise ReleaseUnreadable(f"{folder} {there}: there is no {MANIFEST} that this program wrote")
    return manifest


def files_in(folder: Path) -> dict[str, Path]:
    """Return every file of a folder, by its path in it."""
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}


def changed_files(folder: Path, manifest: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return which files of a release were changed, are missing or were added since it was made, by path.

    A signature counts as neither: it comes later, and has a check of its own.
    """
    there = files_in(folder)
    there.pop(SIGNATURE, None)
    wanted = {path: str(facts["sha256"]) for path, facts in manifest["files"].items()}
    found = {path: _digest(file) for path, file in there.items()}
    if manifest["format"] == FORMAT:
        listed = sums_in(there[SUMS].read_bytes() if SUMS in there else b"")
        wanted[MANIFEST] = listed.get(MANIFEST, found[MANIFEST])
        wanted[SUMS] = hashlib.sha256(sums_text(wanted)).hexdigest()
    else:
        wanted[MANIFEST] = found[MANIFEST]
    return {
        "changed": [path for path in sorted({*wanted} & {*found}) if found[path] != wanted[path]],
        "missing": sorted({*wanted} - {*found}),
        "added": sorted({*found} - {*wanted}),
    }


def sums_text(digests: Mapping[str, str]) -> bytes:
    """Return the list that `sha256sum --check` reads, from SHA-256 digests by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def sums_in(text: bytes) -> dict[str, str]:
    """Return what a list of sums says, by path; nothing where it is empty or is no such list."""
    lines = text.decode(errors="replace").split("\n")
    return {path: digest for digest, mark, path in (line.partition("  ") for line in lines) if mark}


def publish(files: Mapping[str, bytes], version: str, out: Path) -> None:
    """Lay a release's files down in a folder.

    Raises:
        ReleaseRefused: what is there may not be replaced. Nothing was changed.
        OutputFailed: the disk refuses. Nothing was changed.
    """
    incoming, former = (out.with_name(f".{out.name}.belebele-{word}") for word in ("incoming", "former"))
    with failing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with alone(out.parent):
            _recover(out, incoming, former)
            if out.exists() and already_there(files, version, out):
                if SIGNATURE in files:
                    _add(SIGNATURE, files[SIGNATURE], out, incoming)
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


def already_there(files: Mapping[str, bytes], version: str, out: Path) -> bool:
    """Return whether exactly this release is in `out`; False if what is there may be replaced.

    Raises:
        ReleaseRefused: what is there may not be replaced.
    """
    if not out.is_dir():
        raise ReleaseRefused(f"{out} is not a folder; name another with --out")
    there = files_in(out)
    if not there:
        return False
    published = manifest_of(out)
    if published is None:
        raise ReleaseRefused(f"{out} holds something else than a release of ours; name an empty or new folder")
    if published["version"] == version:
        found = {path: file.read_bytes() for path, file in there.items()}
        other = [path for path in sorted({*files, *found} - {SIGNATURE}) if files.get(path) != found.get(path)]
        if other:
            raise ReleaseRefused(
                f"{out} holds version {version} with other content, and a version is published once; "
                "give the new one a number of its own",
                [f"{path} differs" for path in other],
            )
        return True
    changed = sorted(path for paths in changed_files(out, published).values() for path in paths)
    if changed:
        raise ReleaseRefused(
            f"{out} holds version {published['version']}, changed since it was released; "
            "name another folder, or move these away",
            [f"{path} was added, changed or removed" for path in changed],
        )
    return False


def _add(path: str, data: bytes, out: Path, incoming: Path) -> None:
    """Add or replace one file of a release that is there, whole or not at all."""
    _lay({path: data}, incoming)
    (incoming / path).rename(out / path)
    sync_folder(out)
    incoming.rmdir()


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


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
