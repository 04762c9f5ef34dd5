"""Models from elsewhere as a user names them: folders and files of this machine, and how they are opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from data.environment import fits_dir
from data.ledger import tables
from data.storage import write_bytes

OPTIONS: Mapping[str, str] = MappingProxyType({"encoder": "--encoder", "qe": "--qe", "lid_model": "--lid-model"})
"""The options that name a model, by the keys of campaign.toml's `[models]`."""

_opened: dict[tuple[str, str], Any] = {}  # by kind and digest: a model is opened once a process


@dataclass(frozen=True)
class ModelPaths:
    """Folders and files of models; "" for none.

    Attributes:
        encoder: the folder of a sentence encoder.
        qe: the folder of a quality-estimation model.
        lid_model: the file of a fastText model.
    """

    encoder: str = ""
    qe: str = ""
    lid_model: str = ""

    def named(self) -> dict[str, str]:
        """Return the paths that are named, by kind."""
        paths = {one.name: getattr(self, one.name) for one in fields(self)}
        return {kind: path for kind, path in paths.items() if path}

    def options(self) -> Iterator[str]:
        """Yield the options by which they were named."""
        yield from (OPTIONS[kind] for kind in self.named())

    def digests(self) -> dict[str, str]:
        """Return the digests of the models, by kind.

        Raises:
            UsageError: there is nothing at a path, or no model.
        """
        return {kind: digest_of(kind, path) for kind, path in self.named().items()}


def digest_of(kind: str, path: str) -> str:
    """Return the digest of a model's files.

    Args:
        kind: a key of `OPTIONS`.
        path: where it lies.

    Raises:
        UsageError: there is nothing, or no model.
    """
    if kind == "lid_model":
        from qc.translation_models.varieties.fasttext_identifier import file_digest

        return file_digest(path)
    from qc.models.checkpoint import fingerprint

    return fingerprint(path, OPTIONS[kind])


def noted_digest(kind: str, path: str) -> str:
    """Return the digest of a model's files, which are not read where they look as they did when they were last.

    Who judges reads them (`digest_of`): files may be other ones and have the same names, sizes and times. This is
    for who only asks, and gigabytes are not read for that.

    Args:
        kind: a key of `OPTIONS`.
        path: where it lies.

    Raises:
        UsageError: there is nothing, or no model.
    """
    note = _note(path)
    looks = _looks(path)
    if note.is_file():
        before = note.read_text("ascii").split()
        if before[:1] == [looks] and len(before) == 2:
            return before[1]
    found = digest_of(kind, path)
    note_digest(path, found)
    return found


def note_digest(path: str, digest: str) -> None:
    """Note on this machine which model lies at a path, as its files look now."""
    write_bytes(str(fits_dir()), _note(path).name, f"{_looks(path)} {digest}".encode(), mode=0o600)


def _note(path: str) -> Path:
    return fits_dir() / f"{tables.digest('model at', str(Path(path).absolute()))}.model"


def _looks(path: str) -> str:
    """Return a digest of the names, sizes and times of a model's files."""
    of = Path(path)
    files = sorted(one for one in of.rglob("*") if one.is_file()) if of.is_dir() else [of]
    stats = [(one.relative_to(of).as_posix(), one.stat()) for one in files if one.is_file()]
    return tables.digest("looks", [[name, stat.st_size, stat.st_mtime_ns] for name, stat in stats])


def opened(kind: str, path: str) -> Any:
    """Return a model.

    Args:
        kind: a key of `OPTIONS`.
        path: where it lies.

    Raises:
        UsageError: it cannot be opened.
    """
    known = kind, digest_of(kind, path)
    if known not in _opened:
        _opened[known] = _reader(kind)(path)
    return _opened[known]


def opened_before(kind: str, digest: str) -> Any:
    """Return a model that this process opened before; None if it did not."""
    return _opened.get((kind, digest))


def _reader(kind: str) -> Any:
    if kind == "lid_model":
        from qc.translation_models.varieties.fasttext_identifier import FastTextIdentifier

        return FastTextIdentifier
    from qc.models.outside_meaning import FolderEncoder, FolderEstimator

    return FolderEncoder if kind == "encoder" else FolderEstimator
