"""Models from elsewhere as a user names them: folders and files of this machine, and how they are opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

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
        from qc.translation_models.fasttext_identifier import file_digest

        return file_digest(path)
    from qc.models.checkpoint import fingerprint

    return fingerprint(path, OPTIONS[kind])


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
        from qc.translation_models.fasttext_identifier import FastTextIdentifier

        return FastTextIdentifier
    from qc.models.outside_meaning import FolderEncoder, FolderEstimator

    return FolderEncoder if kind == "encoder" else FolderEstimator
