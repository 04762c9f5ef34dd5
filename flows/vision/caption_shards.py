"""Pictures and their captions in tar files, as the `webdataset` library lays them out: read for stage 1.

In a shard a picture and its caption stand one after the other and are called alike up to the first dot of the
file's name: `000123.jpg` and `000123.txt`; captions may be `.txt`, or `.json` with a field `caption` or `text`.
The tar files are read with the standard library, which can name the shard and the member that is broken.
"""

from __future__ import annotations

import io
import itertools
import json
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from PIL import Image, UnidentifiedImageError

from data.errors import UsageError

PICTURES = ("jpg", "jpeg", "png", "webp")
CAPTIONS = ("txt", "json")


@dataclass(frozen=True)
class CaptionedPicture:
    """One pair; `place` is the shard and the name of the pair, for messages."""

    place: str
    picture: Image.Image
    caption: str


def captioned_pictures(folder: str) -> Iterator[CaptionedPicture]:
    """Yield the pairs of all shards of a folder, shard by shard, in their order.

    Raises:
        UsageError: there are no shards, one is no tar file, or a pair is incomplete or broken; names it.
    """
    shards = sorted(Path(folder).glob("*.tar"))
    if not shards:
        raise UsageError(f"{folder}: there are no shards in it (*.tar)")
    for shard in shards:
        try:
            with tarfile.open(shard, "r|") as archive:
                for key, members in itertools.groupby(_members(archive), key=lambda member: member[0]):
                    yield _pair(f"{shard}: {key}", {kind: content for _, kind, content in members})
        except (tarfile.TarError, OSError) as error:
            raise UsageError(f"{shard}: cannot be read as a tar file: {error}") from error


def _members(archive: tarfile.TarFile) -> Iterator[tuple[str, str, bytes]]:
    """Yield the files of a shard: name up to its first dot, the rest of it in small letters, content."""
    for member in archive:
        file = archive.extractfile(member) if member.isfile() else None
        if file is not None:
            path = PurePosixPath(member.name)
            stem, _, kind = path.name.partition(".")
            yield str(path.parent / stem), kind.lower(), file.read()


def _pair(place: str, members: dict[str, bytes]) -> CaptionedPicture:
    picture = next((members[kind] for kind in PICTURES if kind in members), None)
    kind = next((kind for kind in CAPTIONS if kind in members), None)
    if picture is None or kind is None:
        lacking = f"picture ({', '.join(PICTURES)})" if picture is None else f"caption ({', '.join(CAPTIONS)})"
        raise UsageError(f"{place}: there is no {lacking} beside {', '.join(sorted(members))}")
    try:
        opened = Image.open(io.BytesIO(picture)).convert("RGB")
    except (UnidentifiedImageError, OSError) as error:
        raise UsageError(f"{place}: the picture cannot be read: {error}") from error
    return CaptionedPicture(place, opened, _caption(place, kind, members[kind]))


def _caption(place: str, kind: str, content: bytes) -> str:
    try:
        told = content.decode("utf-8")
        if kind == "json":
            fields = json.loads(told)
            told = next(str(fields[name]) for name in ("caption", "text") if name in fields)
    except (ValueError, StopIteration, TypeError):
        raise UsageError(f"{place}: the caption is no UTF-8 text, or no JSON with a caption or text") from None
    if not told.strip():
        raise UsageError(f"{place}: the caption is empty")
    return told.strip()
