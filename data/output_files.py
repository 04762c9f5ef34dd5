"""Files that commands write for users: whole or not at all, and never over anything of others.

Every folder that a command writes to holds a note of what was written there, by which command, with which digest.
A file under a wanted name that is not in the note, that another command wrote, or that was changed since is
somebody's work, and so are the command's inputs. Conflicts are reported before the work begins, not after an hour
of it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data.errors import OutputFailed, UsageError

NOTE = ".belebele-written.json"
"""The note of a folder: for each file name, the command that wrote it and the digests that are its own."""

FORMAT = "belebele-written/1"

_PART = ".belebele-part"
_LARGE = ".belebele-large"


@dataclass(frozen=True)
class Outputs:
    """The files that one command writes to one folder.

    Attributes:
        folder: where; created if missing.
        command: the command that writes, as a user calls it.
        inputs: files and folders that it reads; none of them, and nothing in them, is ever overwritten.
        make: whether to create a missing folder.
        option: the option by which the user named the place.
    """

    folder: Path
    command: str
    inputs: tuple[Path, ...] = ()
    make: bool = True
    option: str = "--out"

    @classmethod
    def of_file(
        cls, out: str | Path, command: str, inputs: Iterable[str | Path] = (), option: str = "--out"
    ) -> Outputs:
        """Return the outputs of a command that writes one file, to an existing folder."""
        return cls(Path(out).parent, command, tuple(map(Path, inputs)), make=False, option=option)

    @classmethod
    def of_folder(cls, out: str | Path, command: str, inputs: Iterable[str | Path] = ()) -> Outputs:
        """Return the outputs of a command that writes several files to a folder."""
        return cls(Path(out), command, tuple(map(Path, inputs)))

    def check(self, names: Sequence[str]) -> None:
        """Check that these files may be written.

        Raises:
            UsageError: one of them is somebody else's, or the folder is not a folder.
        """
        if self.folder.exists() and not self.folder.is_dir():
            raise UsageError(f"{self.folder} is a file; {self.option} names a folder")
        if not self.make and not self.folder.is_dir():
            raise UsageError(f"there is no folder {self.folder}; make it first")
        known = self._known() if self.folder.is_dir() else {}
        for name in names:
            self._refuse_strange(self.folder / name, known.get(name, {}))

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, each whole or not at all, and note them.

        Raises:
            UsageError: as for `check`.
            OutputFailed: the disk refuses; nothing is left half written.
        """
        self.check(list(files))
        with failing(self.folder, f"free some space, or name another {self.option}"):
            if self.make:
                self.folder.mkdir(parents=True, exist_ok=True)
            with alone(self.folder):
                self._write(files)

    def write_alone(self, files: Mapping[str, bytes]) -> None:
        """Write files as `write` does, to a folder that is the command's own, and remove what is outdated there.

        Outdated is what this command wrote there before, nobody changed since, and is not made any more. Without
        files no folder is made.

        Raises:
            UsageError: as for `check`.
            OutputFailed: the disk refuses; nothing is left half written.
        """
        if not files and not self.folder.exists():
            return
        known = self._known() if self.folder.is_dir() else {}
        gone = [name for name in known if name not in files and self.holds(name)]
        self.write(files)
        with failing(self.folder, f"name another {self.option}"):
            for name in gone:
                (self.folder / name).unlink(missing_ok=True)

    def check_known(self) -> None:
        """Check that whatever this command wrote to the folder before is as it was, so that it may be replaced.

        Raises:
            UsageError: as for `check`.
        """
        self.check(
            [name for name, facts in self._known().items() if facts.get("command") == self.command]
            if self.folder.is_dir()
            else []
        )

    def take(self, name: str, write: Callable[[Path], None]) -> str:
        """Write a file that is too large to be held in memory, whole or not at all, and note it.

        Two runs must not write the same file at once; whoever calls sees to that.

        Args:
            name: the file's name.
            write: writes the content to the path that it is given, in the same folder.

        Returns:
            The file's SHA-256.

        Raises:
            UsageError: as for `check`.
            OutputFailed: the disk refuses; nothing is left half written.
        """
        self.check([name])
        part = self.folder / f".{name}{_LARGE}"
        with failing(self.folder, f"free some space, or name another {self.option}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            try:
                write(part)
                _sync(part)
                sha256 = _digest(part)
                with alone(self.folder):
                    self._write({}, {name: sha256})
                    part.replace(self.folder / name)
            finally:
                part.unlink(missing_ok=True)
            sync_folder(self.folder)
        return sha256

    def holds(self, name: str) -> bool:
        """Return whether a file is there as this command wrote it."""
        known = self._known().get(name, {}) if self.folder.is_dir() else {}
        file = self.folder / name
        ours = known.get("command") == self.command and file.is_file()
        return ours and _digest(file) in known.get("sha256", ())[:1]

    def _write(self, files: Mapping[str, bytes], coming: Mapping[str, str] | None = None) -> None:
        for left in self.folder.glob(f".*{_PART}"):  # by a run that was killed
            left.unlink()
        known = self._known()
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()} | dict(
            coming or {}
        )
        for name, sha256 in digests.items():
            before = known.get(name, {}).get("sha256", [])[:1]
            known[name] = {"command": self.command, "sha256": list(dict.fromkeys([sha256, *before]))}
        note = json.dumps({"format": FORMAT, "files": known}, indent=1, sort_keys=True) + "\n"
        # The note goes first: whenever this is interrupted, the files are known as the command's own.
        wanted = {NOTE: note.encode(), **files}
        parts = {name: self.folder / f".{name}{_PART}" for name in wanted}
        try:
            for name, content in wanted.items():
                _put(parts[name], content)
            for name, part in parts.items():
                part.replace(self.folder / name)
        finally:
            for part in parts.values():
                part.unlink(missing_ok=True)
        sync_folder(self.folder)

    def _known(self) -> dict[str, dict[str, Any]]:
        try:
            note = json.loads((self.folder / NOTE).read_bytes())
            files = note["files"] if note["format"] == FORMAT else {}
            return {str(name): dict(facts) for name, facts in files.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise UsageError(
                f"{self.folder / NOTE} is broken; it says which files a command wrote there: "
                f"move it and them away, or name another {self.option}"
            ) from None
        except OSError as error:
            raise UsageError(
                f"cannot read {self.folder / NOTE}: {error.strerror}; name another {self.option}"
            ) from None

    def _refuse_strange(self, target: Path, known: Mapping[str, Any]) -> None:
        if not os.path.lexists(target):
            return
        if target.is_dir():
            raise UsageError(f"{target} is a folder; name a file")
        if any(_holds(one, target) for one in self.inputs):
            raise UsageError(
                f"{target} is among what is read, and would be overwritten: name another {self.option}"
            )
        ours = known.get("command") == self.command and not target.is_symlink()
        if not ours:
            raise UsageError(
                f"{target} is there already, and no belebele {self.command} wrote it; nothing is overwritten: "
                f"name another {self.option}, or move it away"
            )
        if _digest(target) not in known.get("sha256", ()):
            raise UsageError(
                f"{target} was changed since belebele {self.command} wrote it; nothing is overwritten: "
                f"name another {self.option}, or move it away"
            )


@contextmanager
def failing(where: Path | str, cure: str = "free some space, or name another --out") -> Iterator[None]:
    """Turn errors of the disk into ours.

    Raises:
        OutputFailed: in place of any OSError.
    """
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).splitlines()[0]
        raise OutputFailed(f"cannot write to {where}: {reason}; {cure}") from None


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Lock a folder against a second run; the lock ends with the process and leaves no file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _put(part: Path, content: bytes) -> None:
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _holds(place: Path, target: Path) -> bool:
    """Return whether a target is this input, or inside this folder of inputs."""
    if not place.exists():
        return False
    if place.is_dir():
        return place.resolve() in target.resolve().parents
    return target.exists() and place.samefile(target)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
