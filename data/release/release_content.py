"""The content of a release as its readers find it: the items of every split and language, in any format."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from data.errors import ReleaseUnreadable
from data.release.item_columns import COLUMNS
from data.release.release_folder import MANIFEST, read_manifest

_FOLDERS = {"data": "test", "dev": "dev"}


@dataclass(frozen=True, eq=False)
class ReleaseContent:
    """What a release holds.

    Attributes:
        manifest: its manifest, of any format.
        items: columns of `data.release.item_columns.COLUMNS` (as far as the files have them), split, language, and
            place: the item's place in its file.
        schema: type of every column by name, as all files have it.
    """

    manifest: Mapping[str, Any]
    items: pd.DataFrame
    schema: Mapping[str, str]

    @property
    def version(self) -> str:
        """The release's version, three numbers."""
        return str(self.manifest["version"])


def content_of_folder(folder: Path) -> ReleaseContent:
    """Read a release from its folder.

    Raises:
        ReleaseUnreadable: it is no release of ours, or one of its files of items cannot be read.
    """
    manifest = read_manifest(folder)
    return _content(manifest, lambda path: (folder / path).read_bytes(), str(folder))


def content_of_files(files: Mapping[str, bytes]) -> ReleaseContent:
    """Read a release from its files, by path, before it is written."""
    return _content(json.loads(files[MANIFEST]), files.__getitem__, "the release")


def _content(manifest: Mapping[str, Any], read: Callable[[str], bytes], where: str) -> ReleaseContent:
    parts, schema = [], dict[str, str]()
    for path in sorted(manifest["files"]):
        pure = PurePosixPath(path)
        split = _FOLDERS.get(str(pure.parent))
        if split is None or pure.suffix != ".parquet":
            continue
        table = _table(read, path, where)
        kinds = {field.name: str(field.type) for field in table.schema}
        if schema and kinds != schema:
            raise ReleaseUnreadable(f"{where}: {path} has other columns than the files before it")
        schema = kinds
        part = pd.DataFrame({name: table[name].to_pylist() for name in table.column_names})
        parts.append(part.assign(split=split, language=pure.stem, place=range(len(part))))
    if not parts or "item_id" not in schema:
        raise ReleaseUnreadable(
            f"{where} holds no items: its {MANIFEST} names no parquet file in data/ that has any"
        )
    items = pd.concat(parts, ignore_index=True)
    if (twice := items.duplicated(["language", "item_id"])).any():
        first = items[twice].iloc[0]
        raise ReleaseUnreadable(f"{where}: {first['item_id']} stands twice in {first['language']}")
    if lacking := [name for name, _ in COLUMNS if name not in schema]:
        raise ReleaseUnreadable(f"{where}: its files of items have no column {', '.join(lacking)}")
    return ReleaseContent(manifest, items, schema)


def _table(read: Callable[[str], bytes], path: str, where: str) -> pa.Table:
    try:
        return pq.read_table(pa.BufferReader(read(path)))
    except OSError as error:
        reason = (error.strerror or str(error)).splitlines()[0]
        raise ReleaseUnreadable(f"{where}: {path} cannot be read ({reason})") from None
    except pa.ArrowException as error:
        raise ReleaseUnreadable(f"{where}: {path} is no parquet file ({str(error).splitlines()[0]})") from None
