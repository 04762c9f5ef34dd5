"""The manifest of a backup: every file in it with size and digest. Without it, the last to come, it is none."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from data.errors import Listed, UsageError
from data.output_files import sync_folder

FILE = "backup.json"
"""The name of the manifest, in the backup's folder."""

FORMAT = "belebele-backup/1"

CAMPAIGN = "campaign"
"""The folder of a backup with what lay at the campaign's address."""

PEOPLE = "people"
"""The folder with addresses of people and the secret behind their pseudonyms."""

LABEL_STUDIO = "label-studio"
"""The folder with the data folder of a Label Studio."""

ASSISTANT = "assistant"
"""The folder with the secret of the assistant."""

DUMP = "label-studio.dump"
"""The file with a Label Studio's database in PostgreSQL, as pg_dump writes it."""

_SHOWN = 10  # damaged files that are named


class BackupDamaged(Listed):
    """Raised when a backup is not what was written."""


@dataclass(frozen=True)
class KeptFile:
    """A file of a backup: its size in bytes and its SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        campaign: the campaign's id.
        title: of the campaign.
        address: where it lay.
        made_at: when, UTC, ISO 8601.
        files: by path in the backup's folder.
        variables: names of the environment variables that the program was given; their values are not in it.
        left_out: what belongs to the campaign and is not in it, each with what to do.
    """

    campaign: str
    title: str
    address: str
    made_at: str
    files: Mapping[str, KeptFile]
    variables: Sequence[str] = ()
    left_out: Sequence[str] = ()
    digest: str = field(default="", compare=False)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(one.size for one in self.files.values())

    def has(self, part: str) -> bool:
        """Return whether a folder of the backup, or this file, is in it."""
        return any(path == part or path.startswith(f"{part}/") for path in self.files)

    def inside(self, part: str) -> list[str]:
        """Return the paths of the files of a folder, in that folder."""
        return [path.removeprefix(f"{part}/") for path in sorted(self.files) if path.startswith(f"{part}/")]

    def write(self, folder: Path) -> None:
        """Write it into a backup's folder, and sync it."""
        facts: dict[str, Any] = {"format": FORMAT, **asdict(self)}
        facts.pop("digest")
        with (folder / FILE).open("x", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup.

    Raises:
        UsageError: the folder is no backup, or a later version of the program made it.
        BackupDamaged: the manifest is broken.
    """
    try:
        content = (folder / FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        inner = sorted(one.parent.name for one in folder.glob(f"*/{FILE}")) if folder.is_dir() else []
        latest = f"; the latest in it is {folder / inner[-1]}" if inner else ""
        raise UsageError(f"{folder} is no backup (it has no {FILE}){latest}") from None
    except OSError as error:
        raise UsageError(f"cannot read {folder / FILE}: {error.strerror}") from None
    try:
        facts = json.loads(content)
        if facts["format"] != FORMAT:
            raise UsageError(f"{folder} is a backup of the kind {facts['format']!r}; this program reads {FORMAT}")
        files = {str(path): KeptFile(int(one["size"]), str(one["sha256"])) for path, one in facts["files"].items()}
        said = {name: str(facts[name]) for name in ("campaign", "title", "address", "made_at")}
        variables, left_out = (tuple(map(str, facts[name])) for name in ("variables", "left_out"))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupDamaged(f"{folder / FILE} is broken", ["take another backup"]) from None
    for path in files:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise BackupDamaged(f"{folder / FILE} is broken", [f"it names {path!r}: take another backup"])
    digest = hashlib.sha256(content).hexdigest()
    return Manifest(**said, files=files, variables=variables, left_out=left_out, digest=digest)


def verify(folder: Path, manifest: Manifest) -> None:
    """Read every file of a backup.

    Raises:
        BackupDamaged: files are gone or changed; names them.
    """
    wrong = list(_wrong(folder, manifest))
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise BackupDamaged(
            f"{folder} is not what was backed up; nothing was restored", [*wrong[:_SHOWN], *more, "take another"]
        )


def kept_files(folder: Path) -> dict[str, KeptFile]:
    """Return every file in a folder with size and digest, by path."""
    found = {}
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            found[path.relative_to(folder).as_posix()] = KeptFile(file.tell(), sha256)
    return found


def _wrong(folder: Path, manifest: Manifest) -> Iterator[str]:
    for name, wanted in manifest.files.items():
        try:
            with (folder / name).open("rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                if (file.tell(), sha256) != (wanted.size, wanted.sha256):
                    yield f"{name} was changed"
        except FileNotFoundError:
            yield f"{name} is missing"
        except OSError as error:
            yield f"{name} cannot be read: {error.strerror}"
